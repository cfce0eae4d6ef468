"""Where a service stands: coordinates, grid reference, property number or postcode -> a point."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from gapmap.errors import CRSError
from gapmap.vocabulary import PRECISIONS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: Bounds of Scotland with its waters on the national grid, in metres: west, south, east, north.
BOUNDS = (5_000.0, 530_000.0, 475_000.0, 1_225_000.0)

_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the national grid has no I
_GRID = re.compile(r"^([HNOST])([A-HJ-Z])(\d+)$")
_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$")

#: The forms of a location, the most trusted first.
FORMS = ("geometry", "easting_northing", "latitude_longitude", "grid_ref", "uprn", "postcode")

_IN_WORDS = {
    "geometry": "the point in the file",
    "easting_northing": "the easting and northing",
    "latitude_longitude": "the latitude and longitude",
    "grid_ref": "the grid reference",
    "uprn": "the property reference number",
    "postcode": "the postcode",
}


def tidy_postcode(text: str) -> str:
    """A postcode as it is written: capitals, one space before the last three characters.

    Parameters
    ----------
    text
        As found; what cannot be a postcode comes back as "".

    Examples
    --------
    >>> tidy_postcode("eh13dg ")
    'EH1 3DG'
    >>> tidy_postcode("Leith Walk")
    ''
    """
    bare = re.sub(r"[^A-Z0-9]", "", text.upper()) if len(text) <= 20 else ""
    return f"{bare[:-3]} {bare[-3:]}" if _POSTCODE.match(bare) else ""


def parse_grid_ref(text: str) -> tuple[float, float, float] | None:
    """Centre and width of the square that a national grid reference names.

    Parameters
    ----------
    text
        Two letters and two to ten digits, an even number of them; spaces do not matter.

    Returns
    -------
    tuple of easting, northing, width in metres; or None
        None where the text is no grid reference.

    Examples
    --------
    >>> parse_grid_ref("NT 257 736")
    (325750.0, 673650.0, 100.0)
    >>> parse_grid_ref("somewhere") is None
    True
    """
    match = _GRID.match(re.sub(r"[\s,.]", "", text.upper())) if len(text) <= 30 else None
    if match is None or len(match[3]) % 2 or not 2 <= len(match[3]) <= 10:
        return None
    major, minor = _LETTERS.index(match[1]), _LETTERS.index(match[2])
    # 500 km squares count from the false origin of S, 100 km squares within them.
    east = ((major - 2) % 5) * 500_000 + (minor % 5) * 100_000
    north = (19 - (major // 5) * 5) * 100_000 - (minor // 5) * 100_000
    half = len(match[3]) // 2
    width = 10.0 ** (5 - half)
    return (
        east + int(match[3][:half]) * width + width / 2,
        north + int(match[3][half:]) * width + width / 2,
        width,
    )


def locate(
    services: pd.DataFrame,
    *,
    postcodes: pd.DataFrame | None = None,
    uprns: pd.DataFrame | None = None,
    disagree_metres: float = 1000.0,
) -> pd.DataFrame:
    """Give every service a point, or say why it has none.

    The first form that gives a point inside Scotland's bounds places the row, in the order:
    geometry, easting and northing, latitude and longitude, grid reference, UPRN, postcode. The
    other forms are held against it.

    Parameters
    ----------
    services
        One row per service or location, with any of easting, northing, latitude, longitude,
        grid_ref, uprn, postcode, serves, precision; text or numbers. A GeoDataFrame's geometry
        is used too, whatever its CRS.
    postcodes
        Columns postcode, easting, northing and, if known, live; by default the bundled ones.
    uprns
        Columns uprn, easting, northing; there is no bundled lookup.
    disagree_metres
        Forms further apart than this are told in ``reason`` and ``disagree_metres``.

    Returns
    -------
    pandas.DataFrame
        The same rows and index. The input's columns, with easting and northing (metres,
        EPSG:27700, NaN where there is no point) and precision settled, and placed_by, outcome
        (used, area_only, unplaced, rejected), reason, disagree_metres (NaN unless two forms
        disagree).

    Raises
    ------
    CRSError
        If a geometry has no CRS.

    Examples
    --------
    >>> import pandas as pd
    >>> placed = locate(pd.DataFrame({"name": ["A", "B"], "postcode": ["EH99 1SP", "Leith"]}))
    >>> placed["outcome"].tolist()
    ['used', 'unplaced']
    """
    result = pd.DataFrame(services.drop(columns="geometry", errors="ignore"), copy=True)
    points: dict[str, np.ndarray] = {}
    troubles: list[list[str]] = [[] for _ in range(len(result))]
    # The narrowest square of a coarse grid reference sets its precision.
    widths = np.full(len(result), np.nan)

    points["geometry"] = _from_geometry(services)
    points["easting_northing"] = _from_grid(result, troubles)
    points["latitude_longitude"] = _from_degrees(result, troubles)
    points["grid_ref"] = _from_grid_ref(result, troubles, widths)
    points["uprn"] = _from_uprn(result, troubles, uprns)
    points["postcode"] = _from_postcode(result, troubles, postcodes)

    chosen = np.full((len(result), 2), np.nan)
    placed_by = np.full(len(result), "", dtype=object)
    disagree = np.full(len(result), np.nan)
    for form in FORMS:
        xy = points[form]
        free = np.isnan(chosen[:, 0]) & ~np.isnan(xy[:, 0])
        chosen[free] = xy[free]
        placed_by[free] = form
        apart = np.hypot(*(xy - chosen).T)
        for position in np.flatnonzero(apart > disagree_metres):
            disagree[position] = np.nanmax([disagree[position], apart[position]])
            troubles[position].append(
                f"{_IN_WORDS[form].capitalize()} lies {_kilometres(apart[position])} from "
                f"{_IN_WORDS[placed_by[position]]}, which was used."
            )

    result["easting"], result["northing"] = chosen[:, 0], chosen[:, 1]
    result["placed_by"] = placed_by
    result["precision"] = _precision(result, placed_by, widths)
    outcome, reason = _outcomes(result, troubles)
    result["outcome"], result["reason"] = outcome, reason
    result["disagree_metres"] = disagree.round(0)
    return result


def _kilometres(metres: float) -> str:
    return f"{metres / 1000:,.1f} km"


def cells(frame: pd.DataFrame, column: str) -> np.ndarray:
    """A column as stripped text, "" where it is absent or blank."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    values = frame[column]
    text = values.astype(object).where(values.notna(), "")
    return np.array([str(value).strip() for value in text], dtype=object)


