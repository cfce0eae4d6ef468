"""Owns the shape of a travel question and its answer: points go in, one frame comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gapmap.errors import CRSError, InputError

QUANTA = 1_000_000_000
"""Parts of a minute (and of a kilometre) in which sums are kept: whole numbers, so that adding
is exact, ties are ties, and every way of computing gives the same answer."""

NEVER = 1 << 62
"""Quanta that stand, inside a search only, for a place not reached yet."""

AGREE_METRES = 100.0
"""How far apart a point's geometry and its easting and northing may be and still agree."""

STATUSES = ("reachable", "by_ferry", "unreachable", "off_network")
REACHABLE, BY_FERRY, UNREACHABLE, OFF_NETWORK = range(4)

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Places:
    """Points made ready for a network: where they are and how they join it.

    Attributes
    ----------
    labels
        The points' index.
    x, y
        Metres.
    node
        Position of the nearest node inside the network, -1 beyond the tolerance.
    access
        Time between the point and that node, in quanta (see `QUANTA`).
    metres
        Straight distance to that node.
    """

    labels: pd.Index
    x: Floats
    y: Floats
    node: Codes
    access: Ints
    metres: Floats

    def __len__(self) -> int:
        return len(self.x)

    def subset(self, rows: npt.NDArray[Any]) -> Places:
        """Return some of the points (a mask or positions), still joined to the network.

        Examples
        --------
        >>> zeros = np.zeros(2)
        >>> two = Places(pd.Index(["a", "b"]), zeros, zeros, zeros.astype("int32"),
        ...              zeros.astype("int64"), zeros)
        >>> two.subset(np.array([False, True])).labels.tolist()
        ['b']
        """
        return Places(
            self.labels[rows],
            self.x[rows],
            self.y[rows],
            self.node[rows],
            self.access[rows],
            self.metres[rows],
        )


def coordinates(points: pd.DataFrame, crs: object, *, what: str) -> tuple[Floats, Floats]:
    """Read x and y in metres from a frame of points.

    Parameters
    ----------
    points
        A GeoDataFrame of points in `crs`, or a frame with columns easting and northing (metres),
        which win where there are both; a geometry must then agree with them, within 100 m,
        whatever reference system it is in.
    crs
        The reference system that the points must have.
    what
        How to call the frame in a message ("origins").

    Returns
    -------
    tuple
        Two float arrays, in the rows' order.

    Raises
    ------
    CRSError
        The frame has geometry in no, or in another, reference system; or easting and northing
        that are degrees (see `are_degrees`).
    InputError
        No coordinates, shapes that are not points, rows without a place (all are listed), or
        coordinates and geometry that tell different places.

    Examples
    --------
    >>> x, y = coordinates(pd.DataFrame({"easting": [1], "northing": [2]}), 27700, what="origins")
    >>> (x.tolist(), y.tolist())
    ([1.0], [2.0])
    """
    if not isinstance(points, pd.DataFrame):
        raise InputError(
            f"{what}: expected a frame with geometry, or with columns easting and northing, "
            f"but got {type(points).__name__}."
        )
    drawn = getattr(points, "_geometry_column_name", None)
    drawn = drawn if drawn in points.columns else None
    if {"easting", "northing"} <= set(points.columns):
        try:
            x = points["easting"].to_numpy(dtype=float, na_value=np.nan)
            y = points["northing"].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{what}: easting and northing must be numbers in metres ({error})."
            ) from error
    else:
        if drawn is None:
            raise InputError(
                f"{what}: found the columns {', '.join(map(str, points.columns)) or '(none)'}; "
                "needed are columns easting and northing in metres, or a geometry of points."
            )
        _same_crs(points, crs, what)
        shapes = points.geometry
        kinds = set(shapes.geom_type.dropna()) - {"Point"}
        if kinds:
            raise InputError(
                f"{what}: the geometry has {', '.join(sorted(kinds))}; only points have a place to "
                "travel from. Take .representative_point() first, or people points."
            )
        x = shapes.x.to_numpy(dtype=float)
        y = shapes.y.to_numpy(dtype=float)
        drawn = None
    bad = ~(np.isfinite(x) & np.isfinite(y))
    if bad.any():
        rows = [str(label) for label in points.index[bad][:5]]
        more = f" and {int(bad.sum()) - 5} more" if bad.sum() > 5 else ""
        raise InputError(
            f"{what}: {int(bad.sum())} rows have no usable coordinates ({', '.join(rows)}{more}). "
            "Locate them first, or leave them out and count them."
        )
    if are_degrees(x, y, crs):
        raise CRSError(f"{what}: {degrees_fault('easting', 'northing', x, y, crs)}")
    if drawn is not None:
        _agree(points, x, y, crs, what)
    return x, y


