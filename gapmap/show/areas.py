"""Drawing areas on a page: faces with patterns, coast, names, scale bar, enlarged panels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as MplPath
from shapely.geometry import Point, box
from shapely.geometry.polygon import orient
from shapely.ops import nearest_points

from gapmap.errors import InputError
from gapmap.place.geography import metric_crs
from gapmap.show.figure import MapFigure, font, halo, line_height, page, plain, width_of, wrap
from gapmap.show.labels import Wanted, place_labels
from gapmap.show.style import (
    CHARCOAL,
    DEFAULT,
    INK,
    MUTED,
    OUTSIDE,
    WHITE,
    Look,
    Style,
    ink_on,
    luminance,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

    Box = tuple[float, float, float, float]

#: Boxes of the enlarged panels in EPSG:27700: left, bottom, right, top.
CENTRAL_BELT: Box = (216_000, 634_000, 341_000, 722_000)
ORKNEY: Box = (319_000, 980_000, 382_000, 1_059_000)
SHETLAND: Box = (405_000, 1_107_000, 473_000, 1_221_500)

_COAST = "#5A5A5A"
_MANY_POINTS = 3_000
#: More dots than this of a kind do not keep names away: there is no room between them.
_MOST_HINDRANCES = 400
#: A dot's name of more letters than this has two lines.
_LONG = 22
#: A name this near to its dot, in millimetres, touches it.
_CLOSE = 0.6
#: Width and height of a legend's patch, and where its words begin.
_SWATCH = (6.5, 4.2)
_INDENT = 9.0
#: Left of a block beside the map of Scotland.
_BESIDE = 109.0


@dataclass(frozen=True)
class Entry:
    """One line of a legend: a look and what it means.

    Parameters
    ----------
    look
        Colour and pattern.
    text
        What it means.
    mark
        ``area`` for a patch, ``line`` for a line, ``text`` for words alone; else matplotlib's
        letter of a marker.
    size
        Of a marker, in points.
    """

    look: Look
    text: str
    mark: str = "area"
    size: float = 6.0


@dataclass(frozen=True)
class Block:
    """Something of its own that stands beside a map.

    Parameters
    ----------
    height
        Millimetres that it needs.
    draw
        Draws it: takes the page, and the left, top and width of its place in millimetres.
    """

    height: float
    draw: Callable[[MapFigure, float, float, float], None]


# -- preparing -------------------------------------------------------------------------------------


def check_areas(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The areas, once it is sure that they can be drawn.

    Raises
    ------
    InputError
        If there are none, or two rows have one code.
    CRSError
        If they have no coordinate reference system, or one that is not in metres.
    """
    if not isinstance(areas, gpd.GeoDataFrame):
        raise InputError(
            f"Areas must be a GeoDataFrame or a Study, not {type(areas).__name__}. "
            'For the bundled boards use gapmap.scotland().level("board").'
        )
    if areas.empty:
        raise InputError("There is no area to draw: the frame has no rows.")
    metric_crs(areas, "areas")
    if areas.geometry.geom_type.isin(["MultiPoint", "Point"]).any():
        raise InputError(
            "These areas are known by their postcodes, not by their outlines, so that they cannot "
            "be drawn. Give a file of polygons of them, or map another level; tables have them."
        )
    if areas.index.has_duplicates:
        twice = sorted({str(code) for code in areas.index[areas.index.duplicated()]})
        raise InputError(
            f"These areas appear more than once: {', '.join(twice[:5])}. "
            "Keep one row for each code."
        )
    return areas


def names_of(areas: gpd.GeoDataFrame, *, style: Style = DEFAULT) -> pd.Series:
    """A short, drawable name for every area, without NHS, City and Islands; else its code."""
    names = areas["name"] if "name" in areas.columns else areas.index.to_series()
    short = (
        names.astype(str)
        .str.replace(r"^NHS\s+", "", regex=True)
        .str.replace(r"^City of (\w+)$", r"\1", regex=True)
        .str.replace(r"^(\w+) (?:City|Islands)$", r"\1", regex=True)
    )
    return pd.Series([plain(name, style=style, longest=34) for name in short], index=areas.index)


