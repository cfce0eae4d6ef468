"""Lookups: which area each postcode or data zone lies in, for levels that have no polygons."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gapmap.errors import FileError, InputError
from gapmap.read.areas import CODE_COLUMNS, NAME_COLUMNS, column_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: Columns that name the point that is looked up, in plain form.
KEY_COLUMNS = ("postcode", "pcds", "pcd", "pc", "datazone", "data_zone", "dz_code", "dzcode", "dz")


class Lookup(NamedTuple):
    """A level of areas that is known by its postcodes or data zones.

    Parameters
    ----------
    areas
        code, name, level, board_code, hscp_code ("") and geometry: the points of the people who
        live there (EPSG:27700), a MultiPoint; indexed by code.
    codes
        Code of each of the people's points, on their index; "" for none.
    remarks
        What there is to say of it, a sentence each.
    """

    areas: gpd.GeoDataFrame
    codes: pd.Series
    remarks: tuple[str, ...]


def read_lookup(
    path: str | Path,
    people: pd.DataFrame,
    *,
    level: str,
    key: str = "",
    code: str = "",
    name: str = "",
) -> Lookup:
    """Read which area of a level each postcode, or each data zone, lies in.

    Parameters
    ----------
    path
        CSV (zipped too), .xlsx or .ods with a column of postcodes or data zones and one of codes.
    people
        The study's people, indexed by postcode or by data zone; easting, northing (EPSG:27700).
    level
        What kind of area these are, such as ``ward``.
    key, code, name
        Its columns, where their names do not tell.

    Returns
    -------
    Lookup
        Its areas in the order of their codes.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If a column is missing, or none of the people's points is in it.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> people = pd.DataFrame({"easting": [0.0], "northing": [0.0]}, index=["EH1 1AA"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "wards.csv"
    ...     _ = file.write_text("pcds,wd_code,name\\nEH11AA,S13002929,City Centre\\n")
    ...     read_lookup(file, people, level="ward", code="wd_code").codes.tolist()
    ['S13002929']
    """
    import geopandas as gpd
    import pandas as pd
    import shapely

    path = Path(path)
    table = lookup_table(path)
    key_column = _column(table, path, key, KEY_COLUMNS, "postcodes or data zones", "key")
    rest = table.drop(columns=key_column)
    code_column = _column(rest, path, code, CODE_COLUMNS, "codes of areas", "code")
    names = name or column_of(rest.drop(columns=code_column), NAME_COLUMNS) or code_column
    if names not in table:
        raise InputError(f'{path.name} has no column "{names}".')
    keys = table[key_column].astype(str).str.strip()
    where = keys.where(keys.str.match(r"^[SENW]\d{8}$"), keys.map(_postcode))
    found = pd.DataFrame(
        {
            "key": where,
            "code": table[code_column].astype(str).str.strip(),
            "name": table[names].astype(str).str.strip(),
        }
    )
    found = found[(found["key"] != "") & (found["code"] != "")].drop_duplicates(["key", "code"])
    double = found["key"].duplicated()
    one = found[~double].set_index("key")
    codes = pd.Series(
        one["code"].reindex(people.index).fillna("").to_numpy(object), index=people.index
    )
    known = codes != ""
    if not known.any():
        raise InputError(
            f"{path.name}: none of its {len(one):,} keys ({', '.join(one.index[:3])}...) is a "
            f"point of the study's people ({', '.join(map(str, people.index[:3]))}...)."
        )
    label = one.drop_duplicates("code").set_index("code")["name"].sort_index()
    points = shapely.points(people["easting"].to_numpy(float), people["northing"].to_numpy(float))
    at = codes.reset_index(drop=True).groupby(codes.to_numpy()).groups
    shapes = [
        shapely.multipoints(points[at[code]]) if code in at else shapely.MultiPoint()
        for code in label.index
    ]
    areas = gpd.GeoDataFrame(
        {
            "code": label.index.to_numpy(object),
            "name": label.to_numpy(object),
            "level": level,
            "board_code": "",
            "hscp_code": "",
        },
        geometry=shapes,
        crs="EPSG:27700",
    )
    areas.index = areas["code"].rename("area_code")
    words = level.replace("_", " ")
    remarks = [
        f"Areas of the level {words} are known by their postcodes or data zones ({path.name}), not "
        "by their outlines: tables and reports have them, maps do not draw them."
    ]
    if double.any():
        remarks.append(
            f"{int(double.sum()):,} postcodes or data zones stand in two areas of the level "
            f"{words}; the first counts."
        )
    if not known.all():
        remarks.append(
            f"{int((~known).sum()):,} of {len(known):,} places where people live are in no area of "
            f"the level {words}."
        )
    empty = int(sum(shape.is_empty for shape in shapes))
    if empty:
        remarks.append(f"{empty:,} areas of the level {words} have nobody living in them.")
    return Lookup(areas, codes, tuple(remarks))


def _column(
    table: pd.DataFrame, path: Path, given: str, wanted: tuple[str, ...], what: str, option: str
) -> str:
    found = given or column_of(table, wanted)
    if found is None or found not in table:
        raise InputError(
            f"{path.name} has no column of {what}{f' named {given!r}' if given else ''}. It has: "
            f'{", ".join(map(str, table.columns[:40]))}. Name it in study.toml: {option} = "...".'
        )
    return found


def _postcode(text: str) -> str:
    bare = "".join(text.upper().split())
    return f"{bare[:-3]} {bare[-3:]}" if 5 <= len(bare) <= 7 else ""


def lookup_table(path: Path) -> pd.DataFrame:
    """Read a lookup's file as text; of a zip the largest .csv in it.

    Parameters
    ----------
    path
        CSV (zipped too), .xlsx or .ods.

    Raises
    ------
    FileError
        If the file cannot be read.
    """
    import pandas as pd

    from gapmap.read.tabular import decode, read_bytes, read_table

    ending = path.suffix.lower()
    if ending not in (".zip", ".csv", ".txt", ".tsv"):
        return read_table(path)
    content, name = read_bytes(path), path.name
    if ending == ".zip":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                inside = [
                    one for one in archive.infolist() if one.filename.lower().endswith(".csv")
                ]
                if not inside:
                    raise FileError(f"{path.name} holds no CSV.")
                largest = max(inside, key=lambda one: (one.file_size, one.filename))
                if largest.file_size > 2_000_000_000:
                    raise FileError(f"{path.name} unpacks to more than 2 GB and was not opened.")
                content, name = archive.read(largest), largest.filename
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
            raise FileError(f"{path.name} cannot be unpacked ({error}). Fetch it again.") from None
    text, _, _ = decode(content, name)
    head = text[:100_000].split("\n", 1)[0]
    mark = max(",;\t|", key=head.count)
    try:
        return pd.read_csv(
            io.StringIO(text), sep=mark, dtype=str, keep_default_na=False, quoting=csv.QUOTE_MINIMAL
        )
    except (ValueError, csv.Error) as error:
        raise FileError(f"{name} could not be read as CSV: {error}. Fetch it again.") from None
