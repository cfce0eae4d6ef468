"""Two measures on one map: three classes of each, nine colours, and a square for a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from gapmap.errors import InputError
from gapmap.show.areas import Block, Entry, check_areas, draw_map, is_scotland, names_of
from gapmap.show.choropleth import (
    areas_in_words,
    in_brackets,
    level_of,
    number_classes,
    numbers_of,
    series_of,
)
from gapmap.show.figure import font, foot, line_height, plain, wrap
from gapmap.show.style import CHARCOAL, DEFAULT, INK, UNKNOWN, WHITE, Look, Style, channels
from gapmap.study import Study
from gapmap.travel.method import travel_notes
from gapmap.words import date_in_words, list_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

    from gapmap.show.choropleth import Classes
    from gapmap.show.figure import MapFigure

#: Steps of the two measures, low to high; a class has the product of both, as inks overprint.
#: Blue and orange stay apart for every kind of colour vision.
_FIRST = ("#F2F2F2", "#AFCFEC", "#4587C7")
_SECOND = ("#FFFFFF", "#FBCDAF", "#F08542")
#: The second measure has a pattern too, so that a grey copy still tells both.
_PATTERNS = ("", "..", "....")
#: Width and height of a square of the legend, and the room for words at its left.
_CELL = (11.5, 7.2)
_LEFT = 17.0
_LEVELS = ("low", "middle", "high")


def bivariate_map(
    areas: gpd.GeoDataFrame | Study,
    first: pd.Series | str,
    second: pd.Series | str,
    *,
    first_name: str,
    second_name: str,
    first_unit: str = "",
    second_unit: str = "",
    first_breaks: Sequence[float] | None = None,
    second_breaks: Sequence[float] | None = None,
    corner: tuple[str, str] = ("high", "high"),
    level: str = "council",
    title: str | None = None,
    subtitle: str | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    labels: bool = True,
    style: Style = DEFAULT,
) -> MapFigure:
    """Map two measures together: where is one high and the other too?

    The first measure goes from grey to blue, the second from white to orange and from plain to
    patterned; where both are high they mix to nearly black. An area that lacks one of them is not
    yet known.

    Parameters
    ----------
    areas
        Areas by code, in metres; or a Study, whose areas of ``level`` are taken.
    first, second
        Numbers on the areas' index, or names of columns of the areas.
    first_name, second_name
        What they measure, as the legend says it.
    first_unit, second_unit
        ``%...`` adds the sign to the numbers.
    first_breaks, second_breaks
        One or two limits, if classes are to be yours; else classes hold about equally many areas.
    corner
        Which classes of the two the title speaks of: ``high`` or ``low`` of each.
    level
        Level of the areas.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.
    labels
        Whether areas are named.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has name, first, second and the class of each.

    Raises
    ------
    InputError
        If a measure does not fit the areas, or has more than three classes.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> toy = gpd.GeoDataFrame(
    ...     {"name": ["West", "East"], "need": [1.0, 9.0], "far": [5.0, 50.0]}, index=["W", "E"],
    ...     geometry=[box(0, 0, 5000, 9000), box(5000, 0, 9000, 9000)], crs="EPSG:27700")
    >>> bivariate_map(toy, "need", "far", first_name="Need", second_name="Minutes").gapmap_title
    'Need high and minutes high: East'
    """
    if isinstance(areas, Study):
        settings = areas.settings
        return bivariate_map(
            areas.level(level),
            first,
            second,
            first_name=first_name,
            second_name=second_name,
            first_unit=first_unit,
            second_unit=second_unit,
            first_breaks=first_breaks,
            second_breaks=second_breaks,
            corner=corner,
            level=level,
            title=title,
            subtitle=subtitle
            if subtitle is not None
            else f"{first_name} and {second_name[:1].lower()}{second_name[1:]}, "
            f"{date_in_words(settings.as_of)}",
            source=source or settings.attribution,
            method=method or " ".join((*settings.approximate, travel_notes(settings)[0])),
            labels=labels,
            style=style,
        )
    check_areas(areas)
    if any(one not in ("low", "high") for one in corner) or len(corner) != 2:
        raise InputError(f'corner is {corner}: it must be two of "low" and "high".')
    values = [numbers_of(series_of(areas, one)) for one in (first, second)]
    classes = [
        _classes(one, unit, breaks, name, style)
        for one, unit, breaks, name in zip(
            values,
            (first_unit, second_unit),
            (first_breaks, second_breaks),
            (first_name, second_name),
            strict=True,
        )
    ]
    kinds = [_three(one) for one in classes]
    known = values[0].notna() & values[1].notna()
    looks = {
        str(code): two_looks(int(kinds[0][code]), int(kinds[1][code])) if known[code] else UNKNOWN
        for code in areas.index
    }
    names = names_of(areas, style=style)
    level = level_of(areas, level)
    figure = draw_map(
        areas,
        looks=looks,
        texts={str(code): str(name) for code, name in names.items()} if labels else {},
        title=title
        if title is not None
        else _finding(kinds, known, names, (first_name, second_name), corner, level),
        subtitle=subtitle or "",
        legend_title="",
        entries=[
            Entry(UNKNOWN, f"Not yet known, one or both ({int((~known).sum())})"),
            Entry(UNKNOWN, in_brackets(level).text.replace("brackets", "the squares"), "text"),
        ],
        notes=foot(source, method),
        key=_square(classes, kinds, known, (first_name, second_name), corner, style),
        panels=is_scotland(areas),
        style=style,
    )
    words = [kind.map(lambda step: _LEVELS[step]).where(known, "not known") for kind in kinds]
    figure.gapmap_data = pd.DataFrame(
        {
            "name": names,
            "first": values[0],
            "second": values[1],
            "first_class": words[0],
            "second_class": words[1],
        }
    )
    spoken = [f"Map of two measures. {figure.gapmap_title}", subtitle or ""]
    for (one, other), group in figure.gapmap_data[known].groupby(
        ["first_class", "second_class"], sort=True
    ):
        spoken.append(
            f"{first_name} {one}, {second_name} {other}: {', '.join(sorted(group['name']))}"
        )
    if not known.all():
        spoken.append(f"Not yet known: {', '.join(sorted(names[~known]))}")
    figure.gapmap_alt = ". ".join(part.rstrip(".") for part in spoken if part) + "."
    return figure


def two_looks(first: int, second: int) -> Look:
    """How one of the nine classes is drawn: steps 0 to 2 of each measure.

    Examples
    --------
    >>> two_looks(0, 0).fill, two_looks(2, 2).hatch
    ('#F2F2F2', '....')
    """
    product = (
        a * b for a, b in zip(channels(_FIRST[first]), channels(_SECOND[second]), strict=True)
    )
    fill = "#" + "".join(f"{int(value * 255 + 0.5):02X}" for value in product)
    return Look(fill, _PATTERNS[second], WHITE if first == 2 else CHARCOAL)


def _classes(
    values: pd.Series, unit: str, breaks: Sequence[float] | None, name: str, style: Style
) -> Classes:
    if breaks is not None and not 1 <= len(breaks) <= 2:
        raise InputError(
            f"{name}: a measure of a map of two has 2 or 3 classes, so 1 or 2 breaks, "
            f"not {len(breaks)}."
        )
    return number_classes(values, unit=unit, classes=3, breaks=breaks, style=style)


def _three(classes: Classes) -> pd.Series:
    """Steps 0 to 2: with two classes, the ends."""
    return classes.kind.clip(lower=0) * (2 if len(classes.words) == 2 else 1)


def _finding(
    kinds: Sequence[pd.Series],
    known: pd.Series,
    names: pd.Series,
    said: tuple[str, str],
    corner: tuple[str, str],
    level: str,
) -> str:
    both = known.copy()
    for kind, end in zip(kinds, corner, strict=True):
        both &= kind.eq(2 if end == "high" else 0)
    what = f"{said[0]} {corner[0]} and {said[1][:1].lower()}{said[1][1:]} {corner[1]}"
    if not both.any():
        return f"{what}: in no area"
    if both.sum() <= 4:
        return f"{what}: {list_in_words(sorted(names[both]))}"
    return f"{what}: {int(both.sum())} of {areas_in_words(int(known.sum()), level)}"


def _square(
    classes: Sequence[Classes],
    kinds: Sequence[pd.Series],
    known: pd.Series,
    said: tuple[str, str],
    corner: tuple[str, str],
    style: Style,
) -> Block:
    """The legend: a square of nine with counts, the words of the classes at its sides."""
    across, down = (
        sorted({0, 2} if len(one.words) == 2 else range(len(one.words))) for one in classes
    )
    wide, tall = len(across) * _CELL[0], len(down) * _CELL[1]
    heads = [
        wrap(plain(f"{name} {arrow}", style=style), 58, 8, bold=True, style=style)
        for name, arrow in zip(said, ("→", "↑"), strict=True)
    ]
    below = max(len(_below(classes[0], n, style)) for n in range(len(across))) * line_height(7)

    def draw(figure: MapFigure, left: float, top: float, width: float) -> None:
        figure.write(left, top, "\n".join(heads[1]), size=8, bold=True)
        at = top + len(heads[1]) * line_height(8) + 0.8
        axes = figure.place(left + _LEFT, at, wide, tall)
        axes.set_axis_off()
        axes.set_xlim(0, len(across))
        axes.set_ylim(0, len(down))
        for column, step in enumerate(across):
            for row, other in enumerate(down):
                count = int((known & kinds[0].eq(step) & kinds[1].eq(other)).sum())
                chosen = (step, other) == tuple(2 if end == "high" else 0 for end in corner)
                _cell(axes, column, row, two_looks(step, other), str(count), chosen, style)
        for row in range(len(down)):
            words = wrap(_short(classes[1], row), _LEFT - 1.5, 7, style=style)
            middle = at + tall - (row + 0.5) * _CELL[1] - len(words) * line_height(7) / 2
            figure.write(left + _LEFT - 1.5, middle, "\n".join(words), size=7, align="right")
        at += tall + 0.6
        for column in range(len(across)):
            middle = left + _LEFT + (column + 0.5) * _CELL[0]
            words = _below(classes[0], column, style)
            figure.write(middle, at, "\n".join(words), size=7, align="center")
        figure.write(left, at + below + 0.3, "\n".join(heads[0]), size=8, bold=True)

    lines = sum(len(head) for head in heads) * line_height(8)
    return Block(lines + tall + below + 3.5, draw)


def _cell(
    axes: Axes, column: int, row: int, look: Look, count: str, chosen: bool, style: Style
) -> None:
    """A square of the legend: its look, its count, a strong frame if the title speaks of it."""
    for fill, ink, hatch, thick in (
        (look.fill, look.ink, look.hatch, 0.0),
        ("none", INK, "", 1.8 if chosen else 0.5),
    ):
        axes.add_artist(
            Rectangle(
                (column, row),
                1,
                1,
                facecolor=fill,
                edgecolor=ink,
                hatch=hatch or None,
                linewidth=thick,
                clip_on=not thick,
                zorder=4 if chosen else 3,
            )
        )
    axes.text(
        column + 0.5,
        row + 0.48,
        count,
        fontproperties=font(style, 8, bold=chosen),
        color=INK,
        ha="center",
        va="center",
        zorder=5,
        bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 1.0},
    )


def _below(classes: Classes, number: int, style: Style) -> list[str]:
    return wrap(_short(classes, number), _CELL[0] - 0.6, 7, style=style)


def _short(classes: Classes, number: int) -> str:
    return classes.words[number].replace("to under", "to") if number < len(classes.words) else ""
