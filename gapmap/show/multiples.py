"""Several small maps with one legend: tiers, kinds of service, or dates side by side."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.errors import InputError
from gapmap.show.areas import (
    check_areas,
    draw_faces,
    legend,
    names_of,
    round_km,
    scale_bar,
    simplified,
)
from gapmap.show.choropleth import area_rows, state_entries, state_looks
from gapmap.show.figure import foot, line_height, page, plain, wrap
from gapmap.show.style import DEFAULT, Style
from gapmap.vocabulary import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gapmap.show.figure import MapFigure

_GAP = 4.0


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
    number = len(rows)
    across = columns or min(number, 3 if number in (3, 5, 6, 9) else 4 if number > 3 else number)
    down = math.ceil(number / across)
    left, bottom, right, upper = areas.total_bounds
    wide = (style.width_mm - 8 - _GAP * (across - 1)) / across
    aspect = (upper - bottom) / max(right - left, 1.0)
    tall = min(wide * aspect, 95.0)
    heads = {name: wrap(plain(name, longest=80), wide, 8.5, bold=True) for name in rows}
    head = max(len(lines) for lines in heads.values()) * line_height(8.5) + line_height(7) * 2 + 1
    entries = state_entries(pd.concat(rows.values()), counted=False)
    half = math.ceil(len(entries) / 2)
    legend_height = half * 5.7 + 2
    figure, top = page(
        title,
        subtitle,
        foot(source, method),
        body_height=down * (head + tall + 3) + legend_height,
        style=style,
    )
    shapes = simplified(areas.geometry, (right - left) / wide / 6)
    for n, (name, of_map) in enumerate(rows.items()):
        x = 4 + (n % across) * (wide + _GAP)
        y = top + (n // across) * (head + tall + 3)
        figure.write(x, y, "\n".join(heads[name]), size=8.5, bold=True)
        counts = Counter(of_map["state"])
        told = f"{counts['provided'] + counts['partly']} of {len(of_map)} have it"
        if counts["not_known"]:
            told += f", {counts['not_known']} not yet known"
        figure.write(
            x,
            y + len(heads[name]) * line_height(8.5) + 0.5,
            "\n".join(wrap(told, wide, 7, style=style)),
            size=7,
        )
        axes = figure.place(x, y + head, wide, tall)
        scale = max((right - left) / wide, (upper - bottom) / tall) * 1.02
        axes.set_xlim((left + right) / 2 - wide * scale / 2, (left + right) / 2 + wide * scale / 2)
        axes.set_ylim(
            (bottom + upper) / 2 - tall * scale / 2, (bottom + upper) / 2 + tall * scale / 2
        )
        axes.set_axis_off()
        draw_faces(axes, shapes, state_looks(of_map), fine=True)
        if n == 0:
            km = round_km(wide * scale / 2.5)
            scale_bar(axes, axes.get_xlim()[0] + scale, axes.get_ylim()[0] + scale, km=km)
    at = top + down * (head + tall + 3) + 1
    for n, part in enumerate((entries[:half], entries[half:])):
        legend(figure, 4 + n * 76, at, 74, "", part, style=style)
    names = names_of(areas, style=style)
    figure.gapmap_data = pd.DataFrame(
        {"name": names, **{name: of_map["state"] for name, of_map in rows.items()}}
    )
    spoken = [f"{number} small maps", figure.gapmap_title, subtitle]
    for name, of_map in rows.items():
        groups = [
            f"{words}: {', '.join(sorted(names[of_map['state'] == code]))}"
            for code, words in STATES.items()
            if (of_map["state"] == code).any()
        ]
        spoken.append(f"{name}: {'; '.join(groups)}")
    figure.gapmap_alt = ". ".join(part.rstrip(".") for part in spoken if part) + "."
    return figure
