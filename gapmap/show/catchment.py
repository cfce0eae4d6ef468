"""Maps of ground: whose nearest service it is, and how far one service reaches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from scipy.spatial import cKDTree

from gapmap.errors import InputError
from gapmap.place.confidential import is_confidential
from gapmap.show.areas import Entry, Mark, Points, check_areas, draw_map, path_of
from gapmap.show.figure import foot, plain
from gapmap.show.points import MINUTES, TIME_COLOURS
from gapmap.show.style import (
    BLUE,
    CATEGORICAL,
    CHARCOAL,
    DEFAULT,
    INK,
    MIST,
    NAVY,
    SKY,
    UNKNOWN,
    WHITE,
    Look,
    Style,
    mix,
)
from gapmap.study import Settings, Study
from gapmap.travel.method import travel_notes
from gapmap.vocabulary import MEASURED_STATUSES, WEIGHTS, category_label, category_words
from gapmap.words import date_in_words, minutes_in_words, roughly, sentence, share_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gapmap.show.figure import MapFigure
    from gapmap.travel.network import Network

_SITE = Look(WHITE, "", INK)
_LAND = Look("#F2F2F2")
#: Dots to a millimetre of the painted ground.
_FINE = 8.0
#: Bands of reach, nearest first; there far is only far, not worse.
_SHADES = (NAVY, BLUE, SKY, MIST)
#: Ground farther than this from every known point, in metres, is left as it is.
_FARTHEST = 12_000.0
_FROM_ROAD = 1_500.0
#: Letters of a service's name on a map.
_LONGEST_MARK = 34


def catchment_map(
    areas: gpd.GeoDataFrame | Study,
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    services: pd.DataFrame,
    *,
    category: str,
    shade: str = "service",
    weight: str = "under_5",
    level: str = "council",
    title: str | None = None,
    subtitle: str | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Map whose nearest service of a kind it is: the ground that belongs to each, line by line.

    Ground has the service of the nearest postcode. Where that has no way to one, or none is known,
    it is hatched. Neighbours have different colours, but it is the lines and names that tell.

    Parameters
    ----------
    areas
        Areas by code, in metres, whose borders are drawn; or a Study, whose areas of ``level`` are
        taken.
    people
        Postcode (index), easting, northing and the weight.
    nearest
        Columns postcode, category, rank, minutes, status, service_id: a run's table ``nearest``.
    services
        Columns service_id, name, easting, northing. Confidential places are not drawn.
    category
        Kind of service.
    shade
        ``service``: neighbours in different pale colours; ``minutes``: by how far it is.
    weight
        Column of people that shares are of.
    level
        Level of the areas, when a Study is given.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has a row per service, the one for most people first: service_id, name,
        postcodes, people, share, median_minutes.

    Raises
    ------
    InputError
        If nothing is known of the category, or a column is missing.
    """
    if isinstance(areas, Study):
        settings = areas.settings
        return catchment_map(
            areas.level(level),
            people,
            nearest,
            services,
            category=category,
            shade=shade,
            weight=weight,
            title=title,
            subtitle=subtitle
            if subtitle is not None
            else f"Ground by the service that is nearest {_way(settings)}, "
            f"{date_in_words(settings.as_of)}",
            source=source or settings.attribution,
            method=method or " ".join((*settings.approximate, *travel_notes(settings))),
            style=style,
        )
    check_areas(areas)
    if shade not in ("service", "minutes"):
        raise InputError(f'shade is "{shade}": choose "service" or "minutes".')
    rows = _of_people(people, nearest, category, weight)
    measured = rows["status"].astype(str).isin(MEASURED_STATUSES).to_numpy()
    codes = sorted(set(rows.loc[measured, "service_id"].astype(str)))
    if not codes:
        raise InputError(
            f'No family has a way to a service of the kind "{category}" whose place is known.'
        )
    if shade == "minutes" and rows.loc[measured, "minutes"].isna().all():
        raise InputError(
            "The nearest table has no minutes to shade by: straight lines have none. Use "
            'shade="service", or measure on a network of roads.'
        )
    number = {code: n for n, code in enumerate(codes)}
    owner = np.where(measured, rows["service_id"].astype(str).map(number).fillna(-1), -1)
    owner = owner.astype(int)
    xy = rows[["easting", "northing"]].to_numpy(dtype=float)
    tree = cKDTree(xy)
    land = _land(areas)
    minutes = rows["minutes"].fillna(0).to_numpy(dtype=float)
    band = np.where(owner < 0, -1, np.searchsorted(MINUTES, minutes, side="left"))
    if shade == "minutes":
        fills = [to_rgba(colour) for colour in TIME_COLOURS]
    else:
        pale = [to_rgba(mix(colour, 0.6)) for colour in CATEGORICAL]
        fills = [pale[n] for n in _apart(tree, xy, owner, len(codes), len(pale))]

    def under(axes: Axes) -> None:
        at, near = _grid(axes, tree, _FARTHEST)
        owners = np.where(near < len(owner), np.append(owner, -2)[near], -2)
        classes = owners if shade == "service" else np.append(band, -2)[near]
        _paint(axes, at, classes, fills, owners, land)

    sites = _sites(services, codes)
    names = {code: _site_name(services, code, category) for code in codes}
    whole = {code: _name(services, code) for code in codes}
    table = _catchments(rows[measured], whole, weight, float(rows[weight].sum()))
    entries = [Entry(_SITE, f"{category_label(category)} ({len(sites)})", "P", 6.0)]
    if shade == "minutes":
        share = rows[weight].groupby(band).sum() / (float(rows[weight].sum()) or 1.0)
        entries += [
            Entry(Look(TIME_COLOURS[n]), f"{_band_words(n)} ({_percent(share.get(n, 0.0))})")
            for n in range(len(TIME_COLOURS))
        ]
    entries.append(Entry(Look(CHARCOAL), "Line between two catchments", "line"))
    if (owner < 0).any():
        entries.append(Entry(UNKNOWN, "No known service, or no way there by car or ferry"))
    kind = category_words(category)
    first = table.iloc[0]
    figure = draw_map(
        areas,
        looks={str(code): UNKNOWN for code in areas.index},
        texts={},
        title=title
        if title is not None
        else f"{plain(first['name'], style=style)} is nearest for "
        f"{share_in_words(float(first['share']))} of {WEIGHTS.get(weight, weight)}, "
        f"the most of {len(codes)}",
        subtitle=subtitle or "",
        legend_title=f"The nearest {kind}",
        entries=entries,
        notes=foot(source, method),
        points=[Points(sites[["easting", "northing"]].to_numpy(dtype=float), _SITE, "P", 5.5)],
        marks=[
            Mark(code, float(row["easting"]), float(row["northing"]),
                 plain(names[code], style=style, longest=_LONGEST_MARK))
            for code, row in sites.iterrows()
        ],
        under=under,
        style=style,
    )  # fmt: skip
    figure.gapmap_data = table
    figure.gapmap_alt = " ".join(
        sentence(part)
        for part in (
            "Map of catchments",
            figure.gapmap_title,
            subtitle or "",
            "; ".join(
                f"{row['name']}: {share_in_words(float(row['share']))}"
                for row in table.to_dict("records")
            ),
        )
        if part
    )
    return figure


