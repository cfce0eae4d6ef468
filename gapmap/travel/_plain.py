"""Owns the searches in plain NumPy and SciPy: used where numba is not installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
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
from gapmap.travel.graph import Arcs, Ferries, Search, Seeds, last_legs


@dataclass(frozen=True)
class Index:
    """Nodes in a k-d tree."""

    tree: Any
    x: Floats
    y: Floats
    node: Codes


def index_points(x: Floats, y: Floats, node: Codes) -> Index:
    """Put points into a k-d tree.

    Examples
    --------
    >>> index_points(np.zeros(2), np.ones(2), np.arange(2, dtype="int32")).tree.n
    2
    """
    from scipy.spatial import cKDTree

    return Index(cKDTree(np.column_stack((x, y))) if len(x) else None, x, y, node)


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
    rows = np.arange(len(x))
    wanted = 2
    while index.tree is not None and len(rows):
        asked = min(wanted, index.tree.n)
        bound = tolerance * (1 + 1e-9) + 1e-9
        far, at = index.tree.query(
            np.column_stack((x[rows], y[rows])), k=asked, distance_upper_bound=bound, workers=-1
        )
        far, at = far.reshape(len(rows), asked), at.reshape(len(rows), asked)
        there = np.isfinite(far)
        at = np.where(there, at, 0)
        dx, dy = index.x[at] - x[rows, None], index.y[at] - y[rows, None]
        square = np.where(there, dx * dx + dy * dy, np.inf)
        least = square.min(axis=1)
        first = np.where(square == least[:, None], index.node[at], np.iinfo(np.int32).max)
        near = least <= tolerance * tolerance
        node[rows[near]] = first.min(axis=1)[near]
        metres[rows[near]] = np.sqrt(least[near])
        # More nodes may be as near as the farthest one seen: look again at those points.
        open_end = near & there[:, -1] & (far[:, -1] <= far[:, 0] * (1 + 1e-12))
        rows = rows[open_end] if asked < index.tree.n else rows[:0]
        wanted *= 4
    return node, metres


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
    if k == 1:
        time = _outwards(arcs, seeds.node, seeds.time, limit)[:, None]
        code = _first_code(arcs, time[:, 0], seeds)[:, None]
    else:
        time = np.full((nodes, k), NEVER, dtype=np.int64)
        code = np.full((nodes, k), -1, dtype=np.int32)
        for c in np.unique(seeds.code):
            own = seeds.code == c
            bound = min(limit, int(time[:, -1].max(initial=0)))
            _insert(time, code, _outwards(arcs, seeds.node[own], seeds.time[own], bound), int(c))
    last = last_legs(seeds, time.ravel(), code.ravel(), k=k)
    previous, arc = _previous(arcs, time, code, last >= 0)
    km, aboard, boarding, foot = _add_up(arcs, ferries, previous, arc, np.maximum(last, 0))
    sea = np.arange(len(km), dtype=np.int32)
    step = np.where(previous < 0, -1, previous // k)
    return Search(time.ravel(), code.ravel(), step, km, sea, aboard, boarding, foot)


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
    label = (np.maximum(places.node, 0).astype(np.int64)[:, None] * k + np.arange(k)).ravel()
    off = (places.node < 0).repeat(k)
    time = found.time[label] + places.access.repeat(k)
    there = ~off & (found.time[label] < NEVER) & (time <= limit)
    km = found.km[label] + np.rint(np.nan_to_num(places.metres) * 1e6).astype(np.int64).repeat(k)
    aboard, boarding, foot = found.crossings(label)
    status = np.where(off, OFF_NETWORK, UNREACHABLE).astype(np.int8)
    status[there] = np.where(aboard + boarding > 0, BY_FERRY, REACHABLE)[there]
    minutes, road, sailed, waited = (
        np.where(there, values / QUANTA, np.nan) for values in (time, km, aboard, boarding)
    )
    code = np.where(there, found.code[label], -1).astype(np.int32)
    return Answer(names, code, status, minutes, road, sailed, waited, foot & there, k)


def _outwards(arcs: Arcs, seed_node: Codes, seed_time: Ints, limit: int) -> Ints:
    """Shortest times from the seeds to every node, by SciPy's Dijkstra.

    An extra node stands before the seeds, one quantum further away than each seed's own time
    (SciPy reads a time of 0 as no arc). Times are whole numbers, exact in a float.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    nodes = len(arcs.start) - 1
    out = np.full(nodes, NEVER, dtype=np.int64)
    if not len(seed_node) or not nodes:
        return out
    first = np.lexsort((seed_time, seed_node))
    kept, at = np.unique(seed_node[first], return_index=True)
    start = np.append(arcs.start, arcs.start[-1] + len(kept))
    head = np.append(arcs.head, kept.astype(np.int32))
    weight = np.append(arcs.time, seed_time[first][at] + 1).astype(float)
    graph = csr_array((weight, head, start), shape=(nodes + 1, nodes + 1))
    bound = np.inf if limit >= NEVER - 1 else float(limit + 1)
    far = dijkstra(graph, directed=True, indices=nodes, limit=bound)[:nodes]
    reached = np.isfinite(far)
    out[reached] = far[reached].astype(np.int64) - 1
    return out


