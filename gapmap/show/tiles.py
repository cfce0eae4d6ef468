"""The tile grid: every council a square of one size, roughly in place; a diagram, not a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from gapmap.errors import InputError
from gapmap.show.areas import legend
from gapmap.show.choropleth import state_entries, state_looks
from gapmap.show.figure import font, foot, page, plain, width_of, wrap
from gapmap.show.style import CHARCOAL, DEFAULT, INK, Style, ink_on
from gapmap.vocabulary import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gapmap.show.figure import MapFigure


def tile_grid(
    states: pd.Series,
    positions: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    legend_title: str = "What families can get there",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Councils as tiles of one size, so that a small one counts as much as a large one.

    Parameters
    ----------
    states
        A state for each council code; a council without one is not yet known.
    positions
        Columns council_code, council_name, tile_row, tile_col: the bundled
        ``people/councils.csv`` has them.
    title, subtitle, legend_title, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        It says on its face that it is not geographic.

    Raises
    ------
    InputError
        If a column is missing, a state is not one, or states have codes without a tile.

    Examples
    --------
    >>> where = pd.DataFrame({"council_code": ["A"], "council_name": ["Aldertown"],
    ...                       "tile_row": [1], "tile_col": [1]})
    >>> tile_grid(pd.Series({"A": "provided"}), where, title="One").gapmap_alt.split(". ")[0]
    'Tile grid, not geographic'
    """
    needed = {"council_code", "council_name", "tile_row", "tile_col"}
    missing = needed - set(positions.columns)
    if missing:
        raise InputError(f"The positions lack the column {', '.join(sorted(missing))}.")
    where = positions.set_index("council_code").sort_index()
    strange = sorted(set(states.index) - set(where.index))
    if strange:
        raise InputError(f"No tile is known for {', '.join(map(str, strange[:5]))}.")
    if states.index.has_duplicates:
        raise InputError("The states name a council twice. Keep one kind of service.")
    rows = pd.DataFrame({"state": states.reindex(where.index).fillna("not_known")})
    odd = sorted(set(rows["state"]) - set(STATES))
    if odd:
        raise InputError(f'"{odd[0]}" is no state. The states are {", ".join(STATES)}.')
    looks = state_looks(rows)
    across = int(where["tile_col"].max() - where["tile_col"].min()) + 1
    down = int(where["tile_row"].max() - where["tile_row"].min()) + 1
    side = min((style.width_mm - 8) / across, _SIDE)
    # The legend stands in the sea at the top right if that is free, else in a column of its own.
    columns, rows_down = (style.width_mm - 54) / side, 36 / side
    corner = (where["tile_col"] - where["tile_col"].min() + 1 > columns) & (
        where["tile_row"] - where["tile_row"].min() < rows_down
    )
    if corner.any():
        side = min((style.width_mm - 8 - 50) / across, _SIDE)
    figure, top = page(
        title,
        f"{subtitle}. Not geographic: every council has one tile." if subtitle
        else "Not geographic: every council has one tile.",
        foot(source, method),
        body_height=down * side + 4,
        style=style,
    )  # fmt: skip
    axes = figure.place(4, top + 1, across * side, down * side)
    axes.set_axis_off()
    axes.set_xlim(where["tile_col"].min(), where["tile_col"].min() + across)
    axes.set_ylim(where["tile_row"].min() + down, where["tile_row"].min())
    for code, tile in where.iterrows():
        look = looks[str(code)]
        corner = (tile["tile_col"] + 0.03, tile["tile_row"] + 0.03)
        axes.add_artist(
            Rectangle(
                corner,
                0.94,
                0.94,
                facecolor=look.fill,
                edgecolor=look.ink if look.hatch else "none",
                hatch=look.hatch or None,
                linewidth=0,
                gid=f"tile-{code}",
            )
        )
        axes.add_artist(
            Rectangle(corner, 0.94, 0.94, facecolor="none", edgecolor=CHARCOAL, linewidth=0.5)
        )
        name = plain(tile["council_name"], style=style)
        for long, short in _SHORT.items():
            name = name.replace(long, short)
        text = "\n".join(_fit(name, side * 0.92, style))
        axes.text(
            tile["tile_col"] + 0.5,
            tile["tile_row"] + 0.5,
            text,
            fontproperties=font(style, _WORDS),
            color=ink_on(look.fill) if not look.hatch else INK,
            ha="center",
            va="center",
            linespacing=1.05,
            parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.6}
            if look.hatch
            else None,
        )
    legend(figure, style.width_mm - 50, top + 1, 46, legend_title, state_entries(rows), style=style)
    figure.gapmap_data = rows.assign(name=where["council_name"])
    groups = [
        f"{words}: {', '.join(sorted(where.loc[rows['state'] == code, 'council_name']))}"
        for code, words in STATES.items()
        if (rows["state"] == code).any()
    ]
    figure.gapmap_alt = f"Tile grid, not geographic. {figure.gapmap_title}. {'. '.join(groups)}."
    return figure


#: Side of a tile in millimetres, at most, and size of its words in points.
_SIDE = 15.5
_WORDS = 6.5

_SHORT = {
    "City of ": "",
    " City": "",
    " Islands": "",
    "East ": "E ",
    "West ": "W ",
    "North ": "N ",
    "South ": "S ",
    " and ": " & ",
    "Dunbartonshire": "Dunbarton",
    "Renfrewshire": "Renfrew",
    "Clackmannanshire": "Clackm'shire",
    "Aberdeenshire": "Aberd'shire",
}


def _fit(name: str, width: float, style: Style) -> list[str]:
    """Lines that fit a tile: broken at spaces, else shortened."""
    lines = []
    for line in wrap(name, width, _WORDS, style=style):
        cut = line
        while width_of(cut, _WORDS, style=style) > width and len(cut) > 2:
            cut = cut[:-2] + "."
        lines.append(cut)
    return lines[:4]