def are_degrees(x: Floats, y: Floats, crs: object) -> bool:
    """Whether what should be metres is longitude and latitude (in either order).

    It is when every point, read as degrees, lies where the reference system is in use (or within
    a degree of that), and not all are whole numbers. In metres such points would lie within some
    60 m of the system's origin (for the national grid in the sea off Scilly), all of them; points
    of a made-up town near its origin are whole numbers, or go beyond.

    Examples
    --------
    >>> are_degrees(np.array([-3.19, -4.25]), np.array([55.95, 55.86]), "EPSG:27700")
    True
    >>> are_degrees(np.array([30.0]), np.array([40.0]), "EPSG:27700")
    False
    """
    if not len(x) or np.abs(x).max() > 180 or np.abs(y).max() > 180:
        return False
    if not ((x % 1 != 0) | (y % 1 != 0)).any():
        return False
    area = _area_of_use(str(crs))
    if area is None:
        return False
    west, south, east, north = area

    def within(lon: Floats, lat: Floats) -> bool:
        across = (lon >= west - 1) & (lon <= east + 1)
        return bool((across & (lat >= south - 1) & (lat <= north + 1)).all())

    return within(x, y) or within(y, x)


@lru_cache(maxsize=8)
def _area_of_use(crs: str) -> tuple[float, float, float, float] | None:
    """Where a reference system is in use: west, south, east and north in degrees."""
    from pyproj import CRS

    area = CRS.from_user_input(crs).area_of_use
    return None if area is None else area.bounds


def degrees_fault(x_name: str, y_name: str, x: Floats, y: Floats, crs: object) -> str:
    """Say that coordinates are degrees, and how to make metres of them.

    Examples
    --------
    >>> degrees_fault("x", "y", np.array([-3.2]), np.array([55.9]), "EPSG:27700")[:62]
    'x and y must be metres of EPSG:27700, but look like degrees, s'
    """
    return (
        f"{x_name} and {y_name} must be metres of {crs_name(crs)}, but look like degrees, such as "
        f"{x[0]:g} and {y[0]:g}. Make metres of them: geopandas.points_from_xy(longitude, "
        f"latitude, crs=4326).to_crs({crs_name(crs)!r})."
    )


def crs_name(crs: object) -> str:
    """Return how a message and ``.to_crs`` call a reference system.

    Examples
    --------
    >>> crs_name(27700), crs_name("EPSG:27700")
    ('EPSG:27700', 'EPSG:27700')
    """
    return f"EPSG:{crs}" if isinstance(crs, int) else str(crs)


def metric_crs(crs: object) -> str:
    """Return a reference system as text, when its unit is the metre.

    Examples
    --------
    >>> metric_crs(27700)
    'EPSG:27700'
    """
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


def _same_crs(points: pd.DataFrame, crs: object, what: str) -> None:
    """Refuse geometry that is not in the reference system that is needed."""
    found = points.crs
    if found is None:
        raise CRSError(
            f"{what}: the geometry has no reference system. Say which one it is in with "
            f".set_crs(...), then .to_crs({crs_name(crs)!r})."
        )
    if found != crs:
        raise CRSError(
            f"{what}: the geometry is in {found.to_string()}, but is needed in {crs_name(crs)}. "
            f"Convert it with .to_crs({crs_name(crs)!r})."
        )