def _numbers(text: np.ndarray) -> np.ndarray:
    """Numbers as typed by people: 325,750 and 55,86 and 55.86° are understood."""
    out = np.full(len(text), np.nan)
    for position, raw in enumerate(text):
        bare = raw.rstrip("°mM ").replace(" ", "").replace("\u2212", "-")
        if not bare or len(bare) > 40:
            continue
        if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", bare):
            bare = bare.replace(",", "")
        elif bare.count(",") == 1 and "." not in bare:
            bare = bare.replace(",", ".")
        try:
            value = float(bare)
        except ValueError:
            continue
        out[position] = value if np.isfinite(value) else np.nan
    return out


def _inside(xy: np.ndarray) -> NDArray[np.bool_]:
    west, south, east, north = BOUNDS
    x, y = xy.T
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north), dtype=bool)


def _from_geometry(services: pd.DataFrame) -> np.ndarray:
    out = np.full((len(services), 2), np.nan)
    if "geometry" not in services or not hasattr(services, "crs"):
        return out
    frame: gpd.GeoDataFrame = services
    if frame.geometry.notna().any():
        if frame.crs is None:
            raise CRSError(
                "The services have points but no coordinate reference system. If they are longitude"
                ' and latitude, say so with: services = services.set_crs("EPSG:4326")'
            )
        shapes = frame.geometry.to_crs("EPSG:27700")
        solid = shapes.notna() & ~shapes.is_empty
        at = shapes[solid].representative_point()
        out[solid.to_numpy()] = np.c_[at.x, at.y]
    out[~_inside(out)] = np.nan
    return out