def is_scotland(areas: gpd.GeoDataFrame) -> bool:
    """Whether the areas are the whole of Scotland, so that its own page layout fits."""
    left, bottom, right, top = areas.total_bounds
    return bool(
        areas.crs == "EPSG:27700"
        and left < 120_000
        and bottom < 560_000
        and right > 440_000
        and top > 1_190_000
        and right < 520_000
        and bottom > 480_000
    )


def simplified(shapes: gpd.GeoSeries, tolerance: float) -> gpd.GeoSeries:
    """Shapes with no more corners than can be seen; a shared edge stays shared."""
    thinner = _thinner(tuple(shapely.to_wkb(shapes.to_numpy())), tolerance)
    return gpd.GeoSeries(list(thinner), index=shapes.index, crs=shapes.crs)


@lru_cache(maxsize=12)
def _thinner(shapes: tuple[bytes, ...], tolerance: float) -> tuple[BaseGeometry, ...]:
    """Kept, since a report draws the same areas many times."""
    every = shapely.from_wkb(np.array(shapes, dtype=object))
    exact = shapely.coverage_is_valid(every)
    return tuple((shapely.coverage_simplify if exact else shapely.simplify)(every, tolerance))


# -- drawing ---------------------------------------------------------------------------------------


def path_of(shape: BaseGeometry) -> MplPath | None:
    """One compound path, holes turned the other way round so that they stay open."""
    corners: list[np.ndarray] = []
    codes: list[np.ndarray] = []
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        turned = orient(part)
        for ring in (turned.exterior, *turned.interiors):
            xy = shapely.get_coordinates(ring)
            corners.append(xy)
            code = np.full(len(xy), MplPath.LINETO, dtype=np.uint8)
            code[0], code[-1] = MplPath.MOVETO, MplPath.CLOSEPOLY
            codes.append(code)
    return MplPath(np.concatenate(corners), np.concatenate(codes)) if corners else None


def _window(ax: Axes, extent: Box) -> None:
    ax.set_xlim(extent[0], extent[2])
    ax.set_ylim(extent[1], extent[3])
    ax.set_axis_off()


def draw_faces(
    ax: Axes,
    shapes: gpd.GeoSeries,
    looks: Mapping[str, Look],
    *,
    context: BaseGeometry | None = None,
    fine: bool = False,
) -> None:
    """Faces and patterns of areas, lines between them, and a coast around all.

    Each face is a patch whose gid is ``area-`` and the code, so that it can be found in the SVG.
    Where two pale faces meet the line is dark, elsewhere white: it stands out from both sides.
    """
    if context is not None and (path := path_of(context)) is not None:
        ax.add_artist(PathPatch(path, facecolor=OUTSIDE, edgecolor=WHITE, linewidth=0.3))
    for code, shape in shapes.items():
        path = path_of(shape)
        if path is None:
            continue
        look = looks[str(code)]
        ax.add_artist(
            PathPatch(
                path,
                facecolor=look.fill,
                # matplotlib draws a pattern in the colour of the edge, here of no width.
                edgecolor=look.ink if look.hatch else "none",
                hatch=look.hatch * (2 if fine else 1) or None,
                linewidth=0.0,
                gid=f"area-{code}",
            )
        )
    every = shapes.to_numpy()
    codes = [str(code) for code in shapes.index]
    edges = shapely.boundary(every)
    one, other = shapely.STRtree(every).query(every, predicate="intersects")
    for i, j in zip(one, other, strict=True):
        if i >= j:
            continue
        pale = min(luminance(looks[codes[n]].fill) for n in (i, j)) > 0.25
        for line in shapely.get_parts(shapely.line_merge(shapely.intersection(edges[i], edges[j]))):
            if line.geom_type != "LineString":
                continue
            xy = shapely.get_coordinates(line)
            ax.plot(
                xy[:, 0],
                xy[:, 1],
                color=CHARCOAL if pale else WHITE,
                linewidth=(0.4 if pale else 0.7) * (0.6 if fine else 1.0),
                solid_joinstyle="round",
            )
    coast = path_of(_together(every))
    if coast is not None:
        ax.add_artist(
            PathPatch(coast, facecolor="none", edgecolor=_COAST, linewidth=0.2 if fine else 0.3)
        )


