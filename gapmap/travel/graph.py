"""Owns the road graph as plain arrays, in which neighbours on the ground are near in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gapmap.travel.answer import Bools, Codes, Floats, Ints


@dataclass(frozen=True)
class Arcs:
    """Directed arcs in compressed rows: those that leave node i are `start[i]:start[i + 1]`.

    Attributes
    ----------
    start
        One more than there are nodes.
    head
        Node at the far end; ascending within a row, no node twice.
    time
        Quanta, at least 1.
    km
        Quanta of a kilometre by road; 0 on a ferry.
    ferry
        Row of the arc in the table of ferries, -1 on a road.
    edge
        Row of the arc in the caller's edges.
    """

    start: Ints
    head: Codes
    time: Ints
    km: Ints
    ferry: Codes
    edge: Codes


@dataclass(frozen=True)
class Ferries:
    """What the ferry edges say: quanta aboard, quanta of boarding, foot passengers only."""

    aboard: Ints
    boarding: Ints
    foot: Bools

    def __len__(self) -> int:
        return len(self.aboard)


@dataclass(frozen=True)
class Seeds:
    """Where a search begins: destinations (by code) at nodes, with the last leg to each.

    Attributes
    ----------
    node
        Node that the destination joins.
    time, km
        Quanta between the two.
    code
        Destination; one may have several places, and counts once at each node.
    """

    node: Codes
    time: Ints
    km: Ints
    code: Codes


@dataclass(frozen=True)
class Search:
    """The k quickest destinations of every node, flat: node i, rank r at `i * k + r`.

    Attributes
    ----------
    time
        Quanta, `NEVER` where there is none.
    code
        Destination, -1 where there is none.
    previous
        Next node towards the destination, -1 at the last.
    km
        Quanta of a kilometre by road.
    sea
        Row of the label in the three that follow; a single 0 where there are no ferries at all.
    aboard, boarding
        Quanta on ferries and of boarding them, included in the time.
    foot
        Whether one of the ferries takes foot passengers only.
    """

    time: Ints
    code: Codes
    previous: Ints
    km: Ints
    sea: Codes
    aboard: Ints
    boarding: Ints
    foot: Bools

    def crossings(self, label: npt.NDArray[Any]) -> tuple[Ints, Ints, Bools]:
        """Return quanta aboard, quanta of boarding, and foot passengers only, of some labels.

        Examples
        --------
        >>> def ints(*values): return np.array(values, dtype="int64")
        >>> found = Search(ints(5), ints(0), ints(-1), ints(0), ints(0), ints(3), ints(1),
        ...                np.array([False]))
        >>> [values.tolist() for values in found.crossings(ints(0, 0))]
        [[3, 3], [1, 1], [False, False]]
        """
        state = self.sea[label] if len(self.sea) == len(self.time) else np.zeros_like(label)
        return self.aboard[state], self.boarding[state], self.foot[state]


def near_order(x: Floats, y: Floats) -> Ints:
    """Return an order of points in which those near on the ground are near in the list.

    The order is Morton's (1966): the bits of both coordinates, on a grid of 65,536 squares,
    taken in turn.

    Examples
    --------
    >>> near_order(np.array([0.0, 9.0, 1.0]), np.array([0.0, 9.0, 1.0])).tolist()
    [0, 2, 1]
    """
    if not len(x):
        return np.empty(0, dtype=np.int64)
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    column = ((x - x.min()) / span * 65535).astype(np.uint32)
    row = ((y - y.min()) / span * 65535).astype(np.uint32)
    return np.argsort(_spread(column) | (_spread(row) << np.uint32(1)), kind="stable")


def _spread(
    bits: np.ndarray[tuple[int, ...], np.dtype[np.uint32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    """Put a zero between each two of 16 bits."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint32(shift))) & np.uint32(mask)
    return bits


def compress(
    tail: Codes, head: Codes, time: Ints, km: Ints, ferry: Codes, edge: Codes, *, nodes: int
) -> Arcs:
    """Sort arcs into compressed rows; of arcs side by side the quickest stays.

    Among equally quick ones the shortest, then a road before a ferry, then the first edge.
    An arc from a node to itself leads nowhere and is left out.

    Examples
    --------
    >>> def ints(*values): return np.array(values, dtype="int64")
    >>> arcs = compress(ints(0, 0), ints(1, 1), ints(5, 4), ints(1, 1), ints(-1, -1), ints(0, 1),
    ...                 nodes=2)
    >>> (arcs.start.tolist(), arcs.head.tolist(), arcs.time.tolist(), arcs.edge.tolist())
    ([0, 1, 1], [1], [4], [1])
    """
    going = tail != head
    if not going.all():
        tail, head, time, km, ferry, edge = (a[going] for a in (tail, head, time, km, ferry, edge))
    key = tail.astype(np.int64) * nodes + head
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    twin = np.zeros(len(order), dtype=bool)
    twin[1:] = ordered[1:] == ordered[:-1]
    if twin.any():
        order = np.lexsort((edge, ferry, km, time, key))
        ordered = key[order]
        twin[1:] = ordered[1:] == ordered[:-1]
        order = order[~twin]
    start = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail[order], minlength=nodes), out=start[1:])
    return Arcs(
        start,
        head[order].astype(np.int32),
        time[order],
        km[order],
        ferry[order].astype(np.int32),
        edge[order].astype(np.int32),
    )


def last_legs(seeds: Seeds, time: Ints, code: Codes, *, k: int) -> Ints:
    """Return the kilometres from each node to a destination that joins the network right there.

    Parameters
    ----------
    seeds
        Where the search began.
    time, code
        What it found, flat.
    k
        Labels per node.

    Examples
    --------
    >>> def ints(*values): return np.array(values, dtype="int64")
    >>> last_legs(Seeds(ints(1), ints(5), ints(7), ints(0)), ints(9, 5), ints(0, 0), k=1).tolist()
    [-1, 7]
    """
    out = np.full(len(time), -1, dtype=np.int64)
    for rank in range(k):
        label = seeds.node.astype(np.int64) * k + rank
        own = (time[label] == seeds.time) & (code[label] == seeds.code)
        out[label[own]] = seeds.km[own]
    return out
