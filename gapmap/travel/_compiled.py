"""Owns the compiled searches (numba): the same answers as `_plain`, many times quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numba
import numpy as np

from gapmap.travel.answer import NEVER, Bools, Codes, Floats, Ints
from gapmap.travel.graph import Arcs, Ferries, Search, Seeds, last_legs

F = TypeVar("F", bound=Callable[..., object])


def _kernel(function: F) -> F:
    """Compile a function when it is first called and keep the result on disk."""
    compiled: F = numba.njit(cache=True, nogil=True)(function)
    return compiled


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
        _nearest_node(
            index.west, index.south, index.cell, index.columns, index.rows, index.start,
            index.x, index.y, index.node, x, y, tolerance, node, metres,
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
    [0, 5]
    """
    nodes = len(arcs.start) - 1
    size = nodes * k
    time = np.full(size, NEVER, dtype=np.int64)
    code = np.full(size, -1, dtype=np.int32)
    previous = np.full(size, -1, dtype=np.int64)
    order = np.empty(size, dtype=np.int64)
    heap = np.empty((len(arcs.head) * k + len(seeds.node) + 8, 2), dtype=np.int64)
    if k == 1:
        settled = _quickest(
            arcs.start, arcs.head, arcs.time, seeds.node, seeds.time, seeds.code, limit,
            time, code, previous, order, heap,
        )  # fmt: skip
    else:
        settled = _quickest_k(
            arcs.start, arcs.head, arcs.time, seeds.node, seeds.time, seeds.code, k, limit,
            time, code, previous, order, heap,
        )  # fmt: skip
    km = np.maximum(last_legs(seeds, time, code, k=k), 0)
    foot = np.zeros(size, dtype=bool)
    if len(ferries):
        aboard, boarding = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        _carry_ferries(
            arcs.start, arcs.head, arcs.km, arcs.ferry, ferries.aboard, ferries.boarding,
            ferries.foot, previous, order[:settled], k, km, aboard, boarding, foot,
        )  # fmt: skip
    else:
        aboard = boarding = np.zeros(size, dtype=np.int64)
        _carry_km(arcs.start, arcs.head, arcs.km, previous, order[:settled], k, km)
    return Search(time, code, previous, km, aboard, boarding, foot)


@_kernel
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


@_kernel
def _drop_first(heap: Ints, size: int) -> None:
    """Take the first entry out of a heap that had `size` rows."""
    size -= 1
    key, value = heap[size, 0], heap[size, 1]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= size:
            break
        least, low = child, heap[child, 0]
        for c in range(child + 1, min(child + 4, size)):
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
def _quickest(
    start: Ints,
    head: Codes,
    weight: Ints,
    seed_node: Codes,
    seed_time: Ints,
    seed_code: Codes,
    limit: int,
    time: Ints,
    code: Codes,
    previous: Ints,
    order: Ints,
    heap: Ints,
) -> int:
    """Dijkstra from many destinations at once; returns how many nodes were settled.

    A label is (time, destination code); of equal labels the previous node that comes first.
    Every arc takes at least one quantum, so whatever can tie with a node settles before it.
    """
    size = 0
    for i in range(len(seed_node)):
        n = seed_node[i]
        if seed_time[i] < time[n]:
            time[n], code[n] = seed_time[i], seed_code[i]
            _push(heap, size, seed_time[i], n)
            size += 1
        elif seed_time[i] == time[n] and seed_code[i] < code[n]:
            code[n] = seed_code[i]
    settled = 0
    while size > 0:
        t, n = heap[0, 0], heap[0, 1]
        if t > limit:
            break
        _drop_first(heap, size)
        size -= 1
        if t != time[n]:
            continue
        order[settled] = n
        settled += 1
        c = code[n]
        for a in range(start[n], start[n + 1]):
            m = head[a]
            tm = t + weight[a]
            if tm < time[m]:
                time[m], code[m], previous[m] = tm, c, n
                _push(heap, size, tm, m)
                size += 1
            elif tm == time[m] and (
                c < code[m] or (c == code[m] and previous[m] >= 0 and n < previous[m])
            ):
                code[m], previous[m] = c, n
    # What was seen but not settled lies beyond the limit.
    for i in range(size):
        n = heap[i, 1]
        if time[n] > limit:
            time[n], code[n], previous[n] = NEVER, -1, -1
    return settled


