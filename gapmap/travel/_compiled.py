"""Owns the compiled searches (numba): the same answers as `_plain`, many times quicker."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from gapmap.travel.answer import (
    BY_FERRY,
    NEVER,
    OFF_NETWORK,
    QUANTA,
    REACHABLE,
    UNREACHABLE,
    Answer,
    Bools,
    Codes,
    Floats,
    Ints,
    Places,
)
from gapmap.travel.graph import Arcs, Around, Ferries, Search, Seeds

F = TypeVar("F", bound=Callable[..., object])


def _inline(function: F) -> F:
    """Compile a function into those that call it."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)
    return compiled


def _kernel(function: F) -> F:
    """Compile a function when it is first called and keep the result on disk."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


# ---- several processors -----------------------------------------------------------------------

MOST_WORKERS = 4
WORTH_SHARING = 50_000
"""Fewer rows than this are done by one worker."""
WORTH_PARTING = 200_000
"""Fewer nodes than this are searched by one worker: several wait for each other at every window."""


def workers(rows: int, worth: int | None = None) -> int:
    """Return how many threads share so many rows; answers do not depend on it.

    Examples
    --------
    >>> workers(10)
    1
    """
    if rows < (WORTH_SHARING if worth is None else worth):
        return 1
    allowed = getattr(os, "sched_getaffinity", None)
    return min(len(allowed(0)) if allowed else os.cpu_count() or 1, MOST_WORKERS)


def _share(work: Callable[[slice], object], rows: int) -> None:
    """Do a piece of work on all rows, by several threads where there are many."""
    parts = workers(rows)
    bounds = np.linspace(0, rows, parts + 1).astype(int).tolist()
    if parts == 1:
        work(slice(0, rows))
        return
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(work, [slice(low, high) for low, high in pairwise(bounds)]))


# ---- the nearest node -------------------------------------------------------------------------


@dataclass(frozen=True)
class Index:
    """Nodes sorted into square cells, row after row."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int
    start: Codes
    x: Floats
    y: Floats
    node: Codes


def index_points(x: Floats, y: Floats, node: Codes) -> Index:
    """Sort points into a grid of cells with about one point to two cells.

    Examples
    --------
    >>> index = index_points(np.zeros(1), np.zeros(1), np.zeros(1, dtype="int32"))
    >>> (index.columns, index.rows)
    (1, 1)
    """
    if not len(x):
        return Index(0.0, 0.0, 1.0, 0, 0, np.zeros(1, dtype=np.int32), x, y, node)
    west, south = float(x.min()), float(y.min())
    width, height = float(x.max()) - west, float(y.max()) - south
    # Two cells to a point; never so thin a strip that one side has more cells than points.
    cell = max((width * height / (2 * len(x))) ** 0.5, max(width, height) / (2 * len(x) + 1), 1e-6)
    columns, rows = int(width / cell) + 1, int(height / cell) + 1
    where = ((y - south) / cell).astype(np.int64) * columns + ((x - west) / cell).astype(np.int64)
    order = np.argsort(where, kind="stable")
    start = np.zeros(columns * rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(where, minlength=columns * rows), out=start[1:])
    return Index(west, south, cell, columns, rows, start, x[order], y[order], node[order])


def nearest_node(index: Index, x: Floats, y: Floats, tolerance: float) -> tuple[Codes, Floats]:
    """Return each point's nearest node and its straight distance; -1 beyond the tolerance.

    Of nodes equally near, the first in the network's order.

    Examples
    --------
    >>> index = index_points(np.zeros(1), np.zeros(1), np.zeros(1, dtype="int32"))
    >>> nearest_node(index, np.array([3.0, 30.0]), np.array([4.0, 40.0]), 10.0)
    (array([ 0, -1], dtype=int32), array([ 5., nan]))
    """
    node = np.full(len(x), -1, dtype=np.int32)
    metres = np.full(len(x), np.nan)
    if index.columns:
        _share(
            lambda rows: _nearest_node(
                index.west, index.south, index.cell, index.columns, index.rows, index.start,
                index.x, index.y, index.node, x[rows], y[rows], tolerance, node[rows],
                metres[rows],
            ),
            len(x),
        )  # fmt: skip
    return node, metres


