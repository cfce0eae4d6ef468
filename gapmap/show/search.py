"""What the interactive map needs to find a postcode offline: every answer, packed small."""

from __future__ import annotations

import base64
import zlib
from itertools import groupby
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.vocabulary import MEASURED_STATUSES, TRAVEL_STATUSES
from gapmap.words import minutes_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gapmap.study import Study

#: Degrees of a step of the packed places: about a hundred metres.
_STEP = 0.001
#: Settlements with fewer postcodes than this are found by postcode only.
_SMALLEST_TOWN = 3


def packed(
    nearest: pd.DataFrame, study: Study, number: Callable[[object], int]
) -> dict[str, Any] | None:
    """Postcodes, where they lie, and what serves each of them, as text for the page.

    Everything is laid out postcode by postcode in columns of bytes, squeezed with zlib and written
    in base64; the page undoes it when somebody searches.

    Parameters
    ----------
    nearest
        Columns postcode, category, rank, minutes, ferry_minutes, status, service_id and
        comes_to_family; rows of rank 1 count.
    study
        For where postcodes lie (easting, northing, council_code, and settlement if it is there)
        and the names of services.
    number
        Gives a text its number among the page's texts.

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
    council = people["council_code"].to_numpy(dtype=object).astype(str)
    councils = sorted(set(council))
    columns: list[bytes] = [
        _text_of(codes),
        _steps(degrees.y.to_numpy()),
        _steps(degrees.x.to_numpy()),
        np.searchsorted(councils, council).astype("<u2").tobytes(),
    ]
    status, statuses = _coded(first["status"])
    service, services = _coded(first["service_id"])
    names = study.services.drop_duplicates("service_id").set_index("service_id")["name"]
    comes = first["comes_to_family"].isin([True, "yes"]).to_numpy(dtype=bool)
    measured = np.isin(np.asarray(statuses, dtype=str)[status], sorted(MEASURED_STATUSES))
    minutes = _rounded(np.where(measured, first["minutes"].to_numpy(dtype=float), np.nan))
    # One number for everything that a row says but its minutes.
    said = (status * (len(services) + 1) + service + 1) * 2 + comes
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
                number(TRAVEL_STATUSES[str(statuses[one // 2 // (len(services) + 1)])]),
                number(_name(one // 2 % (len(services) + 1) - 1, services, names)),
                int(one % 2),
            ]
            for one in different.tolist()
        ]
        wide = len(answers) > 255
        columns.append(answer.astype("<u2" if wide else "u1").tobytes())
        told = bool((minutes[rows] >= 0).any())
        if told:
            times |= {int(one) for one in np.unique(minutes[rows]) if one >= 0}
            columns.append(minutes[rows].astype("<i2").tobytes())
        kinds.append({"category": str(category), "answers": answers, "wide": wide, "told": told})
    squeezed = zlib.compress(b"".join(columns), 6)
    return {
        "sizes": [len(one) for one in columns],
        "count": len(codes),
        "councils": councils,
        "boards": _containing(study, councils),
        "step": _STEP,
        "kinds": kinds,
        "times": {str(one): number(minutes_in_words(one)) for one in sorted(times)},
        "towns": _towns(people, codes),
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


def _name(number: int, services: pd.Index, names: pd.Series) -> str:
    return shown(names.get(services[number], "")) if number >= 0 else ""


def _containing(study: Study, councils: list[str]) -> list[str]:
    areas = study.areas
    if "board_code" not in areas:
        return ["" for _ in councils]
    board = areas["board_code"].astype(str)
    return [board.get(code, "") for code in councils]


def _towns(people: pd.DataFrame, codes: pd.Index) -> dict[str, int]:
    """Settlements by name, each with the number of its postcode nearest to its middle."""
    if "settlement" not in people:
        return {}
    settlement = people["settlement"].astype(object)
    named = settlement.notna() & settlement.ne("")
    frame = people.loc[named, ["easting", "northing"]].assign(
        town=settlement[named].astype(str), n=np.flatnonzero(named)
    )
    middle = frame.groupby("town")[["easting", "northing"]].transform("median")
    frame["off"] = (frame[["easting", "northing"]] - middle).pow(2).sum(axis=1)
    size = frame.groupby("town")["n"].transform("size")
    best = frame[size >= _SMALLEST_TOWN].sort_values(["town", "off", "n"]).drop_duplicates("town")
    return {shown(town): int(n) for town, n in zip(best["town"], best["n"], strict=True)}