def reach_map(
    areas: gpd.GeoDataFrame | Study,
    network: Network,
    sites: pd.DataFrame,
    *,
    minutes: Sequence[int] = (15, 30, 60),
    people: pd.DataFrame | None = None,
    weight: str = "under_5",
    name: str = "",
    level: str = "council",
    title: str | None = None,
    subtitle: str | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Map how far a service reaches: the ground within so many minutes of it, in bands.

    Ground has the minutes of the nearest point of the roads, and none if that is farther than
    1.5 km. The map shows the part of the country that is reached.

    Parameters
    ----------
    areas
        Areas by code, in metres, whose borders and names are drawn; or a Study, whose areas of
        ``level``, and people if none are given, are taken.
    network
        The roads: ``gapmap.indicative_network()``, or your own.
    sites
        Where the service is: easting, northing in metres (or geometry); of several, the nearest
        counts.
    minutes
        Upper ends of the bands, rising; at most four.
    people
        Postcode (index), easting, northing and the weight: the legend then tells how many live in
        each band, roughly.
    weight
        Column of people.
    name
        What the service is called.
    level
        Level of the areas, when a Study is given.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has a row per band: minutes, people and share (NaN without people).

    Raises
    ------
    InputError
        If the bands do not rise, nothing is reached, or there are no roads to go by.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from gapmap.travel.network import Network
    >>> from shapely.geometry import box
    >>> toy = gpd.GeoDataFrame({"name": ["Ashford"]}, index=["A"],
    ...     geometry=[box(0, 0, 9000, 9000)], crs="EPSG:27700")
    >>> roads = Network(pd.DataFrame({"x": [1000, 8000], "y": [4000, 4000]}),
    ...     pd.DataFrame({"from": [0], "to": [1], "minutes": [12], "km": [7]}))
    >>> clinic = pd.DataFrame({"easting": [1000], "northing": [4000]})
    >>> reach_map(toy, roads, clinic, minutes=(5, 15), name="Clinic").gapmap_title
    'Within 15 minutes of Clinic'
    """
    if not hasattr(network, "reach"):
        raise InputError(
            "How far one gets in so many minutes needs roads: give gapmap.indicative_network(), or "
            "a Network of your own, not straight lines."
        )
    if isinstance(areas, Study):
        settings = areas.settings
        return reach_map(
            areas.level(level),
            network,
            sites,
            minutes=minutes,
            people=areas.people if people is None else people,
            weight=weight,
            name=name,
            title=title,
            subtitle=subtitle
            if subtitle is not None
            else f"By car and ferry to it, {date_in_words(settings.as_of)}",
            source=source or settings.attribution,
            method=method or " ".join((*settings.approximate, sentence(network.label))),
            style=style,
        )
    check_areas(areas)
    ends = [float(one) for one in minutes]
    if not 1 <= len(ends) <= 4 or ends != sorted(set(ends)) or ends[0] <= 0:
        raise InputError(f"minutes is {list(minutes)}: give one to four bands that rise.")
    reached = network.reach(sites, ends[-1])
    if reached.empty:
        raise InputError("Nothing is reached: is the service far from every road of the network?")
    xy = reached[["x", "y"]].to_numpy(dtype=float)
    tree = cKDTree(xy)
    band = np.searchsorted(ends, reached["minutes"].to_numpy(dtype=float), side="left")
    shades = _SHADES[: len(ends)]
    fills = [to_rgba(colour) for colour in shades]
    land = _land(areas)

    def under(axes: Axes) -> None:
        at, near = _grid(axes, tree, _FROM_ROAD)
        classes = np.append(band, -2)[near]
        _paint(axes, at, classes, fills, classes, land)

    table = _in_bands(network, sites, people, weight, ends)
    entries = []
    for n, shade in enumerate(shades):
        words = (
            f"{ends[n - 1]:.0f} to {ends[n]:.0f} minutes" if n else f"Up to {ends[0]:.0f} minutes"
        )
        live = table["people"].iloc[n]
        if pd.notna(live):
            words += f" ({roughly(float(live)).removeprefix('roughly ')})"
        entries.append(Entry(Look(shade), words))
    entries.append(Entry(_SITE, plain(name, style=style) or "The service", "P", 6.0))
    if people is not None:
        told = f"In brackets: {WEIGHTS.get(weight, weight)} who live there, roughly"
        entries.append(Entry(_SITE, told, "text"))
    called = plain(name, style=style) or "the service"
    far = minutes_in_words(ends[-1]).removeprefix("about ")
    if title is None:
        title = f"Within {far} of {called}"
        if people is not None:
            title += (
                f" live {roughly(float(table['people'].sum()))} {WEIGHTS.get(weight, weight)}, "
                f"{share_in_words(float(table['share'].sum()))} of all"
            )
    spots = _spots(sites)
    margin = max(np.ptp(xy[:, 0]), np.ptp(xy[:, 1]), 4_000.0) * 0.05 + _FROM_ROAD
    low, high = xy.min(axis=0) - margin, xy.max(axis=0) + margin
    names = areas["name"] if "name" in areas else areas.index.to_series()
    figure = draw_map(
        areas,
        looks={str(code): _LAND for code in areas.index},
        texts={str(code): plain(one, style=style, longest=34) for code, one in names.items()},
        title=title,
        subtitle=subtitle or "",
        legend_title="Time to it by car",
        entries=entries,
        notes=foot(source, method),
        points=[Points(spots, _SITE, "P", 7.0)],
        under=under,
        window=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        style=style,
    )
    figure.gapmap_data = table
    figure.gapmap_alt = " ".join(
        sentence(part)
        for part in (
            "Map of reach",
            figure.gapmap_title,
            subtitle or "",
            "; ".join(entry.text for entry in entries),
        )
        if part
    )
    return figure


def _way(settings: Settings) -> str:
    return "in a straight line" if settings.travel_method == "straight" else "by car and ferry"


# -- people ----------------------------------------------------------------------------------------


def _of_people(
    people: pd.DataFrame, nearest: pd.DataFrame, category: str, weight: str
) -> pd.DataFrame:
    missing = {"easting", "northing", weight} - set(people.columns)
    if missing:
        raise InputError(f"The people lack the column {', '.join(sorted(missing))}.")
    of = nearest[(nearest["category"] == category) & (nearest["rank"] == 1)]
    if of.empty:
        have = ", ".join(sorted(set(nearest["category"].astype(str))))
        raise InputError(f'The nearest table has nothing on "{category}". It has: {have}.')
    return people[["easting", "northing", weight]].join(
        of.set_index("postcode")[["minutes", "status", "service_id"]], how="inner"
    )


def _catchments(
    rows: pd.DataFrame, names: Mapping[str, str], weight: str, total: float
) -> pd.DataFrame:
    found = []
    for code, group in rows.groupby(rows["service_id"].astype(str), sort=True):
        order = group.sort_values("minutes", kind="stable")
        running = order[weight].cumsum().to_numpy()
        middle = int(np.searchsorted(running, running[-1] / 2))
        found.append(
            {
                "service_id": code,
                "name": names[str(code)],
                "postcodes": len(group),
                "people": float(running[-1]),
                "share": float(running[-1]) / (total or 1.0),
                "median_minutes": float(order["minutes"].iloc[min(middle, len(order) - 1)]),
            }
        )
    table = pd.DataFrame(found)
    return table.sort_values(
        ["people", "service_id"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _in_bands(
    network: Network,
    sites: pd.DataFrame,
    people: pd.DataFrame | None,
    weight: str,
    ends: Sequence[float],
) -> pd.DataFrame:
    table = pd.DataFrame({"minutes": ends, "people": np.nan, "share": np.nan})
    if people is None:
        return table
    found = network.nearest(people, sites, limit=ends[-1])
    time = found["minutes"].to_numpy(dtype=float)
    band = np.where(np.isnan(time), len(ends), np.searchsorted(ends, np.nan_to_num(time)))
    weights = people[weight].to_numpy(dtype=float)
    live = np.bincount(band, weights=weights, minlength=len(ends) + 1)[: len(ends)]
    return table.assign(people=live, share=live / (weights.sum() or 1.0))


def _sites(services: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    missing = {"service_id", "name", "easting", "northing"} - set(services.columns)
    if missing:
        raise InputError(f"The services lack the column {', '.join(sorted(missing))}.")
    of = services[services["service_id"].isin(codes) & ~is_confidential(services)]
    at = of[["easting", "northing"]].apply(pd.to_numeric, errors="coerce")
    return at.set_index(of["service_id"]).dropna().groupby(level=0, sort=True).first()


def _name(services: pd.DataFrame, code: str) -> str:
    names = services.loc[services["service_id"].eq(code), "name"]
    return str(names.iloc[0]) if len(names) else code


def _site_name(services: pd.DataFrame, code: str, category: str) -> str:
    """A service's name, without the words that every service of the kind shares."""
    name = _name(services, code)
    kind = re.escape(category_words(category))
    short = re.sub(rf"\b{kind}\b", "", name, flags=re.IGNORECASE)
    short = re.sub(r"\(\s*\)|\s+(?=[,;)])", "", short)
    short = " ".join(short.split()).strip(" ,;-")
    if len(short) < 4:
        return name
    return re.sub(r"\s*\(.*?\)", "", short) if len(short) > _LONGEST_MARK else short


def _spots(sites: pd.DataFrame) -> NDArray[np.float64]:
    if "easting" in sites:
        return np.asarray(sites[["easting", "northing"]].to_numpy(dtype=float))
    return np.asarray(shapely.get_coordinates(sites.geometry.to_numpy()))


def _band_words(number: int) -> str:
    if number == 0:
        return f"Up to {MINUTES[0]} minutes"
    if number == len(MINUTES):
        return f"Over {MINUTES[-1]} minutes"
    return f"{MINUTES[number - 1]} to {MINUTES[number]} minutes"


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{share * 100:.0f}%"


# -- ground ----------------------------------------------------------------------------------------


def _land(areas: gpd.GeoDataFrame) -> BaseGeometry:
    """All of it, with no more corners than a page shows."""
    together = shapely.union_all(shapely.make_valid(areas.geometry.to_numpy()))
    left, bottom, right, upper = areas.total_bounds
    return shapely.simplify(together, max(right - left, upper - bottom) / 3_000)


def _apart(
    tree: cKDTree, xy: NDArray[np.float64], owner: NDArray[np.intp], number: int, colours: int
) -> list[int]:
    """A colour for each catchment that no neighbour has; neighbours are found among points."""
    _, near = tree.query(xy, k=min(7, len(xy)))
    one = np.repeat(owner, near.shape[1] if near.ndim > 1 else 1)
    other = owner[near.ravel()]
    meet = (one != other) & (one >= 0) & (other >= 0)
    beside: list[set[int]] = [set() for _ in range(number)]
    for a, b in set(zip(one[meet].tolist(), other[meet].tolist(), strict=True)):
        beside[a].add(b)
        beside[b].add(a)
    chosen = [-1] * number
    for n in sorted(range(number), key=lambda n: (-len(beside[n]), n)):
        used = [chosen[m] for m in beside[n]]
        chosen[n] = min(range(colours), key=lambda c: (used.count(c), (c - n) % colours))
    return chosen


def _grid(
    axes: Axes, tree: cKDTree, farthest: float
) -> tuple[tuple[float, float, float, float], NDArray[np.intp]]:
    """For every dot of the axes the number of the nearest point; one past the last if too far."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    place = axes.get_position()
    wide, tall = (
        max(int(share * inches * 25.4 * _FINE), 2)
        for share, inches in zip(
            (place.width, place.height), axes.get_figure().get_size_inches(), strict=True
        )
    )
    x = left + (np.arange(wide) + 0.5) * (right - left) / wide
    y = top - (np.arange(tall) + 0.5) * (top - bottom) / tall
    points = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    _, near = tree.query(points, distance_upper_bound=farthest)
    return (left, right, bottom, top), np.asarray(near).reshape(tall, wide)


def _paint(
    axes: Axes,
    at: tuple[float, float, float, float],
    classes: NDArray[np.intp],
    fills: Sequence[tuple[float, float, float, float]],
    owners: NDArray[np.intp],
    land: BaseGeometry,
) -> None:
    """Colours of classes from 0 on, and lines where the owner changes, on the land alone."""
    # Class -1 and -2 take the last rows: nothing is painted there.
    palette = np.array([*fills, (0, 0, 0, 0), (0, 0, 0, 0)])
    picture = (palette[classes] * 255).astype(np.uint8)
    edge = np.zeros(owners.shape, dtype=bool)
    for step in ((0, 1), (1, 0)):
        here = owners[: owners.shape[0] - step[0], : owners.shape[1] - step[1]]
        there = owners[step[0] :, step[1] :]
        edge[: here.shape[0], : here.shape[1]] |= (here != there) & (here > -2) & (there > -2)
    picture[edge] = (61, 61, 61, 255)
    image = axes.imshow(picture, extent=at, interpolation="nearest", zorder=1.5, aspect="auto")
    outline = path_of(land)
    if outline is not None:
        image.set_clip_path(outline, axes.transData)
        axes.add_artist(
            PathPatch(outline, facecolor="none", edgecolor="#5A5A5A", linewidth=0.3, zorder=1.6)
        )