@_kernel
def _nearest_node(
    west: float,
    south: float,
    cell: float,
    columns: int,
    rows: int,
    start: Codes,
    xs: Floats,
    ys: Floats,
    nodes: Codes,
    px: Floats,
    py: Floats,
    tolerance: float,
    out: Codes,
    metres: Floats,
) -> None:
    """Look in rings of cells around each point until no nearer node can follow."""
    for i in range(len(px)):
        x, y = px[i], py[i]
        best = tolerance * tolerance
        found = -1
        column = int(np.floor((x - west) / cell))
        row = int(np.floor((y - south) / cell))
        # A point outside the grid begins with the first ring that touches it.
        ring = max(0, -column, column - columns + 1, -row, row - rows + 1)
        last = max(column, columns - 1 - column, row, rows - 1 - row)
        while ring <= last:
            inner = (ring - 1) * cell
            if ring > 1 and inner * inner > best:
                break
            top, bottom = min(row + ring, rows - 1), max(row - ring, 0)
            left, right = max(column - ring, 0), min(column + ring, columns - 1)
            for r in range(bottom, top + 1):
                if r == row - ring or r == row + ring:
                    a, b, stride = left, right, right - left
                else:
                    # Only the two ends of a row between are new in this ring.
                    a, b, stride = column - ring, column + ring, 2 * ring
                if stride == 0:
                    stride = 1
                whole = r == row - ring or r == row + ring
                if whole:
                    if a > b:
                        continue
                    for p in range(start[r * columns + a], start[r * columns + b + 1]):
                        dx, dy = xs[p] - x, ys[p] - y
                        d = dx * dx + dy * dy
                        if d < best or (d == best and (found < 0 or nodes[p] < found)):
                            best, found = d, nodes[p]
                else:
                    for c in range(a, b + 1, stride):
                        if c < 0 or c >= columns:
                            continue
                        for p in range(start[r * columns + c], start[r * columns + c + 1]):
                            dx, dy = xs[p] - x, ys[p] - y
                            d = dx * dx + dy * dy
                            if d < best or (d == best and (found < 0 or nodes[p] < found)):
                                best, found = d, nodes[p]
            ring += 1
        if found >= 0:
            out[i] = found
            metres[i] = np.sqrt(best)


# ---- the k quickest destinations of every node ------------------------------------------------
#
# A node's labels are one row: k times, k words of 32 bits (the destination, whether a ferry takes
# foot passengers only, whether the label has still to be passed on), k lengths and, where there
# are ferries, k times aboard and k of boarding. So what decides whether another label is of any
# use lies in one line of memory.

_PENDING, _FOOT, _CODE = 1, 2, 2
_NOBODY = -1 << _CODE

TILE = 8
"""Nodes are searched by the 256 (2 to this power), which are near on the ground and in memory."""

WINDOW = 8.0
"""How far a search goes in one tile before it goes on in the next, in mean times of an arc."""


