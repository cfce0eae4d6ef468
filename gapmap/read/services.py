"""Services: a file of any kind that a planner has becomes a frame, its cells exactly as found."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError
from gapmap.read.geodata import GEODATA
from gapmap.read.registers import recognise
from gapmap.read.synonyms import YEAR_COLUMNS, canonical, rename
from gapmap.vocabulary import columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd


def read_services(
    source: str | Path,
    *,
    sheet: str | int | None = None,
    mapping: Mapping[str, str] | str | Path | None = None,
) -> pd.DataFrame:
    """Read a file of services, every cell as text and exactly as found.

    Parameters
    ----------
    source
        CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252), .xlsx, .ods, GeoJSON,
        GeoPackage, shapefile (zipped too), TopoJSON, GeoParquet; Open Referral UK and HSDS 3.0
        (a page, a bulk file, a tabular package as .zip or folder); ALISS; a CKAN answer;
        an OpenStreetMap extract; a workbook of ``gapmap start``; a folder that ``gapmap survey
        read`` made; or the http(s) address of any of these (only then is the
        network used; see `gapmap.read.fetch`).
    sheet
        Name or number (from 1) of a workbook's sheet, or name of a GeoPackage's layer; by default
        the one that has most of the expected columns.
    mapping
        Column of the file -> our column, for what the table of synonyms does not know; it is
        stronger than the synonyms. A column mapped to "" is left as it is. A file that says the
        same has two columns, ``found`` and ``ours``; so an online form's questions come in.

    Returns
    -------
    pandas.DataFrame
        One row per row of the file, indexed by ``row``, the number that a spreadsheet shows (in
        geodata the first feature is row 2, as if a header were above it). Text, "" for blank.
        Columns that the table of synonyms knows have our names (``vocabulary.TABLES``), and
        ages in years are age_from and age_to; others keep theirs. Points of geodata fill
        latitude and longitude where the file is in WGS84, else easting and northing
        (EPSG:27700), if the file has no such columns itself; other shapes are kept as text in
        ``geometry``. ``attrs`` tells source, format, encoding, sheet, other_sheets, renamed,
        proposed (likely names that were not taken), unrecognised, and, of feeds and registers
        whose licence asks for it, attribution: lines to print wherever the data is shown.

    Raises
    ------
    FileError
        If the file is missing, empty, damaged, locked, or of a kind that cannot be read.
    InputError
        If the mapping names a column that is not there, or one that we do not have.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "services.csv"
    ...     _ = file.write_text("Service name;Post code\\nBumps and Babies;KY2 6LH\\n")
    ...     read_services(file)
                     name postcode
    row
    2    Bumps and Babies  KY2 6LH
    """
    if isinstance(mapping, (str, Path)):
        mapping = read_mapping(mapping)
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        from gapmap.read.fetch import fetch_services

        frame = fetch_services(source)
    else:
        frame = _from_file(Path(source), sheet)
    frame.attrs["source"] = str(source)
    if frame.attrs["format"] in ("aliss", "open referral", "openstreetmap") and not mapping:
        frame.attrs |= {"renamed": {}, "proposed": {}, "unrecognised": []}
        return frame
    register = recognise(frame.columns)
    if register is not None:
        known, columns_of = register
        frame.attrs |= {"register": known.name, "attribution": [known.attribution]}
        mapping = {**columns_of, **(mapping or {})}
    return named(frame, mapping=mapping)


def read_mapping(path: str | Path) -> dict[str, str]:
    """A mapping of columns from a file with the columns found and ours.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it has not these two columns.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mapping.csv"
    ...     _ = file.write_text("found,ours\\nWhat is it called?,name\\n")
    ...     read_mapping(file)
    {'What is it called?': 'name'}
    """
    from gapmap.read.tabular import read_table

    table = read_table(path)
    if not {"found", "ours"} <= set(table.columns):
        raise InputError(
            f"{Path(path).name} is no mapping: it needs the columns found and ours. "
            f"It has: {', '.join(table.columns)}."
        )
    given = zip(table["found"], table["ours"], strict=True)
    return {" ".join(found.split()): ours.strip() for found, ours in given if found.strip()}


def _from_file(path: Path, sheet: str | int | None) -> pd.DataFrame:
    ending = path.suffix.lower()
    if ending in (".json", ".geojson", ".topojson"):
        from gapmap.read.jsondata import is_geodata, parse, services_frame
        from gapmap.read.tabular import read_bytes

        content = parse(read_bytes(path), path.name)
        return (
            _from_geodata(path, sheet)
            if is_geodata(content)
            else services_frame(content, path.name)
        )
    if path.name.lower().endswith((".osm", ".pbf", ".osm.bz2", ".osm.gz")):
        from gapmap.read.osm_points import read_osm_points

        return read_osm_points(path)
    if ending == ".zip" or path.is_dir():
        tables = _package(path)
        if tables is not None:
            from gapmap.read.openreferral import frame_of_services, services_of_package

            frame = frame_of_services(services_of_package(tables))
            frame.attrs["format"] = "open referral"
            return frame
    if ending in GEODATA:
        return _from_geodata(path, sheet)
    from gapmap.read.own_workbook import OWN_COLUMNS, is_own
    from gapmap.read.tabular import frame_of, read_sheet

    if path.is_dir() and (path / "services.csv").is_file():
        path = path / "services.csv"  # as `gapmap survey read` makes it, its tables beside it
    cells = read_sheet(path, sheet=sheet, known=_is_known)
    own = sheet is None and is_own([cells.name, *cells.others])
    if own:
        cells = read_sheet(path, sheet="Services")
        cells.others = []  # read by their own titles, or written to be read by people
    frame = frame_of(cells, _is_known)
    if own:
        frame = frame.drop(columns=[name for name in OWN_COLUMNS if name in frame])
    frame.attrs.update(
        own_workbook=own,
        format=cells.format,
        encoding=cells.encoding,
        sheet=cells.name,
        other_sheets=cells.others,
        replaced=cells.replaced,
        swallowed=cells.swallowed,
    )
    return frame


def _package(path: Path) -> dict[str, pd.DataFrame] | None:
    """The tables of a tabular package, a zip file or a folder of CSVs; None if it is none."""
    from gapmap.read.openreferral import is_package
    from gapmap.read.tabular import MOST_UNPACKED, table_of

    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not is_package(file.name for file in files):
            return None
        return {file.stem.lower(): table_of(file.read_bytes(), file.name) for file in files}
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
            if not is_package(entry.filename for entry in inside):
                return None
            if sum(entry.file_size for entry in inside) > MOST_UNPACKED:
                raise FileError(f"{path.name} unpacks to more than 2 GB and was not opened.")
            return {
                Path(entry.filename).stem.lower(): table_of(archive.read(entry), entry.filename)
                for entry in inside
                if entry.filename.lower().endswith(".csv")
            }
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error) as error:
        if isinstance(error, FileError):
            raise
        if isinstance(error, FileNotFoundError):
            raise FileError(f"There is no file {path}. Check its name and folder.") from None
        raise FileError(
            f"{path.name} is no zip file that can be opened ({error}). Fetch it again."
        ) from None


def named(frame: pd.DataFrame, *, mapping: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Give the columns of a frame our names where the table of synonyms or a mapping knows them.

    Parameters
    ----------
    frame
        Columns as found.
    mapping
        As in `read_services`.

    Returns
    -------
    pandas.DataFrame
        The same cells; ``attrs`` has renamed, proposed and unrecognised.

    Raises
    ------
    InputError
        If the mapping names a column that is not there, or one that we do not have.

    Examples
    --------
    >>> import pandas as pd
    >>> named(pd.DataFrame({"Q1": ["Tea Club"]}), mapping={"Q1": "name"}).columns.tolist()
    ['name']
    """
    mapping = dict(mapping or {})
    absent = [name for name in mapping if name not in frame.columns]
    if absent:
        raise InputError(
            f"The mapping names columns that the file has not: {', '.join(absent)}. "
            f"It has: {', '.join(map(str, frame.columns))}."
        )
    ours = {*columns("services"), *YEAR_COLUMNS, ""}
    wrong = [name for name in mapping.values() if name not in ours]
    if wrong:
        raise InputError(
            f"The mapping gives names that services do not have: {', '.join(wrong)}. "
            f"They have: {', '.join(columns('services'))}."
        )
    twice = sorted({n for n in mapping.values() if n and list(mapping.values()).count(n) > 1})
    if twice:
        raise InputError(f"The mapping gives more than one column the name {', '.join(twice)}.")
    fixed = {found: name for found, name in mapping.items() if name}
    left = [name for name in frame.columns if name not in mapping]
    certain, likely, strange = rename(left)
    for found, name in list(certain.items()):
        if name in fixed.values():
            likely[found] = certain.pop(found)
    certain = {**certain, **fixed}
    # A column that keeps its name must not meet one that is renamed to it.
    clashing = set(certain.values()) & (set(frame.columns) - set(certain))
    away = {name: f"{name} (as found)" for name in clashing}
    renamed = frame.rename(columns={**certain, **away})
    renamed.attrs = {
        **frame.attrs,
        "renamed": {found: name for found, name in certain.items() if found != name},
        "proposed": {away.get(found, found): name for found, name in likely.items()},
        "unrecognised": [*strange, *(name for name, ours_name in mapping.items() if not ours_name)],
    }
    return renamed


