"""The map of one area's report: its councils, the services that stand in it, its rural places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from shapely.geometry import box

from gapmap.place.confidential import is_confidential
from gapmap.place.geography import councils_within
from gapmap.show.areas import Entry, Mark, Points, draw_map, names_of
from gapmap.show.figure import foot, plain
from gapmap.show.style import CHARCOAL, DEFAULT, INK, NAVY, ORANGE, PLUM, WHITE, Look, Style
from gapmap.travel.method import travel_notes
from gapmap.vocabulary import TIERS, WEIGHTS, category_words
from gapmap.words import count_in_words, date_in_words, minutes_in_words, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from gapmap.show.figure import MapFigure
    from gapmap.study import Study

_TIER_MARKS = {
    "universal": ("o", NAVY, 6.0),
    "targeted": ("s", PLUM, 6.0),
    "specialist": ("^", ORANGE, 7.5),
}
_LAND = Look("#E4EAF0")
_FAR = Look(WHITE, "", INK)
_NONE = Look(WHITE)
#: Places of services that the legend has room to name.
_MOST_LISTED = 16
#: The kind that rural places are shown for, if the list has it: every family needs one.
_FIRST = "maternity_unit"


def area_map(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    *,
    level: str,
    code: str,
    style: Style = DEFAULT,
) -> MapFigure:
    """Map one area: its councils, where services stand, and remote places far from help.

    Parameters
    ----------
    study
        Its areas, sources and date are read.
    tables
        A run's tables: services; coverage (people of each council) and rural (easting, northing
        in metres) where present.
    level, code
        The area.
    style
        Fonts and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With ``gapmap_alt`` and ``gapmap_data`` (the services drawn).

    Raises
    ------
    KeyError
        If no area of that level has the code.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.run import work_out
    >>> worked = work_out(gm.scotland())  # doctest: +SKIP
    >>> area_map(worked.study, worked.tables, level="board", code="S08000022")  # doctest: +SKIP
    """
    of_level = study.level(level)
    name = str(of_level.at[code, "name"])
    councils = study.areas[study.areas["level"] == "council"]
    inside = councils_within(study.areas).get(code, frozenset())
    parts = councils[councils["code"].isin(inside)] if inside else of_level.loc[[code]]
    around = councils if len(councils) else of_level

    services = _services(tables["services"], inside, around, parts)
    at = services[["easting", "northing"]].apply(pd.to_numeric, errors="coerce")
    shown = at.notna().all(axis=1) & ~is_confidential(services)
    points, entries = [], []
    kind, far = _far(tables.get("rural", pd.DataFrame()), inside)
    if len(far):
        xy = far[["easting", "northing"]].to_numpy(dtype=float)
        points.append(Points(xy, _FAR, "D", 3.4))
    for tier, words in TIERS.items():
        mark, colour, size = _TIER_MARKS[tier]
        of_tier = shown & services["tier"].eq(tier)
        if of_tier.any():
            entries.append(Entry(Look(colour), f"{words} service ({int(of_tier.sum())})", mark))
        points.append(Points(at[of_tier].to_numpy(dtype=float), Look(colour), mark, size))
    other = shown & ~services["tier"].isin(TIERS)
    if other.any():
        entries.append(Entry(Look(CHARCOAL), f"Tier not known ({int(other.sum())})", "D"))
        points.append(Points(at[other].to_numpy(dtype=float), Look(CHARCOAL), "D", 4.0))
    if len(far):
        limit = minutes_in_words(float(far["threshold"].iloc[0])).removeprefix("about ")
        words = f"Remote or island place over {limit} from a {category_words(kind)} ({len(far)})"
        entries.append(Entry(_FAR, words, "D"))

    marks, listed = _numbered(services[shown], at[shown], style)
    entries += listed

    title = f"{count_in_words(int(shown.sum()), 'service')} with a place that we know"
    if len(far):
        many = count_in_words(len(far), "remote or island place")
        be = "is" if len(far) == 1 else "are"
        title = f"{many} {be} over {limit} from a {category_words(kind)}, and {title}"
    title = f"{name}: {title}"
    settings = study.settings
    figure = draw_map(
        parts,
        looks={str(one): _LAND for one in parts.index},
        texts=_labels(parts, tables.get("coverage", pd.DataFrame()), settings.weight, style),
        title=title,
        subtitle="Services that stand here and are open as far as we know, "
        f"{date_in_words(settings.as_of)}",
        legend_title="What the map shows",
        entries=entries,
        notes=foot(
            settings.attribution, " ".join((*settings.approximate, *travel_notes(settings)))
        ),
        context=_neighbours(around, parts),
        points=points,
        marks=marks,
        style=style,
    )
    figure.gapmap_data = services[shown]
    said = ("Map", figure.gapmap_title, "; ".join(entry.text for entry in entries))
    figure.gapmap_alt = " ".join(sentence(one) for one in said)
    return figure


def _services(
    services: pd.DataFrame,
    inside: frozenset[str],
    around: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Services that count and stand in the area, by their council or, without one, their point."""
    counted = services[services["counts_at_as_of"] == "yes"]
    if inside:
        return counted[counted["council_code"].isin(inside)]
    import geopandas as gpd

    points = gpd.GeoSeries.from_xy(counted["easting"], counted["northing"], crs=around.crs)
    return counted[points.within(parts.union_all()).to_numpy()]


