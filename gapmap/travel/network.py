"""Owns `Network`: exact shortest times by road and ferry between points and their destinations."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.errors import CRSError, FileError, InputError
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
    check_k,
    check_limit,
    coordinates,
    distinct_labels,
    refuse_unequal,
)
from gapmap.travel.graph import Arcs, Ferries, Search, Seeds, compress, near_order

if TYPE_CHECKING:
    import geopandas as gpd

FORMAT = 1


class Network:
    """Roads and ferries as a graph, and the shortest times over it.

    Times are exact: they are added up as whole billionths of a minute. Of destinations equally
    far, the one whose label sorts first counts as nearer; of ways equally quick to the same
    destination, one is taken by a fixed rule. Answers are the same with and without numba (the
    extra ``fast``), which only makes them quicker.

    Parameters
    ----------
    nodes
        One row per node: index the label, columns x and y in metres. A column ``snap`` (bool)
        may say which nodes a point can join the network at; all, if there is none. Other columns
        are kept.
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
    label
        How products name these times.
    engine
        ``auto`` (numba where installed), ``numba`` or ``scipy``.

    Raises
    ------
    InputError
        Missing columns, doubled labels, edges to no node, times or lengths that cannot be: all
        faults are listed at once.

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
        label: str = "by road and ferry",
        engine: str = "auto",
    ) -> None:
        self.crs = _metres(crs)
        for name, value in (("access_kmh", access_kmh), ("tolerance_m", tolerance_m)):
            if not np.isfinite(value) or value <= 0:
                raise InputError(f"{name} must be a number above 0, not {value!r}.")
        self.access_kmh = float(access_kmh)
        self.tolerance_m = float(tolerance_m)
        self.label = label
        self.engine = _engine(engine)
        source, target = _check(nodes, edges)
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
        self._ferry = np.where(ferry, np.cumsum(ferry) - 1, -1).astype(np.int32)
        boarding = np.zeros(int(ferry.sum()), dtype=np.int64)
        if "boarding_minutes" in edges.columns:
            boarding = _quanta(edges.loc[ferry, "boarding_minutes"].fillna(0))
        self._ferries = Ferries(
            self._time[ferry] - boarding, boarding, _flag(edges, "foot_only")[ferry]
        )

    def __repr__(self) -> str:
        return (
            f"Network({len(self.nodes):,} nodes, {len(self.edges):,} edges, "
            f"{len(self._ferries):,} of them ferries; {self.label})"
        )

    # ---- the graph ----------------------------------------------------------------------------

    @cached_property
    def _outward(self) -> Arcs:
        """Arcs as one travels."""
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
    def _index(self) -> Any:
        """The nodes that a point can join, ready to be looked up by place."""
        snap = (
            self.nodes["snap"].to_numpy(dtype=bool)[self._order]
            if "snap" in self.nodes.columns
            else np.ones(len(self.nodes), dtype=bool)
        )
        rows = np.flatnonzero(snap).astype(np.int32)
        return self.engine.index_points(self._x[rows], self._y[rows], rows)

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
        node, metres = self.engine.nearest_node(self._index, x, y, self.tolerance_m)
        # metres / 1000 km, at access_kmh, times 60 minutes
        quanta = np.rint(np.nan_to_num(metres) * (0.06 / self.access_kmh * QUANTA))
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
        seeds = self._seeds(end, codes)
        # The search needs no origins, so it runs beside looking up where they join.
        with ThreadPoolExecutor(1) as beside:
            search = beside.submit(self._search, self._inward, seeds, k=k, limit=limit_quanta)
            start = self.place(origins, what="origins")
            found = search.result()
        answer: Answer = self.engine.gather(start, found, names, k=k, limit=limit_quanta)
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
        time = np.full((len(start), len(names)), NEVER, dtype=np.int64)
        if len(start) < len(names):
            at = np.maximum(end.node, 0)
            for i in np.flatnonzero(start.node >= 0):
                seeds = self._seeds(start.subset(np.array([i])), np.zeros(1, dtype=np.int32))
                far = self._search(self._outward, seeds, limit=limit_quanta).time[at] + end.access
                np.minimum.at(time[i], codes, np.where(end.node < 0, NEVER, far))
        else:
            at = np.maximum(start.node, 0)
            for code in range(len(names)):
                own = end.subset(codes == code)
                seeds = self._seeds(own, np.zeros(len(own), dtype=np.int32))
                far = self._search(self._inward, seeds, limit=limit_quanta).time[at]
                time[:, code] = np.where(start.node < 0, NEVER, far + start.access)
        minutes = np.where((time < NEVER) & (time <= limit_quanta), time / QUANTA, np.nan)
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
        rows = len(start)
        inward = len(np.unique(end.node)) <= len(np.unique(start.node))
        hub, rim = (end, start) if inward else (start, end)
        arcs = self._inward if inward else self._outward
        time = np.full(rows, NEVER, dtype=np.int64)
        km, aboard, boarding = (np.zeros(rows, dtype=np.int64) for _ in range(3))
        foot = np.zeros(rows, dtype=bool)
        joined = (start.node >= 0) & (end.node >= 0)
        order = np.flatnonzero(joined)
        order = order[np.argsort(hub.node[order], kind="stable")]
        zero = np.zeros(1, dtype=np.int64)
        for group in np.split(order, np.flatnonzero(np.diff(hub.node[order])) + 1):
            if not len(group):
                continue
            seeds = Seeds(hub.node[group[:1]], zero, zero, zero.astype(np.int32))
            found = self._search(arcs, seeds)
            at = rim.node[group]
            time[group] = found.time[at]
            km[group] = found.km[at]
            aboard[group], boarding[group], foot[group] = found.crossings(at)
        there = time < NEVER
        legs = _km_of(np.nan_to_num(start.metres)) + _km_of(np.nan_to_num(end.metres))
        # The labels of pairs need not be distinct, so each row is its own destination.
        return _answer(
            pd.Index(end.labels),
            np.where(there, np.arange(rows), -1).astype(np.int32),
            time + start.access + end.access,
            km + legs,
            aboard,
            boarding,
            foot,
            there=there,
            off=~joined,
            k=1,
        ).frame(start.labels)

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
        arcs = self._inward
        node = int(start.node[0])
        legs: list[dict[str, Any]] = []
        if node >= 0 and end.node[0] >= 0:
            found = self._search(arcs, self._seeds(end, np.zeros(1, dtype=np.int32)))
            if found.time[node] < NEVER:
                legs.append(self._access_leg(start, to=node))
                while found.previous[node] >= 0:
                    after = int(found.previous[node])
                    row = slice(arcs.start[after], arcs.start[after + 1])
                    arc = int(arcs.start[after] + np.searchsorted(arcs.head[row], node))
                    legs.append(self._edge_leg(arcs, arc, node, after))
                    node = after
                legs.append(
                    self._access_leg(end, to=node) | {"from": self._label(node), "to": None}
                )
                legs[-1]["geometry"] = legs[-1]["geometry"].reverse()
        columns = ["kind", "from", "to", "minutes", "km", "ferry_minutes", "boarding_minutes",
                   "foot_ferry", "edge", "geometry"]  # fmt: skip
        return gpd.GeoDataFrame(legs, columns=columns, geometry="geometry", crs=self.crs)

    def _label(self, node: int) -> Any:
        return self.nodes.index[self._order[node]]

    def _access_leg(self, place: Places, *, to: int) -> dict[str, Any]:
        """Return the leg from a point to its node."""
        from shapely import LineString

        line = LineString([(place.x[0], place.y[0]), (self._x[to], self._y[to])])
        return {
            "kind": "access", "from": None, "to": self._label(to),
            "minutes": place.access[0] / QUANTA, "km": place.metres[0] / 1000,
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
        rows = np.flatnonzero(found.time[self._place] <= limit)
        at = self._place[rows]
        aboard, boarding, foot = found.crossings(at)
        return pd.DataFrame(
            {
                "x": self._x[at],
                "y": self._y[at],
                "minutes": found.time[at] / QUANTA,
                "km": found.km[at] / QUANTA,
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

        if not np.isfinite(width_m) or width_m <= 0:
            raise InputError(f"width_m must be a number of metres above 0, not {width_m!r}.")
        found, limit = self._reached(points, minutes, towards)
        arcs = self._inward if towards else self._outward
        tail = np.repeat(np.arange(len(self.nodes)), np.diff(arcs.start))
        left = limit - found.time[tail]
        used = np.flatnonzero((left >= 0) & (arcs.ferry < 0))
        a, b = tail[used], arcs.head[used]
        share = np.minimum(left[used] / arcs.time[used], 1.0)
        far_x = self._x[a] + (self._x[b] - self._x[a]) * share
        far_y = self._y[a] + (self._y[b] - self._y[a]) * share
        lines = shapely.linestrings(
            np.stack((np.stack((self._x[a], self._y[a]), 1), np.stack((far_x, far_y), 1)), 1)
        )
        # A road that is reached from both ends is drawn once.
        whole = (share == 1) & (found.time[b] <= limit)
        twice = (
            whole
            & (a > b)
            & np.isin(b * len(self.nodes) + a, a[whole] * len(self.nodes) + b[whole])
        )
        there = np.flatnonzero(found.time <= limit)
        dots = shapely.points(self._x[there], self._y[there])
        drawn = np.concatenate((lines[~twice], dots))
        ground = shapely.union_all(shapely.buffer(drawn, width_m, quad_segs=4))
        return gpd.GeoDataFrame({"minutes": [float(minutes)]}, geometry=[ground], crs=self.crs)

    def _reached(
        self, points: pd.DataFrame | Places, minutes: float, towards: bool
    ) -> tuple[Search, int]:
        """Search from some points as far as a limit."""
        limit = check_limit(minutes)
        places = self.place(points, what="points")
        seeds = self._seeds(places, np.zeros(len(places), dtype=np.int32))
        arcs = self._inward if towards else self._outward
        return self._search(arcs, seeds, limit=limit), limit

    def _seeds(self, places: Places, codes: Codes) -> Seeds:
        """Return the places that are on the network, as beginnings of a search."""
        on = places.node >= 0
        return Seeds(places.node[on], places.access[on], _km_of(places.metres[on]), codes[on])

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


def _metres(crs: object) -> str:
    """Return a reference system as text, when its unit is the metre."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError as Unknown

    try:
        known = CRS.from_user_input(crs)
    except Unknown as error:
        raise CRSError(f"crs: {crs!r} is not a reference system that is known.") from error
    units = {axis.unit_name for axis in known.axis_info}
    if known.is_geographic or units != {"metre"}:
        raise CRSError(
            f"crs: {crs!r} is in {', '.join(sorted(units))}, but lengths are needed in metres. "
            'Use the national grid, "EPSG:27700".'
        )
    return str(known.to_string())


def _check(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[Ints, Ints]:
    """Refuse frames that are no network, naming every fault; return the ends of edges."""
    faults = [f"nodes: the column {c!r} is missing" for c in ("x", "y") if c not in nodes.columns]
    faults += [
        f"edges: the column {c!r} is missing"
        for c in ("from", "to", "minutes", "km")
        if c not in edges.columns
    ]
    if faults:
        raise InputError(f"This is not a network. {_listed(faults)}")
    if nodes.index.has_duplicates:
        twice = nodes.index[nodes.index.duplicated()].unique()
        faults.append(f"nodes: labels that stand on more than one row: {_some(twice)}")
    for column in ("x", "y"):
        bad = ~np.isfinite(_numbers(nodes, column))
        if bad.any():
            faults.append(f"nodes: {column} is not a number of metres at {_some(nodes.index[bad])}")
    for column in ("minutes", "km", "boarding_minutes"):
        if column not in edges.columns:
            continue
        values = _numbers(edges, column)
        if column == "boarding_minutes":
            values = np.nan_to_num(values)
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
        raise InputError(f"This is not a network. {_listed(faults)}")
    return ends[0].astype(np.int64), ends[1].astype(np.int64)


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers; what is none becomes not-a-number."""
    values = pd.to_numeric(frame[column], errors="coerce")
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _flag(frame: pd.DataFrame, column: str) -> Bools:
    """Return a yes-or-no column; absent or blank means no."""
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    values = frame[column]
    if values.dtype == bool:
        return np.asarray(values, dtype=np.bool_)
    plain = values.astype(object).where(values.notna(), False)
    other = ~plain.isin([True, False])
    if other.any():
        raise InputError(
            f"edges: {column} must be true or false; it is {_some(plain[other])} at row "
            f"{_some(frame.index[other])}."
        )
    return np.asarray(plain, dtype=np.bool_)


def _quanta(values: pd.Series[Any]) -> Ints:
    """Return minutes or kilometres as whole quanta."""
    return np.asarray(np.rint(values.to_numpy(dtype=float) * QUANTA), dtype=np.int64)


def _km_of(metres: Floats) -> Ints:
    """Return metres as quanta of a kilometre."""
    return np.rint(metres * (QUANTA / 1000)).astype(np.int64)


def _answer(
    names: pd.Index,
    code: Codes,
    time: Ints,
    km: Ints,
    aboard: Ints,
    boarding: Ints,
    foot: Bools,
    *,
    there: Bools,
    off: Bools,
    k: int,
) -> Answer:
    """Turn sums in quanta into an answer, blank where there is no way."""
    status = np.full(len(there), UNREACHABLE, dtype=np.int8)
    status[off] = OFF_NETWORK
    status[there] = REACHABLE
    status[there & (aboard + boarding > 0)] = BY_FERRY
    minutes, road, sea, waiting = (
        np.where(there, values / QUANTA, np.nan) for values in (time, km, aboard, boarding)
    )
    return Answer(names, code, status, minutes, road, sea, waiting, foot & there, k)


def _some(values: Any) -> str:
    """Write the first few of many values."""
    shown = [str(value) for value in list(values[:5])]
    rest = len(values) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _listed(faults: list[str]) -> str:
    """Write faults as one sentence."""
    return "; ".join(faults) + "."
