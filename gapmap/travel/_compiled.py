"""Owns the compiled searches (numba): the same answers as `_plain`, many times quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from gapmap.travel.graph import Arcs, Ferries, Search, Seeds

F = TypeVar("F", bound=Callable[..., object])


def _inline(function: F) -> F:
    """Compile a function into those that call it."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)
    return compiled


def _kernel(function: F) -> F:
    """Compile a function when it is first called and keep the result on disk."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
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
#
# The labels: row n of the table holds k times, then k words of 64 bits with the destination's
# code in the upper half and, in the lower, 1 + the node that it came from (0 at the end of the
# way). So of equal times the lower word is the better label, codes first.


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
    labels = np.empty((nodes, 2 * k), dtype=np.int64)
    labels[:, :k] = NEVER
    labels[:, k:] = -1
    km = np.empty((nodes, k), dtype=np.int64)
    crossed = bool(len(ferries))
    sea = np.zeros((nodes, k) if crossed else (1, 1), dtype=np.int32)
    # At most one new state of crossings per label that a ferry arc brings.
    states = np.zeros((1 + k * int((arcs.ferry >= 0).sum()), 3), dtype=np.int64)
    _settle(
        arcs.start, arcs.head, arcs.time, arcs.km, arcs.ferry, ferries.aboard, ferries.boarding,
        ferries.foot, seeds.node, seeds.time, seeds.km, seeds.code, k, limit, crossed, labels, km,
        sea, states, np.zeros(nodes, dtype=np.int8),
        np.empty((len(arcs.head) * k + len(seeds.node) + 1, 2), dtype=np.int64),
    )  # fmt: skip
    time = labels[:, :k].reshape(-1)
    word = labels[:, k:].reshape(-1)
    beyond = time > limit
    time = np.where(beyond, NEVER, time)
    code = np.where(beyond, -1, word >> 32).astype(np.int32)
    previous = np.where(beyond, -1, (word & 0xFFFFFFFF) - 1)
    state = sea.reshape(-1) if crossed else np.zeros(1, dtype=np.int32)
    return Search(
        time, code, previous, km.reshape(-1), state, states[:, 0], states[:, 1], states[:, 2] > 0
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
def _offer(labels: Ints, n: int, k: int, done: int, time: int, word: int) -> bool:
    """Offer a label to a node; True when it needs an entry in the queue."""
    last = k - 1
    if time > labels[n, last]:
        return False
    same = -1
    for j in range(k):
        if labels[n, k + j] >> 32 == word >> 32:
            same = j
            break
    if same >= 0:
        if same < done or time > labels[n, same]:
            return False
        if time == labels[n, same]:
            if word < labels[n, k + same]:
                labels[n, k + same] = word
            return False
        last = same
    elif time == labels[n, last] and word > labels[n, k + last]:
        return False
    j = last
    while j > done and (
        time < labels[n, j - 1] or (time == labels[n, j - 1] and word < labels[n, k + j - 1])
    ):
        labels[n, j] = labels[n, j - 1]
        labels[n, k + j] = labels[n, k + j - 1]
        j -= 1
    labels[n, j] = time
    labels[n, k + j] = word
    return True


@_kernel
def _settle(
    start: Ints,
    head: Codes,
    weight: Ints,
    arc_km: Ints,
    arc_ferry: Codes,
    ferry_aboard: Ints,
    ferry_boarding: Ints,
    ferry_foot: Bools,
    seed_node: Codes,
    seed_time: Ints,
    seed_km: Ints,
    seed_code: Codes,
    k: int,
    limit: int,
    crossed: bool,
    labels: Ints,
    km: Ints,
    sea: Codes,
    states: Ints,
    done: npt.NDArray[np.int8],
    heap: Ints,
) -> None:
    """Dijkstra from many destinations at once, each node settling up to k labels.

    Every arc takes at least one quantum, so whatever can tie with a label settles before it, and
    kilometres and crossings are known as soon as a label settles.
    """
    size = 0
    for i in range(len(seed_node)):
        n = seed_node[i]
        word = int(seed_code[i]) << 32
        if _offer(labels, n, k, 0, seed_time[i], word):
            _push(heap, size, seed_time[i], n)
            size += 1
    new_state = 0
    while size > 0:
        t, n = heap[0, 0], heap[0, 1]
        if t > limit:
            break
        size -= 1
        _drop_first(heap, size)
        rank = done[n]
        if rank == k or labels[n, rank] != t:
            continue
        done[n] = rank + 1
        word = labels[n, k + rank]
        came = (word & 0xFFFFFFFF) - 1
        if came < 0:
            # Of several places of one destination at the node, the one that gave the label.
            for i in range(len(seed_node)):
                if seed_node[i] == n and seed_code[i] == word >> 32 and seed_time[i] == t:
                    km[n, rank] = seed_km[i]
        else:
            which = 0
            while labels[came, k + which] >> 32 != word >> 32:
                which += 1
            a = start[came]
            while head[a] != n:
                a += 1
            km[n, rank] = km[came, which] + arc_km[a]
            if crossed:
                state = sea[came, which]
                ferry = arc_ferry[a]
                if ferry >= 0:
                    new_state += 1
                    states[new_state, 0] = states[state, 0] + ferry_aboard[ferry]
                    states[new_state, 1] = states[state, 1] + ferry_boarding[ferry]
                    states[new_state, 2] = states[state, 2] | ferry_foot[ferry]
                    state = new_state
                sea[n, rank] = state
        word = (word >> 32 << 32) | (n + 1)
        for a in range(start[n], start[n + 1]):
            m = head[a]
            tm = t + weight[a]
            if m == came or tm > labels[m, k - 1]:
                continue
            if _offer(labels, m, k, done[m], tm, word):
                _push(heap, size, tm, m)
                size += 1


@_kernel
def _gather(
    node: Codes,
    access: Ints,
    metres: Floats,
    k: int,
    limit: int,
    time: Ints,
    code: Codes,
    km: Ints,
    sea: Codes,
    aboard: Ints,
    boarding: Ints,
    foot: Bools,
    out_code: Codes,
    out_status: npt.NDArray[np.int8],
    out_numbers: Floats,
    out_foot: Bools,
) -> None:
    """Look up every origin's node; see `gather`."""
    crossed = len(sea) == len(time)
    for i in range(len(node)):
        n = node[i]
        for r in range(k):
            row = i * k + r
            label = n * k + r
            if n < 0 or time[label] == NEVER or time[label] + access[i] > limit:
                out_code[row] = -1
                out_status[row] = OFF_NETWORK if n < 0 else UNREACHABLE
                for c in range(4):
                    out_numbers[c, row] = np.nan
                out_foot[row] = False
                continue
            state = sea[label] if crossed else 0
            waited, sailed = boarding[state], aboard[state]
            out_code[row] = code[label]
            out_status[row] = BY_FERRY if waited + sailed > 0 else REACHABLE
            out_numbers[0, row] = (time[label] + access[i]) / QUANTA
            out_numbers[1, row] = (km[label] + np.int64(np.rint(metres[i] * 1e6))) / QUANTA
            out_numbers[2, row] = sailed / QUANTA
            out_numbers[3, row] = waited / QUANTA
            out_foot[row] = foot[state]


def gather(places: Places, found: Search, names: pd.Index, *, k: int, limit: int) -> Answer:
    """Look up what a search found at every place's node, and add the way to the node.

    Examples
    --------
    >>> def ints(*values): return np.array(values, dtype="int64")
    >>> no, nil = np.zeros(1, dtype=bool), ints(0)
    >>> found = Search(ints(60 * 10**9), nil, ints(-1), ints(5), nil, nil, nil, no)
    >>> zero = np.zeros(1)
    >>> here = Places(pd.Index(["h"]), zero, zero, np.zeros(1, "int32"), ints(0), zero)
    >>> gather(here, found, pd.Index(["a"]), k=1, limit=10**12).minutes
    array([60.])
    """
    rows = len(places) * k
    code, status = np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.int8)
    numbers, foot = np.empty((4, rows)), np.empty(rows, dtype=bool)
    _gather(
        places.node, places.access, places.metres, k, limit, found.time, found.code, found.km,
        found.sea, found.aboard, found.boarding, found.foot, code, status, numbers, foot,
    )  # fmt: skip
    minutes, km, aboard, boarding = numbers
    return Answer(names, code, status, minutes, km, aboard, boarding, foot, k)