def _together(shapes: np.ndarray) -> BaseGeometry:
    """All areas as one: quickly where they fit each other exactly, surely where they do not."""
    if shapely.coverage_is_valid(shapes):
        return shapely.coverage_union_all(shapes)
    return shapely.union_all(shapely.make_valid(shapes))


def draw_names(
    ax: Axes,
    shapes: gpd.GeoSeries,
    looks: Mapping[str, Look],
    texts: Mapping[str, str],
    *,
    size: float,
    scale: float,
    extent: Box,
    style: Style = DEFAULT,
    taken: Sequence[Box] = (),
    painted: bool = False,
) -> list[str]:
    """Names on their areas or beside them.

    Parameters
    ----------
    ax
        Axes whose window is ``extent``.
    shapes
        Areas to name and those around them.
    looks
        How each is drawn, for the colour of a name on it.
    texts
        Lines to write, by code; areas without one get no name.
    size
        Of the letters, in points.
    scale
        Metres per millimetre of paper.
    extent
        The window: left, bottom, right, top.
    style
        Fonts.
    taken
        Boxes (map units) that must stay free.
    painted
        Whether something lies over the faces, so that every name needs a halo.

    Returns
    -------
    list of str
        Codes whose name found no place.
    """
    paper = {
        str(code): shapely.transform(shape, lambda xy: xy / scale) for code, shape in shapes.items()
    }
    frame = (extent[0] / scale, extent[1] / scale, extent[2] / scale, extent[3] / scale)
    forms = {code: _forms(text) for code, text in texts.items() if text and code in paper}
    wanted = [
        Wanted(
            code,
            tuple(_room_of(form, size, style) for form in several),
        )
        for code, several in forms.items()
        if paper[code].intersects(box(*frame))
    ]
    placed, left_out = place_labels(
        wanted,
        paper,
        frame,
        taken=[(b[0] / scale, b[1] / scale, b[2] / scale, b[3] / scale) for b in taken],
    )
    for number, one in enumerate(placed):
        look = looks[one.key]
        flat = one.inside and not look.hatch and not painted
        if one.leader is not None:
            (x0, y0), (x1, y1) = one.leader
            ax.plot([x0 * scale, x1 * scale], [y0 * scale, y1 * scale], color=INK, lw=0.5, zorder=5)
            ax.plot([x0 * scale], [y0 * scale], marker="o", markersize=1.6, color=INK, zorder=5)
        label = ax.text(
            one.x * scale,
            one.y * scale,
            forms[one.key][one.size],
            fontproperties=font(style, size),
            color=ink_on(look.fill) if flat else INK,
            ha="center",
            va="center",
            linespacing=1.02,
            parse_math=False,
            zorder=6,
            gid=f"name-{number}",
        )
        if not flat:
            halo(label, number)
    return left_out


def _room_of(text: str, size: float, style: Style) -> tuple[float, float]:
    """Width and height in millimetres that a label takes."""
    lines = text.split("\n")
    wide = max(width_of(line, size, style=style) for line in lines) + 0.6
    return wide, len(lines) * line_height(size) * 0.92


def _forms(text: str) -> list[str]:
    """A label as it stands, and with its name on two lines of about one length."""
    name, *rest = text.split("\n")
    words = name.split(" ")
    if len(words) == 1:
        return [text]
    cuts = range(1, len(words))
    cut = min(cuts, key=lambda n: max(len(" ".join(words[:n])), len(" ".join(words[n:]))))
    return [text, "\n".join([" ".join(words[:cut]), " ".join(words[cut:]), *rest])]