def _numbered(
    services: pd.DataFrame, at: pd.DataFrame, style: Style
) -> tuple[list[Mark], list[Entry]]:
    """A number for every place where services stand, and the list of what stands there."""
    rows = services.assign(x=at["easting"], y=at["northing"])
    rows["order"] = rows["tier"].map({"specialist": 0, "targeted": 1}).fillna(2)
    rows = rows.sort_values(["order", "name", "service_id"], kind="stable")
    marks, entries = [], []
    for number, ((x, y), of) in enumerate(rows.groupby(["x", "y"], sort=False), start=1):
        names = [plain(str(one), style=style, longest=70) for one in of["name"]]
        told = names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
        marks.append(Mark(f"{number:04d}", float(x), float(y), str(number)))
        if number <= _MOST_LISTED:
            entries.append(Entry(_NONE, f"{number}  {told}", "text"))
    if len(marks) > _MOST_LISTED:
        entries.append(Entry(_NONE, "The rest are named in the report.", "text"))
    return marks, entries


def _far(rural: pd.DataFrame, inside: frozenset[str]) -> tuple[str, pd.DataFrame]:
    """The kind whose far places are shown, and those of the area that have a point."""
    if rural.empty or not {"easting", "northing"} <= set(rural.columns):
        return "", rural.iloc[:0]
    here = rural[rural["area_code"].isin(inside)]
    kinds = list(dict.fromkeys(here["category"].astype(str)))
    kind = _FIRST if _FIRST in kinds else next(iter(kinds), "")
    return kind, here[here["category"].astype(str) == kind].dropna(subset=["easting", "northing"])


def _labels(
    parts: gpd.GeoDataFrame, coverage: pd.DataFrame, weight: str, style: Style
) -> dict[str, str]:
    """Name of each part and how many people live in it, where that is official."""
    people: dict[str, float] = {}
    if len(coverage):
        people = coverage.drop_duplicates("area_code").set_index("area_code")["people"].to_dict()
    noun = WEIGHTS.get(weight, weight)
    labels = {}
    for code, name in names_of(parts, style=style).items():
        number = people.get(str(code), float("nan"))
        told = f"\n{number:,.0f} {noun}" if number == number and len(people) else ""
        labels[str(code)] = f"{name}{told}"
    return labels


def _neighbours(around: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """The other areas that the map's frame touches, cut to it."""
    left, bottom, right, top = parts.total_bounds
    margin = 0.8 * max(right - left, top - bottom)
    frame = box(left - margin, bottom - margin, right + margin, top + margin)
    others = around[~around.index.isin(parts.index) & around.intersects(frame)]
    return others.clip(frame) if len(others) else None
