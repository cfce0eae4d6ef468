"""Writing a directory of services in every format of the field, telling what each cannot hold."""

from __future__ import annotations

import json
import math
import re
import uuid
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gapmap.errors import FileError, InputError
from gapmap.place.locate import locate
from gapmap.read.openreferral import AREA_URI, GAPMAP_TAXONOMY
from gapmap.read.services import flat
from gapmap.read.synonyms import SHORT_NAMES
from gapmap.read.values import parts, typed
from gapmap.report.workbook import close_workbook
from gapmap.vocabulary import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

#: What tells where a service is; blank for a confidential place, which is written to no file.
PLACE_COLUMNS = (
    "address", "town", "postcode", "easting", "northing", "latitude", "longitude", "grid_ref",
    "uprn",
)  # fmt: skip

#: Ending of the file's name -> how a person calls the format.
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        ".csv": "CSV",
        ".xlsx": "Excel workbook",
        ".gpkg": "GeoPackage",
        ".geojson": "GeoJSON (WGS84, short names)",
        ".topojson": "TopoJSON (WGS84, short names)",
        ".parquet": "GeoParquet",
        ".json": "Open Referral UK 3.0",
    }
)

_LONGEST_CELL = 32_767  # characters: the limit of an Excel cell
_SAFE = "%/:?@!$&'()*+,;=-._~"  # letters that an address may have as they are
_SPACE = uuid.UUID("6f1c2d0e-5c8b-5b0a-9d0a-3f4f6f6b6170")  # of ids made from our own ids
_COLUMNS = {column.name: column for column in TABLES["services"]}
_STATUS = {"open": "active", "unknown": "active", "": "active", "closed": "defunct",
           "likely_closed": "inactive", "planned": "inactive"}  # fmt: skip


def write_services(
    services: pd.DataFrame, path: str | Path, *, confidential: bool = False
) -> pd.DataFrame:
    """Write services to a file whose ending names the format.

    Parameters
    ----------
    services
        As read or as typed; they are written as `gapmap.read.values.typed` gives them.
    path
        Ends in .csv, .xlsx, .gpkg, .geojson, .topojson, .parquet or .json (Open Referral UK).
    confidential
        Write places that are marked confidential too; else they are left blank.

    Returns
    -------
    pandas.DataFrame
        What the file does not hold, one row per column: column, rows (how many), why. Empty where
        reading the file again gives the same services.

    Raises
    ------
    InputError
        If the ending names none of these formats.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from gapmap.read.services import read_services
    >>> services = typed(pd.DataFrame({"name": ["Tea Club"], "category": ["befriending"]}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lost = write_services(services, Path(folder) / "a.csv")
    ...     again = typed(read_services(Path(folder) / "a.csv"))
    >>> len(lost), again["name"].tolist()
    (0, ['Tea Club'])
    """
    import pandas as pd

    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError(
            f'"{path.name}" does not end in a format that can be written: {", ".join(FORMATS)}.'
        )
    table = typed(flat(services))
    lost: list[tuple[str, int, str]] = []
    if not confidential:
        table = _without_places(table, lost)
    extra = [name for name in table.columns if name not in _COLUMNS]
    table = table.astype({name: "str" for name in extra if name != "geometry"})
    table[extra] = table[extra].fillna("") if extra else table[extra]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writers = {
            ".csv": _csv,
            ".xlsx": _xlsx,
            ".gpkg": _gpkg,
            ".geojson": _geojson,
            ".topojson": _topojson,
            ".parquet": _parquet,
            ".json": _open_referral,
        }
        writers[ending](table, path, lost)
    except PermissionError:
        raise FileError(
            f"{path} could not be written. If it is open in another program, close it there."
        ) from None
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{path} could not be written: {error.strerror or error}.") from None
    return pd.DataFrame(lost, columns=["column", "rows", "why"])


def _without_places(table: pd.DataFrame, lost: list[tuple[str, int, str]]) -> pd.DataFrame:
    secret = table["location_confidential"] == "yes"
    table = table.copy()
    for name in PLACE_COLUMNS:
        number = _COLUMNS[name].kind == "number"
        held = secret & (table[name].notna() if number else table[name] != "")
        if held.any():
            table[name] = table[name].mask(held, math.nan if number else "")
            lost.append((name, int(held.sum()), "the place is confidential"))
    for name in ("geometry", "catchment"):
        if name in table.columns and secret.any():
            table[name] = table[name].astype("str").mask(secret, "")
    return table


# -- tables ---------------------------------------------------------------------------------------


def _numbers_as_text(table: pd.DataFrame) -> pd.DataFrame:
    from gapmap.read.values import as_texts

    out = table.copy()
    for name in table.columns:
        if name in _COLUMNS and _COLUMNS[name].kind == "number":
            out[name] = as_texts(table[name])
    return out