def scale_bar(ax: Axes, left: float, bottom: float, *, km: int, style: Style = DEFAULT) -> None:
    """A scale bar of a round number of kilometres, its left end at a point of the map."""
    length = km * 1000
    half = length / 2
    figure = ax.get_figure()
    tall = ax.get_position().height * figure.get_size_inches()[1] * 25.4
    unit = (ax.get_ylim()[1] - ax.get_ylim()[0]) / tall
    for start, fill in ((left, CHARCOAL), (left + half, WHITE)):
        ax.add_artist(
            Rectangle(
                (start, bottom), half, unit * 0.9, facecolor=fill, edgecolor=CHARCOAL, linewidth=0.5
            )
        )
    ends = [(left, "0"), (left + length, f"{km} km")]
    if length > unit * 22:
        ends.insert(1, (left + half, f"{km // 2}"))
    for at, words in ends:
        ax.text(
            at,
            bottom + unit * 1.8,
            words,
            fontproperties=font(style, 6.5),
            color=MUTED,
            ha="center",
            va="bottom",
        )


def legend(
    figure: MapFigure,
    left: float,
    top: float,
    width: float,
    title: str,
    entries: Sequence[Entry],
    *,
    style: Style = DEFAULT,
) -> float:
    """A legend in plain words; returns its height in millimetres."""
    figure.gapmap_legend.extend(entries)
    down = top
    for line in wrap(title, width, 8.5, bold=True, style=style):
        figure.write(left, down, line, size=8.5, bold=True)
        down += line_height(8.5)
    down += 1.0 if title else 0.0
    for entry in entries:
        lines = _entry_lines(entry, width, style)
        tall = max(len(lines) * line_height(8), _SWATCH[1] if entry.mark != "text" else 0.0)
        middle = down + tall / 2
        if entry.mark != "text":
            _swatch(figure, left, middle, entry)
        indent = 0.0 if entry.mark == "text" else _INDENT
        text_top = middle - len(lines) * line_height(8) / 2
        figure.write(left + indent, text_top, "\n".join(lines), size=8)
        down += tall + 1.5
    return down - top


def legend_height(
    width: float, title: str, entries: Sequence[Entry], *, style: Style = DEFAULT
) -> float:
    """Millimetres that a legend of this width needs."""
    heads = len(wrap(title, width, 8.5, bold=True, style=style)) * line_height(8.5)
    return heads + sum(
        max(len(_entry_lines(one, width, style)) * line_height(8), _SWATCH[1]) + 1.5
        for one in entries
    )


def _entry_lines(entry: Entry, width: float, style: Style) -> list[str]:
    indent = 0.0 if entry.mark == "text" else _INDENT
    return wrap(plain(entry.text, style=style, longest=200), width - indent, 8, style=style)


def _swatch(figure: MapFigure, left: float, middle: float, entry: Entry) -> None:
    # Drawn on the page itself: axes for each would take longer than all else in a legend.
    page_width, page_height = figure.size_mm
    wide, tall = _SWATCH[0] / page_width, _SWATCH[1] / page_height
    start, centre = left / page_width, 1 - middle / page_height
    look = entry.look
    if entry.mark == "area":
        for fill, ink, hatch, thick in (
            (look.fill, look.ink, look.hatch, 0.0),
            ("none", CHARCOAL, "", 0.6),
        ):
            figure.add_artist(
                Rectangle(
                    (start, centre - tall / 2),
                    wide,
                    tall,
                    facecolor=fill,
                    edgecolor=ink,
                    hatch=hatch or None,
                    linewidth=thick,
                )
            )
    elif entry.mark == "line":
        figure.add_artist(
            Line2D([start, start + wide], [centre, centre], color=look.fill, linewidth=1.2)
        )
    else:
        figure.add_artist(
            Line2D(
                [start + wide / 2],
                [centre],
                marker=entry.mark,
                markersize=entry.size,
                color=look.fill,
                markeredgecolor=look.ink if look.fill == WHITE else CHARCOAL,
                markeredgewidth=0.5,
                linestyle="none",
            )
        )