def _from_grid(frame: pd.DataFrame, troubles: list[list[str]]) -> np.ndarray:
    east, north = cells(frame, "easting"), cells(frame, "northing")
    xy: np.ndarray = np.c_[_numbers(east), _numbers(north)]
    given = (east != "") | (north != "")
    for position in np.flatnonzero(given & (np.isnan(xy).any(axis=1) | ~_inside(xy))):
        troubles[position].append(
            _bad_pair("Easting and northing", east[position], north[position], *xy[position])
        )
        xy[position] = np.nan
    return xy


def _bad_pair(what: str, first: str, second: str, x: float, y: float) -> str:
    found = f'{what} "{first[:40]}", "{second[:40]}"'
    if np.isnan(x) or np.isnan(y):
        return f"{found} are not two numbers."
    if x == 0 and y == 0:
        return f"{found} are 0, 0: that is a blank cell, not a place."
    if _inside(np.array([[y, x]]))[0]:
        return f"{found} look swapped."
    if what.startswith("Easting") and -90 <= x <= 90 and -90 <= y <= 90:
        return f"{found} look like degrees: they belong in latitude and longitude."
    return f"{found} lie outside Scotland."


@cache
def to_grid() -> Any:
    """What turns longitude and latitude into easting and northing; slow to make, so made once.

    Examples
    --------
    >>> [round(float(metres)) for metres in to_grid().transform(-3.19, 55.95)]
    [325785, 673636]
    """
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


def _from_degrees(frame: pd.DataFrame, troubles: list[list[str]]) -> np.ndarray:
    lat_text, lon_text = cells(frame, "latitude"), cells(frame, "longitude")
    lat, lon = _numbers(lat_text), _numbers(lon_text)
    given = (lat_text != "") | (lon_text != "")
    good = (lat >= 49) & (lat <= 62) & (lon >= -14) & (lon <= 4)
    out = np.full((len(frame), 2), np.nan)
    if good.any():
        out[good] = np.c_[to_grid().transform(lon[good], lat[good])]
        out[~_inside(out)] = np.nan
    for position in np.flatnonzero(given & np.isnan(out[:, 0])):
        found = f'Latitude "{lat_text[position][:40]}" and longitude "{lon_text[position][:40]}"'
        a, b = lat[position], lon[position]
        if np.isnan(a) or np.isnan(b):
            trouble = f"{found} are not two numbers."
        elif a == 0 and b == 0:
            trouble = f"{found} are 0, 0: that is a blank cell, not a place."
        elif 49 <= b <= 62 and -14 <= a <= 4:
            trouble = f"{found} look swapped."
        elif 54 <= a <= 61 and 0.5 < b <= 9:
            trouble = f"{found} lie east of Scotland: west is negative, so is it {-b:g}?"
        elif abs(a) > 90 or abs(b) > 180:
            trouble = f"{found} are no degrees."
        else:
            trouble = f"{found} lie outside Scotland."
        troubles[position].append(trouble)
    return out


def _from_grid_ref(
    frame: pd.DataFrame, troubles: list[list[str]], widths: np.ndarray
) -> np.ndarray:
    out = np.full((len(frame), 2), np.nan)
    for position, text in enumerate(cells(frame, "grid_ref")):
        if not text:
            continue
        square = parse_grid_ref(text)
        if square is None:
            troubles[position].append(
                f'"{text[:40]}" is no grid reference: two letters and an even number of digits, '
                "such as NT 257 736."
            )
        elif not _inside(np.array([square[:2]]))[0]:
            troubles[position].append(f"Grid reference {text} lies outside Scotland.")
        else:
            out[position] = square[:2]
            widths[position] = square[2]
    return out


