"""Areas served that are no areas: postcode districts and polygons, by the postcodes in them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.read.geodata import in_metres

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

_CODE = re.compile(r"^([A-Z]{1,2})(\d[A-Z\d]?)?(?: (\d))?$")
_RANGE = re.compile(r"^([A-Z]{1,2})(\d{1,2})\s*(?:-|–|TO)\s*(?:([A-Z]{1,2}))?(\d{1,2})$")
_JOINED = re.compile(r"\s*(?:,|/|&|\bAND\b|\n)\s*")
#: Letters with which Scottish postcodes begin; a single G alone is too little to be sure of.
_AREAS = frozenset(
    ["AB", "DD", "DG", "EH", "FK", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "TD", "ZE"]
)
_MOST_RANGE = 60

#: Columns that `with_catchments` adds to people: codes of what services serve below any area.
_COLUMNS = ("served_postcode_area_code", "served_district_code", "served_sector_code")


def postcode_parts(claim: str) -> tuple[str, ...]:
    """The postcode areas, districts and sectors that a claim lists; none if it says anything else.

    Examples
    --------
    >>> postcode_parts("IV27, IV28"), postcode_parts("KW1-KW3"), postcode_parts("iv27 4")
    (('IV27', 'IV28'), ('KW1', 'KW2', 'KW3'), ('IV27 4',))
    >>> postcode_parts("Highland"), postcode_parts("IV27, Moray")
    ((), ())
    """
    found: list[str] = []
    text = " ".join(claim.upper().split())
    text = re.sub(r"^(?:POSTCODES?|POSTCODE DISTRICTS?|POSTCODE SECTORS?)\s*:?\s*", "", text)
    text = re.sub(r"\s+(?:POSTCODES?|POSTCODE AREAS?|ONLY)$", "", text)
    for part in _JOINED.split(text):
        span = _RANGE.match(part)
        if span and (span[3] or span[1]) == span[1]:
            first, last = int(span[2]), int(span[4])
            if not 0 <= last - first <= _MOST_RANGE:
                return ()
            found += [f"{span[1]}{number}" for number in range(first, last + 1)]
            continue
        code = _CODE.match(part)
        if code is None or (code[2] is None and (code[3] or code[1] not in _AREAS)):
            return ()
        found.append(part)
    return tuple(dict.fromkeys(found))


def levels_of(postcodes: pd.Index) -> pd.DataFrame:
    """Area, district and sector of each postcode, in the columns that people get.

    Examples
    --------
    >>> levels_of(pd.Index(["IV27 4AA"])).iloc[0].tolist()
    ['IV', 'IV27', 'IV27 4']
    """
    texts = postcodes.astype(str)
    district = texts.str[:-4]
    return pd.DataFrame(
        {
            _COLUMNS[0]: district.str.replace(r"\d.*$", "", regex=True),
            _COLUMNS[1]: district,
            _COLUMNS[2]: texts.str[:-2],
        },
        index=postcodes,
    )


@lru_cache(maxsize=1)
def _bundled_points() -> pd.DataFrame:
    from gapmap.place.locate import bundled_postcodes

    table = bundled_postcodes()
    live = table[table["live"].to_numpy(bool)].set_index("postcode")
    return live.rename(columns={"council": "council_code"})


def points_of(people: pd.DataFrame | None) -> pd.DataFrame:
    """The postcodes by which a catchment is known: the people's own, else the bundled live ones.

    Parameters
    ----------
    people
        Indexed by postcode; people by data zone or none at all tell no postcodes.

    Returns
    -------
    pandas.DataFrame
        easting, northing and any ``<level>_code``, indexed by postcode.
    """
    if people is None or people.empty:
        return _bundled_points()
    shaped = people.index[:50].astype(str).str.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}")
    if not shaped.all():
        return _bundled_points()
    codes = [name for name in people.columns if str(name).endswith("_code")]
    return people[["easting", "northing", *codes]]


def shape_of(text: str) -> Any:
    """The polygon of a text in WKT or GeoJSON, in metres (EPSG:27700); None if it is none.

    Coordinates that can be degrees are taken as WGS84: no place in Scotland has such metres.

    Examples
    --------
    >>> shape_of("POLYGON ((0 0, 1000 0, 1000 1000, 0 0))").area
    500000.0
    >>> shape_of("POINT (1 2)") is None
    True
    """
    import geopandas as gpd
    import shapely

    text = text.strip()
    try:
        if text.startswith("{"):
            content = json.loads(text)
            content = content.get("geometry", content)
            shape = shapely.from_geojson(json.dumps(content))
        else:
            shape = shapely.from_wkt(text)
    except (ValueError, TypeError, AttributeError, RecursionError, shapely.errors.GEOSException):
        return None
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    west, south, east, north = shape.bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        try:
            shape = in_metres(gpd.GeoSeries([shape], crs="EPSG:4326"), "a catchment").iloc[0]
        except InputError:
            return None
    return shape if shape.is_valid else None


def touched(
    claimed: Mapping[Any, tuple[str, ...]],
    shapes: Mapping[Any, Any],
    areas: gpd.GeoDataFrame,
    points: pd.DataFrame,
) -> pd.DataFrame:
    """The areas in which the postcodes of catchments lie, and whether it is the whole of them.

    Parameters
    ----------
    claimed
        Row -> postcode areas, districts and sectors.
    shapes
        Row -> polygon in the CRS of the areas.
    areas
        Columns code, level, geometry and, on councils, board_code, hscp_code.
    points
        As `points_of` returns them.

    Returns
    -------
    pandas.DataFrame
        One row per row and area that holds at least one of its postcodes: row, area_code, level,
        here (postcodes of the catchment in it), of (postcodes in it at all). Areas that are
        unions of councils are left out: they follow from these.
    """
    import shapely

    from gapmap.place.join import people_with_areas

    levels = list(dict.fromkeys(areas["level"]))
    councils = areas[areas["level"] == "council"]
    unions = [
        level
        for level in levels
        if level != "council" and f"{level}_code" in councils and len(councils)
        and (councils[f"{level}_code"].fillna("") != "").all()
    ]  # fmt: skip
    small = [level for level in levels if level not in unions]
    coded = people_with_areas(points, areas[areas["level"].isin(small)])
    parts = levels_of(coded.index) if claimed else None
    x, y = coded["easting"].to_numpy(float), coded["northing"].to_numpy(float)
    totals = {level: coded[f"{level}_code"].value_counts() for level in small}
    rows = []
    for row in dict.fromkeys([*claimed, *shapes]):
        inside = np.zeros(len(coded), bool)
        if parts is not None and row in claimed:
            wanted = set(claimed[row])
            for column in _COLUMNS:
                inside |= parts[column].isin(wanted).to_numpy()
        if row in shapes:
            shapely.prepare(shapes[row])
            inside |= shapely.intersects_xy(shapes[row], x, y)
        for level in small:
            found = coded[f"{level}_code"][inside].value_counts().sort_index()
            rows += [
                (row, code, level, int(here), int(totals[level][code]))
                for code, here in found.items()
                if code
            ]
    return pd.DataFrame(rows, columns=["row", "area_code", "level", "here", "of"])


def unknown_parts(parts: tuple[str, ...], points: pd.DataFrame) -> list[str]:
    """Which of these no postcode has."""
    known = levels_of(points.index)
    return [part for part in parts if not any((known[column] == part).any() for column in _COLUMNS)]


def with_catchments(
    people: pd.DataFrame, links: pd.DataFrame, shapes: dict[str, object]
) -> pd.DataFrame:
    """People with columns that say in which catchments of the services they live.

    Parameters
    ----------
    people
        Indexed by postcode (or by data zone: these take the postcode nearest to their centre);
        easting, northing.
    links
        As ``gapmap.place.join.join`` returns them; its column within names the catchments.
    shapes
        Name of each polygon catchment -> the polygon.

    Returns
    -------
    pandas.DataFrame
        A copy with up to three columns of postcodes and one for each polygon; the same frame if
        no service has a catchment.
    """
    import shapely

    if "within" not in links or not (links["within"] != "").any():
        return people
    named = {code for cell in set(links["within"]) for code in cell.split(";") if code}
    more: dict[str, object] = {}
    if named - set(shapes):
        levels = levels_of(_postcodes_of(people))
        # Only what a service names: further codes would be weighed for nothing.
        more |= {
            column: levels[column].where(levels[column].isin(named), "").to_numpy(object)
            for column in levels
        }
    x, y = people["easting"].to_numpy(float), people["northing"].to_numpy(float)
    for number, name in enumerate(sorted(named & set(shapes))):
        shapely.prepare(shapes[name])
        inside = shapely.intersects_xy(shapes[name], x, y)
        more[f"served_polygon_{number}_code"] = np.where(inside, name, "").astype(object)
    return people.assign(**more)


def _postcodes_of(people: pd.DataFrame) -> pd.Index:
    points = points_of(people)
    if len(points) == len(people) and points.index.equals(people.index):
        return people.index
    from scipy.spatial import cKDTree

    tree = cKDTree(points[["easting", "northing"]].to_numpy(float))
    return points.index[tree.query(people[["easting", "northing"]].to_numpy(float))[1]]
