"""The maps that a run writes: chosen for a report, named for the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.place.geography import level_label
from gapmap.show.choropleth import areas_in_words, choropleth
from gapmap.show.lasting import fragility_map
from gapmap.show.multiples import small_multiples
from gapmap.show.points import points_map, travel_map
from gapmap.show.rural import rural_map
from gapmap.travel.method import travel_notes
from gapmap.vocabulary import CATEGORIES, TIERS, category_label
from gapmap.words import date_in_words, list_in_words, share_in_words, slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gapmap.show.figure import MapFigure
    from gapmap.study import Study

#: Kinds of service whose distance is mapped.
_TRAVELLED = ("maternity_unit",)
_WITHIN = 30


def standard_maps(study: Study, tables: Mapping[str, pd.DataFrame]) -> dict[str, MapFigure]:
    """The maps of a run.

    One of states for every specialist kind of service by board; the three tiers by council; what is
    not yet known; where services stand; how far families live from some kinds; the rural gap
    list of the first kind that a rule on travel is about; and what may not last.

    Parameters
    ----------
    study
        The study.
    tables
        A run's tables: coverage, travel, nearest, rural, services, calendar and fragility; a map
        whose table is missing or empty is left out.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        By name, which is safe as a file name.
    """
    maps: dict[str, MapFigure] = {}
    levels = set(study.areas["level"])
    coverage = tables.get("coverage", pd.DataFrame())
    # A run of one board shows its councils: a map of one area says nothing that a line does not.
    several = [one for one in ("board", "council") if (study.areas["level"] == one).sum() > 1]
    level = next(iter([*several, *sorted(levels)]))
    if len(coverage):
        maps |= _states(study, coverage, level)
        maps[f"not-yet-known-by-{slug(level)}"] = _unknown(study, coverage, level)
    if "council" in levels and len(coverage):
        maps["tiers-by-council"] = _tiers(study, coverage)
    services = tables.get("services", pd.DataFrame())
    if len(services):
        counted = services[services["counts_at_as_of"] == "yes"]
        places = counted[["easting", "northing"]].notna().all(axis=1)
        maps["services"] = points_map(
            study.level(level),
            counted,
            title=f"{int(places.sum())} of {len(counted)} services have a known place",
            subtitle=_when(study, "Services that count"),
            source=study.settings.attribution,
            method=" ".join(study.settings.approximate),
        )
    travel = tables.get("travel", pd.DataFrame())
    nearest = tables.get("nearest", pd.DataFrame())
    for category in _TRAVELLED:
        if "council" in levels and len(travel):
            figure = _within(study, travel, category)
            if figure is not None:
                maps[f"within-{_WITHIN}-minutes-{slug(category)}"] = figure
    of = nearest[nearest["category"] == _TRAVELLED[0]] if len(nearest) else nearest
    # A straight line has no minutes to draw.
    if len(of) and of["minutes"].notna().any():
        maps[f"travel-time-{slug(_TRAVELLED[0])}"] = travel_map(
            study.level(level),
            study.people,
            nearest,
            category=_TRAVELLED[0],
            services=services if len(services) else None,
            weight=study.settings.weight,
            subtitle=_when(study, "Every postcode by time to the nearest one"),
            source=study.settings.attribution,
            method=_method(study),
        )
    rural = tables.get("rural", pd.DataFrame())
    for category in _ruled(study):
        if len(rural) and (rural["category"] == category).any():
            maps[f"rural-{slug(category)}"] = rural_map(
                study,
                rural,
                category=category,
                services=services if len(services) else None,
                level="council" if "council" in levels else level,
            )
            break
    calendar, money = (tables.get(name, pd.DataFrame()) for name in ("calendar", "fragility"))
    if len(calendar) and (calendar["level"] == level).any() and len(money):
        maps["what-may-not-last"] = fragility_map(study, calendar, money, level=level)
    return maps


def _ruled(study: Study) -> list[str]:
    """Kinds of service that a rule on travel is about, else those whose distance is mapped."""
    named = [
        category
        for rule in study.settings.rules
        if rule.table == "travel"
        for category in rule.where.get("category", ())
    ]
    return list(dict.fromkeys([*named, *_TRAVELLED]))


def _method(study: Study) -> str:
    """What a map of travel says of how it was worked out."""
    return " ".join((*study.settings.approximate, *travel_notes(study.settings)))


def _when(study: Study, what: str) -> str:
    return f"{what}, as of {date_in_words(study.settings.as_of)}"


def _states(study: Study, coverage: pd.DataFrame, level: str) -> dict[str, MapFigure]:
    of = coverage[(coverage["level"] == level) & (coverage["dimension"] == "category")]
    have = set(of["value"])
    return {
        f"{slug(code)}-by-{slug(level)}": choropleth(study, of, level=level, category=code)
        for code, category in CATEGORIES.items()
        if category.tier == "specialist" and code in have
    }


def _tiers(study: Study, coverage: pd.DataFrame) -> MapFigure:
    of = coverage[(coverage["level"] == "council") & (coverage["dimension"] == "tier")]
    areas = study.level("council")
    has = of["state"].isin(["provided", "partly"])
    known = has.groupby(of["value"]).sum()
    if len(areas) == 1:
        there = [words.lower() for tier, words in TIERS.items() if known.get(tier, 0)]
        said = f"{list_in_words(there)} services" if there else "no services"
        title = f"{areas['name'].iloc[0]} has {said} that we know of"
    else:
        said = ", ".join(
            f"{int(known.get(tier, 0))} have {words.lower()} services"
            for tier, words in TIERS.items()
        )
        title = f"Of {areas_in_words(len(areas), 'council')}, {said} that we know of"
    return small_multiples(
        areas,
        {words: of[of["value"] == tier] for tier, words in TIERS.items()},
        title=title,
        subtitle=_when(study, "What families can get, by tier and council"),
        source=study.settings.attribution,
        method=" ".join(study.settings.approximate),
    )


def _unknown(study: Study, coverage: pd.DataFrame, level: str) -> MapFigure:
    of = coverage[(coverage["level"] == level) & (coverage["dimension"] == "category")]
    kinds = of["value"].nunique()
    count = (of["state"] == "not_known").groupby(of["area_code"]).sum()
    areas = study.level(level)
    values = count.reindex(areas.index).astype(float)
    low, high = int(values.min()), int(values.max())
    many = f"{low} to {high}" if low < high else f"{low}"
    one = level_label(level)[0].lower() + level_label(level)[1:]
    where = f"each {one}" if len(areas) > 1 else str(areas["name"].iloc[0])
    return choropleth(
        areas,
        values,
        level=level,
        title=f"Of {kinds} kinds of service {many} are not yet known in {where}",
        subtitle=_when(study, f"Kinds of service of which nothing is known, by {one}"),
        legend_title="Kinds of service not yet known",
        source=study.settings.attribution,
        method=" ".join(study.settings.approximate),
    )


def _within(study: Study, travel: pd.DataFrame, category: str) -> MapFigure | None:
    of = travel[(travel["level"] == "council") & (travel["category"] == category)]
    column = f"share_within_{_WITHIN}"
    if of.empty or column not in of or of["median_minutes"].isna().all():
        return None
    areas = study.level("council")
    rows = of.set_index("area_code").reindex(areas.index)
    # Where nobody can be measured a share of 0 would look like distance.
    values = rows[column].where(rows["median_minutes"].notna()) * 100
    few = values.index[values < 50]
    name = category_label(category)
    near = f"live within {_WITHIN} minutes by car of one whose place we know"
    least = share_in_words(float(values.min()) / 100)
    if len(areas) == 1:
        title = f"{name}: in {areas['name'].iloc[0]} {least} of children under five {near}"
    elif len(few):
        named = [str(areas.loc[code, "name"]) for code in few]
        where = list_in_words(named) if len(few) <= 3 else areas_in_words(len(few), "council")
        title = f"{name}: in {where} fewer than half of children under five {near}"
    else:
        share = least if least in ("all", "nearly all") else f"at least {least}"
        title = f"{name}: in every council {share} of children under five {near}"
    return choropleth(
        areas,
        values,
        breaks=[b for b in (25, 50, 75, 90) if values.min() < b <= values.max()],
        title=title,
        subtitle=_when(study, f"Under-fives within {_WITHIN} minutes, roughly, by council"),
        legend_title=f"Share within {_WITHIN} minutes",
        unit="% of under-fives",
        source=study.settings.attribution,
        method=_method(study),
    )