def _csv(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    from gapmap.report.tables import safe_for_spreadsheets

    out = _numbers_as_text(table)
    for name in out.columns:
        out[name] = out[name].map(safe_for_spreadsheets)
    # The mark at the beginning lets Excel see that it is UTF-8.
    out.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _xlsx(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    import datetime

    import xlsxwriter

    book = xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "valign": "top"})
    plain = book.add_format({"valign": "top"})
    page = book.add_worksheet("services")
    page.freeze_panes(1, 4)
    for place, name in enumerate(table.columns):
        page.write_string(0, place, str(name), head)
        if name in _COLUMNS:
            page.write_comment(0, place, _COLUMNS[name].meaning)
        values = table[name].tolist()
        page.set_column(place, place, min(40, max(10, len(str(name)) + 2)))
        cut = 0
        for row, value in enumerate(values, 1):
            if isinstance(value, str):
                if value:
                    cut += len(value) > _LONGEST_CELL
                    page.write_string(row, place, value[:_LONGEST_CELL], text)
            elif value is not None and math.isfinite(value):
                page.write_number(row, place, value, plain)
        if cut:
            lost.append((str(name), cut, "longer than a cell of Excel can be; cut there"))
    if len(table.columns):
        page.autofilter(0, 0, max(1, len(table)), len(table.columns) - 1)
    _choices(book, page, table)
    close_workbook(book, path)


def _choices(book: Any, page: Any, table: pd.DataFrame) -> None:
    """Drop-downs for columns of words; a list that a cell cannot hold stands on its own sheet."""
    lists = book.add_worksheet("choices")
    for place, name in enumerate(table.columns):
        column = _COLUMNS.get(str(name))
        if column is None or column.allowed is None or column.kind == "list":
            continue
        lists.write_string(0, place, str(name))
        for row, word in enumerate(column.allowed, 1):
            lists.write_string(row, place, word)
        letter = _letter(place)
        page.data_validation(
            1,
            place,
            len(table) + 200,
            place,
            {
                "validate": "list",
                "source": f"=choices!${letter}$2:${letter}${len(column.allowed) + 1}",
                "error_type": "warning",
                "error_title": "Not one of the usual words",
                "error_message": "Choose a word from the list, or keep yours.",
            },
        )


def _letter(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place))