def _tails(arcs: Arcs) -> Codes:
    """Return the node that each arc leaves."""
    return np.repeat(np.arange(len(arcs.start) - 1, dtype=np.int32), np.diff(arcs.start))


def _first_code(arcs: Arcs, time: Ints, seeds: Seeds) -> Codes:
    """Of the destinations at each node's shortest time, the first by code."""
    none = np.iinfo(np.int32).max
    code = np.full(len(time), none, dtype=np.int32)
    tail = _tails(arcs)
    tight = (time[tail] < NEVER) & (time[tail] + arcs.time == time[arcs.head])
    head = arcs.head[tight]
    start = np.zeros(len(arcs.start), dtype=np.int64)
    np.cumsum(np.bincount(tail[tight], minlength=len(time)), out=start[1:])
    own = seeds.time == time[seeds.node]
    np.minimum.at(code, seeds.node[own], seeds.code[own])
    changed = np.unique(seeds.node[own]).astype(np.int64)
    while len(changed):
        length = start[changed + 1] - start[changed]
        total = int(length.sum())
        arc = np.arange(total) + np.repeat(start[changed] - np.cumsum(length) + length, length)
        to, offered = head[arc], np.repeat(code[changed], length)
        better = offered < code[to]
        np.minimum.at(code, to[better], offered[better])
        changed = np.unique(to[better]).astype(np.int64)
    return np.where(code == none, -1, code).astype(np.int32)


def _insert(time: Ints, code: Codes, found: Ints, c: int) -> None:
    """Put one destination's times among the k best; destinations come in the order of codes."""
    rows = np.flatnonzero(found < time[:, -1])
    if not len(rows):
        return
    kept_time = np.column_stack((time[rows], found[rows]))
    kept_code = np.column_stack((code[rows], np.full(len(rows), c, dtype=np.int32)))
    # A stable sort leaves an earlier code before a later one of the same time.
    order = np.argsort(kept_time, axis=1, kind="stable")[:, : time.shape[1]]
    time[rows] = np.take_along_axis(kept_time, order, axis=1)
    code[rows] = np.take_along_axis(kept_code, order, axis=1)


def _previous(arcs: Arcs, time: Ints, code: Codes, last: Bools) -> tuple[Ints, Ints]:
    """Return each label's next step towards its destination, and the arc between.

    Where `last` holds, the destination joins the network at the node itself: the way ends.
    """
    nodes, k = time.shape
    tail = _tails(arcs)
    none = np.iinfo(np.int64).max
    previous = np.full(nodes * k, none, dtype=np.int64)
    used = np.full(nodes * k, -1, dtype=np.int64)
    for i in range(k):
        for j in range(k):
            tight = np.flatnonzero(
                (code[tail, i] >= 0)
                & (code[tail, i] == code[arcs.head, j])
                & (time[tail, i] + arcs.time == time[arcs.head, j])
            )
            label = arcs.head[tight].astype(np.int64) * k + j
            before = tail[tight].astype(np.int64) * k + i
            better = before < previous[label]
            np.minimum.at(previous, label[better], before[better])
            taken = previous[label] == before
            used[label[taken]] = tight[taken]
    end = (previous == none) | last
    previous[end], used[end] = -1, -1
    return previous, used


def _add_up(
    arcs: Arcs, ferries: Ferries, previous: Ints, arc: Ints, last_km: Ints
) -> tuple[Ints, Ints, Ints, Bools]:
    """Add up along the way to the destination, by doubling the step until every way has ended."""
    none = np.zeros(len(previous), dtype=np.int64)
    moved = previous >= 0
    step = np.where(moved, previous, np.arange(len(previous)))
    sums = [none, none, none, none]
    if moved.any():
        sums[0] = np.where(moved, arcs.km[arc], 0)
    if len(ferries) and moved.any():
        ferry = np.where(moved, arcs.ferry[arc], -1)
        for i, values in enumerate((ferries.aboard, ferries.boarding, ferries.foot)):
            sums[i + 1] = np.where(ferry >= 0, values[ferry], 0).astype(np.int64)
    while True:
        # What ends a way adds nothing, so going on from there changes nothing.
        sums = [values + values[step] for values in sums]
        further = step[step]
        if np.array_equal(further, step):
            break
        step = further
    km, aboard, boarding, feet = sums
    return km + last_km[step], aboard, boarding, feet > 0
