"""The map of the rural gap list: remote and island places far from help that does not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.show.areas import Block, Entry, Mark, Points, check_areas, draw_map, is_scotland
from gapmap.show.choropleth import steps_of
from gapmap.show.figure import foot, line_height, plain, width_of, wrap
from gapmap.show.points import near_land, sites_of
from gapmap.show.style import CHARCOAL, DEFAULT, INK, MUTED, WHITE, Look, Style
from gapmap.study import Study
from gapmap.travel.method import travel_notes
from gapmap.travel.rural import classes_in_words
from gapmap.vocabulary import category_label, category_words
from gapmap.words import date_in_words, list_in_words, minutes_in_words, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from gapmap.show.figure import MapFigure

#: Limits of the classes, as multiples of the list's threshold, and the size of each class's dot.
TIMES = (1.5, 2.0, 4.0)
_SIZES = (4.0, 5.2, 6.4, 7.8)
_ROAD, _FERRY, _FOOT, _NO_WAY = "o", "^", "v", "X"
_LAND = Look("#ECECEC")
_SITE = Look(WHITE, "", INK)
#: Two named places of one kind are at least this far apart, in metres: a name stands for its
#: neighbours.
_APART = 14_000
_ROW = line_height(7.5) + line_height(6.5) + 0.9


def rural_map(
    areas: gpd.GeoDataFrame | Study,
    rural: pd.DataFrame,
    *,
    category: str | None = None,
    services: pd.DataFrame | None = None,
    most: int = 15,
    level: str = "council",
    title: str | None = None,
    subtitle: str | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Map the remote and island places too far from a kind of service that does not come to them.

    A larger and darker dot is farther; its shape tells whether a ferry is on the way, whether that
    takes no cars, or whether there is no way. Beside the map stands the list of the farthest, which
    the map names.

    Parameters
    ----------
    areas
        Areas by code, in metres, whose borders are drawn; or a Study, whose areas of ``level``,
        sources, method and date are taken.
    rural
        The rural gap list: a run's table ``rural``, or what
        :func:`gapmap.gaps.rural_places.rural_places` returns; places off the areas are left out.
    category
        Kind of service; may be left out where the list has but one.
    services
        Columns easting, northing, category (and counts_at_as_of, if there): where services of the
        kind stand is drawn too. Confidential places are not.
    most
        How many places the list beside the map has at most.
    level
        Level of the areas, when a Study is given.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has the places in the order of the list: rank, place, near, island,
        area_name, minutes, by_ferry, foot_ferry, status.

    Raises
    ------
    InputError
        If the list lacks a column, or holds several kinds and none is chosen.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> toy = gpd.GeoDataFrame({"name": ["Isle"]}, index=["I"],
    ...     geometry=[box(0, 0, 9000, 9000)], crs="EPSG:27700")
    >>> places = pd.DataFrame({"place": ["Port"], "near": [""], "area_name": ["Isle"],
    ...     "easting": [4000.0], "northing": [4000.0], "category": ["maternity_unit"],
    ...     "minutes": [140.0], "threshold": [60.0], "by_ferry": ["yes"], "status": ["beyond"]})
    >>> rural_map(toy, places).gapmap_title
    '1 remote or island place is more than 1 hour from a maternity unit that we know, by ferry'
    """
    if isinstance(areas, Study):
        settings = areas.settings
        return rural_map(
            areas.level(level),
            rural,
            category=category,
            services=services,
            most=most,
            title=title,
            subtitle=subtitle
            if subtitle is not None
            else "Places where half of the families or more are that far and nothing comes to "
            f"them, {date_in_words(settings.as_of)}",
            source=source or settings.attribution,
            method=method
            or " ".join((*settings.approximate, *travel_notes(settings), classes_in_words(areas))),
            style=style,
        )
    check_areas(areas)
    rows = _of_kind(rural, category)
    if not is_scotland(areas):
        rows = rows[near_land(areas, rows[["easting", "northing"]])]
    kind = category or (str(rows["category"].iloc[0]) if len(rows) else "")
    limit = float(rows["threshold"].iloc[0]) if len(rows) else 60.0
    limits = [limit * times for times in TIMES]
    step = np.searchsorted(limits, rows["minutes"].fillna(0).to_numpy(dtype=float))
    no_way = rows["minutes"].isna().to_numpy()
    ferry = rows["by_ferry"].eq("yes").to_numpy() & ~no_way
    on_foot = ferry & (rows["foot_ferry"].eq("yes").to_numpy() if "foot_ferry" in rows else False)
    step = np.where(no_way, len(limits), step)
    shape = np.select([no_way, on_foot, ferry], [_NO_WAY, _FOOT, _FERRY], _ROAD)
    rows = rows.assign(rank=np.arange(1, len(rows) + 1), step=step, mark=shape)
    names = [plain(name, style=style, longest=34) for name in _names(rows)]

    looks = [Look(colour, "", CHARCOAL) for colour in steps_of(style.sequence, len(_SIZES))]
    points, entries = [], []
    sites = sites_of(services, kind, areas)
    if len(sites):
        points.append(Points(sites, _SITE, "P", 5.5))
    for n in range(len(_SIZES)):
        # The nearest first, so that the farthest lie on top.
        for mark in (_ROAD, _FERRY, _FOOT, _NO_WAY):
            of = rows[(rows["step"] == n) & (rows["mark"] == mark)]
            if len(of):
                xy = of[["easting", "northing"]].to_numpy(dtype=float)
                points.append(Points(xy, looks[n], mark, _SIZES[n] + (mark != _ROAD)))
    for n in reversed(range(len(_SIZES))):
        count = int(((rows["step"] == n) & ~no_way).sum())
        entries.append(Entry(looks[n], f"{range_in_words(n, limit)} ({count})", "o", _SIZES[n]))
    for mark, words in (
        (_ROAD, "By road all the way"),
        (_FERRY, "With a ferry on the way"),
        (_FOOT, "With a boat that takes no cars"),
        (_NO_WAY, "No way by car or ferry"),
    ):
        count = int((rows["mark"] == mark).sum())
        if count or mark in (_ROAD, _FERRY):
            entries.append(Entry(Look(WHITE, "", INK), f"{words} ({count})", mark, 5.5))
    if len(sites):
        entries.append(Entry(_SITE, f"{category_label(kind)}, place known ({len(sites)})", "P", 6))

    listed = _listed(rows, most)
    marks = [
        Mark(f"{row.rank:04d}", float(row.easting), float(row.northing), names[row.rank - 1])
        for row in _far_apart(
            pd.concat([listed, rows[no_way]]).drop_duplicates("rank")
        ).itertuples()
    ]
    figure = draw_map(
        areas,
        looks={str(code): _LAND for code in areas.index},
        texts={},
        title=title if title is not None else _title(rows, kind, limit),
        subtitle=subtitle or "",
        legend_title="How far, number of places",
        entries=entries,
        notes=foot(source, method),
        points=points,
        marks=marks,
        beside=_list(rows, listed, names, looks, style) if len(rows) else None,
        style=style,
    )
    kept = ["rank", "place", "near", "island", "area_name", "minutes", "by_ferry", "foot_ferry"]
    kept.append("status")
    figure.gapmap_data = rows[[one for one in kept if one in rows]].reset_index(drop=True)
    spoken = [
        f"{name}, {getattr(row, 'area_name', '')}: {_time(row.minutes)}"
        f"{' with a ferry' if way else ''}"
        for row in listed.itertuples()
        for name, way in [(names[row.rank - 1], ferry[row.rank - 1])]
    ]
    figure.gapmap_alt = " ".join(
        sentence(part)
        for part in (
            "Map of places",
            figure.gapmap_title,
            subtitle or "",
            "; ".join(entry.text for entry in entries),
            f"The farthest: {'; '.join(spoken)}" if spoken else "",
        )
        if part
    )
    return figure