# -- geodata --------------------------------------------------------------------------------------


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The services with a point each, where one can be told, on the national grid."""
    import geopandas as gpd

    table = table.rename(columns={"geometry": "geometry_text"})
    placed = locate(table.drop(columns="geometry_text", errors="ignore"))
    points = gpd.points_from_xy(placed["easting"], placed["northing"], crs="EPSG:27700")
    frame = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:27700")
    frame.loc[placed["easting"].isna().to_numpy(), "geometry"] = None
    return frame


def _gpkg(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    import pyogrio

    from gapmap.report.geopackage import _tier_style, _write_styles

    stamp = "2000-01-01T00:00:00.000Z"
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        pyogrio.write_dataframe(
            _points(table), path, layer="services", driver="GPKG", geometry_type="Point",
            layer_options={"GEOMETRY_NAME": "geometry", "FID": "fid"},
        )  # fmt: skip
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    _write_styles(path, {"services": _tier_style()}, stamp)


def _parquet(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    _points(table).reset_index(drop=True).to_parquet(path, index=False)


def _features(table: pd.DataFrame) -> list[tuple[dict[str, Any], list[float] | None]]:
    """Properties by short name, unknown left out, and longitude and latitude of each row."""
    points = _points(table)
    degrees = points.geometry.to_crs("EPSG:4326")
    names = {name: SHORT_NAMES.get(str(name), str(name)) for name in table.columns}
    found = []
    for record, point in zip(table.to_dict("records"), degrees, strict=True):
        # Blank coordinates are written as blank: a reader would else take the point for them.
        properties = {
            names[name]: value if _known(value) else None
            for name, value in record.items()
            if _known(value) or name in PLACE_COLUMNS
        }
        there = point is not None and not point.is_empty
        found.append((properties, [round(point.x, 7), round(point.y, 7)] if there else None))
    return found


def _geojson(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Point", "coordinates": at} if at else None,
        }
        for properties, at in _features(table)
    ]
    _dump({"type": "FeatureCollection", "features": features}, path)


def _topojson(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    features = _features(table)
    shapes = [
        {"type": "Point", "coordinates": at, "properties": properties}
        for properties, at in features
        if at
    ]
    without = len(features) - len(shapes)
    if without:
        lost.append(("every column", without, "TopoJSON has no row without a point"))
    layer = {"type": "GeometryCollection", "geometries": shapes}
    _dump({"type": "Topology", "objects": {"services": layer}, "arcs": []}, path)


def _dump(content: Any, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    # A lone half of a character pair cannot be written; it says nothing either.
    path.write_bytes(text.encode("utf-8", errors="replace"))


# -- Open Referral --------------------------------------------------------------------------------


def _open_referral(table: pd.DataFrame, path: Path, lost: list[tuple[str, int, str]]) -> None:
    degrees = _points(table).geometry.to_crs("EPSG:4326")
    services = []
    for position, record in enumerate(table.to_dict("records")):
        point = degrees.iloc[position]
        at = None if point is None or point.is_empty else (point.y, point.x)
        services.append(_service(record, at, position))
    total = len(services)
    _dump(
        {
            "total_items": total,
            "total_pages": 1,
            "page_number": 1,
            "size": total,
            "first_page": True,
            "last_page": True,
            "empty": total == 0,
            "contents": services,
        },
        path,
    )
    blank = sum(not _web(url) for url in table["url"])
    if blank:
        told = "the format wants a web address; where none is known an identifier (urn:uuid) stands"
        lost.append(("url", blank, told))


def _id(*of: object) -> str:
    return str(uuid.uuid5(_SPACE, "\x1f".join(str(part) for part in of)))


def _known(value: object) -> bool:
    return value != "" and value is not None and value == value


def _service(
    record: dict[Any, Any], at: tuple[float, float] | None, position: int
) -> dict[str, Any]:
    key = _id("service", record["service_id"], record["location_id"], position)
    service: dict[str, Any] = {
        "id": key,
        "name": record["name"],
        "description": record.get("description") or record["eligibility"] or record["name"],
        "status": _STATUS.get(record["status"], "active"),
    }
    # A page of services must have an address for each: the id says nothing that is not so.
    service["url"] = _web(record["url"]) or f"urn:uuid:{key}"
    if _known(record["age_from_months"]) and record["age_from_months"] >= 0:
        service["minimum_age"] = round(record["age_from_months"] / 12, 2)
    if _known(record["age_to_months"]):
        # The last age that may come, not the first that may not.
        service["maximum_age"] = round((record["age_to_months"] - 1) / 12, 2)
    if len(record["source_date"]) == 10:
        service["assured_date"] = record["source_date"]
    if record["organisation"]:
        body = record["organisation"]
        service["organization"] = {"id": _id("body", body), "name": body, "description": body}
    if record["funder"]:
        service["funding"] = [{"id": _id("funding", key), "source": record["funder"]}]
    areas = parts(record["serves"], _COLUMNS["serves"])
    if areas:
        service["service_areas"] = [_area(key, area) for area in areas]
    location = _location(record, at, key)
    if location:
        service["service_at_locations"] = [
            {
                "id": _id("at", key),
                "service_id": key,
                "location_id": location["id"],
                "location": location,
            }
        ]
    service["attributes"] = [
        _attribute(key, str(name), value) for name, value in record.items() if _known(value)
    ]
    return service


def _web(text: str) -> str:
    """The first web address of a cell, its odd letters escaped as RFC 3986 wants; "" for none."""
    first = text.strip().split(";")[0].split()[:1]
    if not first or not re.match(r"(?i)https?://[\w.-]+(:\d+)?([/?#]|$)", first[0]):
        return ""
    whole = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", first[0])
    head, mark, tail = whole.partition("#")
    # A second # is no part of an address.
    return quote(head, safe=_SAFE) + mark + quote(tail, safe=_SAFE)


def _area(key: str, area: str) -> dict[str, str]:
    made = {"id": _id("area", key, area), "service_id": key, "name": area, "service_area": area}
    if len(area) == 9 and area[0] == "S" and area[1:].isdigit():
        made["uri"] = AREA_URI + area
    return made


def _location(
    record: dict[Any, Any], at: tuple[float, float] | None, key: str
) -> dict[str, Any] | None:
    written = any(record[name] for name in ("address", "postcode", "town", "uprn"))
    if at is None and not written:
        return None
    place = _id("location", key)
    location: dict[str, Any] = {
        "id": place,
        "location_type": "physical",
        "name": record["town"] or record["name"],
    }
    if at is not None:
        location["latitude"], location["longitude"] = round(at[0], 7), round(at[1], 7)
    if record["uprn"]:
        location["external_identifier"] = record["uprn"]
        location["external_identifier_type"] = "UPRN"
    if written:
        location["addresses"] = [
            {
                "id": _id("address", key),
                "location_id": place,
                "address_1": record["address"],
                "city": record["town"],
                "state_province": "",
                "postal_code": record["postcode"],
                "country": "GB",
                "address_type": "physical",
            }
        ]
    return location


def _attribute(key: str, name: str, value: object) -> dict[str, Any]:
    """One of our columns, for which the format has no field that holds it exactly."""
    from gapmap.read.tabular import cell_text

    text = cell_text(value)
    column = _COLUMNS.get(name)
    label = (column.allowed or {}).get(text, text) if column else text
    term = _id("term", name, text)
    return {
        "id": _id("attribute", key, name),
        "link_id": key,
        "link_type": name,
        "link_entity": "service",
        "value": text,
        "taxonomy_term_id": term,
        "taxonomy_term": {
            "id": term,
            "name": label,
            "term": label,
            "description": column.meaning if column else name,
            "taxonomy": GAPMAP_TAXONOMY,
        },
    }
