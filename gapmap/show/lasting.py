"""Maps of what may not last: at each 31 March, what is sure to remain and what rests on money."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.errors import InputError
from gapmap.provision.fragility import calendar as work_out_calendar
from gapmap.provision.fragility import fragility as work_out_fragility
from gapmap.show.areas import Entry, check_areas, draw_map, names_of
from gapmap.show.choropleth import areas_in_words
from gapmap.show.figure import foot
from gapmap.show.multiples import Small, draw_multiples, speak_multiples
from gapmap.show.style import BLUE, CHARCOAL, DEFAULT, NAVY, PLUM, UNKNOWN, WHITE, Look, Style
from gapmap.study import Study
from gapmap.vocabulary import category_label, category_words
from gapmap.words import date_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import geopandas as gpd

    from gapmap.show.figure import MapFigure

#: What becomes of a kind of service in an area, surest first, in words and as drawn.
PROSPECTS: Mapping[str, str] = MappingProxyType(
    {
        "sure": "Sure to remain: money without an end",
        "may_end": "May end: some of it rests on money that ends",
        "ends": "Money ends before: nothing that we know is left",
        "funding_unknown": "Nobody has told us how it is paid",
        "nothing": "No service known there today",
    }
)
PROSPECT_LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "sure": Look(NAVY),
        "may_end": Look(BLUE, "||", WHITE),
        "ends": Look(PLUM, "xxx", WHITE),
        "funding_unknown": Look("#F1ECE0", "...", CHARCOAL),
        "nothing": UNKNOWN,
    }
)
_KEPT = ("provided", "partly")


def fragility_map(
    areas: gpd.GeoDataFrame | Study,
    calendar: pd.DataFrame | None = None,
    fragility: pd.DataFrame | None = None,
    *,
    category: str | None = None,
    level: str = "board",
    days: Sequence[str | date] | None = None,
    most: int = 4,
    title: str | None = None,
    subtitle: str | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Small maps, one for each 31 March: where a kind of service is sure to remain, and where not.

    Dates that follow each other and do not differ share a map; where none differs there is one
    large map with names.

    Only the money moves: what is known at the study's date stays, until its money ends.

    Parameters
    ----------
    areas
        Areas by code, in metres; or a Study, whose areas, sources and date are taken, and whose
        tables are worked out if they are not given.
    calendar
        A run's table ``calendar``: columns date, level, area_code, dimension, value, state_best,
        state_worst.
    fragility
        A run's table ``fragility``: columns level, area_code, dimension, value, services,
        funding_unknown.
    category
        Kind of service; by default the one that most areas may lose.
    level
        Level of the areas.
    days
        Dates to draw; by default the 31 March of each year in the calendar, the first ``most``.
    most
        How many maps at most.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has a column for each date with one of ``PROSPECTS`` for every area.

    Raises
    ------
    InputError
        If the tables have nothing on the kind of service or the dates, or are missing.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> toy = gpd.GeoDataFrame({"name": ["Ashford"]}, index=["A"],
    ...     geometry=[box(0, 0, 9000, 9000)], crs="EPSG:27700")
    >>> ahead = pd.DataFrame({"date": ["2027-03-31"], "level": "board", "area_code": "A",
    ...     "dimension": "category", "value": "befriending", "state_best": "provided",
    ...     "state_worst": "not_known"})
    >>> money = pd.DataFrame({"level": ["board"], "area_code": "A", "dimension": "category",
    ...     "value": "befriending", "services": 1, "funding_unknown": 0})
    >>> fragility_map(toy, ahead, money).gapmap_data["2027-03-31"].tolist()
    ['may_end']
    """
    if isinstance(areas, Study):
        settings = areas.settings
        if calendar is None:
            calendar = work_out_calendar(areas, level=level, days=_springs(settings.as_of, most))
        return fragility_map(
            areas.level(level),
            calendar,
            work_out_fragility(areas, level=level) if fragility is None else fragility,
            category=category,
            level=level,
            days=days,
            most=most,
            title=title,
            subtitle=subtitle
            if subtitle is not None
            else f"If no money that ends is renewed; as known on {date_in_words(settings.as_of)}",
            source=source or settings.attribution,
            method=method or " ".join(settings.approximate),
            style=style,
        )
    check_areas(areas)
    if calendar is None or fragility is None:
        raise InputError(
            "A fragility map needs the tables calendar and fragility of a run, or a Study."
        )
    prospects = prospects_of(calendar, fragility, level)
    if category is None:
        category = _most_at_risk(prospects)
    of = prospects[prospects["value"] == category]
    if of.empty:
        have = ", ".join(sorted(set(prospects["value"].astype(str)))) or "nothing"
        raise InputError(f'The calendar has nothing on "{category}". It has: {have}.')
    dates = sorted(set(of["date"].astype(str)))
    wanted = [str(day)[:10] for day in days] if days is not None else _springs_of(dates)[:most]
    missing = [day for day in wanted if day not in dates]
    if missing or not wanted:
        raise InputError(
            f"The calendar does not have {', '.join(missing) or 'a date'}. It has: "
            f"{', '.join(dates)}."
        )
    by_day = {
        day: of[of["date"].astype(str) == day]
        .set_index("area_code")["prospect"]
        .reindex(areas.index)
        .fillna("nothing")
        for day in wanted
    }
    used = set().union(*(set(one) for one in by_day.values())) | {"sure", "may_end"}
    names = names_of(areas, style=style)
    groups = _alike(by_day)
    counts = Counter(by_day[wanted[-1]])
    finding = title if title is not None else _title(by_day[wanted[-1]], names, category, level)
    if len(groups) == 1:
        figure = draw_map(
            areas,
            looks={
                str(code): PROSPECT_LOOKS[prospect] for code, prospect in by_day[wanted[0]].items()
            },
            texts={str(code): str(name) for code, name in names.items()},
            title=finding,
            subtitle=subtitle or "",
            legend_title=_span(groups[0]),
            entries=[
                Entry(PROSPECT_LOOKS[code], f"{words} ({counts[code]})")
                for code, words in PROSPECTS.items()
                if code in used
            ],
            notes=foot(source, method),
            style=style,
        )
    else:
        figure = draw_multiples(
            areas,
            [
                Small(
                    _span(days_alike),
                    _told(by_day[days_alike[0]]),
                    {str(code): PROSPECT_LOOKS[one] for code, one in by_day[days_alike[0]].items()},
                )
                for days_alike in groups
            ],
            entries=[
                Entry(PROSPECT_LOOKS[code], words)
                for code, words in PROSPECTS.items()
                if code in used
            ],
            title=finding,
            subtitle=subtitle or "",
            columns=None,
            notes=foot(source, method),
            style=style,
        )
    figure.gapmap_data = pd.DataFrame({"name": names, **by_day})
    figure.gapmap_alt = speak_multiples(
        figure,
        subtitle or "",
        names,
        {_span(days_alike): by_day[days_alike[0]] for days_alike in groups},
        PROSPECTS,
    )
    return figure


