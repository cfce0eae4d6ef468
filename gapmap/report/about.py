"""The first box of every product: how much is known, from where, how fresh, and how roughly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gapmap.dates import first_days, months_before
from gapmap.report.tables import ABOUT_COLUMNS
from gapmap.travel.method import travel_notes
from gapmap.travel.rural import classes_in_words
from gapmap.words import count_in_words, date_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gapmap.study import Study

#: What a service's newest evidence must be within, to be called recent.
RECENT_YEARS = 3


def about_directory(study: Study, placed: pd.DataFrame) -> pd.DataFrame:
    """The figures of the first box, as a table.

    Parameters
    ----------
    study
        Its services (source), settings and areas are read.
    placed
        One row per service row: counts_at_as_of, last_known, outcome.

    Returns
    -------
    pandas.DataFrame
        Columns measure, value, meaning.

    Examples
    --------
    >>> about_directory(study, placed)["measure"].tolist()  # doctest: +SKIP
    ['services', 'counting', 'sources', 'recent', 'mapped', 'area_only', 'unplaced', 'rejected']
    """
    import pandas as pd

    counting = placed[placed["counts_at_as_of"] == "yes"]
    since = months_before(study.settings.as_of, 12 * RECENT_YEARS)
    dated = first_days(counting["last_known"].astype(object)).dropna()
    recent = sum(day >= since for day in dated)
    own = study.services[study.services["service_id"].isin(set(counting["service_id"]))]
    sources = own["source"] if "source" in own else pd.Series(dtype=object)
    told = sources.fillna("").astype(str).str.split(";").explode().str.strip()
    when = date_in_words(study.settings.as_of)
    outcome = placed["outcome"].value_counts()
    rows = [
        ("services", len(placed), "Rows of the directory"),
        ("counting", len(counting), f"Rows that count on {when}"),
        ("sources", told[told != ""].nunique(), "Different sources of the rows that count"),
        (
            "recent",
            recent,
            f"Counting rows whose newest evidence is of the {RECENT_YEARS} years before {when}",
        ),
        ("mapped", int(outcome.get("used", 0)), "Rows with a point on the map"),
        ("area_only", int(outcome.get("area_only", 0)), "Rows known by their area only"),
        ("unplaced", int(outcome.get("unplaced", 0)), "Rows that could not be placed"),
        ("rejected", int(outcome.get("rejected", 0)), "Rows not usable as written"),
    ]
    if "official_class" in study.people:
        meaning = f"Places where people live, of {len(study.people):,}, with the official "
        meaning += f"urban-rural class, from {study.settings.official_classes}"
        rows.append(("official_class", int(study.people["official_class"].sum()), meaning))
    return pd.DataFrame(rows, columns=[c.name for c in ABOUT_COLUMNS])


def with_about(study: Study, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with ``about`` among them, so that the first box's figures are in a file too.

    Parameters
    ----------
    study, tables
        A study and the tables of its run; ``services`` must be there.
    """
    if "about" in tables:
        return dict(tables)
    return {**tables, "about": about_directory(study, tables["services"])}


def about_lines(study: Study, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What every product says of itself, a sentence a line; plain text for a cover sheet.

    Examples
    --------
    >>> about_lines(study, tables)[0]  # doctest: +SKIP
    '150 services from 64 sources count on 1 February 2020; 93 have evidence from the 3 years ...'
    """
    about = with_about(study, tables)["about"].set_index("measure")["value"]
    when = date_in_words(study.settings.as_of)
    return [
        f"{count_in_words(about['counting'], 'service')} of "
        f"{count_in_words(about['services'], 'row')} in the directory are open on {when} as far "
        f"as we know, from {count_in_words(about['sources'], 'source')}; {about['recent']:,} of "
        "them have evidence "
        f"from the {RECENT_YEARS} years before.",
        *_two_lists(tables),
        *caveats(study),
        classes_in_words(study),
    ]


def _two_lists(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Where a person's own list and the directory differ, and whose word is used."""
    differ = tables.get("disagreements")
    if differ is None or differ.empty:
        return []
    return [
        f"The list that was given and the directory differ in "
        f"{count_in_words(len(differ), 'field')} of "
        f"{count_in_words(differ['service_id'].nunique(), 'service')}; the list is used, and both "
        "are in tables/disagreements.csv."
    ]


def caveats(study: Study) -> list[str]:
    """What every product must warn of: an incomplete directory, the border, what is approximate.

    Examples
    --------
    >>> import gapmap as gm
    >>> caveats(gm.scotland())[0]
    'This is not a full directory: what it does not hold may exist all the same.'
    """
    own = "This is not a full directory: what it does not hold may exist all the same."
    # The study's own line on this, if it has one, would say it twice.
    rest = [line for line in study.settings.approximate if "directory" not in line]
    border = "Services over the border are not counted."
    return [own, border, *rest, *travel_notes(study.settings)]