def _agree(points: Any, x: Floats, y: Floats, crs: object, what: str) -> None:
    """Refuse points whose geometry lies elsewhere than their easting and northing say."""
    import shapely

    shapes, found = points.geometry, points.crs
    if found is not None and found != crs:
        shapes = shapes.to_crs(crs)
    apart = np.asarray(shapely.distance(shapes.to_numpy(), shapely.points(x, y)), dtype=float)
    # Infinite where a shape has no place in the system; blank where there is no shape.
    far = apart > AGREE_METRES
    if not far.any():
        return
    rows = [
        f"{label} ({metres:,.0f} m apart)"
        for label, metres in zip(points.index[far][:3], apart[far], strict=False)
    ]
    more = f" and {int(far.sum()) - 3} more" if far.sum() > 3 else ""
    system = "no reference system" if found is None else found.to_string()
    error = InputError if found is not None and found == crs else CRSError
    raise error(
        f"{what}: easting and northing tell one place and the geometry (in {system}) another, at "
        f"{', '.join(rows)}{more}. Leave out the one that is wrong: .drop(columns=['easting', "
        f"'northing']) and then .to_crs({crs_name(crs)!r}), or .drop(columns="
        f"{str(shapes.name)!r})."
    )


def levels_fault(labels: pd.MultiIndex) -> str:
    """Say that an index of several levels gives no row one label, and how to mend it.

    Examples
    --------
    >>> levels_fault(pd.MultiIndex.from_tuples([("S08", "clinic")]))[:43]
    'the index has 2 levels, such as S08, clinic'
    """
    such = f", such as {', '.join(map(str, labels[0]))}" if len(labels) else ""
    return (
        f"the index has {labels.nlevels} levels{such}; each row needs one label. Give it one with "
        "frame.reset_index() or frame.set_axis(frame.index.map(str))."
    )


def refuse_levels(labels: pd.Index, *, what: str) -> None:
    """Raise when an index has several levels.

    Examples
    --------
    >>> refuse_levels(pd.Index(["clinic"]), what="destinations")
    """
    if isinstance(labels, pd.MultiIndex):
        raise InputError(f"{what}: {levels_fault(labels)}")


def distinct_labels(labels: pd.Index, *, what: str) -> tuple[pd.Index, Codes]:
    """Return the distinct labels in sorted order and each row's code, the order that settles ties.

    Labels that cannot be compared with one another are ordered by how they are written.

    Examples
    --------
    >>> names, codes = distinct_labels(pd.Index(["b", "a", "b"]), what="destinations")
    >>> (names.tolist(), codes.tolist())
    (['a', 'b'], [1, 0, 1])
    """
    if labels.hasnans:
        raise InputError(f"{what}: the index has blank labels; each row needs a name or number.")
    names = labels.unique()
    try:
        names = names.sort_values()
    except TypeError:
        names = names[np.argsort([str(name) for name in names], kind="stable")]
    return names, names.get_indexer(labels).astype(np.int32)