def _of_kind(rural: pd.DataFrame, category: str | None) -> pd.DataFrame:
    needed = {"place", "category", "minutes", "by_ferry", "threshold", "easting", "northing"}
    missing = needed - set(rural.columns)
    if missing:
        raise InputError(
            f"The rural list lacks the column {', '.join(sorted(missing))}. Give a run's table "
            "rural, or what gapmap.gaps.rural_places.rural_places returns."
        )
    have = sorted(set(rural["category"].astype(str)))
    if category is None and len(have) > 1:
        raise InputError(
            f"The rural list has {len(have)} kinds of service. Say which to map: "
            f'category="{have[0]}" (or {", ".join(have[1:])}).'
        )
    rows = rural if category is None else rural[rural["category"].astype(str) == category]
    rows = rows.assign(_cut=rows["minutes"].isna())
    return rows.sort_values(
        ["_cut", "minutes", "place"], ascending=[False, False, True], kind="stable"
    )


def _names(rows: pd.DataFrame) -> list[str]:
    """What to call each place: the known place that it is near, or as it is listed."""
    blank = pd.Series("", index=rows.index)
    near, island = (rows[c].fillna("") if c in rows else blank for c in ("near", "island"))
    # A settlement has a name of its own; a sector is called by what it is around, or its island.
    return [
        by or (on if any(c.isdigit() for c in str(place)) else "") or str(place)
        for place, by, on in zip(rows["place"], near, island, strict=True)
    ]


def _far_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """The places that the map names: each the farthest of its neighbourhood."""
    kept: list[int] = []
    xy = rows[["easting", "northing"]].to_numpy(dtype=float)
    for n in range(len(rows)):
        if all(np.hypot(*(xy[n] - xy[m])) >= _APART for m in kept):
            kept.append(n)
    return rows.iloc[kept]


