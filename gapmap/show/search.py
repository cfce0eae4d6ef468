"""What the interactive map needs to find a place offline: every answer, packed small."""

from __future__ import annotations

import base64
import zlib
from itertools import groupby
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.place.join import people_with_areas
from gapmap.place.locate import bundled_postcodes
from gapmap.show.layers import statuses_in_words
from gapmap.travel.names import ISLAND, known_places, same_place
from gapmap.vocabulary import MEASURED_STATUSES
from gapmap.words import minutes_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gapmap.study import Study

#: Degrees of a step of the packed places: about a hundred metres.
_STEP = 0.001
#: Settlements with fewer postcodes than this are found by postcode only.
_SMALLEST_TOWN = 3
#: A named place farther than this from every postcode of the study is not one of its places.
_NEAR_A_NAME = 4_000.0
#: A postcode no longer in use is told with the nearest one in use, if it is this near, in metres.
_NEAR_A_RETIRED = 2_000.0
#: Aboard a ferry, in steps of five minutes, so that a byte holds a day.
_ABOARD = 5


def packed(
    nearest: pd.DataFrame,
    study: Study,
    number: Callable[[object], int],
    *,
    services: Mapping[str, int] | None = None,
) -> dict[str, Any] | None:
    """Postcodes, where they lie, and what serves each of them, as text for the page.

    Everything is laid out postcode by postcode in columns of bytes, squeezed with zlib and written
    in base64; the page undoes it when somebody searches.

    Parameters
    ----------
    nearest
        Columns postcode, category, rank, minutes, ferry_minutes, foot_ferry, status, service_id
        and comes_to_family; rows of rank 1 count.
    study
        For where postcodes lie (easting, northing, the codes of their areas, and settlement if it
        is there).
    number
        Gives a text its number among the page's texts.
    services
        Each service's place in the page's list, by service_id.

    Returns
    -------
    dict or None
        None if no postcode of the table is one of the study's people.

    Raises
    ------
    InputError
        If the table lacks a postcode of a category, or has it twice.
    """
    first = nearest[nearest["rank"] == 1]
    place, found = pd.factorize(first["postcode"])
    codes = pd.Index(np.asarray(found, dtype=object))
    codes = codes.intersection(pd.Index(study.people.index.astype(object))).sort_values()
    if codes.empty:
        return None
    # Where each row's postcode stands in the sorted list; -1 where nobody lives.
    place = codes.get_indexer(pd.Index(np.asarray(found, dtype=object)))[place]
    people = study.people.loc[codes]
    points = gpd.GeoSeries.from_xy(people["easting"], people["northing"], crs=study.areas.crs)
    degrees = points.to_crs("EPSG:4326")
    home, homes = _homes(study, people)
    columns: list[bytes] = [
        _text_of(codes),
        _steps(degrees.y.to_numpy()),
        _steps(degrees.x.to_numpy()),
        home.astype("<u2").tobytes(),
    ]
    retired, instead = _retired(study, people, homes)
    columns += [_text_of(retired), np.diff(instead, prepend=0).astype("<i4").tobytes()]
    status, statuses = _coded(first["status"])
    service, ids = _coded(first["service_id"])
    listed = services or {}
    comes = first["comes_to_family"].isin([True, "yes"]).to_numpy(dtype=bool)
    measured = np.isin(np.asarray(statuses, dtype=str)[status], sorted(MEASURED_STATUSES))
    straight = study.settings.travel_method == "straight" and first["minutes"].isna().all()
    far = first["km" if straight else "minutes"].to_numpy(dtype=float)
    # Minutes as people say them; of a straight line there are kilometres, in tenths.
    minutes = _tenths(far, measured) if straight else _rounded(np.where(measured, far, np.nan))
    aboard = _aboard(first, measured)
    foot = _on_foot(first, measured)
    # One number for everything that a row says but its minutes.
    said = ((status * (len(ids) + 1) + service + 1) * 2 + foot) * 2 + comes
    said_of = statuses_in_words(straight=straight)
    kind, categories = _coded(first["category"])
    times: set[int] = set()
    kinds = []
    for n, category in enumerate(categories):
        rows = np.flatnonzero((kind == n) & (place >= 0))
        if not len(rows):
            continue
        rows = rows[np.argsort(place[rows], kind="stable")]
        if not np.array_equal(place[rows], np.arange(len(codes))):
            raise InputError(
                f'The nearest table must have one row of rank 1 for every postcode of "{category}".'
                f" It has {len(rows)} rows for {len(codes)} postcodes."
            )
        different, answer = np.unique(said[rows], return_inverse=True)
        answers = [
            [
                number(said_of[str(statuses[one // 4 // (len(ids) + 1)])]),
                _listed(one // 4 % (len(ids) + 1) - 1, ids, listed),
                int(one % 2),
                str(statuses[one // 4 // (len(ids) + 1)]),
                # Only few ways have a boat that takes no cars: the others say nothing of it.
                *([1] if one // 2 % 2 else []),
            ]
            for one in different.tolist()
        ]
        wide = len(answers) > 255
        columns.append(answer.astype("<u2" if wide else "u1").tobytes())
        told = bool((minutes[rows] >= 0).any())
        if told:
            times |= {int(one) for one in np.unique(minutes[rows]) if one >= 0}
            columns.append(minutes[rows].astype("<i2").tobytes())
        ferry = bool(aboard[rows].any())
        if ferry:
            times |= {int(one) * _ABOARD for one in np.unique(aboard[rows]) if one}
            columns.append(aboard[rows].astype("u1").tobytes())
        kinds.append(
            {
                "category": str(category),
                "answers": answers,
                "wide": wide,
                "told": told,
                "ferry": ferry,
            }
        )
    squeezed = zlib.compress(b"".join(columns), 6)
    return {
        "sizes": [len(one) for one in columns],
        "count": len(codes),
        "homes": homes,
        "scottish": _scottish(homes),
        "step": _STEP,
        "aboard": _ABOARD,
        "kinds": kinds,
        "times": {
            str(one): number(f"{one / 10:.1f} km" if straight else minutes_in_words(one))
            for one in sorted(times)
        },
        "names": _names(people, study),
        "example": str(codes[len(codes) // 2]),
        "packed": base64.b64encode(squeezed).decode("ascii"),
    }


def _coded(column: pd.Series) -> tuple[NDArray[np.int64], pd.Index]:
    """Numbers of a column's values, -1 for a blank one, and the values."""
    coded = pd.Categorical(column)
    return np.asarray(coded.codes, dtype=np.int64), coded.categories


def _text_of(codes: pd.Index) -> bytes:
    """Sorted postcodes, each sector once: ``EH1 3:DGDHDJ|EH1 4:...``."""
    parts = [
        f"{sector}:{''.join(code[-2:] for code in group)}"
        for sector, group in groupby(codes.tolist(), key=lambda code: code[:-2])
    ]
    return "|".join(parts).encode("utf-8")


def _steps(values: NDArray[np.float64]) -> bytes:
    """Each value's step from the one before: neighbours in the list are neighbours on the map."""
    return np.diff(np.round(values / _STEP).astype(np.int64), prepend=0).astype("<i4").tobytes()


def _rounded(minutes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Minutes as people say them, -1 where there are none."""
    known = np.nan_to_num(minutes, nan=0.0)
    step = np.select([known < 10, known < 180], [1, 5], 15)
    rounded = np.where(known < 1, 0, step * np.floor(known / step + 0.5))
    return np.where(np.isfinite(minutes), np.minimum(rounded, 32_000), -1).astype(np.int64)


def _tenths(km: NDArray[np.float64], measured: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Kilometres in tenths, -1 where there are none."""
    known = measured & np.isfinite(km)
    steps = np.floor(np.nan_to_num(km, nan=0.0) * 10 + 0.5)
    return np.where(known, np.minimum(steps, 32_000), -1).astype(np.int64)


def _aboard(rows: pd.DataFrame, measured: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Time aboard a ferry in steps of five minutes; at least one step where there is any."""
    if "ferry_minutes" not in rows:
        return np.zeros(len(rows), dtype=np.int64)
    minutes = np.nan_to_num(rows["ferry_minutes"].to_numpy(dtype=float), nan=0.0)
    steps = np.clip(np.floor(minutes / _ABOARD + 0.5), 1, 255)
    return np.where(measured & (minutes > 0), steps, 0).astype(np.int64)


def _on_foot(rows: pd.DataFrame, measured: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a ferry on the way takes foot passengers only."""
    if "foot_ferry" not in rows:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(measured & rows["foot_ferry"].isin([True, "yes"]), dtype=bool)


def _listed(number: int, ids: pd.Index, services: Mapping[str, int]) -> int:
    return services.get(str(ids[number]), -1) if number >= 0 else -1


def _homes(study: Study, people: pd.DataFrame) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The areas that each postcode lies in, smallest first, as a number among those that occur."""
    placed = people_with_areas(people, study.areas, snap_metres=study.settings.snap_metres)
    levels = [f"{level}_code" for level in _by_size(study)]
    columns = [one for one in levels if one in placed]
    columns += sorted(one for one in placed if str(one).endswith("_code") and one not in columns)
    around = _containing(study)
    lists: dict[tuple[str, ...], list[str]] = {}
    frame = placed[columns].astype(object).fillna("").astype(str)
    keys = pd.MultiIndex.from_frame(frame) if len(columns) > 1 else pd.Index(frame[columns[0]])
    number, values = pd.factorize(keys)
    homes = []
    for value in values:
        own = [one for one in (value if isinstance(value, tuple) else (value,)) if one]
        codes = dict.fromkeys(own)
        for one in own:
            codes |= dict.fromkeys(around.get(one, ()))
        homes.append(lists.setdefault(tuple(codes), list(codes)))
    return np.asarray(number, dtype=np.int64), homes


def _by_size(study: Study) -> list[str]:
    """Levels of the study, those of small areas first."""
    areas = study.areas
    size = areas.geometry.area.groupby(areas["level"].to_numpy()).median()
    return [str(one) for one in size.sort_values().index]


def _containing(study: Study) -> dict[str, tuple[str, ...]]:
    """The board and partnership of a council, even where they are not among the study's areas."""
    columns = [one for one in ("hscp_code", "board_code") if one in study.areas]
    rows = study.areas[["code", *columns]].astype(object).fillna("")
    return {
        str(row[0]): tuple(str(one) for one in row[1:] if one)
        for row in rows.itertuples(index=False, name=None)
    }


def _scottish(homes: list[list[str]]) -> bool:
    """Whether these are places of Scotland, so that a strange postcode can be explained."""
    councils = set(bundled_postcodes()["council"].cat.categories)
    return any(code in councils for home in homes for code in home)


def _retired(
    study: Study, people: pd.DataFrame, homes: list[list[str]]
) -> tuple[pd.Index, NDArray[np.int64]]:
    """Postcodes that are no longer in use, and the number of the nearest one that is; -1 for none.

    Only of a study of Scottish people: another's postcodes are not ours to call retired.
    """
    empty = pd.Index([], dtype=object), np.zeros(0, dtype=np.int64)
    here = {code for home in homes for code in home}
    every = bundled_postcodes()
    gone = every[~every["live"].to_numpy(bool) & every["council"].isin(here).to_numpy()]
    # A set is quicker than isin over a column of text.
    used = set(people.index)
    unused = np.array([code not in used for code in gone["postcode"].tolist()], dtype=bool)
    gone = gone[unused].sort_values("postcode")
    if gone.empty or str(study.areas.crs) != "EPSG:27700":
        return empty
    from scipy.spatial import cKDTree

    tree = cKDTree(people[["easting", "northing"]].to_numpy(dtype=float))
    off, at = tree.query(gone[["easting", "northing"]].to_numpy(dtype=float))
    instead = np.where(off <= _NEAR_A_RETIRED, at, -1).astype(np.int64)
    return pd.Index(gone["postcode"].astype(object)), instead


def _names(people: pd.DataFrame, study: Study) -> list[list[Any]]:
    """Settlements, islands and places along the roads by name.

    Each has its postcode's number, what it is (0 settlement, 1 island, 2 place by a road) and, for
    an island, the place on it that the postcode is of.
    """
    parts = [_towns(people)]
    if str(study.areas.crs) == "EPSG:27700":
        parts.append(_places(people))
    every = pd.concat(parts, ignore_index=True)
    rows: list[list[Any]] = []
    # A settlement wins over a waypoint of its name nearby; two Newtons far apart are both kept.
    held: dict[str, list[tuple[float, float]]] = {}
    for name, kind, number, x, y, at in every.itertuples(index=False, name=None):
        if not same_place(x, y, held.setdefault(name.casefold(), [])):
            rows.append([name, int(number), int(kind), *([at] if at else [])])
    return sorted(rows, key=lambda row: (row[0].casefold(), row[0], row[1]))


_NAMED = ["name", "kind", "n", "x", "y", "at"]


def _towns(people: pd.DataFrame) -> pd.DataFrame:
    """Settlements by name, each with the number of its postcode nearest to its middle."""
    if "settlement" not in people:
        return pd.DataFrame(columns=_NAMED)
    settlement = people["settlement"].astype(object)
    named = settlement.notna() & settlement.ne("")
    frame = people.loc[named, ["easting", "northing"]].assign(
        town=settlement[named].astype(str), n=np.flatnonzero(named)
    )
    middle = frame.groupby("town")[["easting", "northing"]].transform("median")
    frame["off"] = (frame[["easting", "northing"]] - middle).pow(2).sum(axis=1)
    size = frame.groupby("town")["n"].transform("size")
    best = frame[size >= _SMALLEST_TOWN].sort_values(["town", "off", "n"]).drop_duplicates("town")
    return pd.DataFrame(
        {
            "name": [shown(town) for town in best["town"]],
            "kind": 0,
            "n": best["n"].to_numpy(),
            "x": best["easting"].to_numpy(dtype=float),
            "y": best["northing"].to_numpy(dtype=float),
            "at": "",
        }
    )


def _places(people: pd.DataFrame) -> pd.DataFrame:
    """Islands, places along the bundled roads and piers, each with the nearest postcode."""
    from scipy.spatial import cKDTree

    every = known_places()
    every["kind"] = np.where(every["kind"] == ISLAND, 1, 2)
    tree = cKDTree(people[["easting", "northing"]].to_numpy(dtype=float))
    off, at = tree.query(every[["easting", "northing"]].to_numpy(dtype=float))
    kept = every[off <= _NEAR_A_NAME]
    return pd.DataFrame(
        {
            "name": [shown(one) for one in kept["name"]],
            "kind": kept["kind"].to_numpy(),
            "n": at[off <= _NEAR_A_NAME],
            "x": kept["easting"].to_numpy(dtype=float),
            "y": kept["northing"].to_numpy(dtype=float),
            "at": [shown(one) for one in kept["at"]],
        }
    )