# -- the whole page --------------------------------------------------------------------------------


def draw_map(
    areas: gpd.GeoDataFrame,
    *,
    looks: Mapping[str, Look],
    texts: Mapping[str, str],
    title: str,
    subtitle: str,
    legend_title: str,
    entries: Sequence[Entry],
    notes: Sequence[str],
    panels: bool = True,
    context: gpd.GeoDataFrame | None = None,
    points: Sequence[Points] = (),
    marks: Sequence[Mark] = (),
    under: Callable[[Axes], None] | None = None,
    key: Block | None = None,
    beside: Block | None = None,
    window: Box | None = None,
    style: Style = DEFAULT,
) -> MapFigure:
    """A finished page: map, names, legend, scale bar, panels, source lines.

    Scotland has a layout of its own: the legend over the sea of the north-west, enlarged panels in
    the east, Shetland where it is. Any other set of areas has its legend on the right.

    Parameters
    ----------
    areas
        By code, in metres.
    looks
        How each is drawn.
    texts
        Name (and second line) of each area; empty for none.
    title, subtitle, legend_title, entries, notes
        The words around the map.
    panels
        Whether Scotland has its enlarged panels.
    context
        Land around, in grey.
    points
        Dots over the areas.
    marks
        Names of single dots.
    under
        Draws on the axes of the map, and of each panel, between faces and dots.
    key
        Stands in the legend's place, over its entries.
    beside
        Stands beside the map; Scotland has no panels then.
    window
        The part to draw: left, bottom, right, top in metres; all of the areas if not given.
    style
        Fonts and colours.
    """
    whole = is_scotland(areas)
    around = None if context is None else shapely.union_all(context.geometry.to_numpy())
    if not whole or window is not None:
        return _other_page(
            areas,
            looks=looks,
            texts=texts,
            words=(title, subtitle, legend_title),
            entries=entries,
            notes=notes,
            context=around,
            points=points,
            marks=marks,
            under=under,
            key=key,
            beside=beside,
            window=window,
            style=style,
        )
    body = max(150.0, 0.0 if beside is None else beside.height + 2)
    figure, top = page(title, subtitle, notes, body_height=body, style=style)
    left, bottom, right, upper = areas.total_bounds
    scale = (upper - bottom) * 1.02 / body
    extent = (left - 4_000, bottom - 5_000, right + 4_000, bottom - 5_000 + scale * body)
    width = (extent[2] - extent[0]) / scale
    main = figure.place(4, top, width, body)
    _window(main, extent)
    shapes = simplified(areas.geometry, 250)
    draw_faces(main, shapes, looks, context=around)
    if under is not None:
        under(main)
    draw_points(main, points)
    boxes = _panel_boxes(areas, panels and beside is None)
    in_panel = _shown_in(areas, [window for window, *_ in boxes if window == CENTRAL_BELT])
    # No name runs under a panel, its heading or the legend.
    taken = [
        _under(main_left=4.0, extent=extent, scale=scale, place=(left_, top_ - 5, width_, tall))
        for window, _, (left_, top_, width_) in boxes
        for tall in [(window[3] - window[1]) / (window[2] - window[0]) * width_ + 6]
    ]
    high = legend_height(60, legend_title, entries, style=style) + (key.height if key else 0.0)
    corner_of_legend = (4.0, 0.0, 60.0, max(high, 45.0))
    taken.append(_under(main_left=4.0, extent=extent, scale=scale, place=corner_of_legend))
    corner = (extent[0] + 12_000, extent[1] + 6_000)
    taken.append((corner[0], corner[1], corner[0] + 120_000, corner[1] + scale * 6))
    draw_names(
        main,
        shapes,
        looks,
        {code: text for code, text in texts.items() if code not in in_panel},
        size=6.5,
        scale=scale,
        extent=extent,
        style=style,
        taken=taken,
    )
    hidden = [box(*place) for place, *_ in boxes]
    draw_marks(
        main,
        [one for one in marks if not any(h.contains(Point(one.x, one.y)) for h in hidden)],
        points,
        scale=scale,
        extent=extent,
        style=style,
        taken=taken,
    )
    scale_bar(main, *corner, km=100, style=style)
    _key_and_legend(figure, 4, top + 1, 60, legend_title, entries, key, style)
    if beside is not None:
        beside.draw(figure, _BESIDE, top + 1, style.width_mm - 4 - _BESIDE)
    for window, heading, place in boxes:
        _panel(
            figure,
            main,
            areas,
            looks,
            {c: t for c, t in texts.items() if window != CENTRAL_BELT or c in in_panel},
            window=window,
            heading=heading,
            place=(place[0], top + place[1], place[2]),
            points=points,
            marks=marks,
            under=under,
            style=style,
        )
    return figure


