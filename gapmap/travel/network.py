"""Owns `Network`: exact shortest times by road and ferry between points and their destinations."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.errors import FileError, InputError
from gapmap.travel.answer import (
    NEVER,
    QUANTA,
    STATUSES,
    Answer,
    Bools,
    Codes,
    Floats,
    Ints,
    Places,
    are_degrees,
    check_k,
    check_limit,
    coordinates,
    degrees_fault,
    distinct_labels,
    levels_fault,
    metric_crs,
    number_fault,
    refuse_levels,
    refuse_unequal,
)
from gapmap.travel.graph import Arcs, Around, Ferries, Joins, Search, Seeds, compress, near_order

if TYPE_CHECKING:
    import geopandas as gpd

FORMAT = 1
JOIN = ("nearest", "around")


class Network:
    """Roads and ferries as a graph, and the shortest times over it.

    Times are exact: they are added up as whole billionths of a minute. Of destinations equally
    far, the one whose label sorts first counts as nearer; of ways equally quick to the same
    destination, the one with fewer kilometres by road is told, then the one with less time aboard
    a ferry, then with less boarding, then one that cars can take. Answers are the same with and
    without numba (the extra ``fast``), which only makes them quicker.

    Parameters
    ----------
    nodes
        One row per node: index the label, columns x and y in metres (degrees are refused, as are
        those of origins and destinations: all of them numbers that, as longitude and latitude,
        lie where `crs` is in use, and not all whole). A column ``snap`` (bool)
        may say which nodes a point can join the network at (a blank means yes); all, if there is
        none. Other columns are kept.
    edges
        One row per stretch: ``from`` and ``to`` (node labels), ``minutes`` and ``km``; optional
        ``oneway`` and ``ferry`` (bool; a blank means no), ``boarding_minutes`` (on a ferry: the
        part of its minutes that is waiting and boarding, 0 if absent) and ``foot_only`` (a ferry
        that takes no cars). Other columns are kept; ``geometry`` draws the way.
    crs
        Reference system of x and y, in metres.
    access_kmh
        Speed along the straight line between a point and its node, at both ends.
    tolerance_m
        A point farther than this from every node is ``off_network``.
    join
        How a point joins the network. ``nearest``: at its nearest node. ``around``: at its nearest
        node or at any node that one stretch of road joins to that (in the direction of travel)
        and that is no farther from the point than the stretch is long, whichever makes the journey
        quickest. For a network whose nodes stand for the houses around them rather than for
        junctions: otherwise a trip of a few streets begins and ends with a detour. Such a leg runs
        beside the stretch, so it crosses water only where the stretch does.
    label
        How products name these times.
    engine
        ``auto`` (numba where installed), ``numba`` or ``scipy``.

    Raises
    ------
    InputError
        No nodes, missing columns, doubled labels, edges to no node, times or lengths that cannot
        be, x and y that are degrees, settings that are none: all faults are listed at once.
    CRSError
        `crs` is not in metres.

    Examples
    --------
    A square town: a to b to c by road, c to d by ferry.

    >>> nodes = pd.DataFrame({"x": [0, 1000, 2000, 2000], "y": [0, 0, 0, 1000]}, index=list("abcd"))
    >>> edges = pd.DataFrame({"from": list("abc"), "to": list("bcd"), "minutes": [2, 3, 25],
    ...                       "km": [1, 1, 1], "ferry": [False, False, True],
    ...                       "boarding_minutes": [0, 0, 10]})
    >>> town = Network(nodes, edges)
    >>> homes = pd.DataFrame({"easting": [0, 2000], "northing": [0, 1000]}, index=["h1", "h2"])
    >>> sites = pd.DataFrame({"easting": [1000], "northing": [0]}, index=["clinic"])
    >>> town.nearest(homes, sites)[["origin", "minutes", "km", "ferry_minutes", "status"]]
      origin  minutes   km  ferry_minutes     status
    0     h1      2.0  1.0            0.0  reachable
    1     h2     28.0  1.0           15.0   by_ferry
    """

    def __init__(
        self,
        nodes: pd.DataFrame,
        edges: pd.DataFrame,
        *,
        crs: object = "EPSG:27700",
        access_kmh: float = 20.0,
        tolerance_m: float = 2000.0,
        join: str = "nearest",
        label: str = "by road and ferry",
        engine: str = "auto",
    ) -> None:
        self.crs = metric_crs(crs)
        faults = [
            number_fault("access_kmh", access_kmh, "km/h", above=True),
            number_fault("tolerance_m", tolerance_m, "metres", above=True),
            None if join in JOIN else f'join must be "nearest" or "around", not {join!r}.',
        ]
        source, target = _check(nodes, edges, self.crs, [fault for fault in faults if fault])
        self.access_kmh = float(access_kmh)
        self.tolerance_m = float(tolerance_m)
        self.join = join
        self.label = label
        self.engine = _engine(engine)
        self.nodes = nodes
        self.edges = edges
        x = nodes["x"].to_numpy(dtype=float)
        y = nodes["y"].to_numpy(dtype=float)
        self._order = near_order(x, y)
        self._x, self._y = x[self._order], y[self._order]
        place = np.empty(len(nodes), dtype=np.int32)
        place[self._order] = np.arange(len(nodes), dtype=np.int32)
        self._place = place
        self._source, self._target = place[source], place[target]
        self._oneway = _flag(edges, "oneway")
        ferry = _flag(edges, "ferry")
        self._time = np.maximum(_quanta(edges["minutes"]), 1)
        self._km = np.where(ferry, 0, _quanta(edges["km"]))
        boarding = np.zeros(int(ferry.sum()), dtype=np.int64)
        if "boarding_minutes" in edges.columns:
            boarding = _quanta(edges.loc[ferry, "boarding_minutes"].fillna(0))
        aboard, foot = self._time[ferry] - boarding, _flag(edges, "foot_only")[ferry]
        # Numbered so that of two equally quick ones side by side the first is the one to take.
        best = np.lexsort((foot, boarding, aboard))
        self._ferries = Ferries(aboard[best], boarding[best], foot[best])
        self._ferry = np.full(len(edges), -1, dtype=np.int32)
        self._ferry[np.flatnonzero(ferry)[best]] = np.arange(len(best))

    def __repr__(self) -> str:
        return (
            f"Network({len(self.nodes):,} nodes, {len(self.edges):,} edges, "
            f"{len(self._ferries):,} of them ferries; {self.label})"
        )

    # ---- the graph ----------------------------------------------------------------------------

    @cached_property
    def _outward(self) -> Arcs:
        """Arcs as one travels."""
        # Without one-way stretches both ways are the same.
        if not self._oneway.any():
            return self._inward
        return self._arcs(self._source, self._target)

    @cached_property
    def _inward(self) -> Arcs:
        """Arcs against the direction of travel: a search over them runs from destinations out."""
        return self._arcs(self._target, self._source)

    def _arcs(self, tail: Codes, head: Codes) -> Arcs:
        both = np.flatnonzero(~self._oneway)
        rows = np.append(np.arange(len(tail)), both)
        return compress(
            np.append(tail, head[both]),
            np.append(head, tail[both]),
            self._time[rows],
            self._km[rows],
            self._ferry[rows],
            rows.astype(np.int32),
            nodes=len(self.nodes),
        )

    @cached_property
    def _snap(self) -> Bools:
        """Which nodes a point can join."""
        return _flag(self.nodes, "snap", blank=True)[self._order]

    @cached_property
    def _index(self) -> Any:
        """The nodes that a point can join, ready to be looked up by place."""
        rows = np.flatnonzero(self._snap).astype(np.int32)
        return self.engine.index_points(self._x[rows], self._y[rows], rows)

    @cached_property
    def _roads_from(self) -> tuple[Ints, Codes]:
        """Compressed rows of the nodes that one stretch of road leads to."""
        return _roads(self._outward, self._snap)

    @cached_property
    def _roads_to(self) -> tuple[Ints, Codes]:
        """Compressed rows of the nodes that one stretch of road leads from."""
        return _roads(self._inward, self._snap)

    def _around(self, *, leaving: bool) -> Around:
        """Nodes that a point may join besides its nearest, on leaving or on arriving."""
        start, node = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
        if self.join == "around":
            start, node = self._roads_from if leaving else self._roads_to
        return Around(start, node, self._x, self._y, self._pace, self.tolerance_m)

    @property
    def _pace(self) -> float:
        """Quanta per metre between a point and a node."""
        return 0.06 / self.access_kmh * QUANTA

    def _search(self, arcs: Arcs, seeds: Seeds, *, k: int = 1, limit: int = NEVER - 1) -> Search:
        found: Search = self.engine.search(arcs, self._ferries, seeds, k=k, limit=limit)
        return found

    # ---- questions ----------------------------------------------------------------------------

    def place(self, points: pd.DataFrame | Places, *, what: str = "points") -> Places:
        """Join points to their nearest node, once for many questions.

        Every method takes what this returns in place of the frame.

        Parameters
        ----------
        points
            Points in the network's reference system, or columns easting and northing.
        what
            How to call them in a message.

        Returns
        -------
        Places
            One entry per row. Of nodes equally near, a fixed one.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0.0], "y": [0.0]})
        >>> none = pd.DataFrame({"from": [], "to": [], "minutes": [], "km": []})
        >>> Network(nodes, none).place(pd.DataFrame({"easting": [30], "northing": [40]})).metres
        array([50.])
        """
        if isinstance(points, Places):
            return points
        x, y = coordinates(points, self.crs, what=what)
        refuse_levels(points.index, what=what)
        node, metres = self.engine.nearest_node(self._index, x, y, self.tolerance_m)
        quanta = np.rint(np.nan_to_num(metres) * self._pace)
        return Places(points.index, x, y, node, quanta.astype(np.int64), metres)

    def nearest(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        k: int = 1,
        limit: float | None = None,
    ) -> pd.DataFrame:
        """Find the k quickest destinations of every origin.

        Parameters
        ----------
        origins, destinations
            Points: geometry, or easting and northing in metres. A destination whose label stands
            on several rows (a service at several places) is one destination, at its quickest.
        k
            How many.
        limit
            Minutes; what is farther counts as not reachable. No limit by default.

        Returns
        -------
        pandas.DataFrame
            One row per origin and rank, in the origins' order; ranks with no answer are kept.
            origin and destination (labels; <NA> where there is none), rank (from 1), minutes
            (everything: both access legs, driving, boarding and crossing), km (by road and access
            legs, no ferry), ferry_minutes (aboard), boarding_minutes, foot_ferry (a ferry on the
            way takes foot passengers only), status (``reachable``, ``by_ferry``, ``unreachable``
            - within the limit, where there is one - or ``off_network``). Numbers are blank where
            there is no way. Ties go to the destination whose label sorts first.

        Raises
        ------
        InputError
            Points without coordinates, a `k` or `limit` that makes no sense.
        CRSError
            Geometry in no, or in another, reference system.

        Examples
        --------
        See the class.
        """
        answer = self.answer(origins, destinations, k=k, limit=limit)
        return answer.frame(origins.labels if isinstance(origins, Places) else origins.index)

    def answer(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        k: int = 1,
        limit: float | None = None,
    ) -> Answer:
        """Answer `nearest` as plain arrays, for code that asks many times.

        Parameters
        ----------
        origins, destinations, k, limit
            As for `nearest`.

        Raises
        ------
        InputError, CRSError
            As for `nearest`.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0, 1000], "y": [0, 0]})
        >>> road = pd.DataFrame({"from": [0], "to": [1], "minutes": [2], "km": [1]})
        >>> ends = pd.DataFrame({"easting": [0, 1000], "northing": [0, 0]}, index=["a", "b"])
        >>> Network(nodes, road).answer(ends, ends[1:]).minutes
        array([2., 0.])
        """
        k, limit_quanta = check_k(k), check_limit(limit)
        end = self.place(destinations, what="destinations")
        names, codes = distinct_labels(end.labels, what="destinations")
        found = self._search(self._inward, self._seeds(end, codes), k=k, limit=limit_quanta)
        start = self.place(origins, what="origins")
        return self._gather(start, found, names, k=k, limit=limit_quanta)

    def _gather(
        self,
        places: Places,
        found: Search,
        names: pd.Index,
        *,
        k: int = 1,
        limit: int = NEVER - 1,
        leaving: bool = True,
    ) -> Answer:
        """Look up what a search found where places join the network."""
        around = self._around(leaving=leaving)
        answer: Answer = self.engine.gather(places, found, names, around, k=k, limit=limit)
        return answer

    def matrix(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        limit: float | None = None,
    ) -> pd.DataFrame:
        """Return the minutes from every origin to every destination.

        Parameters
        ----------
        origins, destinations
            As for `nearest`.
        limit
            Minutes; what is farther is left blank.

        Returns
        -------
        pandas.DataFrame
            Rows the origins, columns the destinations (a label on several rows is one column),
            both in the order given; values minutes, blank where there is no way.

        Raises
        ------
        InputError, CRSError
            As for `nearest`.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0, 1000], "y": [0, 0]})
        >>> road = pd.DataFrame({"from": [0], "to": [1], "minutes": [2], "km": [1]})
        >>> ends = pd.DataFrame({"easting": [0, 1000], "northing": [0, 0]}, index=["a", "b"])
        >>> Network(nodes, road).matrix(ends, ends)
             a    b
        a  0.0  2.0
        b  2.0  0.0
        """
        limit_quanta = check_limit(limit)
        start = self.place(origins, what="origins")
        end = self.place(destinations, what="destinations")
        distinct_labels(end.labels, what="destinations")
        names = end.labels.unique()
        codes = names.get_indexer(end.labels)
        minutes = np.full((len(start), len(names)), np.nan)
        one = pd.Index([0])
        if len(start) < len(names):
            for i in range(len(start)):
                found = self._search(
                    self._outward, self._seeds(start.subset(np.array([i])), leaving=True),
                    limit=limit_quanta,
                )  # fmt: skip
                far = self._gather(end, found, one, limit=limit_quanta, leaving=False).minutes
                np.fmin.at(minutes[i], codes, far)
        else:
            for code in range(len(names)):
                found = self._search(
                    self._inward, self._seeds(end.subset(codes == code)), limit=limit_quanta
                )
                minutes[:, code] = self._gather(start, found, one, limit=limit_quanta).minutes
        return pd.DataFrame(minutes, index=start.labels, columns=names, copy=False)

    def pairs(
        self, origins: pd.DataFrame | Places, destinations: pd.DataFrame | Places
    ) -> pd.DataFrame:
        """Find the way from each origin to the destination on the same row.

        Parameters
        ----------
        origins, destinations
            Points, as many of both.

        Returns
        -------
        pandas.DataFrame
            Columns as `nearest`, one row per pair, rank 1; the destination is blank where there
            is no way.

        Raises
        ------
        InputError, CRSError
            As for `nearest`; also when the numbers of rows differ.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0, 1000], "y": [0, 0]})
        >>> road = pd.DataFrame({"from": [0], "to": [1], "minutes": [2], "km": [1]})
        >>> ends = pd.DataFrame({"easting": [0, 1000], "northing": [0, 0]}, index=["a", "b"])
        >>> Network(nodes, road).pairs(ends, ends[::-1])[["origin", "destination", "minutes"]]
          origin destination  minutes
        0      a           b      2.0
        1      b           a      2.0
        """
        start = self.place(origins, what="origins")
        end = self.place(destinations, what="destinations")
        refuse_unequal(start.labels, end.labels)
        at_start, at_end = (
            np.unique(np.column_stack((p.x, p.y)), axis=0, return_inverse=True)[1]
            for p in (start, end)
        )
        # One search for each place of that end which has fewer of them.
        inward = at_end.max(initial=-1) <= at_start.max(initial=-1)
        hub, rim, at = (end, start, at_end) if inward else (start, end, at_start)
        arcs = self._inward if inward else self._outward
        rows = len(start)
        # The labels of pairs need not be distinct, so each row is its own destination.
        code = np.full(rows, -1, dtype=np.int32)
        status = np.full(rows, STATUSES.index("unreachable"), dtype=np.int8)
        numbers, foot = np.full((4, rows), np.nan), np.zeros(rows, dtype=bool)
        order = np.argsort(at, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(at[order])) + 1):
            if not len(group):
                continue
            found = self._search(arcs, self._seeds(hub.subset(group[:1]), leaving=not inward))
            part = self._gather(rim.subset(group), found, pd.Index([0]), leaving=inward)
            code[group] = np.where(part.code < 0, -1, group)
            status[group], foot[group] = part.status, part.foot_ferry
            numbers[:, group] = part.minutes, part.km, part.ferry_minutes, part.boarding_minutes
        status[(start.node < 0) | (end.node < 0)] = STATUSES.index("off_network")
        minutes, km, aboard, boarding = numbers
        return Answer(end.labels, code, status, minutes, km, aboard, boarding, foot, 1).frame(
            start.labels
        )

    def path(self, origin: pd.DataFrame, destination: pd.DataFrame) -> gpd.GeoDataFrame:
        """Return the way from one place to another, leg by leg, for showing it.

        Parameters
        ----------
        origin, destination
            Points, one row each.

        Returns
        -------
        geopandas.GeoDataFrame
            One row per leg in the order of travel: kind (``access`` at both ends, ``road`` or
            ``ferry``), from and to (node labels, blank at the points themselves), minutes, km (by
            road and access legs), ferry_minutes, boarding_minutes, foot_ferry, edge (label of the
            row in `edges`) and geometry (the edge's own drawing where it has one, else a straight
            line). No rows where there is no way.

        Raises
        ------
        InputError, CRSError
            As for `nearest`; also when a frame has not exactly one row.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0, 1000], "y": [0, 0]}, index=["a", "b"])
        >>> road = pd.DataFrame({"from": ["a"], "to": ["b"], "minutes": [2], "km": [1]})
        >>> ends = pd.DataFrame({"easting": [0, 1000], "northing": [100, 0]})
        >>> Network(nodes, road).path(ends[:1], ends[1:])[["kind", "minutes"]].values.tolist()
        [['access', 0.3], ['road', 2.0], ['access', 0.0]]
        """
        import geopandas as gpd

        start = self.place(origin, what="origin")
        end = self.place(destination, what="destination")
        if len(start) != 1 or len(end) != 1:
            raise InputError(
                f"path: one origin and one destination are needed, not {len(start)} and "
                f"{len(end)}. For many use pairs()."
            )
        legs: list[dict[str, Any]] = []
        found = self._search(self._inward, self._seeds(end))
        leave = self._around(leaving=True).joins(start)
        arrive = self._around(leaving=False).joins(end)
        first = _first(found, leave.node, leave.access, _km_of(leave.metres))
        if first is not None:
            node = int(leave.node[first])
            legs.append(self._access_leg(start, node, leave.access[first], leave.metres[first]))
            while (last := self._last_leg(found, node, arrive)) is None:
                arc, after = self._next_arc(found, node)
                legs.append(self._edge_leg(self._outward, arc, node, after))
                node = after
            leg = self._access_leg(end, node, arrive.access[last], arrive.metres[last])
            leg["from"], leg["to"], leg["geometry"] = leg["to"], None, leg["geometry"].reverse()
            legs.append(leg)
        columns = ["kind", "from", "to", "minutes", "km", "ferry_minutes", "boarding_minutes",
                   "foot_ferry", "edge", "geometry"]  # fmt: skip
        return gpd.GeoDataFrame(legs, columns=columns, geometry="geometry", crs=self.crs)

    def _label(self, node: int) -> Any:
        return self.nodes.index[self._order[node]]

    def _last_leg(self, found: Search, node: int, arrive: Joins) -> int | None:
        """Return which way to the destination the quickest journey takes from a node, if any."""
        for i in np.flatnonzero(arrive.node == node):
            if (arrive.access[i], _km_of(arrive.metres[i])) == (
                found.time[node, 0],
                found.km[node, 0],
            ):
                return int(i)
        return None

    def _next_arc(self, found: Search, node: int) -> tuple[int, int]:
        """Return the arc on which the quickest journey goes on from a node, and its far end."""
        arcs = self._outward
        row = np.arange(arcs.start[node], arcs.start[node + 1])
        head, ferry = arcs.head[row], arcs.ferry[row]
        rest = [found.time[head, 0] + arcs.time[row], found.km[head, 0] + arcs.km[row]]
        here = [found.time[node, 0], found.km[node, 0]]
        if len(self._ferries):
            sea = np.flatnonzero(ferry >= 0)
            aboard, boarding, foot = (values.copy() for values in found.crossings(head))
            aboard[sea] += self._ferries.aboard[ferry[sea]]
            boarding[sea] += self._ferries.boarding[ferry[sea]]
            foot[sea] |= self._ferries.foot[ferry[sea]]
            rest += [aboard, boarding, foot.astype(np.int64)]
            here += [values[0] for values in found.crossings(np.array([node]))]
        fits = np.all([value == mine for value, mine in zip(rest, here, strict=True)], axis=0)
        at = int(np.flatnonzero(fits)[0])
        return int(row[at]), int(head[at])

    def _access_leg(self, place: Places, to: int, access: int, metres: float) -> dict[str, Any]:
        """Return the leg from a point to a node."""
        from shapely import LineString

        line = LineString([(place.x[0], place.y[0]), (self._x[to], self._y[to])])
        return {
            "kind": "access", "from": None, "to": self._label(to),
            "minutes": access / QUANTA, "km": metres / 1000,
            "ferry_minutes": 0.0, "boarding_minutes": 0.0, "foot_ferry": False, "edge": None,
            "geometry": line,
        }  # fmt: skip

    def _edge_leg(self, arcs: Arcs, arc: int, tail: int, head: int) -> dict[str, Any]:
        """Return the leg along one edge, drawn in the direction of travel."""
        from shapely import LineString

        edge, ferry = int(arcs.edge[arc]), int(arcs.ferry[arc])
        line = LineString([(self._x[tail], self._y[tail]), (self._x[head], self._y[head])])
        if "geometry" in self.edges.columns:
            line = self.edges["geometry"].iloc[edge]
            if self._source[edge] != tail:
                line = line.reverse()
        sea = ferry >= 0
        return {
            "kind": "ferry" if sea else "road", "from": self._label(tail), "to": self._label(head),
            "minutes": arcs.time[arc] / QUANTA, "km": arcs.km[arc] / QUANTA,
            "ferry_minutes": self._ferries.aboard[ferry] / QUANTA if sea else 0.0,
            "boarding_minutes": self._ferries.boarding[ferry] / QUANTA if sea else 0.0,
            "foot_ferry": bool(sea and self._ferries.foot[ferry]),
            "edge": self.edges.index[edge], "geometry": line,
        }  # fmt: skip

    def reach(
        self, points: pd.DataFrame | Places, minutes: float, *, towards: bool = True
    ) -> pd.DataFrame:
        """Return the nodes within so many minutes of any of the points.

        Parameters
        ----------
        points
            Services, say: geometry, or easting and northing in metres.
        minutes
            How far.
        towards
            Travel to the points (who can come); False for travel from them.

        Returns
        -------
        pandas.DataFrame
            Index the node's label, in the order of `nodes`; x, y, minutes, km, ferry_minutes,
            boarding_minutes and foot_ferry of the quickest way.

        Raises
        ------
        InputError, CRSError
            As for `nearest`.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0, 1000, 2000], "y": [0, 0, 0]}, index=list("abc"))
        >>> road = pd.DataFrame({"from": list("ab"), "to": list("bc"), "minutes": [2, 9], "km": 1})
        >>> clinic = pd.DataFrame({"easting": [0], "northing": [0]})
        >>> Network(nodes, road).reach(clinic, 5)["minutes"].to_dict()
        {'a': 0.0, 'b': 2.0}
        """
        found, limit = self._reached(points, minutes, towards)
        time = found.time[:, 0]
        rows = np.flatnonzero(time[self._place] <= limit)
        at = self._place[rows]
        aboard, boarding, foot = found.crossings(at)
        return pd.DataFrame(
            {
                "x": self._x[at],
                "y": self._y[at],
                "minutes": time[at] / QUANTA,
                "km": found.km[at, 0] / QUANTA,
                "ferry_minutes": aboard / QUANTA,
                "boarding_minutes": boarding / QUANTA,
                "foot_ferry": foot,
            },
            index=self.nodes.index[rows],
        )

    def reach_polygon(
        self,
        points: pd.DataFrame | Places,
        minutes: float,
        *,
        towards: bool = True,
        width_m: float = 250.0,
    ) -> gpd.GeoDataFrame:
        """Return the ground within so many minutes of any of the points.

        The land along every stretch that is reached, and along the part of a stretch that is
        reached in the time left; sea that a ferry crosses is not part of it.

        Parameters
        ----------
        points, minutes, towards
            As for `reach`.
        width_m
            How far to either side of a road counts as reached.

        Returns
        -------
        geopandas.GeoDataFrame
            One row: minutes and geometry (empty where nothing is reached).

        Raises
        ------
        InputError, CRSError
            As for `nearest`.

        Examples
        --------
        >>> nodes = pd.DataFrame({"x": [0, 1000], "y": [0, 0]})
        >>> road = pd.DataFrame({"from": [0], "to": [1], "minutes": [2], "km": [1]})
        >>> clinic = pd.DataFrame({"easting": [0], "northing": [0]})
        >>> ground = Network(nodes, road).reach_polygon(clinic, 1, width_m=100)
        >>> ground.total_bounds.tolist()
        [-100.0, -100.0, 600.0, 100.0]
        """
        import geopandas as gpd
        import shapely

        if fault := number_fault("width_m", width_m, "metres", above=True):
            raise InputError(fault)
        found, limit = self._reached(points, minutes, towards)
        arcs = self._inward if towards else self._outward
        time = found.time[:, 0]
        tail = np.repeat(np.arange(len(self.nodes)), np.diff(arcs.start))
        left = limit - time[tail]
        used = np.flatnonzero((left >= 0) & (arcs.ferry < 0))
        a, b = tail[used], arcs.head[used]
        share = np.minimum(left[used] / arcs.time[used], 1.0)
        far_x = self._x[a] + (self._x[b] - self._x[a]) * share
        far_y = self._y[a] + (self._y[b] - self._y[a]) * share
        lines = shapely.linestrings(
            np.stack((np.stack((self._x[a], self._y[a]), 1), np.stack((far_x, far_y), 1)), 1)
        )
        # A road that is reached from both ends is drawn once.
        whole = (share == 1) & (time[b] <= limit)
        twice = (
            whole
            & (a > b)
            & np.isin(b * len(self.nodes) + a, a[whole] * len(self.nodes) + b[whole])
        )
        there = np.flatnonzero(time <= limit)
        dots = shapely.points(self._x[there], self._y[there])
        drawn = np.concatenate((lines[~twice], dots))
        ground = shapely.union_all(shapely.buffer(drawn, width_m, quad_segs=4))
        return gpd.GeoDataFrame({"minutes": [float(minutes)]}, geometry=[ground], crs=self.crs)

    def _reached(
        self, points: pd.DataFrame | Places, minutes: float, towards: bool
    ) -> tuple[Search, int]:
        """Search from some points as far as a limit."""
        if minutes is None:
            raise InputError("minutes says how far to go and cannot be None.")
        limit = check_limit(minutes, name="minutes")
        places = self.place(points, what="points")
        seeds = self._seeds(places, leaving=not towards)
        arcs = self._inward if towards else self._outward
        return self._search(arcs, seeds, limit=limit), limit

    def _seeds(self, places: Places, codes: Codes | None = None, *, leaving: bool = False) -> Seeds:
        """Return where places join the network, as beginnings of a search; one code by default."""
        joins = self._around(leaving=leaving).joins(places)
        which = np.zeros(len(places), dtype=np.int32) if codes is None else codes
        return Seeds(joins.node, joins.access, _km_of(joins.metres), which[joins.row])

    # ---- keeping ------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> None:
        """Write the network into a folder: nodes and edges as (Geo)Parquet, settings as JSON.

        Parameters
        ----------
        folder
            Made if it does not exist; files of those names in it are replaced.

        Raises
        ------
        FileError
            The folder cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> nodes = pd.DataFrame({"x": [0.0, 9.0], "y": [0.0, 0.0]}, index=["a", "b"])
        >>> road = pd.DataFrame({"from": ["a"], "to": ["b"], "minutes": [2.0], "km": [1.0]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Network(nodes, road, label="by bicycle").save(folder)
        ...     Network.load(folder)
        Network(2 nodes, 1 edges, 0 of them ferries; by bicycle)
        """
        import geopandas as gpd

        folder = Path(folder)
        settings = {
            "format": FORMAT,
            "crs": self.crs,
            "access_kmh": self.access_kmh,
            "tolerance_m": self.tolerance_m,
            "join": self.join,
            "label": self.label,
        }
        points = gpd.GeoDataFrame(
            self.nodes.drop(columns=["x", "y"]),
            geometry=gpd.points_from_xy(self.nodes["x"], self.nodes["y"]),
            crs=self.crs,
        )
        edges = self.edges
        if "geometry" in edges.columns:
            edges = gpd.GeoDataFrame(edges, geometry="geometry", crs=self.crs)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            points.to_parquet(folder / "nodes.parquet", compression="zstd", index=True)
            edges.to_parquet(folder / "edges.parquet", compression="zstd")
            text = json.dumps(settings, indent=2) + "\n"
            (folder / "network.json").write_text(text, encoding="utf-8")
        except OSError as error:
            raise FileError(f"The network cannot be written to {folder}: {error}.") from error

    @classmethod
    def load(cls, folder: str | Path, *, engine: str = "auto") -> Network:
        """Read a network that `save` wrote.

        Parameters
        ----------
        folder
            The folder.
        engine
            As for the class.

        Raises
        ------
        FileError
            The folder or one of its three files is not there, or is something else.

        Examples
        --------
        See `save`.
        """
        import geopandas as gpd

        folder = Path(folder)
        try:
            settings = json.loads((folder / "network.json").read_text(encoding="utf-8"))
            points = gpd.read_parquet(folder / "nodes.parquet")
            edges = _read_edges(folder / "edges.parquet")
            if settings.pop("format") != FORMAT:
                raise FileError(
                    f"{folder} holds a network of another version of gapmap; make it again."
                )
        except (OSError, ValueError, KeyError) as error:
            if isinstance(error, FileError):
                raise
            raise FileError(
                f"{folder} is not a saved network (nodes.parquet, edges.parquet and network.json "
                f"are needed): {error}."
            ) from error
        nodes = pd.DataFrame(points.drop(columns="geometry"))
        nodes.insert(0, "x", points.geometry.x)
        nodes.insert(1, "y", points.geometry.y)
        return cls(nodes, edges, engine=engine, **settings)


def _read_edges(path: Path) -> pd.DataFrame:
    """Read edges, with their drawing where they have one."""
    import geopandas as gpd
    import pyarrow.parquet as pq

    if "geometry" in pq.read_schema(path).names:
        return gpd.read_parquet(path)
    return pd.read_parquet(path)


def _engine(name: str) -> Any:
    """Return the module that does the searching."""
    from gapmap.travel import _plain

    if name == "scipy":
        return _plain
    if name not in ("auto", "numba"):
        raise InputError(f'engine must be "auto", "numba" or "scipy", not {name!r}.')
    try:
        from gapmap.travel import _compiled
    except ImportError as error:
        if name == "numba":
            from gapmap.errors import MissingDependency

            raise MissingDependency("numba", "fast", "The compiled search") from error
        return _plain
    return _compiled


def _check(
    nodes: pd.DataFrame, edges: pd.DataFrame, crs: str, faults: list[str]
) -> tuple[Ints, Ints]:
    """Refuse frames that are no network, naming every fault; return the ends of edges."""
    if shapes := _shape_faults(nodes, edges):
        raise InputError(_listed([*faults, *shapes]))
    if nodes.index.has_duplicates:
        twice = nodes.index[nodes.index.duplicated()].unique()
        faults.append(
            f"nodes: labels that stand on more than one row: {_some(twice)}. Give each node its own"
        )
    x, y = _numbers(nodes, "x"), _numbers(nodes, "y")
    for column, values in (("x", x), ("y", y)):
        bad = ~np.isfinite(values)
        if bad.any():
            faults.append(
                f"nodes: {column} must be a number of metres; it is {_some(nodes[column][bad])} at "
                f"{_some(nodes.index[bad])}"
            )
    if np.isfinite(x).all() and np.isfinite(y).all() and are_degrees(x, y, crs):
        faults.append("nodes: " + degrees_fault("x", "y", x, y, crs))
    for column in ("minutes", "km", "boarding_minutes"):
        if column not in edges.columns:
            continue
        values = _numbers(edges, column)
        if column == "boarding_minutes":
            values = np.where(edges[column].isna(), 0, values)
            more = values > _numbers(edges, "minutes")
            if more.any():
                faults.append(
                    "edges: boarding_minutes is a part of minutes and cannot be more, as at row "
                    f"{_some(edges.index[more])}"
                )
        bad = ~(np.isfinite(values) & (values >= 0) & (values < NEVER / QUANTA / 1000))
        if bad.any():
            faults.append(
                f"edges: {column} must be a number of at least 0; it is "
                f"{_some(edges[column][bad])} at row {_some(edges.index[bad])}"
            )
    faults += [
        fault
        for frame, what, columns in (
            (nodes, "nodes", ("snap",)),
            (edges, "edges", ("oneway", "ferry", "foot_only")),
        )
        for column in columns
        if (fault := _flag_fault(frame, what, column))
    ]
    ends = []
    for column in ("from", "to"):
        if nodes.index.has_duplicates:
            break
        ends.append(nodes.index.get_indexer(pd.Index(edges[column])))
        lost = ends[-1] < 0
        if lost.any():
            faults.append(
                f"edges: {column} names no node: {_some(edges[column][lost])} at row "
                f"{_some(edges.index[lost])}"
            )
    if faults:
        raise InputError(_listed(faults))
    return ends[0].astype(np.int64), ends[1].astype(np.int64)


def _shape_faults(nodes: object, edges: object) -> list[str]:
    """Return why two things are not frames of nodes and edges at all."""
    faults = []
    needed = {"nodes": ("x", "y"), "edges": ("from", "to", "minutes", "km")}
    for what, frame in (("nodes", nodes), ("edges", edges)):
        if not isinstance(frame, pd.DataFrame):
            faults.append(
                f"{what}: expected a pandas DataFrame with the columns {', '.join(needed[what])}, "
                f"but got {type(frame).__name__}"
            )
            continue
        faults += [f"{what}: the column {c!r} is missing" for c in needed[what] if c not in frame]
        if what == "nodes" and isinstance(frame.index, pd.MultiIndex):
            faults.append(f"nodes: {levels_fault(frame.index)}")
        if what == "nodes" and not len(frame):
            faults.append("nodes: there is no row; a network needs at least one node")
    return faults


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers; what is none becomes not-a-number."""
    values = pd.to_numeric(frame[column], errors="coerce")
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _flag(frame: pd.DataFrame, column: str, *, blank: bool = False) -> Bools:
    """Return a yes-or-no column; what an absent or blank one means is `blank`."""
    if column not in frame.columns:
        return np.full(len(frame), blank)
    values = frame[column]
    if values.dtype == bool:
        return np.asarray(values, dtype=np.bool_)
    plain = values.astype(object).where(values.notna(), blank)
    return np.asarray(plain, dtype=np.bool_)


def _flag_fault(frame: pd.DataFrame, what: str, column: str) -> str | None:
    """Return what is wrong with a yes-or-no column, if anything is."""
    if column not in frame.columns or frame[column].dtype == bool:
        return None
    values = frame[column].astype(object)
    other = values.notna() & ~values.isin([True, False])
    if not other.any():
        return None
    return (
        f"{what}: {column} must be true or false; it is {_some(values[other])} at row "
        f"{_some(frame.index[other])}. Make it so: {what}[{column!r}] == "
        f"{values[other].iloc[0]!r} where that means true"
    )


def _quanta(values: pd.Series[Any]) -> Ints:
    """Return minutes or kilometres as whole quanta."""
    return np.asarray(np.rint(values.to_numpy(dtype=float) * QUANTA), dtype=np.int64)


def _km_of(metres: Floats) -> Ints:
    """Return metres as quanta of a kilometre."""
    return np.rint(metres * (QUANTA / 1000)).astype(np.int64)


def _roads(arcs: Arcs, snap: Bools) -> tuple[Ints, Codes]:
    """Return, in compressed rows, the nodes at the far ends of roads that a point can join."""
    kept = (arcs.ferry < 0) & snap[arcs.head]
    before = np.append(0, np.cumsum(kept))
    return before[arcs.start], arcs.head[kept]


def _first(found: Search, node: Codes, access: Ints, km: Ints) -> int | None:
    """Return which of some ways onto the network makes the journey quickest; None if none does."""
    time = found.time[node, 0]
    there = np.flatnonzero(time < NEVER)
    if not len(there):
        return None
    at = node[there]
    aboard, boarding, foot = found.crossings(at)
    keys = (foot, boarding, aboard, found.km[at, 0] + km[there], time[there] + access[there])
    return int(there[np.lexsort(keys)[0]])


def _some(values: Any) -> str:
    """Write the first few of many values."""
    shown = [str(value) for value in list(values[:5])]
    rest = len(values) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _listed(faults: list[str]) -> str:
    """Write faults as one sentence."""
    return f"This is not a network. {'; '.join(fault.rstrip('.') for fault in faults)}."