@_kernel
def _quickest_k(
    start: Ints,
    head: Codes,
    weight: Ints,
    seed_node: Codes,
    seed_time: Ints,
    seed_code: Codes,
    k: int,
    limit: int,
    time: Ints,
    code: Codes,
    previous: Ints,
    order: Ints,
    heap: Ints,
) -> int:
    """As `_quickest`, with up to k labels to a node, of distinct destinations, kept in order."""
    nodes = len(start) - 1
    done = np.zeros(nodes, dtype=np.int32)
    size = 0
    for i in range(len(seed_node)):
        n = seed_node[i]
        if _offer(time, code, previous, n * k, k, 0, seed_time[i], seed_code[i], -1):
            _push(heap, size, seed_time[i], n)
            size += 1
    settled = 0
    while size > 0:
        t, n = heap[0, 0], heap[0, 1]
        if t > limit:
            break
        _drop_first(heap, size)
        size -= 1
        if done[n] == k:
            continue
        label = n * k + done[n]
        if time[label] != t:
            continue
        done[n] += 1
        order[settled] = label
        settled += 1
        c = code[label]
        for a in range(start[n], start[n + 1]):
            m = head[a]
            tm = t + weight[a]
            if tm <= time[m * k + k - 1] and _offer(
                time, code, previous, m * k, k, done[m], tm, c, label
            ):
                _push(heap, size, tm, m)
                size += 1
    for n in range(nodes):
        for label in range(n * k + done[n], n * k + k):
            time[label], code[label], previous[label] = NEVER, -1, -1
    return settled


@_kernel
def _offer(
    time: Ints,
    code: Codes,
    previous: Ints,
    base: int,
    k: int,
    done: int,
    t: int,
    c: int,
    came_from: int,
) -> bool:
    """Offer a label to a node; True when it needs an entry in the heap."""
    for j in range(done):
        if code[base + j] == c:
            return False
    at = base + done
    end = base + k
    # The place of the same destination, or the last place, which is given up.
    last = end - 1
    for j in range(at, end):
        if code[j] == c:
            if t > time[j]:
                return False
            if t == time[j]:
                if 0 <= came_from < previous[j]:
                    previous[j] = came_from
                return False
            last = j
            break
    else:
        if t > time[last] or (t == time[last] and c > code[last]):
            return False
    j = last
    while j > at and (t < time[j - 1] or (t == time[j - 1] and c < code[j - 1])):
        time[j], code[j], previous[j] = time[j - 1], code[j - 1], previous[j - 1]
        j -= 1
    time[j], code[j], previous[j] = t, c, came_from
    return True


# ---- what the way to the destination adds up to -----------------------------------------------


@_kernel
def _carry_km(
    start: Ints, head: Codes, km: Ints, previous: Ints, order: Ints, k: int, out: Ints
) -> None:
    """Add up kilometres in the order in which labels were settled."""
    for i in range(len(order)):
        label = order[i]
        before = previous[label]
        if before < 0:
            continue
        a = start[before // k]
        n = label // k
        while head[a] != n:
            a += 1
        out[label] = out[before] + km[a]


@_kernel
def _carry_ferries(
    start: Ints,
    head: Codes,
    km: Ints,
    ferry: Codes,
    ferry_aboard: Ints,
    ferry_boarding: Ints,
    ferry_foot: Bools,
    previous: Ints,
    order: Ints,
    k: int,
    out: Ints,
    aboard: Ints,
    boarding: Ints,
    foot: Bools,
) -> None:
    """As `_carry_km`, with the ferries on the way."""
    for i in range(len(order)):
        label = order[i]
        before = previous[label]
        if before < 0:
            continue
        a = start[before // k]
        n = label // k
        while head[a] != n:
            a += 1
        out[label] = out[before] + km[a]
        aboard[label] = aboard[before]
        boarding[label] = boarding[before]
        foot[label] = foot[before]
        f = ferry[a]
        if f >= 0:
            aboard[label] += ferry_aboard[f]
            boarding[label] += ferry_boarding[f]
            if ferry_foot[f]:
                foot[label] = True