def search(arcs: Arcs, ferries: Ferries, seeds: Seeds, *, k: int, limit: int) -> Search:
    """Find the k quickest distinct destinations of every node, outwards from the destinations.

    Examples
    --------
    >>> from gapmap.travel.graph import compress
    >>> def ints(*values): return np.array(values, dtype="int64")
    >>> arcs = compress(ints(0), ints(1), ints(5), ints(2), ints(-1), ints(0), nodes=2)
    >>> ferries = Ferries(ints(), ints(), np.empty(0, dtype=bool))
    >>> seeds = Seeds(ints(0), ints(0), ints(0), ints(0))
    >>> search(arcs, ferries, seeds, k=1, limit=99).time.tolist()
    [[0], [5]]
    """
    nodes = len(arcs.start) - 1
    sea = len(ferries) > 0
    km = k + (k + 1) // 2
    labels = np.empty((nodes, km + (3 * k if sea else k)), dtype=np.int64)
    words = labels.view(np.int32).reshape(nodes, -1)[:, 2 * k : 3 * k]
    labels[:, :k] = NEVER
    words[:] = _NOBODY
    width = max(int(WINDOW * arcs.time.mean()), 1) if len(arcs.time) else 1
    begin = np.zeros((len(seeds.node), 6), dtype=np.int64)
    for column, values in ((0, seeds.node), (1, seeds.time), (2, seeds.km)):
        begin[:, column] = values
    begin[:, 5] = seeds.code.astype(np.int64) << _CODE

    # Each worker searches its own part of the ground, a window of time after the other, and hands
    # on what leaves it. One worker alone need not stop between windows.
    parts = workers(nodes, WORTH_PARTING)
    bounds = np.linspace(0, nodes, parts + 1).astype(np.int64)
    waiting = [(np.empty((1024, 2), dtype=np.int64), 0) for _ in range(parts)]
    inbox, end = begin, 0 if parts > 1 else NEVER

    def advance(part: int) -> tuple[Ints, int, Ints, int]:
        low, high = bounds[part], bounds[part + 1]
        mine = inbox[(inbox[:, 0] >= low) & (inbox[:, 0] < high)]
        done: tuple[Ints, int, Ints, int] = _advance(
            arcs.start, arcs.head, arcs.time, arcs.km, arcs.ferry, ferries.aboard,
            ferries.boarding, ferries.foot, low, high, k, sea, limit, width, end, labels, words,
            mine, *waiting[part],
        )  # fmt: skip
        return done

    with ThreadPoolExecutor(parts) as pool:
        while True:
            found = list(pool.map(advance, range(parts)))
            waiting = [(later, count) for later, count, _, _ in found]
            inbox = np.concatenate([outbox for _, _, outbox, _ in found])
            earliest = min(first for _, _, _, first in found)
            if earliest == NEVER:
                break
            end = (earliest // width + 1) * width
    return Search(
        labels[:, :k],
        words >> _CODE,
        labels[:, km : km + k],
        labels[:, km + k : km + 2 * k],
        labels[:, km + 2 * k :],
        (words & _FOOT) > 0,
    )


@_inline
def _push(heap: Ints, size: int, key: int, value: int) -> None:
    """Put an entry into a heap of four children to a parent, held in the first `size` rows."""
    i = size
    while i > 0:
        parent = (i - 1) >> 2
        if heap[parent, 0] <= key:
            break
        heap[i, 0] = heap[parent, 0]
        heap[i, 1] = heap[parent, 1]
        i = parent
    heap[i, 0] = key
    heap[i, 1] = value


@_inline
def _drop_first(heap: Ints, size: int) -> None:
    """Take the first entry out of a heap that has `size` rows afterwards."""
    key, value = heap[size, 0], heap[size, 1]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= size:
            break
        least, low = child, heap[child, 0]
        if child + 3 < size:
            # Written out: a loop over the four takes half as long again.
            if heap[child + 1, 0] < low:
                least, low = child + 1, heap[child + 1, 0]
            if heap[child + 2, 0] < low:
                least, low = child + 2, heap[child + 2, 0]
            if heap[child + 3, 0] < low:
                least, low = child + 3, heap[child + 3, 0]
        else:
            for c in range(child + 1, size):
                if heap[c, 0] < low:
                    least, low = c, heap[c, 0]
        if low >= key:
            break
        heap[i, 0] = low
        heap[i, 1] = heap[least, 1]
        i = least
    heap[i, 0] = key
    heap[i, 1] = value


@_kernel
def _longer(rows: Ints) -> Ints:
    """Return a table with room for twice as many rows."""
    more = np.empty((2 * len(rows), rows.shape[1]), dtype=np.int64)
    more[: len(rows)] = rows
    return more


@_kernel
def _offer(
    labels: Ints, words: Codes, n: int, k: int, sea: bool, time: int, km: int, aboard: int,
    boarding: int, word: int,
) -> bool:  # fmt: skip
    """Offer a label to a node; True when the node takes it.

    Of two labels the better has less time, then the lower destination; of two ways to the same
    destination that take equally long, the one with fewer kilometres, then less time aboard, less
    boarding, and cars on every ferry.
    """
    last = k - 1
    if time > labels[n, last]:
        return False
    code = word >> _CODE
    first_km = k + (k + 1) // 2
    same = -1
    for j in range(k):
        if words[n, j] >> _CODE == code:
            same = j
            break
    if same >= 0:
        if time > labels[n, same]:
            return False
        if time == labels[n, same]:
            other = labels[n, first_km + same]
            if km > other:
                return False
            if km == other:
                if not sea:
                    return False
                other = labels[n, first_km + k + same]
                if aboard > other:
                    return False
                if aboard == other:
                    other = labels[n, first_km + 2 * k + same]
                    if boarding > other:
                        return False
                    if boarding == other and word & _FOOT >= words[n, same] & _FOOT:
                        return False
        last = same
    elif time == labels[n, last] and code > words[n, last] >> _CODE:
        return False
    j = last
    while j > 0 and (
        time < labels[n, j - 1] or (time == labels[n, j - 1] and code < words[n, j - 1] >> _CODE)
    ):
        labels[n, j] = labels[n, j - 1]
        words[n, j] = words[n, j - 1]
        for c in range(first_km + j, labels.shape[1], k):
            labels[n, c] = labels[n, c - 1]
        j -= 1
    labels[n, j] = time
    words[n, j] = word | _PENDING
    labels[n, first_km + j] = km
    if sea:
        labels[n, first_km + k + j] = aboard
        labels[n, first_km + 2 * k + j] = boarding
    return True


@_kernel
def _advance(
    start: Ints,
    head: Codes,
    weight: Ints,
    arc_km: Ints,
    arc_ferry: Codes,
    ferry_aboard: Ints,
    ferry_boarding: Ints,
    ferry_foot: Bools,
    low: int,
    high: int,
    k: int,
    sea: bool,
    limit: int,
    width: int,
    end: int,
    labels: Ints,
    words: Codes,
    inbox: Ints,
    later: Ints,
    count: int,
) -> tuple[Ints, int, Ints, int]:
    """Search the nodes from `low` to `high`, from what came in and what was left for later.

    Labels are passed on tile by tile, within a tile in order of time. One that is bettered after
    it was passed on is passed on again, so the order changes nothing in the end. Goes as far as
    `end`, or to the very end if that is `NEVER`. Returns what is left for later and how many
    entries of it, what leaves for other nodes, and the earliest time of both.
    """
    first_km = k + (k + 1) // 2
    sent = 0
    outbox = np.empty((64, 6), dtype=np.int64)
    earliest = NEVER
    for i in range(len(inbox)):
        n, time = inbox[i, 0], inbox[i, 1]
        if time <= limit and _offer(
            labels, words, n, k, sea, time, inbox[i, 2], inbox[i, 3], inbox[i, 4], inbox[i, 5]
        ):
            if count == len(later):
                later = _longer(later)
            later[count, 0] = time
            later[count, 1] = n
            count += 1
    for i in range(count):
        earliest = min(earliest, later[i, 0])
    tiles = ((high - low - 1) >> TILE) + 2 if high > low else 1
    begin = np.empty(tiles + 1, dtype=np.int64)
    now = np.empty((1024, 2), dtype=np.int64)
    heap = np.empty((1024, 2), dtype=np.int64)
    stop = end
    while True:
        if end == NEVER:
            stop = (earliest // width + 1) * width
        if earliest >= stop or count == 0:
            break
        # What is due now, tile after tile.
        begin[:] = 0
        due = 0
        for i in range(count):
            if later[i, 0] < stop:
                begin[((later[i, 1] - low) >> TILE) + 1] += 1
                due += 1
        for tile in range(1, tiles + 1):
            begin[tile] += begin[tile - 1]
        while len(now) < due:
            now = _longer(now)
        kept = 0
        earliest = NEVER
        for i in range(count):
            time, n = later[i, 0], later[i, 1]
            if time < stop:
                tile = (n - low) >> TILE
                now[begin[tile], 0] = time
                now[begin[tile], 1] = n
                begin[tile] += 1
            else:
                later[kept, 0] = time
                later[kept, 1] = n
                kept += 1
                earliest = min(earliest, time)
        count = kept
        at = 0
        while at < due:
            tile = (now[at, 1] - low) >> TILE
            size = 0
            while at < due and (now[at, 1] - low) >> TILE == tile:
                if size == len(heap):
                    heap = _longer(heap)
                _push(heap, size, now[at, 0], now[at, 1])
                size += 1
                at += 1
            while size > 0:
                t, n = heap[0, 0], heap[0, 1]
                size -= 1
                _drop_first(heap, size)
                for r in range(k):
                    word = words[n, r]
                    if not word & _PENDING or labels[n, r] != t:
                        continue
                    word &= ~_PENDING
                    words[n, r] = word
                    length = labels[n, first_km + r]
                    aboard, boarding = 0, 0
                    if sea:
                        aboard = labels[n, first_km + k + r]
                        boarding = labels[n, first_km + 2 * k + r]
                    for a in range(start[n], start[n + 1]):
                        m = head[a]
                        time = t + weight[a]
                        if time > limit:
                            continue
                        km = length + arc_km[a]
                        aboard_m, boarding_m, word_m = aboard, boarding, word
                        if sea and arc_ferry[a] >= 0:
                            f = arc_ferry[a]
                            aboard_m += ferry_aboard[f]
                            boarding_m += ferry_boarding[f]
                            if ferry_foot[f]:
                                word_m |= _FOOT
                        if m < low or m >= high:
                            if sent == len(outbox):
                                outbox = _longer(outbox)
                            outbox[sent, 0] = m
                            outbox[sent, 1] = time
                            outbox[sent, 2] = km
                            outbox[sent, 3] = aboard_m
                            outbox[sent, 4] = boarding_m
                            outbox[sent, 5] = word_m
                            sent += 1
                            earliest = min(earliest, time)
                        elif time <= labels[m, k - 1] and _offer(
                            labels, words, m, k, sea, time, km, aboard_m, boarding_m, word_m
                        ):
                            if time < stop:
                                if size == len(heap):
                                    heap = _longer(heap)
                                _push(heap, size, time, m)
                                size += 1
                            else:
                                if count == len(later):
                                    later = _longer(later)
                                later[count, 0] = time
                                later[count, 1] = m
                                count += 1
                                earliest = min(earliest, time)
        if end != NEVER:
            break
    return later, count, outbox[:sent], earliest


@_kernel
def _gather(
    px: Floats,
    py: Floats,
    node: Codes,
    access: Ints,
    metres: Floats,
    around_start: Ints,
    around_node: Codes,
    xs: Floats,
    ys: Floats,
    pace: float,
    tolerance: float,
    k: int,
    limit: int,
    time: Ints,
    code: Codes,
    km: Ints,
    aboard: Ints,
    boarding: Ints,
    foot: Bools,
    out_code: Codes,
    out_status: npt.NDArray[np.int8],
    out_numbers: Floats,
    out_foot: Bools,
) -> None:
    """Look up every origin's node, and the nodes around that it may join; see `gather`."""
    sea = aboard.shape[1] > 0
    best = np.empty((k, 4), dtype=np.int64)
    best_code = np.empty(k, dtype=np.int64)
    best_foot = np.zeros(k, dtype=np.bool_)
    more = len(around_start) > 0
    for i in range(len(node)):
        own = node[i]
        found = 0
        candidates = 0
        if own >= 0:
            candidates = 1
            if more:
                candidates += around_start[own + 1] - around_start[own]
        for c in range(candidates):
            n, leg, way = own, access[i], metres[i]
            if c > 0:
                n = around_node[around_start[own] + c - 1]
                dx, dy = xs[n] - px[i], ys[n] - py[i]
                way = np.sqrt(dx * dx + dy * dy)
                dx, dy = xs[n] - xs[own], ys[n] - ys[own]
                if way > tolerance or way > np.sqrt(dx * dx + dy * dy):
                    continue
                leg = np.int64(np.rint(way * pace))
            length = np.int64(np.rint(way * 1e6))
            for r in range(k):
                total = time[n, r] + leg
                # Times only grow with the rank.
                if time[n, r] == NEVER or total > limit or (found == k and total > best[k - 1, 0]):
                    break
                which, cars = code[n, r], foot[n, r]
                road = km[n, r] + length
                sailed, waited = np.int64(0), np.int64(0)
                if sea:
                    sailed, waited = aboard[n, r], boarding[n, r]
                last = found
                for j in range(found):
                    if best_code[j] == which:
                        last = j
                        break
                if last < found:
                    other = (best[last, 0], best[last, 1], best[last, 2], best[last, 3],
                             best_foot[last])  # fmt: skip
                    if (total, road, sailed, waited, cars) >= other:
                        continue
                elif found < k:
                    found += 1
                elif (total, which) >= (best[k - 1, 0], best_code[k - 1]):
                    continue
                else:
                    last = k - 1
                j = last
                while j > 0 and (total, which) < (best[j - 1, 0], best_code[j - 1]):
                    best[j] = best[j - 1]
                    best_code[j], best_foot[j] = best_code[j - 1], best_foot[j - 1]
                    j -= 1
                best[j, 0], best[j, 1], best[j, 2], best[j, 3] = total, road, sailed, waited
                best_code[j], best_foot[j] = which, cars
        for r in range(k):
            row = i * k + r
            if r >= found:
                out_code[row] = -1
                out_status[row] = OFF_NETWORK if own < 0 else UNREACHABLE
                for c in range(4):
                    out_numbers[c, row] = np.nan
                out_foot[row] = False
                continue
            out_code[row] = best_code[r]
            out_status[row] = BY_FERRY if best[r, 2] + best[r, 3] > 0 else REACHABLE
            for c in range(4):
                out_numbers[c, row] = best[r, c] / QUANTA
            out_foot[row] = best_foot[r]


def gather(
    places: Places, found: Search, names: pd.Index, around: Around, *, k: int, limit: int
) -> Answer:
    """Look up what a search found where every place joins, and add the way to there.

    Examples
    --------
    >>> def ints(*values): return np.array(values, dtype="int64")
    >>> nil = np.zeros((1, 1), dtype="int64")
    >>> found = Search(nil + 60 * 10**9, nil, nil + 5, nil, nil, nil > 0)
    >>> zero = np.zeros(1)
    >>> here = Places(pd.Index(["h"]), zero, zero, np.zeros(1, "int32"), ints(0), zero)
    >>> around = Around(ints(), np.zeros(0, "int32"), zero, zero, 1.0, 1.0)
    >>> gather(here, found, pd.Index(["a"]), around, k=1, limit=10**12).minutes
    array([60.])
    """
    rows = len(places) * k
    code, status = np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.int8)
    numbers, foot = np.empty((4, rows)), np.empty(rows, dtype=bool)

    def look_up(part: slice) -> None:
        out = slice(part.start * k, part.stop * k)
        _gather(
            places.x[part], places.y[part], places.node[part], places.access[part],
            places.metres[part], around.start, around.node, around.x, around.y, around.pace,
            around.tolerance, k, limit, found.time, found.code, found.km, found.aboard,
            found.boarding, found.foot, code[out], status[out], numbers[:, out], foot[out],
        )  # fmt: skip

    _share(look_up, len(places))
    minutes, km, aboard, boarding = numbers
    return Answer(names, code, status, minutes, km, aboard, boarding, foot, k)