def check_k(k: int) -> int:
    """Return `k` when it is a whole number of at least 1.

    Examples
    --------
    >>> check_k(3)
    3
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise InputError(f"k must be a whole number of at least 1, not {k!r}.")
    return int(k)


def number_fault(name: str, value: object, unit: str, *, above: bool = False) -> str | None:
    """Return what is wrong with a setting that must be a number of at least (or above) 0.

    Examples
    --------
    >>> number_fault("limit", 30, "minutes") is None
    True
    >>> number_fault("limit", "30", "minutes")
    "limit must be minutes, a number of at least 0, not '30' (text: leave out the quotation marks)."
    """
    fine = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if fine:
        number = float(value)  # type: ignore[arg-type]
        fine = bool(np.isfinite(number)) and (number > 0 if above else number >= 0)
    if fine:
        return None
    least = "above 0" if above else "of at least 0"
    text = " (text: leave out the quotation marks)" if isinstance(value, str) else ""
    return f"{name} must be {unit}, a number {least}, not {value!r}{text}."


def check_limit(limit: float | None, *, name: str = "limit") -> int:
    """Return a limit in minutes as quanta (`NEVER` when there is none).

    Examples
    --------
    >>> check_limit(1.5)
    1500000000
    """
    if limit is None:
        return NEVER - 1
    if fault := number_fault(name, limit, "minutes"):
        raise InputError(fault)
    return min(round(float(limit) * QUANTA), NEVER - 1)


def take_labels(names: pd.Index, codes: Codes, *, missing: bool) -> Any:
    """Return the labels that `codes` stand for; with `missing`, -1 becomes <NA>.

    Examples
    --------
    >>> take_labels(pd.Index([7, 9]), np.array([1, -1], dtype="int32"), missing=True).tolist()
    [9, <NA>]
    """
    values = pd.Series(names).array
    if missing and names.dtype in (np.int64, np.int32):
        values = pd.array(names, dtype="Int64")
    if len(values) == 0:
        blank = values if values.dtype.kind == "O" else pd.array([], dtype="object")
        return blank.take(codes, allow_fill=True)
    return values.take(codes, allow_fill=missing)


@dataclass(frozen=True)
class Answer:
    """The columns of an answer, one entry per origin and rank.

    Attributes
    ----------
    names
        Distinct destinations, in the order of their codes.
    code
        Destination, -1 where there is none.
    status
        Position in `STATUSES`.
    minutes, km, ferry_minutes, boarding_minutes
        Blank (not a number) where there is no way.
    foot_ferry
        Whether a ferry on the way takes foot passengers only.
    k
        Ranks per origin.
    """

    names: pd.Index
    code: Codes
    status: npt.NDArray[np.int8]
    minutes: Floats
    km: Floats
    ferry_minutes: Floats
    boarding_minutes: Floats
    foot_ferry: Bools
    k: int

    def frame(self, labels: pd.Index) -> pd.DataFrame:
        """Return the frame that callers get: one row per origin and rank, in the origins' order.

        Parameters
        ----------
        labels
            The origins' index.

        Examples
        --------
        >>> five = np.array([5.0])
        >>> answer = Answer(pd.Index(["a"]), np.array([0], dtype="int32"), np.array([0], "int8"),
        ...                 five, five, five * 0, five * 0, np.array([False]), 1)
        >>> answer.frame(pd.Index(["here"]))[["origin", "destination", "minutes", "status"]]
          origin destination  minutes     status
        0   here           a      5.0  reachable
        """
        missing = bool((self.code < 0).any())
        origin = pd.Series(labels).array
        rank = np.ones(len(self.code), dtype=np.int64)
        if self.k > 1:
            origin = origin.repeat(self.k)
            rank = np.tile(np.arange(1, self.k + 1), len(labels))
        return pd.DataFrame(
            {
                "origin": origin,
                "rank": rank,
                "destination": take_labels(self.names, self.code, missing=missing),
                "minutes": self.minutes,
                "km": self.km,
                "ferry_minutes": self.ferry_minutes,
                "boarding_minutes": self.boarding_minutes,
                "foot_ferry": self.foot_ferry,
                "status": pd.Categorical.from_codes(self.status, categories=list(STATUSES)),
            },
            copy=False,
        )


def refuse_unequal(origins: Sequence[Any], destinations: Sequence[Any]) -> None:
    """Raise when two lists that go together row by row differ in length.

    Examples
    --------
    >>> refuse_unequal([1], [2])
    """
    if len(origins) != len(destinations):
        raise InputError(
            f"pairs: {len(origins)} origins and {len(destinations)} destinations; row i goes to "
            "row i, so there must be as many of both. For every combination use matrix()."
        )