def prospects_of(
    calendar: pd.DataFrame, fragility: pd.DataFrame, level: str, *, dimension: str = "category"
) -> pd.DataFrame:
    """Per date, area and kind: one of ``PROSPECTS``.

    Parameters
    ----------
    calendar, fragility, level
        As for :func:`fragility_map`.
    dimension
        category or tier.

    Returns
    -------
    pandas.DataFrame
        date, area_code, value, prospect; cells without a service today have no row.
    """
    keys = ["area_code", "value"]
    of = calendar[(calendar["level"] == level) & (calendar["dimension"] == dimension)]
    money = fragility[(fragility["level"] == level) & (fragility["dimension"] == dimension)]
    rows = of.merge(money[[*keys, "services", "funding_unknown"]], on=keys, how="left")
    best, worst = rows["state_best"].isin(_KEPT), rows["state_worst"].isin(_KEPT)
    unknown = rows["funding_unknown"].ge(rows["services"]) | rows["services"].isna()
    prospect = pd.Series("ends", index=rows.index)
    prospect[best & unknown] = "funding_unknown"
    prospect[best & ~unknown] = "may_end"
    prospect[worst] = "sure"
    return rows[["date", *keys]].assign(prospect=prospect)


def _most_at_risk(prospects: pd.DataFrame) -> str:
    """The kind that most areas lose for sure or, failing that, may lose."""
    if prospects.empty:
        raise InputError("The calendar has no kind of service at this level.")
    last = prospects[prospects["date"] == prospects["date"].max()]
    risk = last.groupby("value")["prospect"].agg(
        lambda one: (one.eq("ends").sum(), one.eq("may_end").sum())
    )
    return str(max(risk.index, key=lambda value: (risk[value], str(value))))


def _springs(as_of: date, number: int) -> list[date]:
    first = as_of.year if (as_of.month, as_of.day) <= (3, 31) else as_of.year + 1
    return [as_of.replace(year=first + n, month=3, day=31) for n in range(number)]


def _springs_of(dates: Sequence[str]) -> list[str]:
    """The dates that are a 31 March; all of them if none is."""
    return [day for day in dates if day[5:10] == "03-31"] or list(dates)


def _alike(by_day: Mapping[str, pd.Series]) -> list[list[str]]:
    """Dates in order, those that follow each other and are the same together."""
    groups: list[list[str]] = []
    for day, one in by_day.items():
        if groups and by_day[groups[-1][0]].equals(one):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


def _span(days: Sequence[str]) -> str:
    first, last = date_in_words(days[0]), date_in_words(days[-1])
    if first == last:
        return first
    same_day = days[0][4:] == days[-1][4:]
    return f"{first} to {last[-4:] if same_day else last}"


def _told(prospects: pd.Series) -> str:
    counts = Counter(prospects)
    said = [
        f"{counts[code]} {words}"
        for code, words in (
            ("sure", "sure"),
            ("may_end", "may end"),
            ("ends", "gone"),
            ("funding_unknown", "money not known"),
        )
        if counts[code]
    ]
    return ", ".join(said) or "No service known"


def _title(last: pd.Series, names: pd.Series, category: str, level: str) -> str:
    counts = Counter(last)
    if len(last) == 1:
        told = PROSPECTS[str(last.iloc[0])]
        return f"{category_label(category)} in {names.iloc[0]}: {told[0].lower()}{told[1:]}"
    have = len(last) - counts["nothing"]
    if not have:
        return f"{category_label(category)}: no service known in any area"
    where = areas_in_words(have, level)
    sure = counts["sure"]
    if sure == have:
        return f"{category_label(category)} is sure to remain in all of {where} that have it"
    few = "none" if not sure else f"only {sure}"
    kind = category_words(category)
    said = f"Of {where} with {kind} that we know of, {few} can be sure that it remains"
    if counts["ends"]:
        said += f"; in {counts['ends']} the money ends"
    elif counts["funding_unknown"]:
        said += f"; in {counts['funding_unknown']} nobody has told us how it is paid"
    return said
