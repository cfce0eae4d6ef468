"""Owns urban-rural classes: large cities to remote country, for any point in Scotland."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from gapmap.bundled import data_folder
from gapmap.errors import FileError, InputError
from gapmap.place.locate import BOUNDS
from gapmap.read.urban_rural import official_classes
from gapmap.travel.answer import coordinates, number_fault
from gapmap.vocabulary import URBAN_RURAL
from gapmap.words import count_in_words, shown

if TYPE_CHECKING:
    from gapmap.study import Study

#: A settlement of this many people counts as a small town, a town, a city.
SMALL_TOWN, TOWN, CITY = 3_000, 10_000, 125_000

#: Drive minutes on the bundled network that stand for the official 30; found by comparing with
#: official classes (data/README.md, "Urban and rural"). The official 60 scales with it.
CUTOFF_MINUTES = 28.0

#: A point this far from every live postcode of a settlement is open country.
SETTLEMENT_METRES = 500.0

#: The class that the same place would have outside its settlement.
_COUNTRY = {
    6: np.array([0, 5, 5, 5, 6, 5, 6]),
    8: np.array([0, 6, 6, 6, 7, 8, 6, 7, 8]),
}

_CRS = 27700

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
        Official classes by postcode or data zone, as publishers give them; see
        `gapmap.read.urban_rural.official_classes` for the columns that are understood. The points
        need the same key, as a column or as their index. Points that it lacks, or gives no class,
        are worked out as without it, and counted.
    network
        Drive times other than those of the bundled network, such as true roads.
    cutoff
        Minutes that stand for the official 30 (bundled: 28, see `CUTOFF_MINUTES`); on true roads
        try 30.

    Returns
    -------
    Whole numbers on the points' own index, named urban_rural. ``attrs["official"]`` and
    ``attrs["computed"]`` count where they came from; ``attrs["said"]`` tells it in words.

    Raises
    ------
    CRSError
        The points have geometry in no, or in another, reference system.
    InputError
        A point has no place; folds or cut-off cannot be used; the lookup has no column that will
        do, none of the points, or a value that is no class.

    Examples
    --------
    Princes Street in Edinburgh, a house near Cape Wrath:

    >>> points = pd.DataFrame({"easting": [325400, 225900], "northing": [673900, 974700]})
    >>> urban_rural(points).tolist()
    [1, 6]
    >>> urban_rural(points, folds=8).tolist()
    [1, 8]

    With the official class of one of them:

    >>> lookup = pd.DataFrame({"Postcode": ["ZE1 0AA"], "UR6_Code": [4]})
    >>> classes = urban_rural(points.assign(postcode=["EH1 1AA", "ze10aa"]), lookup=lookup)
    >>> classes.tolist(), classes.attrs["official"]
    ([1, 4], 1)
    """
    _check(folds, CUTOFF_MINUTES if cutoff is None else cutoff)
    x, y = coordinates(points, _CRS, what="points")
    west, south, east, north = BOUNDS
    away = (x < west) | (x > east) | (y < south) | (y > north)
    if lookup is None and away.any():
        raise InputError(
            f"Outside Scotland: {count_in_words(int(away.sum()), 'point')} of {len(points):,}, the "
            f"first at {x[away][0]:.0f}, {y[away][0]:.0f} ({points.index[away][0]}); the "
            "classes are of Scotland only. Leave them out, or look at their coordinates."
        )
    if network is None and cutoff is None:
        answer = _bundled(x, y, folds)
    else:
        answer = _computed(x, y, folds, network, CUTOFF_MINUTES if cutoff is None else cutoff)
    official = 0
    if lookup is not None:
        known = official_classes(points, lookup, folds=folds).classes
        found = known.notna().to_numpy()
        answer[found] = known[found].to_numpy(dtype=np.int64)
        official = int(found.sum())
    classes = pd.Series(answer, index=points.index, name="urban_rural")
    rest = _OWN if network is None and cutoff is None else _OWN.split(":")[0]
    classes.attrs = {
        "official": official,
        "computed": len(points) - official,
        "said": _in_words(official, len(points), file="the lookup given", rest=rest),
    }
    return classes


