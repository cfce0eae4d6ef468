"""Several small maps with one legend: tiers, kinds of service, or dates side by side."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.errors import InputError
from gapmap.show.areas import (
    Entry,
    check_areas,
    draw_faces,
    legend,
    legend_height,
    names_of,
    round_km,
    scale_bar,
    simplified,
)
from gapmap.show.choropleth import area_rows, state_entries, state_looks
from gapmap.show.figure import foot, line_height, page, plain, wrap
from gapmap.show.style import DEFAULT, Look, Style
from gapmap.vocabulary import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gapmap.show.figure import MapFigure

_GAP = 4.0
_BAR = 7.0


@dataclass(frozen=True)
class Small:
    """One of several small maps.

    Parameters
    ----------
    name
        What it is called.
    told
        A line below: its counts.
    looks
        How each area is drawn.
    """

    name: str
    told: str
    looks: Mapping[str, Look]


def small_multiples(
    areas: gpd.GeoDataFrame,
    maps: Mapping[str, pd.DataFrame | pd.Series],
    *,
    title: str,
    subtitle: str = "",
    columns: int | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Maps of states side by side, drawn alike so that they can be compared.

    Parameters
    ----------
    areas
        Areas by code, in metres; the same on every map.
    maps
        What each map is called, and its states: a Series by area code, or rows of a coverage frame
        of one value (columns area_code, state, stale, last_known).
    title, subtitle
        The finding; what, where and when.
    columns
        Maps in a row; chosen to fit if not given.
    source, method
        Lines at the foot.
    style
        Fonts and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With ``gapmap_alt`` and ``gapmap_data`` (a column for each map).

    Raises
    ------
    InputError
        If there is no map, or states do not fit the areas.
    """
    check_areas(areas)
    if not maps:
        raise InputError("There is nothing to compare: maps= is empty.")
    rows = {name: area_rows(areas, values) for name, values in maps.items()}
    figure = draw_multiples(
        areas,
        [Small(name, _told(of_map), state_looks(of_map)) for name, of_map in rows.items()],
        entries=state_entries(pd.concat(rows.values()), counted=False),
        title=title,
        subtitle=subtitle,
        columns=columns,
        notes=foot(source, method),
        style=style,
    )
    names = names_of(areas, style=style)
    figure.gapmap_data = pd.DataFrame(
        {"name": names, **{name: of_map["state"] for name, of_map in rows.items()}}
    )
    figure.gapmap_alt = speak_multiples(
        figure, subtitle, names, {name: of_map["state"] for name, of_map in rows.items()}, STATES
    )
    return figure


def _told(rows: pd.DataFrame) -> str:
    counts = Counter(rows["state"])
    told = f"{counts['provided'] + counts['partly']} of {len(rows)} have it"
    return f"{told}, {counts['not_known']} not yet known" if counts["not_known"] else told


def speak_multiples(
    figure: MapFigure,
    subtitle: str,
    names: pd.Series,
    classes: Mapping[str, pd.Series],
    words: Mapping[str, str],
) -> str:
    """Alt text of small maps: for each, the areas of each class."""
    spoken = [
        f"{len(classes)} small maps" if len(classes) > 1 else "Map",
        figure.gapmap_title,
        subtitle,
    ]
    for name, of_map in classes.items():
        groups = [
            f"{said}: {', '.join(sorted(names[of_map == code]))}"
            for code, said in words.items()
            if (of_map == code).any()
        ]
        spoken.append(f"{name}: {'; '.join(groups)}")
    return ". ".join(part.rstrip(".") for part in spoken if part) + "."


def draw_multiples(
    areas: gpd.GeoDataFrame,
    maps: Sequence[Small],
    *,
    entries: Sequence[Entry],
    title: str,
    subtitle: str,
    columns: int | None,
    notes: Sequence[str],
    style: Style,
) -> MapFigure:
    """A page of small maps of the same areas, with one legend and one scale bar.

    Parameters
    ----------
    areas
        By code, in metres.
    maps
        The maps, in reading order.
    entries
        The legend.
    title, subtitle, notes
        The words around them.
    columns
        Maps in a row; chosen to fit if not given.
    style
        Fonts and colours.
    """
    number = len(maps)
    across = columns or min(number, 3 if number in (3, 5, 6, 9) else 4 if number > 3 else number)
    down = math.ceil(number / across)
    left, bottom, right, upper = areas.total_bounds
    wide = (style.width_mm - 8 - _GAP * (across - 1)) / across
    aspect = (upper - bottom) / max(right - left, 1.0)
    tall = min(wide * aspect, 95.0)
    heads = [wrap(plain(one.name, longest=80), wide, 8.5, bold=True, style=style) for one in maps]
    told = [wrap(one.told, wide, 7, style=style) for one in maps]
    head = max(len(lines) for lines in heads) * line_height(8.5)
    head += max(len(lines) for lines in told) * line_height(7) + 1.5
    half = math.ceil(len(entries) / 2)
    parts = (entries[:half], entries[half:])
    legend_room = max(legend_height(74, "", part, style=style) for part in parts) + 2
    figure, top = page(
        title,
        subtitle,
        notes,
        body_height=down * (head + tall + 3) + _BAR + legend_room,
        style=style,
    )
    shapes = simplified(areas.geometry, (right - left) / wide / 6)
    scale = max((right - left) / wide, (upper - bottom) / tall) * 1.02
    for n, one in enumerate(maps):
        x = 4 + (n % across) * (wide + _GAP)
        y = top + (n // across) * (head + tall + 3)
        figure.write(x, y, "\n".join(heads[n]), size=8.5, bold=True)
        y_told = y + len(heads[n]) * line_height(8.5) + 0.5
        figure.write(x, y_told, "\n".join(told[n]), size=7)
        axes = figure.place(x, y + head, wide, tall)
        axes.set_xlim((left + right) / 2 - wide * scale / 2, (left + right) / 2 + wide * scale / 2)
        axes.set_ylim(
            (bottom + upper) / 2 - tall * scale / 2, (bottom + upper) / 2 + tall * scale / 2
        )
        axes.set_axis_off()
        draw_faces(axes, shapes, one.looks, fine=True)
    # The bar has a strip of its own: areas of any shape leave no corner that is surely free.
    at = top + down * (head + tall + 3)
    strip = figure.place(4, at, wide, _BAR)
    strip.set_axis_off()
    strip.set_xlim(0, wide * scale)
    strip.set_ylim(0, _BAR * scale)
    scale_bar(strip, 2 * scale, 1.2 * scale, km=round_km(wide * scale / 2.5), style=style)
    for n, part in enumerate(parts):
        legend(figure, 4 + n * 76, at + _BAR + 1, 74, "", part, style=style)
    return figure
