"""Maps of points: where services stand, and how far each postcode is from one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gapmap.errors import InputError
from gapmap.place.confidential import is_confidential
from gapmap.show.areas import Entry, Points, check_areas, draw_map, is_scotland, names_of
from gapmap.show.figure import foot
from gapmap.show.style import (
    CHARCOAL,
    DEFAULT,
    INK,
    NAVY,
    ORANGE,
    PLUM,
    STATUS_LOOKS,
    WHITE,
    Look,
    Style,
    mix,
)
from gapmap.vocabulary import (
    MEASURED_STATUSES,
    TIERS,
    TRAVEL_STATUSES,
    WEIGHTS,
    category_label,
)
from gapmap.words import share_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from gapmap.show.figure import MapFigure

#: Shape and colour of a tier's services.
TIER_MARKS = {
    "universal": ("o", NAVY),
    "targeted": ("s", PLUM),
    "specialist": ("^", ORANGE),
}
_LAND = Look("#ECECEC")
#: Upper limits of the classes of travel time, and the colours of all of them, nearest first; a time
#: on a limit belongs to the nearer class.
MINUTES = (15, 30, 60, 120)
TIME_COLOURS = ("#85BCE8", "#3F8DD0", "#1B5A96", PLUM, "#33001A")
_SITE = Look(WHITE, "", INK)
#: A pier or a simplified shore may put a service this far off the land, in metres.
_OFF_SHORE = 2_000
#: Shape of the dots that have no time.
_STATUS_MARKS = {
    "comes_to_family": "s",
    "site_not_known": "D",
    "no_known_service": "v",
    "unreachable": "X",
    "off_network": "d",
}


def points_map(
    areas: gpd.GeoDataFrame,
    services: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Where services stand, by tier: colour and shape.

    Parameters
    ----------
    areas
        Areas by code, in metres, drawn pale.
    services
        Columns easting, northing, tier; rows without a point, and confidential ones, are not
        drawn, and the subtitle's figure of them is in the legend.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Services that stand at one place are moved apart until each is seen. What stands outside the
    areas is told in the legend and not drawn.

    Returns
    -------
    matplotlib.figure.Figure
        With ``gapmap_alt`` and ``gapmap_data`` (the points drawn).

    Raises
    ------
    InputError
        If the frame lacks a column.
    """
    check_areas(areas)
    missing = {"easting", "northing", "tier"} - set(services.columns)
    if missing:
        raise InputError(f"The services lack the column {', '.join(sorted(missing))}.")
    at = services[["easting", "northing"]].apply(pd.to_numeric, errors="coerce")
    shown = at.notna().all(axis=1) & ~is_confidential(services)
    outside = shown & ~near_land(areas, at)
    shown &= ~outside
    left, bottom, right, upper = areas.total_bounds
    size = max(right - left, upper - bottom)
    apart = _moved_apart(at[shown], 3_000 if is_scotland(areas) else size / 110)
    moved = bool((apart != at[shown]).to_numpy().any())
    at = at.where(~shown, apart)
    points, entries = [], []
    for tier, words in TIERS.items():
        mark, colour = TIER_MARKS[tier]
        of_tier = shown & services["tier"].eq(tier)
        entries.append(Entry(Look(colour), f"{words} ({int(of_tier.sum())})", mark))
        points.append(Points(at[of_tier].to_numpy(dtype=float), Look(colour), mark, 4.6))
    other = shown & ~services["tier"].isin(TIERS)
    if other.any():
        entries.append(Entry(Look(CHARCOAL), f"Tier not known ({int(other.sum())})", "D"))
        points.append(Points(at[other].to_numpy(dtype=float), Look(CHARCOAL), "D", 4.0))
    hidden = int((~shown).sum() - outside.sum())
    for count, words in ((int(outside.sum()), "stand outside"), (hidden, "have no place to show")):
        if count:
            entries.append(Entry(_LAND, f"{count} more {words}", "text"))
    if moved:
        entries.append(Entry(_LAND, "Those at one spot stand side by side", "text"))
    figure = draw_map(
        areas,
        looks={str(code): _LAND for code in areas.index},
        texts={},
        title=title,
        subtitle=subtitle,
        legend_title="Services with a known place",
        entries=entries,
        notes=foot(source, method),
        points=points,
        style=style,
    )
    figure.gapmap_data = services[shown]
    figure.gapmap_alt = (
        f"Map of points. {figure.gapmap_title}. {subtitle}. "
        + "; ".join(entry.text for entry in entries)
        + "."
    )
    return figure


def near_land(areas: gpd.GeoDataFrame, at: pd.DataFrame) -> pd.Series:
    """Whether points lie on the areas or at most 2 km off them."""
    points = shapely.points(at["easting"].to_numpy(float), at["northing"].to_numpy(float))
    tree = shapely.STRtree(areas.geometry.to_numpy())
    known = at.notna().all(axis=1).to_numpy()
    near = tree.query(points[known], predicate="dwithin", distance=_OFF_SHORE)[0]
    found = np.zeros(len(at), dtype=bool)
    found[np.flatnonzero(known)[near]] = True
    return pd.Series(found, index=at.index)