def _time(minutes: float) -> str:
    if pd.isna(minutes):
        return "no way there"
    return minutes_in_words(float(minutes)).removeprefix("about ")


def range_in_words(step: int, limit: float) -> str:
    """A class of how far, as the legend says it.

    Parameters
    ----------
    step
        The class, 0 for the nearest.
    limit
        The list's threshold, in minutes.

    Examples
    --------
    >>> range_in_words(0, 60.0), range_in_words(3, 60.0)
    ('1 hour to 1 hour 30', 'Over 4 hours')
    """
    edges = [limit, *(limit * times for times in TIMES)]
    if step == len(TIMES):
        return f"Over {_time(edges[-1])}"
    return f"{_time(edges[step])} to {_time(edges[step + 1])}"


def _title(rows: pd.DataFrame, category: str, limit: float) -> str:
    kind = category_words(category) if category else "service"
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    far = f"more than {_time(limit)} from {article} {kind} that we know"
    number = len(rows)
    if not number:
        return f"No remote or island place that we can measure is {far}"
    ferry = int(rows["by_ferry"].eq("yes").sum())
    if number == 1:
        return f"1 remote or island place is {far}{', by ferry' if ferry else ''}"
    said = f"{number} remote and island places are {far}"
    if not ferry:
        return said
    return f"{said}, all by ferry" if ferry == number else f"{said}, {ferry} of them by ferry"


#: More places without a way than these are one line of the list.
_FEW = 3


def _listed(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """The rows of the list beside the map; many places without a way are told in one line."""
    cut_off = rows["minutes"].isna()
    if cut_off.sum() <= _FEW:
        return rows.head(most)
    return rows[~cut_off].head(most - 1)


def _list(
    rows: pd.DataFrame,
    listed: pd.DataFrame,
    names: Sequence[str],
    looks: Sequence[Look],
    style: Style,
) -> Block:
    """The farthest places as a list: dot, name, time; below the name where it is."""
    cut_off = rows[rows["minutes"].isna()]
    together = len(cut_off) > _FEW
    lines: list[tuple[str, str, str, int, str]] = []
    if together:
        those = list_in_words([names[one - 1] for one in cut_off["rank"]])
        lines.append((f"{len(cut_off)} places", _time(np.nan), those, len(looks) - 1, _NO_WAY))
    for row in listed.itertuples():
        name = names[row.rank - 1]
        parts = (getattr(row, "island", ""), row.place, getattr(row, "area_name", ""))
        told = [plain(part, style=style) for part in parts if isinstance(part, str) and part]
        where = ", ".join(part for part in told if part != name)
        lines.append((name, _time(row.minutes), where, int(row.step), str(row.mark)))
    more = len(rows) - len(listed) - (len(cut_off) if together else 0)

    def draw(figure: MapFigure, left: float, top: float, width: float) -> None:
        figure.write(left, top, "The farthest", size=8.5, bold=True)
        down = top + line_height(8.5) + 1
        axes = figure.place(left, down, 5, _ROW * len(lines))
        axes.set_axis_off()
        axes.set_xlim(0, 5)
        axes.set_ylim(_ROW * len(lines), 0)
        for n, (name, time, where, step, mark) in enumerate(lines):
            axes.plot(
                [2],
                [n * _ROW + line_height(7.5) / 2 + 0.2],
                marker=mark,
                markersize=_SIZES[step] * 0.85,
                color=looks[step].fill,
                markeredgecolor=CHARCOAL,
                markeredgewidth=0.5,
                linestyle="none",
                clip_on=False,
            )
            room = width - 6 - width_of(time, 7.5, style=style) - 2
            figure.write(
                left + 5.5, down, _cut(name, room, 7.5, style, bold=True), size=7.5, bold=True
            )
            figure.write(left + width, down, time, size=7.5, align="right")
            below = down + line_height(7.5)
            told = _cut(where, width - 6, 6.5, style)
            figure.write(left + 5.5, below, told, size=6.5, colour=MUTED)
            down += _ROW
        if more:
            figure.write(left + 5.5, down + 0.5, f"and {more} more", size=7.5, colour=MUTED)

    tall = line_height(8.5) + 1 + _ROW * len(lines) + (line_height(7.5) + 1 if more else 0)
    return Block(tall, draw)


def _cut(text: str, width: float, size: float, style: Style, *, bold: bool = False) -> str:
    """What of a text fits on one line, with a mark where something is left out."""
    if width_of(text, size, bold=bold, style=style) <= width:
        return text
    room = width - width_of(" …", size, bold=bold, style=style)
    first = next(iter(wrap(text, room, size, bold=bold, style=style)), "")
    return f"{first.rstrip(' ,')} …"