def with_classes(people: pd.DataFrame) -> pd.DataFrame:
    """People with the 6-fold class of every place: theirs, and where they lack one gapmap's.

    Parameters
    ----------
    people
        As a study has them: easting, northing and, where known, urban_rural.

    Examples
    --------
    >>> people = pd.DataFrame(
    ...     {"easting": [325400, 225900], "northing": [673900, 974700], "urban_rural": [2, None]})
    >>> with_classes(people)["urban_rural"].tolist()
    [2, 6]
    """
    if "urban_rural" not in people:
        return people.assign(urban_rural=urban_rural(people).to_numpy())
    blank = people["urban_rural"].isna()
    if not blank.any():
        return people
    classes = people["urban_rural"].to_numpy(dtype=float, na_value=np.nan, copy=True)
    classes[blank] = urban_rural(people[blank]).to_numpy()
    return people.assign(urban_rural=classes.astype(np.int64))


def class_accuracy() -> pd.Series[float]:
    """How often gapmap's own classes are right, as measured at official data zones.

    Returns
    -------
    Shares of people by measure, such as ``right_6_fold_bundled``, ``right_remote_or_not_bundled``.

    Raises
    ------
    FileError
        If the bundled file is not there.

    Examples
    --------
    >>> bool(class_accuracy()["right_6_fold_bundled"] > 0.85)
    True
    """
    path = data_folder() / "people" / "accuracy.csv"
    if not path.is_file():
        raise FileError(_lost(path))
    return pd.read_csv(path).set_index("measure")["value"]


def classes_in_words(study: Study) -> str:
    """Whose the urban-rural classes of a study are, for every product that tells them.

    Parameters
    ----------
    study
        Its people (urban_rural, official_class) and settings (official_classes) are read.

    Examples
    --------
    >>> import gapmap as gm
    >>> classes_in_words(gm.scotland()).split(":")[0]
    "Urban-rural classes (what is remote) are gapmap's own, not the official ones"
    """
    people = study.people
    official = int(people["official_class"].sum()) if "official_class" in people else 0
    # The bundled people, and copies of them, have gapmap's classes, and the settlement of each.
    theirs = "urban_rural" in people and "settlement" not in people
    theirs = theirs and not people["urban_rural"].isna().any()
    return _in_words(
        official,
        len(people),
        file=f"the file {shown(study.settings.official_classes)}",
        rest="those of the file of people" if theirs else _OWN,
    )


#: Whose classes they are where no official file has them, and how good these are.
_OWN = (
    "gapmap's own, not the official ones: worked out by the Scottish Government's method, they are "
    "right for about {six} in 100 people, and right on remote or not for {remote}"
)


def _in_words(official: int, places: int, *, file: str, rest: str) -> str:
    """A sentence or two on whose the classes are, with the accuracy of gapmap's own."""
    accuracy = class_accuracy()
    rest = rest.format(
        six=round(100 * accuracy["right_6_fold_bundled"]),
        remote=round(100 * accuracy["right_remote_or_not_bundled"]),
    )
    if not official:
        return f"Urban-rural classes (what is remote) are {rest}."
    said = (
        "Urban-rural classes (what is remote) are the official ones of the Scottish Government, "
        f"from {file}."
    )
    missing = places - official
    if not missing:
        return said
    are = "is" if missing == 1 else "are"
    return (
        f"{said} {count_in_words(missing, 'place')} of {places:,} {are} not in it, or without a "
        f"class there; the classes of these are {rest}."
    )


def _check(folds: int, cutoff: float) -> None:
    """Refuse a number of classes or a cut-off that means nothing."""
    if folds not in URBAN_RURAL:
        raise InputError(
            f"folds is {folds!r}; there is a classification in 6 and one in 8 classes."
        )
    if fault := number_fault("cutoff", cutoff, "minutes", above=True):
        raise InputError(fault)


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