def _key_and_legend(
    figure: MapFigure,
    left: float,
    top: float,
    width: float,
    title: str,
    entries: Sequence[Entry],
    key: Block | None,
    style: Style,
) -> float:
    """A legend under a block of its own, if there is one; returns the height of both."""
    if key is None:
        return legend(figure, left, top, width, title, entries, style=style)
    high = legend(figure, left, top, width, title, (), style=style)
    key.draw(figure, left, top + high, width)
    high += key.height
    return high + legend(figure, left, top + high, width, "", entries, style=style)


def _under(
    *,
    main_left: float,
    extent: Box,
    scale: float,
    place: tuple[float, float, float, float],
) -> Box:
    """The part of the map under a box of the page's body (left, top, width, height)."""
    left, top, width, height = place
    return (
        extent[0] + (left - main_left) * scale,
        extent[3] - (top + height) * scale,
        extent[0] + (left - main_left + width) * scale,
        extent[3] - top * scale,
    )


def _panel_boxes(
    areas: gpd.GeoDataFrame, panels: bool
) -> list[tuple[Box, str, tuple[float, float, float]]]:
    """Windows of the panels with their headings and places: left, top, width in millimetres."""
    if not panels:
        return []
    return [
        (CENTRAL_BELT, "Central Belt, enlarged", (89.5, 97.0, 66.5)),
        (ORKNEY, "Orkney, enlarged", (98.0, 42.0, 26.0)),
        (SHETLAND, "Shetland, enlarged", (128.0, 4.0, 28.0)),
    ]


def _shown_in(areas: gpd.GeoDataFrame, windows: Sequence[Box]) -> set[str]:
    """Codes of areas of which a panel shows the most."""
    shown: set[str] = set()
    for window in windows:
        share = areas.geometry.intersection(box(*window)).area / areas.geometry.area
        shown |= {str(code) for code in share.index[share > 0.6]}
    return shown


def _panel(
    figure: MapFigure,
    main: Axes,
    areas: gpd.GeoDataFrame,
    looks: Mapping[str, Look],
    texts: Mapping[str, str],
    *,
    window: Box,
    heading: str,
    place: tuple[float, float, float],
    points: Sequence[Points],
    marks: Sequence[Mark],
    under: Callable[[Axes], None] | None,
    style: Style,
) -> None:
    left, top, width = place
    scale = (window[2] - window[0]) / width
    height = (window[3] - window[1]) / scale
    frame = box(*window)
    near = areas.geometry[areas.geometry.intersects(frame)]
    if near.empty:
        return
    shapes = simplified(near, 60).clip_by_rect(
        window[0] - 3_000, window[1] - 3_000, window[2] + 3_000, window[3] + 3_000
    )
    figure.write(left, top - 3.6, heading, size=7, bold=True)
    axes = figure.place(left, top, width, height)
    _window(axes, window)
    draw_faces(axes, shapes, looks)
    if under is not None:
        under(axes)
    draw_points(axes, points)
    _frame(axes)
    main.add_artist(
        Rectangle(
            (window[0], window[1]),
            window[2] - window[0],
            window[3] - window[1],
            facecolor="none",
            edgecolor=MUTED,
            linewidth=0.4,
            linestyle=(0, (3, 2)),
        )
    )
    draw_names(axes, shapes, looks, texts, size=6, scale=scale, extent=window, style=style)
    draw_marks(axes, marks, points, scale=scale, extent=window, style=style)


