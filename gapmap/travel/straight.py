"""Owns `StraightLine`: the same questions as `Network`, answered as the crow flies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.travel.answer import (
    REACHABLE,
    UNREACHABLE,
    Answer,
    Codes,
    Floats,
    Places,
    check_k,
    coordinates,
    distinct_labels,
    metric_crs,
    number_fault,
    refuse_levels,
    refuse_unequal,
)


class StraightLine:
    """Straight distances behind the interface of `Network`: every place reaches every other.

    A straight line knows no sea, so nothing is ever by ferry, unreachable or off the network;
    it is for a first look, and to show what roads change.

    Parameters
    ----------
    factor
        Kilometres told for each straight kilometre (road is commonly 1.2 to 1.4 of it).
    kmh
        Speed that turns those kilometres into minutes; without it minutes stay blank.
    crs
        Reference system of geometry, in metres.
    label
        How products name these distances.

    Raises
    ------
    InputError
        A factor or speed that is not above 0.
    CRSError
        `crs` is not in metres.

    Examples
    --------
    >>> homes = pd.DataFrame({"easting": [0], "northing": [0]}, index=["home"])
    >>> sites = pd.DataFrame({"easting": [3000, 9000], "northing": [4000, 0]}, index=["a", "b"])
    >>> StraightLine().nearest(homes, sites)[["destination", "km", "minutes"]]
      destination   km  minutes
    0           a  5.0      NaN
    >>> float(StraightLine(factor=1.2, kmh=60).nearest(homes, sites)["minutes"].iloc[0])
    6.0
    """

    def __init__(
        self,
        *,
        factor: float = 1.0,
        kmh: float | None = None,
        crs: object = "EPSG:27700",
        label: str = "in a straight line",
    ) -> None:
        faults = [number_fault("factor", factor, "kilometres a straight kilometre", above=True)]
        if kmh is not None:
            faults.append(number_fault("kmh", kmh, "km/h", above=True))
        if any(faults):
            raise InputError(" ".join(filter(None, faults)))
        self.factor = float(factor)
        self.kmh = None if kmh is None else float(kmh)
        self.crs = metric_crs(crs)
        self.label = label

    def __repr__(self) -> str:
        speed = "no speed" if self.kmh is None else f"{self.kmh:g} km/h"
        return f"StraightLine(factor {self.factor:g}, {speed})"

    def place(self, points: pd.DataFrame | Places, *, what: str = "points") -> Places:
        """Read points once for many questions; see `Network.place`.

        Examples
        --------
        >>> len(StraightLine().place(pd.DataFrame({"easting": [1], "northing": [2]})))
        1
        """
        if isinstance(points, Places):
            return points
        x, y = coordinates(points, self.crs, what=what)
        refuse_levels(points.index, what=what)
        none = np.zeros(len(x), dtype=np.int64)
        return Places(points.index, x, y, none.astype(np.int32), none, none.astype(float))

    def nearest(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        k: int = 1,
        limit: float | None = None,
    ) -> pd.DataFrame:
        """Find the k nearest destinations of every origin; columns as `Network.nearest`.

        Parameters
        ----------
        origins, destinations
            Points, as for `Network.nearest`.
        k
            How many.
        limit
            Minutes; needs a speed.

        Raises
        ------
        InputError
            Points without coordinates; a `k` or `limit` that makes no sense, or a limit without
            a speed.

        Examples
        --------
        See the class.
        """
        start = self.place(origins, what="origins")
        return self.answer(start, destinations, k=k, limit=limit).frame(start.labels)

    def answer(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        k: int = 1,
        limit: float | None = None,
    ) -> Answer:
        """Answer `nearest` as plain arrays; see `Network.answer`.

        Parameters
        ----------
        origins, destinations, k, limit
            As for `nearest`.

        Raises
        ------
        InputError
            As for `nearest`.

        Examples
        --------
        >>> ends = pd.DataFrame({"easting": [0, 3000], "northing": [0, 4000]}, index=["a", "b"])
        >>> StraightLine().answer(ends, ends[1:]).km
        array([5., 0.])
        """
        k, reach = check_k(k), self._reach(limit)
        start = self.place(origins, what="origins")
        end = self.place(destinations, what="destinations")
        names, codes = distinct_labels(end.labels, what="destinations")
        code, metres = _nearest(start, end, codes, k=k, names=len(names))
        code[metres > reach] = -1
        return self._answer(names, code.reshape(-1), metres.reshape(-1), k=k)

    def matrix(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        limit: float | None = None,
    ) -> pd.DataFrame:
        """Return minutes from every origin to every destination (kilometres without a speed).

        Parameters
        ----------
        origins, destinations
            Points, as for `Network.matrix`.
        limit
            Minutes; what is farther is left blank. Needs a speed.

        Raises
        ------
        InputError
            As for `nearest`.

        Examples
        --------
        >>> ends = pd.DataFrame({"easting": [0, 3000], "northing": [0, 4000]}, index=["a", "b"])
        >>> StraightLine().matrix(ends, ends)
             a    b
        a  0.0  5.0
        b  5.0  0.0
        """
        reach = self._reach(limit)
        start = self.place(origins, what="origins")
        end = self.place(destinations, what="destinations")
        names = end.labels.unique()
        codes = names.get_indexer(end.labels)
        metres = np.full((len(start), len(names)), np.inf)
        for place, code in enumerate(codes):
            far = np.sqrt((start.x - end.x[place]) ** 2 + (start.y - end.y[place]) ** 2)
            np.minimum(metres[:, code], far, out=metres[:, code])
        minutes = np.where(metres <= reach, metres, np.nan) * self.factor / 1000
        if self.kmh is not None:
            minutes *= 60 / self.kmh
        return pd.DataFrame(minutes, index=start.labels, columns=names)

    def pairs(
        self, origins: pd.DataFrame | Places, destinations: pd.DataFrame | Places
    ) -> pd.DataFrame:
        """Measure from each origin to the destination on the same row; see `Network.pairs`.

        Parameters
        ----------
        origins, destinations
            Points, as many of both.

        Raises
        ------
        InputError
            The numbers of rows differ, or points have no coordinates.

        Examples
        --------
        >>> ends = pd.DataFrame({"easting": [0, 3000], "northing": [0, 4000]}, index=["a", "b"])
        >>> StraightLine().pairs(ends, ends[::-1])["km"].tolist()
        [5.0, 5.0]
        """
        start = self.place(origins, what="origins")
        end = self.place(destinations, what="destinations")
        refuse_unequal(start.labels, end.labels)
        metres = np.sqrt((start.x - end.x) ** 2 + (start.y - end.y) ** 2)
        code = np.arange(len(start), dtype=np.int32)
        return self._answer(pd.Index(end.labels), code, metres, k=1).frame(start.labels)

    def _reach(self, limit: float | None) -> float:
        """Return a limit in minutes as straight metres."""
        if limit is None:
            return np.inf
        if self.kmh is None:
            raise InputError(
                "limit is in minutes, and a straight line has none without a speed: give "
                "StraightLine(kmh=...)."
            )
        if fault := number_fault("limit", limit, "minutes"):
            raise InputError(fault)
        return float(limit) / 60 * self.kmh / self.factor * 1000

    def _answer(self, names: pd.Index, code: Codes, metres: Floats, *, k: int) -> Answer:
        """Turn straight metres into an answer."""
        there = code >= 0
        km = np.where(there, metres * self.factor / 1000, np.nan)
        minutes = np.full(len(km), np.nan) if self.kmh is None else km * (60 / self.kmh)
        nothing = np.where(there, 0.0, np.nan)
        status = np.where(there, REACHABLE, UNREACHABLE).astype(np.int8)
        foot = np.zeros(len(km), dtype=bool)
        return Answer(names, code, status, minutes, km, nothing, nothing.copy(), foot, k)


def _nearest(
    start: Places, end: Places, codes: Codes, *, k: int, names: int
) -> tuple[Codes, Floats]:
    """Return the k nearest distinct destinations of each point (-1 for none) and the metres.

    A tree gives more places than needed; a point whose last place might tie with, or hide, one
    that it should have is asked again with more. Ties go by code.
    """
    from scipy.spatial import cKDTree

    best = np.full((len(start), k), -1, dtype=np.int32)
    metres = np.full((len(start), k), np.inf)
    if not len(end) or not len(start):
        return best, metres
    tree = cKDTree(np.column_stack((end.x, end.y)))
    points = np.column_stack((start.x, start.y))
    rows = np.arange(len(start))
    asked = min(k + 1, len(end))
    while len(rows):
        far, at = tree.query(points[rows], k=asked, workers=-1)
        far, at = far.reshape(len(rows), asked), at.reshape(len(rows), asked)
        dx, dy = end.x[at] - start.x[rows, None], end.y[at] - start.y[rows, None]
        exact = np.sqrt(dx * dx + dy * dy)
        code = codes[at]
        order = np.lexsort((code, exact), axis=1)
        exact = np.take_along_axis(exact, order, axis=1)
        code = np.take_along_axis(code, order, axis=1)
        again = np.zeros(code.shape, dtype=bool)
        for later in range(1, asked):
            again[:, later] = (code[:, :later] == code[:, later : later + 1]).any(axis=1)
        rank = np.cumsum(~again, axis=1)
        enough = rank[:, -1] >= min(k, names)
        kth = np.where(~again & (rank == min(k, names)), exact, np.inf).min(axis=1)
        sure = enough & ((far[:, -1] > kth * (1 + 1e-12)) | (asked == len(end)))
        take = ~again & (rank <= k) & sure[:, None]
        row, column = np.nonzero(take)
        best[rows[row], rank[row, column] - 1] = code[row, column]
        metres[rows[row], rank[row, column] - 1] = exact[row, column]
        rows = rows[~sure]
        asked = min(asked * 4, len(end))
    return best, metres