def _moved_apart(at: pd.DataFrame, step: float) -> pd.DataFrame:
    """Points of one spot in a ring around it, in the order of their rows, so that all are seen."""
    moved = at.copy()
    spots = (at / step).round().astype(int)
    for _, rows in spots.groupby(["easting", "northing"], sort=True).groups.items():
        if len(rows) < 2:
            continue
        angle = 2 * np.pi * np.arange(len(rows)) / len(rows) + np.pi / 2
        radius = step * max(0.6, len(rows) / 6)
        middle = at.loc[rows].mean()
        moved.loc[rows, "easting"] = middle["easting"] + radius * np.cos(angle)
        moved.loc[rows, "northing"] = middle["northing"] + radius * np.sin(angle)
    return moved


def travel_map(
    areas: gpd.GeoDataFrame,
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    *,
    category: str,
    services: pd.DataFrame | None = None,
    weight: str = "under_5",
    title: str | None = None,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """How long every postcode needs to the nearest service of a kind; no colour stands for unknown.

    Parameters
    ----------
    areas
        Areas by code, in metres, whose borders are drawn.
    people
        Postcode (index), easting, northing and the weight.
    nearest
        Columns postcode, category, rank, minutes, status.
    category
        Kind of service.
    services
        Columns easting, northing, category (and counts_at_as_of, if there): where services of the
        kind stand is drawn too. Confidential places are not.
    weight
        Column of people that the legend's shares are of.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        With ``gapmap_alt`` and ``gapmap_data`` (class, postcodes, people, share).

    Raises
    ------
    InputError
        If nothing is known of the category, or it has no minutes: it was measured in a straight
        line.
    """
    check_areas(areas)
    of = nearest[(nearest["category"] == category) & (nearest["rank"] == 1)]
    if of.empty:
        have = ", ".join(sorted(set(nearest["category"].astype(str))))
        raise InputError(f'The nearest table has nothing on "{category}". It has: {have}.')
    if of["minutes"].isna().all() and of["status"].isin(MEASURED_STATUSES).any():
        raise InputError(
            f'The nearest table has no minutes for "{category}": straight lines have none. Measure '
            "on a network of roads."
        )
    rows = people[["easting", "northing", weight]].join(
        of.set_index("postcode")[["minutes", "status"]], how="inner"
    )
    minutes = rows["minutes"].to_numpy(dtype=float)
    measured = rows["status"].astype(str).isin(MEASURED_STATUSES).to_numpy()
    step = np.searchsorted(MINUTES, np.nan_to_num(minutes, nan=0.0), side="left")
    names = [
        f"Up to {MINUTES[0]} minutes",
        *(f"{a} to {b} minutes" for a, b in pairwise(MINUTES)),
        f"Over {MINUTES[-1]} minutes",
    ]
    total = float(rows[weight].sum()) or 1.0
    entries, points, table = [], [], []
    groups = [
        (names[n], Look(TIME_COLOURS[n]), "o", measured & (step == n)) for n in range(len(names))
    ] + [
        (
            TRAVEL_STATUSES[status],
            look,
            _STATUS_MARKS[status],
            rows["status"].astype(str).eq(status).to_numpy(),
        )
        for status, look in STATUS_LOOKS.items()
    ]
    for words, look, mark, mask in groups:
        if not mask.any():
            continue
        share = float(rows.loc[mask, weight].sum()) / total
        entries.append(Entry(look, f"{words} ({_percent(share)})", mark))
        table.append((words, int(mask.sum()), float(rows.loc[mask, weight].sum()), share))
        # Those without a time are few or many; few must not be lost among the dots.
        size = 0.8 if mark == "o" or mask.sum() > 2_000 else 2.0
        points.append(
            Points(rows.loc[mask, ["easting", "northing"]].to_numpy(dtype=float), look, mark, size)
        )
    sites = sites_of(services, category, areas)
    if len(sites):
        entries.append(Entry(_SITE, f"{category_label(category)} ({len(sites)})", "P"))
        points.append(Points(sites, _SITE, "P", 4.5))
    within = sum(row[3] for row in table if row[0] in names[:2])
    said = share_in_words(min(within, 1.0))
    figure = draw_map(
        areas,
        looks={str(code): Look(mix(CHARCOAL, 0.93)) for code in areas.index},
        texts={},
        title=title
        or f"{category_label(category)}: {'about ' if said.endswith('%') else ''}{said} of "
        f"{WEIGHTS.get(weight, weight)} live within {MINUTES[1]} minutes by car",
        subtitle=subtitle,
        legend_title=f"Time by car, share of {WEIGHTS.get(weight, weight)}",
        entries=entries,
        notes=foot(source, method),
        points=points,
        style=style,
    )
    figure.gapmap_data = pd.DataFrame(table, columns=["class", "postcodes", weight, "share"])
    figure.gapmap_alt = (
        f"Map of postcodes by travel time. {figure.gapmap_title}. {subtitle}. "
        + "; ".join(entry.text for entry in entries)
        + f". Areas: {', '.join(sorted(names_of(areas)))}."
    )
    return figure


def sites_of(services: pd.DataFrame | None, category: str, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Where services of a kind stand on a map, once each: those that count, none confidential."""
    if services is None:
        return np.empty((0, 2))
    of = services[services["category"].eq(category) & ~is_confidential(services)]
    if "counts_at_as_of" in of:
        of = of[of["counts_at_as_of"].eq("yes")]
    at = of[["easting", "northing"]].apply(pd.to_numeric, errors="coerce").dropna()
    if not is_scotland(areas):
        at = at[near_land(areas, at)]
    return np.asarray(at.drop_duplicates().to_numpy(dtype=float))


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{share * 100:.0f}%"
