"""How hard was looked, so what an absence means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.dates import first_day, months_before
from gapmap.place.geography import containers
from gapmap.words import date_in_words

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from gapmap.study import Study

#: What completeness is made of, and how much each part weighs. A part that nobody recorded is 0.
COMPLETENESS_WEIGHTS = {"searched": 0.5, "answered": 0.3, "fresh": 0.2}

_ANSWERED = {"responded": 1.0, "central_response": 1.0, "partly_answered": 0.5}


def evidence(study: Study, *, level: str = "board") -> pd.DataFrame:
    """What is known about how hard was looked, for every area and category.

    ``completeness`` is the weighted mean (``COMPLETENESS_WEIGHTS``) of three parts between 0 and
    1: *searched*, 1 if the area or one that contains it was searched for the category within the
    study's months; *answered*, the share of contacts in the area that answered (in part: a
    half); *fresh*, the share of the category's services there whose evidence is younger than the
    study's limit, 0 where there are none.

    Parameters
    ----------
    study
        Its tables searches (area_code, category, date, found) and contacts (area, date, outcome).
    level
        Kind of area.

    Returns
    -------
    pandas.DataFrame
        One row per area and category: level, area_code, area_name, category, searched_on (newest
        search at or before the study's date, "" for none), search_valid (within the months),
        found (what that search found: yes, no or ""), contacts, answered (NaN without
        contacts), completeness, why (in words).

    Examples
    --------
    >>> import gapmap as gm
    >>> looked = evidence(gm.scotland(as_of="2020-02-01"))
    >>> bool(looked.query("category == 'infant_mental_health'")["search_valid"].all())
    True
    """
    from gapmap.provision.counting import counts

    areas = study.level(level)
    around = containers(study.areas)
    settings = study.settings
    limit = months_before(settings.as_of, settings.search_months)
    searches = _dated(study.table("searches"), study)
    contacts = _dated(study.table("contacts"), study)
    counting = counts(study.services, settings.as_of, stale_years=settings.stale_years)
    fresh_by = _fresh(study, counting, areas, level)

    newest_of = _newest(searches)
    rows = []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        reach = around[code]
        asked = contacts[contacts["area_code"].isin(reach)] if len(contacts) else contacts
        answered = (
            float(asked["outcome"].map(_ANSWERED).fillna(0.0).mean())
            if len(asked)
            else float("nan")
        )
        for category in study_categories(study):
            row = {
                "level": level,
                "area_code": code,
                "area_name": name,
                "category": category,
                "searched_on": "",
                "search_valid": False,
                "found": "",
                "contacts": len(asked),
                "answered": answered,
            }
            here = [newest_of[place, category] for place in reach if (place, category) in newest_of]
            if here:
                day, written, found = max(here)
                row |= {
                    "searched_on": written,
                    "search_valid": day >= limit,
                    "found": found,
                }
            parts = {
                "searched": 1.0 if row["search_valid"] else 0.0,
                "answered": 0.0 if answered != answered else answered,
                "fresh": fresh_by.get((code, category), 0.0),
            }
            row["completeness"] = round(
                sum(COMPLETENESS_WEIGHTS[part] * value for part, value in parts.items()), 4
            )
            row["why"] = _why(row, settings.search_months)
            rows.append(row)
    return pd.DataFrame(rows)


def study_categories(study: Study) -> list[str]:
    """The categories of a study: the vocabulary's, then those that its rows add.

    Examples
    --------
    >>> import gapmap as gm
    >>> study_categories(gm.scotland())[0]
    'infant_mental_health'
    """
    from gapmap.vocabulary import CATEGORIES

    held = set(study.services["category"].unique())
    own = sorted(held - set(CATEGORIES) - {""})
    return [code for code in CATEGORIES if code != "other" or "other" in held] + own


def _dated(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows with a date at or before the study's; dates as days in a column ``day``."""
    columns = ["area_code", "category", "date", "found", "outcome"]
    if table.empty:
        return pd.DataFrame(columns=[*columns, "day"])
    frame = table.reindex(columns=columns, fill_value="").fillna("").astype(str)
    frame["day"] = [first_day(text) for text in frame["date"]]
    frame = frame[[day is not None and day <= study.settings.as_of for day in frame["day"]]]
    return frame.reset_index(drop=True)


def _newest(searches: pd.DataFrame) -> dict[tuple[str, str], tuple[date, str, str]]:
    """Per area and category the newest search: its day, its date as written, what it found."""
    newest: dict[tuple[str, str], tuple[date, str, str]] = {}
    for area, category, day, written, found in zip(
        searches["area_code"],
        searches["category"],
        searches["day"],
        searches["date"],
        searches["found"],
        strict=True,
    ):
        search = (day, written, found)
        newest[area, category] = max(newest.get((area, category), search), search)
    return newest


def _fresh(
    study: Study, counting: pd.DataFrame, areas: gpd.GeoDataFrame, level: str
) -> dict[tuple[str, str], float]:
    """Share of the services of a category that serve an area whose evidence is not stale."""
    from gapmap.place.join import claims

    stated = claims(
        study.services,
        study.areas,
        service_areas=study.table("service_areas"),
        catchments=study.table("catchments"),
        people=study.people,
    )
    stated = stated[stated["area_code"].isin(areas["code"])]
    stated = stated[counting["counts"].loc[stated["row"]].to_numpy()]
    if stated.empty:
        return {}
    frame = pd.DataFrame(
        {
            "area": stated["area_code"].to_numpy(),
            "category": study.services["category"].loc[stated["row"]].to_numpy(),
            "fresh": ~counting["stale"].loc[stated["row"]].to_numpy(),
        }
    )
    shares = frame.groupby(["area", "category"])["fresh"].mean()
    return {(str(area), str(category)): float(share) for (area, category), share in shares.items()}


def _why(row: dict[str, object], months: int) -> str:
    when = date_in_words(str(row["searched_on"]))
    if row["search_valid"]:
        return f"Searched in {when}."
    if row["searched_on"]:
        return f"Last searched in {when}, more than {months} months before."
    if row["contacts"] and not row["answered"]:
        return "Asked, but nobody answered."
    return "Nobody has looked yet."