def _frame(axes: Axes) -> None:
    axes.add_artist(
        Rectangle(
            (0, 0),
            1,
            1,
            transform=axes.transAxes,
            facecolor="none",
            edgecolor=CHARCOAL,
            lw=0.6,
            clip_on=False,
            zorder=9,
        )
    )


def _other_page(
    areas: gpd.GeoDataFrame,
    *,
    looks: Mapping[str, Look],
    texts: Mapping[str, str],
    words: tuple[str, str, str],
    entries: Sequence[Entry],
    notes: Sequence[str],
    context: BaseGeometry | None,
    points: Sequence[Points],
    marks: Sequence[Mark],
    under: Callable[[Axes], None] | None,
    key: Block | None,
    beside: Block | None,
    window: Box | None,
    style: Style,
) -> MapFigure:
    title, subtitle, legend_title = words
    legend_width = 50.0
    aside = legend_height(legend_width, legend_title, entries, style=style) + 4
    aside += sum(one.height for one in (key, beside) if one is not None)
    room = style.width_mm - 8 - legend_width - 4
    left, bottom, right, upper = areas.total_bounds if window is None else window
    wide, tall = max(right - left, 1.0), max(upper - bottom, 1.0)
    scale = max(wide / room, tall / 140) * 1.06
    body = max(min(max(tall * 1.06 / scale + 8, 60.0), 160.0), aside)
    figure, top = page(title, subtitle, notes, body_height=body, style=style)
    middle_x, middle_y = (left + right) / 2, (bottom + upper) / 2
    extent = (
        middle_x - room * scale / 2,
        middle_y - body * scale / 2,
        middle_x + room * scale / 2,
        middle_y + body * scale / 2,
    )
    axes = figure.place(4, top, room, body)
    _window(axes, extent)
    seen = areas.geometry if window is None else areas.geometry[areas.intersects(box(*extent))]
    shapes = simplified(seen, scale / 30)
    if window is not None:
        # A name stands in the part of its area that is seen.
        edge = scale * 5
        shapes = shapes.clip_by_rect(
            extent[0] - edge, extent[1] - edge, extent[2] + edge, extent[3] + edge
        )
        _frame(axes)
    draw_faces(axes, shapes, looks, context=context)
    if under is not None:
        under(axes)
    draw_points(axes, points)
    km = round_km(room * scale / 4)
    corner = (extent[0] + scale * 3, extent[1] + scale * 2)
    taken = [(corner[0], corner[1], corner[0] + km * 1000, corner[1] + scale * 5)]
    draw_names(
        axes,
        shapes,
        looks,
        texts,
        size=7,
        scale=scale,
        extent=extent,
        style=style,
        taken=taken,
        painted=under is not None,
    )
    draw_marks(axes, marks, points, scale=scale, extent=extent, style=style, taken=taken)
    scale_bar(axes, *corner, km=km, style=style)
    at = style.width_mm - 4 - legend_width
    high = _key_and_legend(figure, at, top + 1, legend_width, legend_title, entries, key, style)
    if beside is not None:
        beside.draw(figure, at, top + 1 + high + 2, legend_width)
    return figure


def round_km(metres: float) -> int:
    """A round, even number of kilometres of about that length, at least 2."""
    km = metres / 1000
    return next((n for n in (400, 200, 100, 60, 40, 20, 10, 6, 4) if n <= km), 2)


@dataclass(frozen=True)
class Points:
    """Dots of one kind over a map.

    Parameters
    ----------
    xy
        Coordinates, one row each.
    look
        Colour; where its ink is not white, that is the colour of the edge.
    mark
        matplotlib's letter of the marker.
    size
        In points.
    """

    xy: np.ndarray
    look: Look
    mark: str = "o"
    size: float = 4.0


