"""Areas: a boundary file of any usual publisher becomes code, name, level and geometry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import CRSError, InputError
from gapmap.read.geodata import in_metres, read_geodata

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: Columns that hold an area's code, per publisher; digits that name a year are left out.
CODE_COLUMNS = (
    "code",
    "area_code",
    "gss_code",
    "geo_code",
    "hbcode",
    "hb",
    "ladcd",
    "la_s_code",
    "local_authority_code",
    "ca",
    "hscpcode",
    "hscp",
    "hiacode",
    "datazone",
    "dzcode",
    "interzone",
    "izcode",
    "wdcd",
    "pconcd",
    "spccd",
    "ctycd",
    "ctrycd",
)

#: Columns that hold an area's name, per publisher.
NAME_COLUMNS = (
    "name",
    "area_name",
    "hbname",
    "ladnm",
    "local_authority",
    "local_auth",
    "caname",
    "hscpname",
    "hianame",
    "dzname",
    "izname",
    "wdnm",
    "pconnm",
    "spcnm",
    "ctrynm",
    "regionname",
    "title",
)

#: First letters of a GSS code -> the level that it is of.
LEVEL_OF_PREFIX = {
    "S08": "board",
    "S12": "council",
    "S37": "hscp",
    "S01": "data_zone",
    "S02": "intermediate_zone",
    "S92": "country",
}

_BRITISH_GRID = "EPSG:27700"


def read_areas(path: str | Path, *, level: str | None = None) -> gpd.GeoDataFrame:
    """Read a file of areas, recognising the column names of the usual publishers.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, shapefile (zipped too), TopoJSON or GeoParquet.
    level
        What kind of area these are, such as ``council``; by default told from the codes.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns code, name, level, board_code, hscp_code (both "" where the file has none) and
        geometry in EPSG:27700, indexed by code and in the order of the codes. Polygons that were
        invalid are mended; ``attrs["mended"]`` lists their codes.

    Raises
    ------
    FileError
        If the file cannot be read as geodata.
    CRSError
        If the file does not say its coordinate reference system.
    InputError
        If no column holds codes or names, if codes repeat, or if a row is no polygon.

    Examples
    --------
    >>> from gapmap.bundled import data_folder
    >>> areas = read_areas(data_folder() / "boundaries" / "councils.geojson")
    >>> len(areas), areas.at["S12000036", "name"]
    (32, 'City of Edinburgh')
    """
    import geopandas as gpd
    import shapely

    path = Path(path)
    frame = read_geodata(path)
    if frame.crs is None:
        raise CRSError(
            f"{path.name} does not say its coordinate reference system. Save it again with one: "
            "the British National Grid (EPSG:27700), or WGS84 (EPSG:4326)."
        )
    code_column = column_of(frame, CODE_COLUMNS)
    name_column = column_of(frame, NAME_COLUMNS)
    if code_column is None:
        raise InputError(
            f"{path.name} has no column of area codes. It has: {', '.join(_fields(frame))}. "
            'Name the column of official codes (S12000036...) "code".'
        )
    if name_column is None:
        name_column = code_column
    codes = frame[code_column].astype("string").fillna("").str.strip()
    names = frame[name_column].astype("string").fillna("").str.strip()
    wrong = [f"row {row}: no code" for row in (codes == "").to_numpy().nonzero()[0] + 1]
    wrong += [f"{code} appears more than once" for code in sorted(set(codes[codes.duplicated()]))]
    kinds = frame.geometry.geom_type
    bad_shape = ~kinds.isin(["Polygon", "MultiPolygon"])
    wrong += [
        f"{code} is a {kind or 'row without shape'}, not a polygon"
        for code, kind in zip(codes[bad_shape], kinds[bad_shape], strict=True)
    ]
    if wrong:
        raise InputError(f"{path.name} cannot be used as areas: " + "; ".join(wrong) + ".")
    metric = in_metres(frame.geometry, path.name)
    invalid = ~metric.is_valid.to_numpy()
    shapes = metric.to_numpy().copy()
    if invalid.any():
        shapes[invalid] = shapely.make_valid(
            shapes[invalid], method="structure", keep_collapsed=False
        )
    areas = gpd.GeoDataFrame(
        {
            "code": codes.astype(str).to_numpy(),
            "name": names.astype(str).to_numpy(),
            "level": [level or LEVEL_OF_PREFIX.get(code[:3], "area") for code in codes],
            "board_code": _texts(frame, "board_code"),
            "hscp_code": _texts(frame, "hscp_code"),
        },
        geometry=shapes,
        crs=_BRITISH_GRID,
    )
    for extra in ("valid_from", "valid_to", "approximate"):
        if extra in frame.columns:
            areas[extra] = _texts(frame, extra)
    areas.index = areas["code"].rename("area_code")
    areas = areas.sort_index()
    areas.attrs["mended"] = sorted(areas["code"][areas["code"].isin(codes[invalid])])
    return areas


def column_of(frame: pd.DataFrame, wanted: tuple[str, ...]) -> str | None:
    """The column whose plain name stands first in the list of wanted ones; None if none does.

    Case and the digits of a year do not count, nor does the column of the shapes.

    Examples
    --------
    >>> import pandas as pd
    >>> column_of(pd.DataFrame(columns=["LAD24CD", "LAD24NM"]), CODE_COLUMNS)
    'LAD24CD'
    """
    plain: dict[str, str] = {}
    for name in _fields(frame):
        key = "".join(letter for letter in name.lower() if not letter.isdigit()).strip("_ ")
        plain.setdefault(key, name)
    return next((plain[key] for key in wanted if key in plain), None)


def _fields(frame: pd.DataFrame) -> list[str]:
    shapes = getattr(frame, "active_geometry_name", None)
    return [str(name) for name in frame.columns if name != shapes]


def _texts(frame: gpd.GeoDataFrame, column: str) -> list[str]:
    if column not in frame.columns:
        return [""] * len(frame)
    return [str(text) for text in frame[column].astype("string").fillna("")]
