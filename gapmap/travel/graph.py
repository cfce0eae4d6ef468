"""Owns the road graph as plain arrays, in which neighbours on the ground are near in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gapmap.travel.answer import Bools, Codes, Floats, Ints, Places


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
    """The k quickest destinations of every node: a row for a node, a column for a rank.

    Attributes
    ----------
    time
        Quanta, `NEVER` where there is none.
    code
        Destination, below 0 where there is none.
    km
        Quanta of a kilometre by road.
    aboard, boarding
        Quanta on ferries and of boarding them, included in the time; no columns where there are
        no ferries at all.
    foot
        Whether one of the ferries takes foot passengers only.
    """

    time: Ints
    code: Codes
    km: Ints
    aboard: Ints
    boarding: Ints
    foot: Bools

    def crossings(self, node: npt.NDArray[Any]) -> tuple[Ints, Ints, Bools]:
        """Return quanta aboard, quanta of boarding, and foot passengers only, at rank 1.

        Examples
        --------
        >>> one = np.array([[5]])
        >>> found = Search(one, one - 5, one, one - 2, one - 4, one > 9)
        >>> [values.tolist() for values in found.crossings(np.array([0, 0]))]
        [[3, 3], [1, 1], [False, False]]
        """
        if not self.aboard.shape[1]:
            none = np.zeros(len(node), dtype=np.int64)
            return none, none, none > 0
        return self.aboard[node, 0], self.boarding[node, 0], self.foot[node, 0]


@dataclass(frozen=True)
class Around:
    """Nodes that a point may join besides its nearest: one stretch of road away from that.

    A point joins such a node only where that is no farther from it than the stretch is long: it
    then lies beside the stretch, and the straight leg to the node runs along it.

    Attributes
    ----------
    start, node
        Compressed rows: those around node i are `node[start[i]:start[i + 1]]`. Both are empty
        where a point joins its nearest node only.
    x, y
        Metres, of every node.
    pace
        Quanta per metre between a point and a node.
    tolerance
        Metres; no point joins a node farther away.
    """

    start: Ints
    node: Codes
    x: Floats
    y: Floats
    pace: float
    tolerance: float

    def joins(self, places: Places) -> Joins:
        """Return every way in which places join the network, in the places' order.

        Examples
        --------
        >>> zero, x = np.zeros(1), np.array([0.0, 4.0])
        >>> around = Around(np.array([0, 1, 2]), np.array([1, 0]), x, x * 0, 2.0, 9.0)
        >>> here = Places(zero, zero, zero, np.zeros(1, int), np.zeros(1, int), zero)
        >>> around.joins(here).node.tolist(), around.joins(here).access.tolist()
        ([0, 1], [0, 8])
        """
        on = np.flatnonzero(places.node >= 0)
        own = places.node[on]
        if not len(self.start):
            return Joins(on, own, places.access[on], places.metres[on])
        more = self.start[own + 1] - self.start[own]
        row = np.repeat(on, more)
        # Positions 0, 1, 2... within each row, from the row's own start.
        at = np.arange(len(row)) - np.repeat(np.cumsum(more) - more, more)
        node = self.node[np.repeat(self.start[own], more) + at]
        dx, dy = self.x[node] - places.x[row], self.y[node] - places.y[row]
        metres = np.sqrt(dx * dx + dy * dy)
        nearest = np.repeat(own, more)
        dx, dy = self.x[node] - self.x[nearest], self.y[node] - self.y[nearest]
        near = (metres <= self.tolerance) & (metres <= np.sqrt(dx * dx + dy * dy))
        access = np.rint(metres * self.pace).astype(np.int64)
        both = Joins(
            np.append(on, row[near]),
            np.append(own, node[near]),
            np.append(places.access[on], access[near]),
            np.append(places.metres[on], metres[near]),
        )
        order = np.argsort(both.row, kind="stable")
        return Joins(both.row[order], both.node[order], both.access[order], both.metres[order])


@dataclass(frozen=True)
class Joins:
    """Ways onto the network: the row of the place, the node, and quanta and metres to it."""

    row: Ints
    node: Codes
    access: Ints
    metres: Floats


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

    Among equally quick ones the shortest, then a road before a ferry, then the first ferry (they
    are numbered by time aboard, boarding, and whether cars are taken), then the first edge.
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
