"""Owns urban-rural classes: large cities to remote country, for any point in Scotland."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from gapmap.bundled import data_folder
from gapmap.errors import FileError, InputError
from gapmap.travel.answer import coordinates
from gapmap.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

#: A settlement of this many people counts as a small town, a town, a city.
SMALL_TOWN, TOWN, CITY = 3_000, 10_000, 125_000

#: Drive minutes on the bundled network that stand for the official 30; found by comparing with
#: official classes (data/README.md, "Urban and rural"). The official 60 scales with it.
CUTOFF_MINUTES = 28.0

#: A point this far from every live postcode of a settlement is open country.
SETTLEMENT_METRES = 500.0

#: Names of the classes, by number of classes.
CLASS_NAMES = {
    6: {
        1: "Large urban",
        2: "Other urban",
        3: "Accessible small town",
        4: "Remote small town",
        5: "Accessible rural",
        6: "Remote rural",
    },
    8: {
        1: "Large urban",
        2: "Other urban",
        3: "Accessible small town",
        4: "Remote small town",
        5: "Very remote small town",
        6: "Accessible rural",
        7: "Remote rural",
        8: "Very remote rural",
    },
}

#: The class that the same place would have outside its settlement.
_COUNTRY = {
    6: np.array([0, 5, 5, 5, 6, 5, 6]),
    8: np.array([0, 6, 6, 6, 7, 8, 6, 7, 8]),
}

_CRS = 27700
_KEYS = ("postcode", "data_zone", "datazone", "datazone2011", "dz2011_code", "datazone2022")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class DriveTimes(Protocol):
    """Anything that finds the nearest destination: a `Network`, or a `StraightLine`."""

    def nearest(
        self, origins: pd.DataFrame, destinations: pd.DataFrame, *, k: int = ...
    ) -> pd.DataFrame: ...


def settlements() -> pd.DataFrame:
    """Load the bundled settlements, found from postcodes and the people of named localities.

    Returns
    -------
    One row per settlement, indexed by its name (unique): population (about, mid-2020),
    easting and northing of its centre (EPSG:27700), council_code of the centre, localities
    (names joined by ``;``), minutes_beyond (0, but for two English towns, which stand where the
    road to them crosses the border, with the minutes beyond it and no council).

    Raises
    ------
    FileError
        If the bundled file is not there.

    Examples
    --------
    >>> int((settlements()["population"] >= 125_000).sum())
    4
    """
    return _settlements().copy()


def classify(
    population: npt.ArrayLike,
    minutes: npt.ArrayLike,
    *,
    folds: int = 6,
    cutoff: float = CUTOFF_MINUTES,
) -> Ints:
    """Class of places from the size of their settlement and the drive to a town.

    The Scottish Government's definitions (Urban Rural Classification 2020 and 2022): settlements
    of 125,000 people and more, of 10,000, of 3,000; accessible within 30 minutes' drive of the
    centre of a settlement of 10,000, very remote beyond 60.

    Parameters
    ----------
    population
        People of the settlement that the place is in; 0 in open country.
    minutes
        Drive to the centre of the nearest settlement of 10,000 people; not a number where no
        town can be reached, which is the remotest class.
    folds
        6 or 8 classes.
    cutoff
        Minutes that stand for the official 30; twice as many stand for 60.

    Returns
    -------
    Classes 1 to 6, or 1 to 8, in the order given.

    Raises
    ------
    InputError
        If folds is neither 6 nor 8, or the cut-off is not above zero.

    Examples
    --------
    >>> classify([600_000, 12_000, 4_000, 4_000, 0, 0], [5, 2, 10, 40, 20, 90]).tolist()
    [1, 2, 3, 4, 5, 6]
    >>> classify([4_000, 0, 0], [70, 40, np.nan], folds=8).tolist()
    [5, 7, 8]
    """
    _check(folds, cutoff)
    people = np.asarray(population, dtype=float)
    drive = np.asarray(minutes, dtype=float)
    # Not a number is never within a limit, so an island that no car reaches is remotest.
    remoteness = 2 - (drive <= 2 * cutoff).astype(np.int64) - (drive <= cutoff)
    if folds == 6:
        remoteness = np.minimum(remoteness, 1)
    steps = 2 if folds == 6 else 3
    answer = np.where(people >= SMALL_TOWN, 3 + remoteness, 3 + steps + remoteness)
    answer[people >= TOWN] = 2
    answer[people >= CITY] = 1
    return answer.astype(np.int64)


def minutes_to_town(points: pd.DataFrame, towns: pd.DataFrame, network: DriveTimes) -> Floats:
    """Drive to the nearest settlement of 10,000 people, in minutes.

    Parameters
    ----------
    points
        A GeoDataFrame of points in EPSG:27700, or a frame with easting and northing in metres.
    towns
        Settlements as `settlements` gives them; smaller ones are passed over.
    network
        Drive times.

    Returns
    -------
    One number per point, not a number where no town can be reached.

    Raises
    ------
    InputError
        If the network tells distances but no minutes.

    Examples
    --------
    >>> from gapmap.travel.straight import StraightLine
    >>> points = pd.DataFrame({"easting": [330_000], "northing": [673_900]})
    >>> bool(minutes_to_town(points, settlements(), StraightLine(kmh=40))[0] < 10)
    True
    """
    best = np.full(len(points), np.nan)
    large = towns[towns["population"] >= TOWN]
    for beyond, some in large.groupby("minutes_beyond"):
        drive = network.nearest(points, some[["easting", "northing"]], k=1)
        if drive["minutes"].isna().all() and drive["km"].notna().any():
            raise InputError(
                "The network tells kilometres but no minutes, and remoteness is a matter of "
                "minutes. Give a speed, such as StraightLine(kmh=50)."
            )
        best = np.fmin(best, drive["minutes"].to_numpy(dtype=float, na_value=np.nan) + beyond)
    return best


def urban_rural(
    points: pd.DataFrame,
    *,
    folds: int = 6,
    lookup: pd.DataFrame | None = None,
    network: DriveTimes | None = None,
    cutoff: float | None = None,
) -> pd.Series[int]:
    """Urban-rural class of each point.

    By default a point has the class of the nearest live postcode, as it was worked out when the
    bundled data was built; over 500 m from it, the class of open country there. With `network`
    or `cutoff` the drive is worked out anew, from each point to the centres of the bundled
    settlements of 10,000 people or more. An official `lookup` wins over both.

    Parameters
    ----------
    points
        A GeoDataFrame of points in EPSG:27700, or a frame with easting and northing in metres.
    folds
        6 or 8 classes.
    lookup
        Official classes: a key column (postcode or data_zone, or the name of the points' index)
        and one column of whole numbers from 1 to `folds`. The points need the same key, as a
        column or as their index. Points that it lacks are worked out as without it.
    network
        Drive times other than those of the bundled network, such as true roads.
    cutoff
        Minutes that stand for the official 30 (bundled: 28, see `CUTOFF_MINUTES`); on true roads
        try 30.

    Returns
    -------
    Whole numbers on the points' own index, named urban_rural. ``attrs["official"]`` and
    ``attrs["computed"]`` count where they came from.

    Raises
    ------
    CRSError
        The points have geometry in no, or in another, reference system.
    InputError
        A point has no place; folds, cut-off or lookup cannot be used.

    Examples
    --------
    Princes Street in Edinburgh, a house near Cape Wrath:

    >>> points = pd.DataFrame({"easting": [325400, 225900], "northing": [673900, 974700]})
    >>> urban_rural(points).tolist()
    [1, 6]
    >>> urban_rural(points, folds=8).tolist()
    [1, 8]
    """
    _check(folds, CUTOFF_MINUTES if cutoff is None else cutoff)
    x, y = coordinates(points, _CRS, what="points")
    if network is None and cutoff is None:
        answer = _bundled(x, y, folds)
    else:
        answer = _computed(x, y, folds, network, CUTOFF_MINUTES if cutoff is None else cutoff)
    official = 0
    if lookup is not None:
        known = _looked_up(points, lookup, folds)
        found = known.notna().to_numpy()
        answer[found] = known[found].to_numpy(dtype=np.int64)
        official = int(found.sum())
    classes = pd.Series(answer, index=points.index, name="urban_rural")
    classes.attrs = {"official": official, "computed": len(points) - official}
    return classes


def _check(folds: int, cutoff: float) -> None:
    """Refuse a number of classes or a cut-off that means nothing."""
    if folds not in CLASS_NAMES:
        raise InputError(
            f"folds is {folds!r}; there is a classification in 6 and one in 8 classes."
        )
    if not cutoff > 0:
        raise InputError(f"cutoff is {cutoff!r}; give the minutes, above zero, that count as near.")


def _bundled(x: Floats, y: Floats, folds: int) -> Ints:
    """Class of the nearest live postcode, as built."""
    gap, nearest = _postcode_tree().query(np.column_stack([x, y]))
    stored = _postcodes()["urban_rural" if folds == 6 else "urban_rural_8"].to_numpy(np.int64)
    classes: Ints = stored[nearest]
    lonely = gap > SETTLEMENT_METRES
    classes[lonely] = _COUNTRY[folds][classes[lonely]]
    return classes


def _computed(x: Floats, y: Floats, folds: int, network: DriveTimes | None, cutoff: float) -> Ints:
    """Class from the settlement that a point is in and its drive to a town."""
    if network is None:
        from gapmap.travel.indicative import indicative_network

        network = indicative_network()
    towns = _settlements()
    gap, nearest = _postcode_tree().query(np.column_stack([x, y]))
    home = _postcodes()["settlement"].astype("object").to_numpy()[nearest]
    people = towns["population"].reindex(home).fillna(0).to_numpy(dtype=float, copy=True)
    people[gap > SETTLEMENT_METRES] = 0
    drive = minutes_to_town(pd.DataFrame({"easting": x, "northing": y}), towns, network)
    return classify(people, drive, folds=folds, cutoff=cutoff)


def _looked_up(points: pd.DataFrame, lookup: pd.DataFrame, folds: int) -> pd.Series[Any]:
    """The official class of each point, missing where the lookup lacks it."""
    plain = lookup.reset_index() if lookup.index.name is not None else lookup
    own = str(points.index.name) if points.index.name is not None else None
    keys = [c for c in plain.columns if str(c).lower() in _KEYS or c == own]
    shared = [c for c in keys if c in points.columns or c == own]
    if not shared:
        raise InputError(
            f"lookup has the columns {', '.join(map(str, plain.columns))}, points have "
            f"{', '.join(map(str, points.columns))} and the index {own or '(no name)'}; both need "
            "one key in common: postcode, data_zone, or the name of the points' index."
        )
    key = shared[0]
    others = [c for c in plain.columns if c not in keys]
    named = [c for c in others if str(folds) in str(c)] if len(others) > 1 else others
    if len(named) != 1:
        raise InputError(
            f"lookup has the columns {', '.join(map(str, plain.columns))}; beside {key} give "
            f"exactly one column of classes from 1 to {folds}."
        )
    classes = pd.to_numeric(plain[named[0]], errors="coerce")
    wrong = plain.index[~classes.isin(range(1, folds + 1))]
    if len(wrong):
        raise InputError(
            f"lookup: {count_in_words(len(wrong), 'row')} of {named[0]} hold no class from 1 to "
            f"{folds}, such as {plain[named[0]][wrong[0]]!r} for {plain[key][wrong[0]]!r}."
        )
    clean: Callable[[Any], Any] = _tidy if str(key).lower() == "postcode" else str
    table = pd.Series(classes.to_numpy(), index=plain[key].map(clean))
    spread = table.groupby(level=0).nunique()
    if (spread > 1).any():
        raise InputError(
            f"lookup gives {count_in_words(int((spread > 1).sum()), 'key')} more than one class, "
            f"first {spread.index[spread > 1][0]}. Keep one row each."
        )
    table = table[~table.index.duplicated()]
    names = points[key] if key in points.columns else points.index.to_series()
    return pd.Series(names.map(clean).map(table).to_numpy(), index=points.index)


def _tidy(postcode: object) -> str:
    """A postcode in capitals with one space before its last three characters."""
    bare = "".join(str(postcode).upper().split())
    return f"{bare[:-3]} {bare[-3:]}"


@lru_cache(maxsize=1)
def _settlements() -> pd.DataFrame:
    path = data_folder() / "people" / "settlements.csv"
    if not path.is_file():
        raise FileError(_lost(path))
    return pd.read_csv(path, keep_default_na=False).set_index("settlement")


@lru_cache(maxsize=1)
def _postcodes() -> pd.DataFrame:
    path = data_folder() / "people" / "people.parquet"
    if not path.is_file():
        raise FileError(_lost(path))
    wanted = ["easting", "northing", "settlement", "urban_rural", "urban_rural_8"]
    return pd.read_parquet(path, columns=wanted)


@lru_cache(maxsize=1)
def _postcode_tree() -> Any:
    from scipy.spatial import cKDTree

    return cKDTree(_postcodes()[["easting", "northing"]].to_numpy(dtype=float))


def _lost(path: object) -> str:
    return (
        f"{path} was not found, though it ships with gapmap. Install gapmap again: "
        "pip install --force-reinstall gapmap"
    )
