"""The tables of a run as files: CSV, Parquet, and a dictionary of every column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.errors import FileError
from gapmap.vocabulary import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

#: Tables with a row per postcode: too long for a spreadsheet, written as Parquet.
LONG_TABLES = frozenset({"nearest"})

#: Tables with a row per field of every service: written as CSV, too long to read on a sheet.
CSV_ONLY = frozenset({"field_sources"})

#: Columns left out of a public run wherever they turn up, beside those that the vocabulary names.
_PRIVATE_ANYWHERE = frozenset({"contact", "email", "telephone", "respondent", "respondent_role"})

#: What a spreadsheet takes for a formula, and what it takes for a number.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")

#: This module's own tables.
ABOUT_COLUMNS = (
    Column("measure", "text", "Short name of the figure"),
    Column("value", "number", "The figure"),
    Column("meaning", "text", "What it counts, in words"),
)
#: Tables of a run that the vocabulary leaves to the report.
_LINKS = (
    Column("service_id", "text", "The service"),
    Column("level", "code", "Kind of area", allowed=vocabulary.LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("basis", "code", "How the two belong together", allowed=vocabulary.BASES),
    Column(
        "coverage",
        "code",
        "Whether all of the area is served; blank where the service only stands in it",
        allowed=vocabulary.COVERAGE_OF_AREA,
    ),
    Column("note", "text", "A point taken from off the shore, a code that was renewed"),
    Column("within", "text", "What is served of the area: postcode districts, a polygon"),
)
_LOCATION_ID = Column("location_id", "text", "Tells the places of one service apart")
DICTIONARY_COLUMNS = (
    Column("table", "text", "Name of the table: its file, its sheet"),
    Column("column", "text", "Name of the column"),
    Column("kind", "text", "text, code, number, integer, date, yes_no or list"),
    Column("unit", "text", "Unit of a number"),
    Column("meaning", "text", "What it holds, in words"),
    Column("values", "text", "Codes that it may hold, each with its words"),
)


def columns_of(table: str) -> tuple[Column, ...]:
    """What is known of a run's table: its columns with their meaning; empty if nothing.

    Examples
    --------
    >>> [column.name for column in columns_of("gaps")][:3]
    ['level', 'area_code', 'area_name']
    """
    known = vocabulary.TABLES
    own = {
        "about": ABOUT_COLUMNS,
        "data_dictionary": DICTIONARY_COLUMNS,
        "services": known["placed_services"],
        "locations": (_LOCATION_ID, *known["placed_services"]),
        "links": _LINKS,
    }
    return own.get(table, known.get(table, ()))


def private_columns() -> frozenset[str]:
    """Names of the columns that a public run leaves out of every table.

    Examples
    --------
    >>> sorted(private_columns() & {"funder", "notes", "name"})
    ['funder', 'notes']
    """
    named = {
        column.name for table in vocabulary.TABLES.values() for column in table if column.private
    }
    return frozenset(named | _PRIVATE_ANYWHERE)


def published(table: pd.DataFrame, *, public: bool = False) -> pd.DataFrame:
    """A table as every file shows it: private columns out, numbers rounded the same way.

    Minutes and kilometres keep 1 decimal, rates per 1,000 keep 3, shares 6, people 1,
    coordinates 1; any other number 6.

    Parameters
    ----------
    table
        Any table of a run; it is not changed.
    public
        Leave out the private columns.

    Returns
    -------
    pandas.DataFrame
        The same rows; geometry is dropped, since a table of text cannot hold it.

    Examples
    --------
    >>> import pandas as pd
    >>> published(pd.DataFrame({"mean_minutes": [12.3456], "notes": ["x"]}), public=True)
       mean_minutes
    0          12.3
    """
    import pandas as pd

    hidden = private_columns() if public else frozenset()
    keep = [c for c in table.columns if c != "geometry" and c not in hidden]
    out = pd.DataFrame(table[keep]).copy()
    if hidden and {"field", "other_value"} <= set(out.columns):
        # A table of fields names a private one in its rows.
        out = out[~out["field"].isin(hidden)].reset_index(drop=True)
    for name in out.columns:
        if pd.api.types.is_bool_dtype(out[name].dtype):
            out[name] = out[name].map({True: "yes", False: "no"})
        elif pd.api.types.is_float_dtype(out[name].dtype):
            # Adding zero turns the -0.0 that rounding can leave into 0.0.
            out[name] = out[name].round(decimals(str(name))) + 0.0
    return out


def decimals(column: str) -> int:
    """Decimals that a column's numbers are written with.

    Examples
    --------
    >>> decimals("p90_minutes"), decimals("share_within_30"), decimals("per_1000")
    (1, 6, 3)
    """
    if column.startswith("share"):
        return 6
    if column.startswith("per_1"):
        return 3
    if column in {"people", "easting", "northing", "km", "minutes"} or column.endswith(
        ("_minutes", "_km", "_people")
    ):
        return 1
    return 6


def safe_for_spreadsheets(text: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain by an apostrophe before it.

    Numbers, and text that is a plain number, stay as they are.

    Examples
    --------
    >>> safe_for_spreadsheets("=cmd()"), safe_for_spreadsheets("-9"), safe_for_spreadsheets("PEEP")
    ("'=cmd()", '-9', 'PEEP')
    """
    if isinstance(text, str) and _FORMULA.match(text) and not _NUMBER.match(text):
        return "'" + text
    return text