@dataclass(frozen=True)
class Mark:
    """The name of a single dot.

    Parameters
    ----------
    key
        Tells it from the others; those that sort first have the better places.
    x, y
        Where the dot is.
    text
        What to write.
    """

    key: str
    x: float
    y: float
    text: str


def draw_points(axes: Axes, points: Sequence[Points]) -> None:
    """Dots on a map; thousands of one kind become a picture in an SVG, which else nothing opens."""
    for one in points:
        axes.plot(
            one.xy[:, 0],
            one.xy[:, 1],
            linestyle="none",
            marker=one.mark,
            markersize=one.size,
            color=one.look.fill,
            markeredgecolor=one.look.ink if one.size > 2 else "none",
            markeredgewidth=0.5,
            zorder=4,
            rasterized=len(one.xy) > _MANY_POINTS,
        )


def draw_marks(
    axes: Axes,
    marks: Sequence[Mark],
    points: Sequence[Points],
    *,
    scale: float,
    extent: Box,
    style: Style = DEFAULT,
    size: float = 6.5,
    taken: Sequence[Box] = (),
) -> list[str]:
    """Names beside their dots, off all other dots and off each other.

    Parameters
    ----------
    axes
        Axes whose window is ``extent``.
    marks
        The names; those whose dot lies outside the window are left out.
    points
        All dots drawn, which no name may cover; a kind of which there are very many is no
        hindrance.
    scale
        Metres per millimetre of paper.
    extent
        The window: left, bottom, right, top.
    style
        Fonts.
    size
        Of the letters, in points.
    taken
        Boxes (map units) that must stay free.

    Returns
    -------
    list of str
        Keys of those that found no place.
    """
    frame = box(*extent)
    inside = {one.key: one for one in marks if frame.contains(Point(one.x, one.y))}
    forms = {
        key: _forms(one.text)[-1:] if len(one.text) > _LONG else _forms(one.text)
        for key, one in inside.items()
    }
    discs = {key: Point(one.x / scale, one.y / scale).buffer(0.9) for key, one in inside.items()}
    dots = [
        (x / scale - half, y / scale - half, x / scale + half, y / scale + half)
        for kind in points
        if len(kind.xy) <= _MOST_HINDRANCES
        for half in [kind.size * 25.4 / 72 / 2]
        for x, y in kind.xy
    ]
    sizes = {
        key: tuple(_room_of(form, size, style) for form in several)
        for key, several in forms.items()
    }
    placed, left_out = place_labels(
        [Wanted(key, several) for key, several in sizes.items()],
        discs,
        (extent[0] / scale, extent[1] / scale, extent[2] / scale, extent[3] / scale),
        taken=[
            *((b[0] / scale, b[1] / scale, b[2] / scale, b[3] / scale) for b in taken),
            *dots,
        ],
    )
    for number, one in enumerate(placed):
        # Dots are small and stand close: a name that does not touch its own has a line to it.
        wide, tall = sizes[one.key][one.size]
        room = box(one.x - wide / 2, one.y - tall / 2, one.x + wide / 2, one.y + tall / 2)
        if room.distance(discs[one.key]) > _CLOSE:
            target, end = nearest_points(discs[one.key].centroid, room)
            (x0, y0), (x1, y1) = target.coords[0], end.coords[0]
            axes.plot(
                [x0 * scale, x1 * scale], [y0 * scale, y1 * scale], color=INK, lw=0.4, zorder=5
            )
        label = axes.text(
            one.x * scale,
            one.y * scale,
            forms[one.key][one.size],
            fontproperties=font(style, size),
            color=INK,
            ha="center",
            va="center",
            linespacing=1.02,
            parse_math=False,
            zorder=6,
        )
        # Apart from the names of areas, which count from nought.
        halo(label, 1000 + number)
    return left_out