def _from_uprn(
    frame: pd.DataFrame, troubles: list[list[str]], uprns: pd.DataFrame | None
) -> np.ndarray:
    text = cells(frame, "uprn")
    out = np.full((len(frame), 2), np.nan)
    if uprns is None or not (text != "").any():
        return out
    known = uprns.drop_duplicates("uprn").set_index(uprns["uprn"].astype(str).str.lstrip("0"))
    found = known.reindex([value.lstrip("0") for value in text])
    out[:] = found[["easting", "northing"]].to_numpy(float)
    for position in np.flatnonzero((text != "") & np.isnan(out[:, 0])):
        troubles[position].append(f"UPRN {text[position][:40]} is not in the lookup.")
    return out


def bundled_postcodes() -> pd.DataFrame:
    """All Scottish postcodes of the bundled study: postcode, easting, northing, council, live.

    Examples
    --------
    >>> bundled_postcodes()["live"].sum() > 150_000
    np.True_
    """
    return _bundled().table.copy()


class _Lookup(NamedTuple):
    """A table of postcodes and its index, which is dear to make."""

    table: pd.DataFrame
    index: pd.Index


@lru_cache(maxsize=1)
def _bundled() -> _Lookup:
    from gapmap.bundled import data_folder

    table = pd.read_parquet(data_folder() / "people" / "postcodes.parquet")
    return _Lookup(table, pd.Index(table["postcode"]))


def _from_postcode(
    frame: pd.DataFrame, troubles: list[list[str]], postcodes: pd.DataFrame | None
) -> np.ndarray:
    text = cells(frame, "postcode")
    out = np.full((len(frame), 2), np.nan)
    if not (text != "").any():
        return out
    table, index = (
        _bundled() if postcodes is None else _Lookup(postcodes, pd.Index(postcodes["postcode"]))
    )
    tidy = np.array([tidy_postcode(value) for value in text], dtype=object)
    position_of = index.get_indexer(pd.Index(tidy, dtype=index.dtype))
    known = position_of >= 0
    out[known] = table[["easting", "northing"]].to_numpy(float)[position_of[known]]
    live = table["live"].to_numpy(bool) if "live" in table else np.ones(len(table), bool)
    for position in np.flatnonzero(text != ""):
        if not tidy[position]:
            troubles[position].append(f'"{text[position][:40]}" is not shaped like a postcode.')
        elif not known[position]:
            troubles[position].append(f"Postcode {tidy[position]} is not a Scottish postcode.")
        elif not live[position_of[position]]:
            troubles[position].append(
                f"Postcode {tidy[position]} is retired; its last place was used."
            )
    return out


def _precision(frame: pd.DataFrame, placed_by: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """What the row says, else what placed it can mean; never finer than that."""
    said = cells(frame, "precision")
    natural = np.where(placed_by == "postcode", "postcode", "site").astype(object)
    coarse = (placed_by == "grid_ref") & (widths > 100)
    natural[coarse] = np.where(widths[coarse] > 1000, "area", "town")
    order = list(PRECISIONS)
    out = natural.copy()
    for position, word in enumerate(said):
        if word in order and order.index(word) > order.index(natural[position]):
            out[position] = word
    out[placed_by == ""] = ""
    return out


def _outcomes(frame: pd.DataFrame, troubles: list[list[str]]) -> tuple[np.ndarray, list[str]]:
    has_point = frame["easting"].notna().to_numpy()
    serves = cells(frame, "serves") != ""
    tried = np.array([bool(found) for found in troubles], dtype=bool)
    outcome = np.select(
        [has_point, serves, tried], ["used", "area_only", "rejected"], default="unplaced"
    ).astype(object)
    reasons = []
    for position, found in enumerate(troubles):
        said = " ".join(found)
        if outcome[position] == "unplaced":
            said = "It gives no coordinates, postcode or area served."
        elif outcome[position] == "area_only":
            said = (said + " " if said else "") + "It is known by the area that it serves only."
        elif outcome[position] == "rejected" and all(
            "postcode" in trouble.lower() or "outside Scotland" in trouble for trouble in found
        ):
            # An unknown postcode, or a place over the border, leaves a row unplaced, not wrong.
            outcome[position] = "unplaced"
        reasons.append(said)
    return outcome, reasons