def _is_known(name: str) -> bool:
    return canonical(name) is not None


def _from_geodata(path: Path, layer: str | int | None) -> pd.DataFrame:
    import pandas as pd

    from gapmap.read.geodata import read_geodata

    if isinstance(layer, int):
        raise InputError("A layer of geodata is given by its name.")
    found = read_geodata(path, layer=layer)
    index = pd.RangeIndex(2, len(found) + 2, name="row")
    shape = found.geometry.name
    texts = {
        str(name): pd.Series(_as_text(found[name]), index=index, dtype="str")
        for name in found.columns
        if name != shape
    }
    frame = pd.DataFrame(texts, index=index)
    for name, values in _places(found).items():
        if not any(canonical(known) == name for known in frame.columns):
            frame[name] = pd.Series(values, index=index, dtype="str")
    frame.attrs.update(format=path.suffix.lower().lstrip("."), encoding="", sheet=layer or "")
    return frame


def flat(services: pd.DataFrame) -> pd.DataFrame:
    """A frame without geometry: the points of a GeoDataFrame as columns, other frames as they are.

    Parameters
    ----------
    services
        Any frame; of a GeoDataFrame in WGS84 the points become latitude and longitude, in another
        system easting and northing, unless it has such columns.

    Raises
    ------
    InputError
        If points have no coordinate reference system.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([-3.19], [55.95], crs="EPSG:4326")
    >>> flat(gpd.GeoDataFrame({"name": ["A"]}, geometry=points)).columns.tolist()
    ['name', 'latitude', 'longitude']
    """
    import geopandas as gpd
    import pandas as pd

    if not isinstance(services, gpd.GeoDataFrame) or services.active_geometry_name is None:
        return services
    plain = pd.DataFrame(services.drop(columns=services.geometry.name))
    for name, values in _places(services).items():
        if name not in plain.columns:
            plain[name] = pd.Series(values, index=plain.index, dtype="str")
    return plain


