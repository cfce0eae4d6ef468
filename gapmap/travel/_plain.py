"""Owns the searches in plain NumPy and SciPy: used where numba is not installed."""

from __future__ import annotations

from dataclasses import dataclass
from operator import add
from typing import Any

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
    [[0], [5]]
    """
    nodes = len(arcs.start) - 1
    if k == 1:
        time = _outwards(arcs, seeds.node, seeds.time, limit)[:, None]
        code = None
    else:
        time = np.full((nodes, k), NEVER, dtype=np.int64)
        code = np.full((nodes, k), -1, dtype=np.int32)
        for c in np.unique(seeds.code):
            own = seeds.code == c
            bound = min(limit, int(time[:, -1].max(initial=0)))
            _insert(time, code, _outwards(arcs, seeds.node[own], seeds.time[own], bound), int(c))
    first, *sums = _add_up(arcs, ferries, seeds, time, code)
    if code is None:
        code = np.where(time < NEVER, first.reshape(nodes, k), -1).astype(np.int32)
    km, aboard, boarding, foot = (values.reshape(nodes, k) for values in sums)
    none = np.zeros((nodes, 0), dtype=np.int64)
    sea = len(ferries) > 0
    return Search(time, code, km, aboard if sea else none, boarding if sea else none, foot > 0)


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
    joins = around.joins(places)
    rows = len(places)
    row = joins.row.repeat(k)
    time = found.time[joins.node]
    time = np.where(time < NEVER, time + joins.access[:, None], NEVER).ravel()
    legs = np.rint(joins.metres * 1e6).astype(np.int64)
    km = (found.km[joins.node] + legs[:, None]).ravel()
    code = found.code[joins.node].ravel()
    sums: list[npt.NDArray[Any]] = [time, code, km]
    if found.aboard.shape[1]:
        sums += [values[joins.node].ravel() for values in (found.aboard, found.boarding)]
        sums.append(found.foot[joins.node].ravel())
    open_ = time <= limit
    pick = np.full((rows, k), -1, dtype=np.int64)
    if not len(around.start):
        # One join each: the labels of its node are in order already.
        pick[joins.row] = np.where(open_, np.arange(len(row)), -1).reshape(-1, k)
    for rank in range(k if len(around.start) else 0):
        pick[:, rank] = _best(row, open_, sums, rows)
        taken = np.where(pick[:, rank] >= 0, code[pick[:, rank]] if len(code) else -1, -1)
        open_ &= code != taken[row]
    there = pick.ravel() >= 0
    pick = np.where(there, pick.ravel(), 0)
    nothing = np.zeros(rows * k, dtype=np.int64)

    def picked(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values[pick] if len(values) else nothing

    crossing = sums[3:] or [nothing[:0]] * 3
    sailed, waited, foot = (picked(values) for values in crossing)
    status = np.where((places.node < 0).repeat(k), OFF_NETWORK, UNREACHABLE).astype(np.int8)
    status[there] = np.where(sailed + waited > 0, BY_FERRY, REACHABLE)[there]
    minutes, road, aboard, boarding = (
        np.where(there, values / QUANTA, np.nan)
        for values in (picked(time), picked(km), sailed, waited)
    )
    chosen = np.where(there, picked(code), -1).astype(np.int32)
    return Answer(names, chosen, status, minutes, road, aboard, boarding, (foot > 0) & there, k)


def _best(row: Ints, open_: Bools, keys: list[npt.NDArray[Any]], rows: int) -> Ints:
    """Return, for each row, which of its open entries is least by the keys in turn; -1 if none."""
    left = np.flatnonzero(open_)
    for key in keys:
        values = key[left].astype(np.int64)
        least = np.full(rows, np.iinfo(np.int64).max)
        np.minimum.at(least, row[left], values)
        left = left[values == least[row[left]]]
    out = np.full(rows, -1, dtype=np.int64)
    out[row[left]] = left
    return out


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


def _add_up(
    arcs: Arcs, ferries: Ferries, seeds: Seeds, time: Ints, code: Codes | None
) -> npt.NDArray[np.int64]:
    """Add up along the way of every label: code, kilometres, time aboard, boarding, foot ferries.

    Of ways equally quick, the one with the least of these, in this order: so the code that is
    added at the destination's end is the first where none was given. Labels from which several
    steps are equally quick are few: the ways between them are added up first, then the steps are
    chosen from the nearest label on.
    """
    label, further, adds = _steps(arcs, ferries, seeds, time, code)
    apart = np.concatenate(([True], label[1:] != label[:-1], [True]))
    only = apart[1:] & apart[:-1] if len(label) else apart[:0]
    sums, start = _along(label[only], further[only], adds[only], size=time.size)
    # The nearest first: what a step leads on to has been chosen by then.
    several = np.flatnonzero(~only)
    several = several[np.argsort(time.ravel()[label[several]], kind="stable")]
    own, on = label[several], further[several]
    offers = adds[several] + np.where(own == on, 0, sums[on].T).T
    best: dict[int, tuple[int, ...]] = {}
    for i, before, offer in zip(
        own.tolist(), np.where(own == on, -1, start[on]).tolist(), offers.tolist(), strict=True
    ):
        whole = tuple(map(add, offer, best[before])) if before in best else tuple(offer)
        best[i] = min(best.get(i, whole), whole)
    chosen = np.zeros_like(sums)
    if best:
        chosen[list(best)] = list(best.values())
    return (sums + chosen[start]).T


def _steps(
    arcs: Arcs, ferries: Ferries, seeds: Seeds, time: Ints, code: Codes | None
) -> tuple[Ints, Ints, Ints]:
    """Every step that is part of a quickest way, sorted by the label from which it leads.

    Returns the label, the label to which it leads (itself, where the destination joins the
    network right there), and a row for each of what it adds.
    """
    k = time.shape[1]
    tail = _tails(arcs)
    labels, nexts, added = [], [], []
    for i in range(k):
        start = time[tail, i]
        for j in range(k):
            tight = start + arcs.time == time[arcs.head, j]
            tight &= start < NEVER
            if code is not None:
                tight &= code[tail, i] == code[arcs.head, j]
            arc = np.flatnonzero(tight)
            labels.append(arcs.head[arc].astype(np.int64) * k + j)
            nexts.append(tail[arc].astype(np.int64) * k + i)
            adds = np.zeros((len(arc), 5), dtype=np.int64)
            adds[:, 1] = arcs.km[arc]
            sea = np.flatnonzero(arcs.ferry[arc] >= 0)
            ferry = arcs.ferry[arc[sea]]
            for at, values in enumerate((ferries.aboard, ferries.boarding, ferries.foot), 2):
                adds[sea, at] = values[ferry]
            added.append(adds)
    for rank in range(k):
        own = time[seeds.node, rank] == seeds.time
        if code is not None:
            own &= code[seeds.node, rank] == seeds.code
        label = seeds.node[own].astype(np.int64) * k + rank
        labels.append(label)
        nexts.append(label)
        added.append(np.zeros((len(label), 5), dtype=np.int64))
        added[-1][:, 0] = seeds.code[own]
        added[-1][:, 1] = seeds.km[own]
    label = np.concatenate(labels)
    order = np.argsort(label, kind="stable")
    return label[order], np.concatenate(nexts)[order], np.concatenate(added)[order]


def _along(label: Ints, further: Ints, adds: Ints, *, size: int) -> tuple[Ints, Ints]:
    """Add up what steps add, from every label back to where its way starts, and tell which that is.

    No label has two steps. A way starts at a destination, whose own step counts, or at a label
    without a step. The ways form trees, walked outwards ring by ring: everything one step farther
    is added at once.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    sums = np.zeros((size, adds.shape[1] + 1), dtype=np.int64)
    sums[label, 1:] = adds
    ends = further == label
    own = np.ones(size, dtype=bool)
    own[label[~ends]] = False
    own = np.flatnonzero(own)
    sums[own, 0] = own
    # One root stands before all starts.
    before = np.append(further[~ends], np.full(len(own), size))
    after = np.append(label[~ends], own)
    tree = csr_array((np.ones(size), (before, after)), shape=(size + 1, size + 1))
    order, parent = breadth_first_order(tree, size)
    order = order[1:]
    place = np.empty(size + 1, dtype=np.int64)
    place[size] = -1
    place[order] = np.arange(size)
    back = place[parent[order]]
    walked = sums[order]
    # A ring's labels stand together, in the order of the labels before them.
    start, end = 0, len(own)
    while end < size:
        start, end = end, int(np.searchsorted(back, end))
        walked[start:end] += walked[back[start:end]]
    sums[order] = walked
    return sums[:, 1:], sums[:, 0]