def data_dictionary(tables: Mapping[str, pd.DataFrame], *, public: bool = False) -> pd.DataFrame:
    """Every column of every table, in words.

    Parameters
    ----------
    tables
        The tables of a run, by name.
    public
        Leave out the private columns.

    Returns
    -------
    pandas.DataFrame
        Columns table, column, kind, unit, meaning, values; in the order of the tables. A column
        that the vocabulary does not know has a blank meaning.

    Examples
    --------
    >>> import pandas as pd
    >>> data_dictionary({"gaps": pd.DataFrame({"level": ["board"]})})["meaning"].tolist()
    ['Kind of area, or place']
    """
    import pandas as pd

    hidden = private_columns() if public else frozenset()
    rows = []
    for name, table in tables.items():
        known = {column.name: column for column in columns_of(name)}
        for column in table.columns:
            if column in hidden or column == "geometry":
                continue
            found = known.get(column, Column(str(column), _kind(table[column]), ""))
            words = "; ".join(f"{c} = {w}" for c, w in (found.allowed or {}).items())
            rows.append((name, found.name, found.kind, found.unit, found.meaning, words))
    return pd.DataFrame(rows, columns=[c.name for c in DICTIONARY_COLUMNS])


def write_tables(
    tables: Mapping[str, pd.DataFrame], folder: Path, *, public: bool = False
) -> list[Path]:
    """Write every table into a folder, with the dictionary of their columns.

    CSV is UTF-8 with line feeds, one header row, blanks for unknown. Text that a spreadsheet would
    run as a formula gets an apostrophe before it. Long tables are Parquet.

    Parameters
    ----------
    tables
        The tables of a run, by name.
    folder
        Is made if need be.
    public
        Leave out the private columns.

    Returns
    -------
    list of Path
        The files, in the order of the tables, the dictionary last.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> files = write_tables({"gaps": pd.DataFrame({"reason": ["=1+1"]})}, folder)
    >>> files[0].read_text(encoding="utf-8").splitlines()
    ['reason', "'=1+1"]
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = {**tables, "data_dictionary": data_dictionary(tables, public=public)}
    files = []
    for name, table in every.items():
        out = published(table, public=public)
        if name in LONG_TABLES:
            files.append(folder / f"{name}.parquet")
            out.to_parquet(files[-1], index=False, compression="zstd")
            continue
        files.append(write_csv(out, folder / f"{name}.csv"))
    return files


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write one table as CSV: UTF-8, line feeds, blanks for unknown, no cell a formula.

    Parameters
    ----------
    table
        Any table; its index is left out.
    path
        The file.

    Raises
    ------
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> from pathlib import Path
    >>> file = write_csv(pd.DataFrame({"name": ["=cmd()"]}), Path(tempfile.mkdtemp()) / "x.csv")
    >>> file.read_text(encoding="utf-8").splitlines()
    ['name', "'=cmd()"]
    """
    out = table.copy()
    for column in _text_columns(out):
        out[column] = out[column].map(safe_for_spreadsheets)
    try:
        out.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    except OSError as problem:
        raise FileError(
            f"{path} cannot be written: {problem.strerror or problem}. If it is open in another "
            "program, close it and try again."
        ) from problem
    return path


def _text_columns(table: pd.DataFrame) -> Iterable[str]:
    import pandas as pd

    return [c for c in table.columns if not pd.api.types.is_numeric_dtype(table[c].dtype)]


def _kind(values: pd.Series) -> str:
    import pandas as pd

    if pd.api.types.is_integer_dtype(values.dtype):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values.dtype) else "text"
