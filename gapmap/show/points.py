"""Maps of points: where services stand, and how far each postcode is from one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.place.confidential import is_confidential
from gapmap.show.areas import Entry, Points, check_areas, draw_map, names_of
from gapmap.show.figure import foot
from gapmap.show.style import (
    CHARCOAL,
    DEFAULT,
    NAVY,
    ORANGE,
    PLUM,
    STATUS_LOOKS,
    Look,
    Style,
    mix,
)
from gapmap.vocabulary import MEASURED_STATUSES, TIERS, TRAVEL_STATUSES, category_label

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
    entries.append(Entry(_LAND, f"{int((~shown).sum())} more have no place that can be shown"))
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


def travel_map(
    areas: gpd.GeoDataFrame,
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    *,
    category: str,
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
        If nothing is known of the category.
    """
    check_areas(areas)
    of = nearest[(nearest["category"] == category) & (nearest["rank"] == 1)]
    if of.empty:
        have = ", ".join(sorted(set(nearest["category"].astype(str))))
        raise InputError(f'The nearest table has nothing on "{category}". It has: {have}.')
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
        (TRAVEL_STATUSES[status], look, "s", rows["status"].astype(str).eq(status).to_numpy())
        for status, look in STATUS_LOOKS.items()
    ]
    for words, look, mark, mask in groups:
        if not mask.any():
            continue
        share = float(rows.loc[mask, weight].sum()) / total
        entries.append(Entry(look, f"{words} ({_percent(share)})", mark))
        table.append((words, int(mask.sum()), float(rows.loc[mask, weight].sum()), share))
        points.append(
            Points(rows.loc[mask, ["easting", "northing"]].to_numpy(dtype=float), look, "o", 0.8)
        )
    within = sum(row[3] for row in table if row[0] in names[:2])
    figure = draw_map(
        areas,
        looks={str(code): Look(mix(CHARCOAL, 0.93)) for code in areas.index},
        texts={},
        title=title
        or f"{category_label(category)}: about {_percent(within)} of children under five live "
        f"within {MINUTES[1]} minutes by car",
        subtitle=subtitle,
        legend_title="Time by car, with share of children",
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


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{share * 100:.0f}%"
