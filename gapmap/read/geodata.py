"""Geodata files: whatever the format, a GeoDataFrame with the fields exactly as found."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError

if TYPE_CHECKING:
    import geopandas as gpd

#: Endings of the names of files that are geodata.
GEODATA = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".topojson", ".parquet", ".geoparquet")


def read_geodata(path: str | Path, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read a file of geodata.

    Parameters
    ----------
    path
        GeoJSON, TopoJSON, GeoPackage, shapefile (``.shp`` or zipped) or GeoParquet.
    layer
        Layer of a GeoPackage; by default its first layer that has rows and a geometry.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per feature; ``crs`` is None where the file does not say it (GeoJSON and TopoJSON
        are WGS84 by their standards).

    Raises
    ------
    FileError
        If the file is missing, is no geodata, or is damaged.

    Examples
    --------
    >>> from gapmap.bundled import data_folder
    >>> len(read_geodata(data_folder() / "boundaries" / "councils.geojson"))
    32
    """
    path = Path(path)
    if not path.is_file():
        raise FileError(f"There is no file {path}. Check its name and folder.")
    ending = path.suffix.lower()
    if ending in (".parquet", ".geoparquet"):
        return _geoparquet(path)
    # GeoJSON is one layer: to look for those that it has would read the whole file twice more.
    single = ending in (".json", ".geojson", ".topojson") and _check_json(path)
    return _by_gdal(path, layer, single=single)


def in_metres(shapes: gpd.GeoSeries, name: str) -> gpd.GeoSeries:
    """Shapes of a file on the British National Grid (EPSG:27700).

    Raises
    ------
    InputError
        If shapes lie where no map of Britain reaches, so that they cannot be put there.
    """
    try:
        return shapes.to_crs("EPSG:27700")
    except Exception as error:  # PROJ and GEOS report through several kinds
        raise InputError(
            f"{name} has shapes that cannot be put on the British National Grid "
            f"({_short(error)}). Is its coordinate reference system the right one?"
        ) from None


def _geoparquet(path: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd

    try:
        return gpd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds
        raise FileError(
            f"{path.name} could not be read as GeoParquet ({_short(error)}). "
            "Save it again from the program that made it, or as GeoPackage."
        ) from None


def _check_json(path: Path) -> bool:
    """Refuse JSON that is no geodata; tell whether it is GeoJSON, not TopoJSON."""
    # GDAL's own messages on broken JSON do not say where it breaks.
    from gapmap.read.jsondata import is_geodata, parse
    from gapmap.read.tabular import read_bytes

    content = parse(read_bytes(path), path.name)
    if not is_geodata(content):
        raise FileError(
            f"{path.name} is JSON but no GeoJSON: it has no FeatureCollection at its top."
        )
    return bool(content["type"] == "FeatureCollection")


def _by_gdal(path: Path, layer: str | None, *, single: bool) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd
    import pyogrio

    source: str | Path = path
    if path.suffix.lower() == ".zip":
        source = f"/vsizip/{path.as_posix()}/{_shapefile_within(path)}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL warns of odd headers of files that it reads
            if layer is None and not single:
                layer = _first_layer(source)
            frame = pyogrio.read_dataframe(source, layer=layer)
    except FileError:
        raise
    except Exception as error:  # GDAL reports through many kinds
        raise FileError(
            f"{path.name} could not be read as geodata ({_short(error)}). "
            "Open it in QGIS or ArcGIS and save it again as GeoPackage."
        ) from None
    if path.suffix.lower() in (".json", ".topojson") and isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is None:  # the standard of TopoJSON, which GDAL does not state
            frame = frame.set_crs("EPSG:4326")
        if "id" in frame.columns and frame["id"].isna().all():
            frame = frame.drop(columns="id")
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(
            pd.DataFrame(frame), geometry=gpd.GeoSeries([None] * len(frame), index=frame.index)
        )
    return frame


def _shapefile_within(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FileError(
            f"{path.name} is no zip file that can be opened ({_short(error)}). Fetch it again."
        ) from None
    for ending in (".shp", ".gpkg", ".geojson", ".json"):
        found = sorted(name for name in names if name.lower().endswith(ending))
        if found:
            return found[0]
    raise FileError(
        f"{path.name} holds no shapefile, GeoPackage or GeoJSON. It holds: "
        + (", ".join(names[:5]) or "nothing")
        + "."
    )


def _first_layer(source: str | Path) -> str:
    import pyogrio

    layers = pyogrio.list_layers(source)
    if len(layers) == 0:
        raise FileError(f"{Path(source).name} has no layer. Save it again as GeoPackage.")
    spatial = [str(name) for name, kind in layers if kind is not None]
    for name in spatial:
        if pyogrio.read_info(source, layer=name, force_feature_count=True)["features"] > 0:
            return name
    return spatial[0] if spatial else str(layers[0][0])


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
