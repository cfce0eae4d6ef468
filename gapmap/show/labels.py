"""Where the names go on a map: inside their areas if they fit, else beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage
from shapely.geometry import box
from shapely.ops import nearest_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

#: Fineness of the raster that places are judged on, and the room kept around a label.
_CELL = 0.6
_GAP = 0.4
_TRIES = 90
_ROUNDS = 12
#: A label further off than this needs a line to its area.
_TOUCHING = 1.3
_FARTHEST = 16.0


@dataclass(frozen=True)
class Wanted:
    """A label to be placed.

    Parameters
    ----------
    key
        Code of the area that it names.
    sizes
        Widths and heights of the boxes that its text can take (one line, two lines), the
        preferred one first; in the map's units.
    """

    key: str
    sizes: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Placed:
    """A label's place.

    Parameters
    ----------
    key
        What it belongs to.
    x, y
        Middle of its box.
    size
        Which of the label's sizes was taken.
    inside
        Whether the whole box lies in its area.
    leader
        Ends of a line from the box to the area; None where the label touches its area.
    """

    key: str
    x: float
    y: float
    size: int
    inside: bool
    leader: tuple[tuple[float, float], tuple[float, float]] | None


@dataclass(frozen=True)
class _Try:
    boxes: NDArray[np.float64]
    cost: NDArray[np.float64]
    size: NDArray[np.intp]
    inside: NDArray[np.bool_]


def place_labels(
    wanted: Sequence[Wanted],
    shapes: Mapping[str, BaseGeometry],
    frame: tuple[float, float, float, float],
    *,
    taken: Sequence[tuple[float, float, float, float]] = (),
) -> tuple[list[Placed], list[str]]:
    """Find each label a place that no other label has.

    The map is laid on a raster; every place on it is judged by how much of the label's box lies in
    its own area (good), over water (fair) or over another area (poor), and by how far it is. Labels
    then take turns in choosing their best place given the others', until nobody moves.

    Parameters
    ----------
    wanted
        The labels.
    shapes
        All areas of the map by code, in millimetres of paper.
    frame
        Left, bottom, right, top: no label reaches beyond.
    taken
        Boxes that must stay free.

    Returns
    -------
    list of Placed, list of str
        The labels that found a place, and the keys of those that did not, both by key.

    Examples
    --------
    >>> placed, left_out = place_labels(
    ...     [Wanted("a", ((20, 5),))], {"a": box(0, 0, 100, 100)}, (0, 0, 100, 100))
    >>> placed[0].inside, left_out
    (True, [])
    """
    keys = tuple(sorted(shapes))
    placed, left_out = _place(
        tuple(sorted(wanted, key=lambda one: one.key)),
        keys,
        tuple(shapely.to_wkb(shapes[key]) for key in keys),
        frame,
        tuple(taken),
    )
    return list(placed), list(left_out)


# Kept, since a report draws the same areas with the same names many times.
@lru_cache(maxsize=24)
def _place(
    wanted: tuple[Wanted, ...],
    keys: tuple[str, ...],
    wkb: tuple[bytes, ...],
    frame: tuple[float, float, float, float],
    taken: tuple[tuple[float, float, float, float], ...],
) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    if not wanted:
        return (), ()
    shapes = dict(zip(keys, shapely.from_wkb(np.array(wkb, dtype=object)), strict=True))
    owner = _raster(wkb, frame)
    blocked = np.array(taken, dtype=float).reshape(-1, 4)
    tries = [
        _tries(one, owner == keys.index(one.key), owner >= 0, frame, blocked) for one in wanted
    ]
    chosen = _settle(tries)
    placed, left_out = [], []
    for one, options, choice in zip(wanted, tries, chosen, strict=True):
        if choice < 0:
            left_out.append(one.key)
            continue
        room = options.boxes[choice]
        placed.append(
            Placed(
                one.key,
                float(room[0] + room[2]) / 2,
                float(room[1] + room[3]) / 2,
                int(options.size[choice]),
                bool(options.inside[choice]),
                _leader(shapes[one.key], box(*room)),
            )
        )
    return tuple(placed), tuple(left_out)


@lru_cache(maxsize=12)
def _raster(
    shapes: tuple[bytes, ...], frame: tuple[float, float, float, float]
) -> NDArray[np.intp]:
    """Number of the area that each cell lies in (-1: none); rows from the bottom up."""
    xs = np.arange(frame[0] + _CELL / 2, frame[2], _CELL)
    ys = np.arange(frame[1] + _CELL / 2, frame[3], _CELL)
    grid = np.full((len(ys), len(xs)), -1, dtype=np.intp)
    polygons = shapely.simplify(shapely.from_wkb(np.array(shapes, dtype=object)), _CELL / 3)
    shapely.prepare(polygons)
    for number, polygon in enumerate(polygons):
        left, bottom, right, top = polygon.bounds
        columns = slice(*np.searchsorted(xs, (left, right)))
        rows = slice(*np.searchsorted(ys, (bottom, top)))
        x, y = np.meshgrid(xs[columns], ys[rows])
        grid[rows, columns][shapely.contains_xy(polygon, x, y)] = number
    return grid


def _tries(
    one: Wanted,
    own: NDArray[np.bool_],
    land: NDArray[np.bool_],
    frame: tuple[float, float, float, float],
    blocked: NDArray[np.float64],
) -> _Try:
    """The most promising places of one label, best first."""
    empty = np.empty((0, 4))
    if not own.any():
        return _Try(empty, np.empty(0), np.empty(0, dtype=np.intp), np.empty(0, dtype=bool))
    away = ndimage.distance_transform_edt(~own) * _CELL
    deep = ndimage.distance_transform_edt(np.pad(own, 1))[1:-1, 1:-1] * _CELL
    deepest = max(float(deep.max()), _CELL)
    sums_own, sums_land = _sums(own), _sums(land)
    found: list[tuple[NDArray[np.float64], NDArray[np.float64], int, NDArray[np.bool_]]] = []
    rows, columns = own.shape
    for number, (width, height) in enumerate(one.sizes):
        w, h = int(np.ceil(width / _CELL)), int(np.ceil(height / _CELL))
        if w >= columns or h >= rows:
            continue
        share_own = _boxed(sums_own, h, w) / (h * w)
        share_land = _boxed(sums_land, h, w) / (h * w)
        # The least distance within a box whose lower left cell is here.
        near = ndimage.minimum_filter(away, size=(h, w), origin=(-(h // 2), -(w // 2)))
        near = near[: rows - h + 1, : columns - w + 1]
        middle = deep[h // 2 : h // 2 + rows - h + 1, w // 2 : w // 2 + columns - w + 1]
        inside = share_own > 0.999
        cost = np.where(
            inside,
            1.0 - middle / deepest,
            1.6 + 2.4 * (1 - share_own) + 6.0 * (share_land - share_own) + 0.32 * near,
        )
        # A box half in and half out is worse than one that is wholly in or wholly out.
        cost = cost + np.where(inside, 0, 3.0 * share_own * (1 - share_own)) + 0.35 * number
        at_row, at_column = np.nonzero(near < _FARTHEST)
        left = frame[0] + at_column * _CELL
        bottom = frame[1] + at_row * _CELL
        rooms = np.column_stack([left, bottom, left + w * _CELL, bottom + h * _CELL])
        free = np.ones(len(rooms), dtype=bool)
        for one_blocked in blocked:
            free &= ~_overlaps(rooms, one_blocked)
        free &= (rooms[:, 2] <= frame[2]) & (rooms[:, 3] <= frame[3])
        # Every second cell each way is near enough, and leaves room for other places.
        free &= (at_row % 2 == 0) & (at_column % 2 == 0) | inside[at_row, at_column]
        found.append(
            (
                rooms[free],
                cost[at_row[free], at_column[free]],
                number,
                inside[at_row[free], at_column[free]],
            )
        )
    if not found:
        return _Try(empty, np.empty(0), np.empty(0, dtype=np.intp), np.empty(0, dtype=bool))
    rooms = np.concatenate([item[0] for item in found])
    cost = np.concatenate([item[1] for item in found])
    size = np.concatenate([np.full(len(item[0]), item[2], dtype=np.intp) for item in found])
    inside = np.concatenate([item[3] for item in found])
    best = _spread(rooms, cost)
    return _Try(rooms[best], cost[best], size[best], inside[best])


def _spread(rooms: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """The best places, but only the best one of each small neighbourhood."""
    order = np.lexsort((rooms[:, 0], rooms[:, 1], np.round(cost, 9)))
    corner = np.floor(rooms[order, :2] / 1.8).astype(np.int64)
    size = np.round((rooms[order, 2] - rooms[order, 0]) * 10).astype(np.int64)
    _, first = np.unique(np.column_stack([corner, size]), axis=0, return_index=True)
    return order[np.sort(first)][:_TRIES]


def _settle(tries: Sequence[_Try]) -> list[int]:
    """Choice of each label, -1 for none: each in turn takes its best place given the others'."""
    order = sorted(range(len(tries)), key=lambda n: (-_best(tries[n]), n))
    order = [n for n in order if len(tries[n].cost)]
    if not order:
        return [-1] * len(tries)
    start = np.cumsum([0, *(len(one.cost) for one in tries)])
    # What every place of every label shares with every other one; a label does not hinder itself.
    shared = _shared(np.concatenate([one.boxes for one in tries]))
    for n in order:
        shared[start[n] : start[n + 1], start[n] : start[n + 1]] = 0
    chosen = np.full(len(tries), -1)

    def priced(n: int, weight: float, but: int = -1) -> NDArray[np.float64]:
        """Cost of every place of a label, with what it shares with the places that others have."""
        others = [m for m in order if chosen[m] >= 0 and m not in (n, but)]
        columns = [start[m] + chosen[m] for m in others]
        hindered = shared[start[n] : start[n + 1], columns].sum(axis=1)
        return np.asarray(tries[n].cost + hindered * weight)

    for turn in range(_ROUNDS):
        before = chosen.copy()
        # Clashes cost little at first, so that labels sort themselves out, and much at the end.
        weight = 2.0 ** min(turn, 6)
        for n in order:
            chosen[n] = int(np.argmin(priced(n, weight)))
        if turn > 6 and (chosen == before).all():
            break
    # Two neighbours together find what neither finds alone.
    for _ in range(2):
        for i in order:
            for j in order:
                both = shared[start[i] : start[i + 1], start[j] : start[j + 1]]
                if i < j and both.any():
                    joint = priced(i, 64.0, j)[:, None] + priced(j, 64.0, i)[None, :] + both * 64.0
                    best = np.unravel_index(int(np.argmin(joint)), joint.shape)
                    if joint[best] < joint[chosen[i], chosen[j]] - 1e-9:
                        chosen[i], chosen[j] = best
    # Whoever still clashes goes unnamed, the ones with the poorest places first.
    for n in sorted(order, key=lambda n: (-tries[n].cost[chosen[n]], n)):
        columns = [start[m] + chosen[m] for m in order if chosen[m] >= 0 and m != n]
        if (shared[start[n] + chosen[n], columns] > 0.05).any():
            chosen[n] = -1
    return [int(choice) for choice in chosen]