def _as_text(column: pd.Series) -> list[str]:
    from gapmap.read.tabular import cell_text

    missing = column.isna().to_numpy()
    return [
        "" if gone else cell_text(_native(value))
        for value, gone in zip(column, missing, strict=True)
    ]


def _native(value: object) -> object:
    """A numpy or pandas scalar as Python's own; several values in a cell joined by semicolons."""
    import numpy as np

    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, np.ndarray)):
        return ";".join(str(part) for part in value)
    return value


def _places(found: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Text of where each feature is, in the columns that fit the file's reference system."""
    shapes = found.geometry
    is_point = (shapes.geom_type == "Point") & ~shapes.is_empty
    columns_of: dict[str, list[str]] = {}
    if is_point.any():
        if found.crs is None:
            raise InputError(
                "The file does not say its coordinate reference system. Save it again with one: "
                "the British National Grid (EPSG:27700), or WGS84 (EPSG:4326)."
            )
        degrees = found.crs.to_epsg() == 4326 or found.crs.to_string() == "OGC:CRS84"
        points = shapes[is_point] if degrees else shapes[is_point].to_crs("EPSG:27700")
        first, second = ("longitude", "latitude") if degrees else ("easting", "northing")
        for name, values in ((second, points.y), (first, points.x)):
            texts = dict(zip(points.index, values, strict=True))
            columns_of[name] = [
                f"{texts[key]:.{7 if degrees else 2}f}".rstrip("0").rstrip(".")
                if key in texts
                else ""
                for key in found.index
            ]
    other = ~is_point & shapes.notna() & ~shapes.is_empty
    if other.any():
        columns_of["geometry"] = [
            shape.wkt if there else "" for shape, there in zip(shapes, other, strict=True)
        ]
    return columns_of