def _best(options: _Try) -> float:
    return float(options.cost.min()) if len(options.cost) else 0.0


def _sums(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = mask.cumsum(axis=0).cumsum(axis=1)
    return sums


def _boxed(sums: NDArray[np.int64], h: int, w: int) -> NDArray[np.int64]:
    """How many cells of every box of h by w cells are set, by its lower left cell."""
    return sums[h:, w:] - sums[:-h, w:] - sums[h:, :-w] + sums[:-h, :-w]


def _overlaps(rooms: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    wide = (rooms[:, 0] < other[2]) & (other[0] < rooms[:, 2])
    tall = (rooms[:, 1] < other[3]) & (other[1] < rooms[:, 3])
    return np.asarray(wide & tall)


def _shared(rooms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Overlap of every two boxes, gap included, in square units."""
    shared = _along(rooms[:, 0], rooms[:, 2])
    shared *= _along(rooms[:, 1], rooms[:, 3])
    return shared


def _along(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Overlap of every two stretches, gap included; in place, since thousands make large arrays."""
    both = np.minimum.outer(high, high)
    both -= np.maximum.outer(low, low)
    both += _GAP
    return np.asarray(np.maximum(both, 0, out=both))


def _leader(
    shape: BaseGeometry, room: BaseGeometry
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if shape.distance(room) < _TOUCHING:
        return None
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    # The line ends a little way in, so that it is clear which side of the border it means.
    inner = largest.buffer(-0.9)
    target = largest if inner.is_empty else inner
    on_shape, on_room = nearest_points(target, room)
    return (float(on_shape.x), float(on_shape.y)), (float(on_room.x), float(on_room.y))
