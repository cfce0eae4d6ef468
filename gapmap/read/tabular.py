"""Sheets and delimited text: the cells as text, whatever the encoding, dialect or program."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gapmap.errors import FileError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

#: Endings of delimited text.
TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".tab", ".psv", "")

_DELIMITERS = (",", ";", "\t", "|")
_HEADER_WITHIN = 40  # rows: titles and notes above a header are rarely longer
#: A workbook or archive that unpacks to more bytes is not opened.
MOST_UNPACKED = 2_000_000_000  # bytes: no sheet of services is this large, a zip bomb is
_MAGIC = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite format 3": "a database or GeoPackage",
    b"PAR1": "a Parquet file",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"MZ": "a program",
    b"\x7fELF": "a program",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass
class Sheet:
    """The cells of one sheet: text, "" for blank, rows padded to one width.

    Parameters
    ----------
    rows
        The rows, the first of the file first.
    format
        ``csv``, ``xlsx`` or ``ods``.
    encoding
        Of delimited text.
    name
        Of the sheet, in a workbook.
    others
        Names of the workbook's other sheets.
    replaced
        Number of characters that the encoding could not tell.
    swallowed
        Rows (from 1) in which a quotation mark that is not closed seems to have swallowed others,
        with the number of lines that each takes.
    """

    rows: list[list[str]]
    format: str
    encoding: str = ""
    name: str = ""
    others: list[str] = field(default_factory=list)
    replaced: int = 0
    swallowed: dict[int, int] = field(default_factory=dict)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a plain table, such as a linked table of a study.

    Parameters
    ----------
    path
        CSV, .xlsx or .ods; its header is the first row that is filled across.

    Returns
    -------
    pandas.DataFrame
        Text, "" for blank, named as in the file; indexed by the row as a spreadsheet numbers it.

    Raises
    ------
    FileError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "searches.csv"
    ...     _ = file.write_text("area_code,date\\nS12000036,2019-12\\n")
    ...     read_table(file)
        area_code     date
    row
    2   S12000036  2019-12
    """
    return frame_of(read_sheet(Path(path)), lambda name: bool(name.strip()))


def table_of(content: bytes, name: str) -> pd.DataFrame:
    """A plain table from the bytes of a CSV file; without rows if these are blank.

    Examples
    --------
    >>> table_of(b"id,name\\n1,Tea", "services.csv").to_dict("records")
    [{'id': '1', 'name': 'Tea'}]
    """
    text, encoding, replaced = decode(content, name)
    rows, _ = _delimited(text, name)
    return frame_of(
        Sheet(rows, "csv", encoding, replaced=replaced), lambda name: bool(name.strip())
    )


def read_sheet(
    path: Path, *, sheet: str | int | None = None, known: Callable[[str], bool] | None = None
) -> Sheet:
    """The cells of a file, by what is in it rather than by its ending.

    Parameters
    ----------
    path
        Delimited text, .xlsx or .ods.
    sheet
        Name or number (from 1) of a workbook's sheet; by default the one whose header has most
        of the names that ``known`` accepts, else the first that is filled.
    known
        Whether a column name is one of those expected.

    Raises
    ------
    FileError
        If the file is missing, empty, locked by a password, damaged, or of another kind.
    InputError
        If the workbook has no such sheet.
    """
    content = read_bytes(path)
    if content[:4] == b"PK\x03\x04":
        return _workbook(path, content, sheet, known)
    if content[:8] == _OLE:
        raise FileError(
            f"{path.name} is locked by a password or is an old .xls workbook. Open it in Excel, "
            "remove the password, and save it as .xlsx or as CSV UTF-8."
        )
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            raise FileError(
                f"{path.name} is {kind}, not a table. Save the table as .csv or .xlsx and "
                "give that."
            )
    if path.suffix.lower() not in (*TEXT_ENDINGS, ".xlsx", ".xlsm", ".ods"):
        raise FileError(
            f'{path.name} ends in "{path.suffix}", which is not a kind of file that can be read. '
            "Readable are: .csv, .tsv, .txt, .xlsx, .ods, .geojson, .json, .gpkg, .shp, .zip and "
            ".parquet."
        )
    text, encoding, replaced = decode(content, path.name)
    kind = _markup(text)
    if kind:
        raise FileError(
            f"{path.name} is {kind}, whatever its ending says. Open it in Excel, save it as an "
            "Excel workbook (.xlsx) or as CSV UTF-8, and give that."
        )
    rows, swallowed = _delimited(text, path.name)
    return Sheet(rows, "csv", encoding, replaced=replaced, swallowed=swallowed)


def _markup(text: str) -> str:
    """What a text is that some program saved under a sheet's ending; "" for delimited text."""
    head = text[:2000].lstrip("\ufeff \t\r\n").lower()
    if head.startswith("<?xml") and "schemas-microsoft-com:office:spreadsheet" in head:
        return "an XML spreadsheet of 2003"
    if re.match(r"<(!doctype html|html|head|body|table|meta|style)\b", head):
        return "a web page"
    if head.startswith("<?xml"):
        return "an XML file"
    return "a JSON file" if re.match(r'[{\[]\s*["{\[]', head) and '":' in head else ""


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises
    ------
    FileError
        If it is missing, is a folder, is empty, or may not be opened.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"There is no file {path}. Check its name and folder.") from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder, not a file. Name the file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(
            f"{path} could not be opened: {reason}. If it is open in Excel, close it there."
        ) from None
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise FileError(f"{path.name} is empty. Save it again with its rows in it.")
    return content


def decode(content: bytes, name: str) -> tuple[str, str, int]:
    """Text of bytes, its encoding, and how many characters could not be told.

    UTF-8 and UTF-16 with or without a mark; what is neither is taken as Windows-1252, as Excel in
    Britain writes.

    Raises
    ------
    FileError
        If the bytes are no text.

    Examples
    --------
    >>> decode("Café".encode("cp1252"), "a.csv")
    ('Café', 'cp1252', 0)
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            text = content.decode(encoding, errors="replace")
            return text, encoding, text.count("�")
    head = content[:4000]
    if b"\0" in head:
        for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
            zeros = head[at::2].count(0)
            if zeros > 0.4 * len(head[at::2]):
                text = content.decode(encoding, errors="replace")
                return text, encoding, text.count("�")
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if odd > 0.02 * len(head):
        raise FileError(
            f"{name} is not text: it looks like a file of some program. Save the table as .csv "
            "(CSV UTF-8) or .xlsx and give that."
        )
    try:
        return content.decode("utf-8"), "utf-8", 0
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        return text, "cp1252", text.count("�")


def _delimited(text: str, name: str) -> tuple[list[list[str]], dict[int, int]]:
    """The rows, and those that seem to hold further rows behind a mark that was not closed."""
    text = text.replace("\0", "").lstrip("\ufeff")
    sample = text[:100_000]
    delimiter = max(_DELIMITERS, key=lambda mark: _evenness(sample, mark))
    # A stray quotation mark may swallow the rest of a file; then quotation marks mean nothing.
    csv.field_size_limit(2**31 - 1)
    rows: list[list[str]] = []
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FileError(
            f"{name} could not be read as delimited text ({error}). Save it again as CSV UTF-8."
        ) from None
    unpaired = text.count('"') % 2 == 1
    if unpaired and max(len(cell) for row in rows for cell in row) > 50_000:
        rows = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE)
        )
    padded = _padded(rows)
    return padded, _swallowed(padded, delimiter, open_end=unpaired)


def _swallowed(rows: list[list[str]], delimiter: str, *, open_end: bool) -> dict[int, int]:
    """Rows with a cell that holds what look like rows, with how many lines the cell has.

    A cell may well have several lines, and an address commas: a line of it counts as a row only
    with as many delimiters as the header has, or nearly; at an open end the last row is suspect
    whenever it has several lines.
    """
    if not rows:
        return {}
    # Mind the width of the table itself, not of a row that a stray mark has made long.
    width = Counter(sum(1 for cell in row if cell) and len(row) for row in rows[:60])
    columns = max(width, key=lambda wide: (width[wide], wide))
    need = max(2, columns // 2)
    found: dict[int, int] = {}
    last = len(rows)
    for number, row in enumerate(rows, 1):
        for cell in row:
            if "\n" not in cell:
                continue
            lines = cell.splitlines()
            full = sum(line.count(delimiter) >= need for line in lines)
            if full or (open_end and number == last):
                found[number] = max(found.get(number, 0), len(lines))
    return found


def _evenness(sample: str, delimiter: str) -> int:
    """How many cells lie in rows of the commonest width, were this the delimiter."""
    try:
        widths = Counter(
            len(row)
            for row, _ in zip(
                csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter),
                range(60),
                strict=False,
            )
            if len(row) > 1
        )
    except csv.Error:
        return 0
    return max(((width - 1) * count for width, count in widths.items()), default=0)


def _padded(rows: list[list[str]]) -> list[list[str]]:
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return rows


# -- workbooks ------------------------------------------------------------------------------------


def read_sheets(path: Path) -> tuple[dict[str, list[list[str]]], str]:
    """The cells of every sheet of a workbook that is shown.

    Parameters
    ----------
    path
        .xlsx or .ods, known by what is in it.

    Returns
    -------
    tuple
        Name of the sheet -> rows of text, "" for blank; and the format, ``xlsx`` or ``ods``.

    Raises
    ------
    FileError
        If the file is missing, empty, locked by a password, damaged, or no workbook.
    """
    content = read_bytes(path)
    if content[:8] == _OLE:
        raise FileError(
            f"{path.name} is locked by a password or is an old .xls workbook. Open it in Excel, "
            "remove the password, and save it as .xlsx."
        )
    if content[:4] != b"PK\x03\x04":
        raise FileError(f"{path.name} is no workbook. Save it as .xlsx or .ods and give that.")
    return _sheets(path, content)


def _workbook(
    path: Path, content: bytes, sheet: str | int | None, known: Callable[[str], bool] | None
) -> Sheet:
    sheets, kind = _sheets(path, content)
    return _chosen(path, sheets, kind, sheet, known)


def _sheets(path: Path, content: bytes) -> tuple[dict[str, list[list[str]]], str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = {info.filename: info.file_size for info in archive.infolist()}
            kind = archive.read("mimetype")[:60] if "mimetype" in inside else b""
    except Exception as error:  # a damaged archive raises many kinds
        raise FileError(
            f"{path.name} is damaged and cannot be opened ({error}). Open it in Excel, which may "
            "mend it, and save it again."
        ) from None
    if sum(inside.values()) > MOST_UNPACKED:
        raise FileError(f"{path.name} unpacks to more than 2 GB and was not opened.")
    if b"opendocument.spreadsheet" in kind:
        from gapmap.read.ods import ods_sheets

        return ods_sheets(content, path.name), "ods"
    if "xl/workbook.xml" not in inside:
        raise FileError(
            f"{path.name} is a zip archive or document, not a workbook. Save the table as .xlsx "
            "or .csv and give that."
        )
    return _xlsx_sheets(content, path.name, formulated=_has_formulas(content)), "xlsx"


def _has_formulas(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            pages = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            return any(re.search(rb"<f[ >/]", archive.read(name)) for name in pages)
    except Exception:  # a damaged archive raises many kinds; reading it will say so
        return False


def _xlsx_sheets(content: bytes, name: str, *, formulated: bool) -> dict[str, list[list[str]]]:
    """Rows of every visible sheet; a formula counts as its value, if the file has that."""
    import openpyxl

    sheets: dict[str, list[list[str]]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles that it does not keep
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            formulas = (
                openpyxl.load_workbook(io.BytesIO(content), read_only=True) if formulated else None
            )
            hidden: dict[str, list[list[str]]] = {}
            for page in book.worksheets:
                page.reset_dimensions()  # some programs write a wrong size
                found = page.iter_rows(values_only=True)
                rows = [[cell_text(cell) for cell in row] for row in found]
                if formulas is not None:
                    _with_formulas(rows, formulas[page.title])
                while rows and not any(rows[-1]):
                    rows.pop()
                (sheets if page.sheet_state == "visible" else hidden)[page.title] = _padded(rows)
            book.close()
            if formulas is not None:
                formulas.close()
    except Exception as error:  # openpyxl raises many kinds on damaged workbooks
        raise FileError(
            f"{name} could not be read as a workbook ({type(error).__name__}: {str(error)[:120]}). "
            "Open it in Excel, which may mend it, and save it again."
        ) from None
    return sheets or hidden


def _with_formulas(rows: list[list[str]], page: Any) -> None:
    """Put the text of a formula where the program that wrote the file stored no value for it."""
    page.reset_dimensions()
    for row, cells in zip(rows, page.iter_rows(values_only=True), strict=False):
        for place, value in enumerate(cells[: len(row)]):
            if isinstance(value, str) and value.startswith("=") and not row[place]:
                row[place] = value


def cell_text(value: Any) -> str:
    """A cell's value as text: whole numbers without a point, dates as ISO.

    Examples
    --------
    >>> [cell_text(value) for value in (None, 3.0, 3.25, date(2019, 10, 3), True)]
    ['', '3', '3.25', '2019-10-03', 'TRUE']
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _chosen(
    path: Path,
    sheets: dict[str, list[list[str]]],
    kind: str,
    sheet: str | int | None,
    known: Callable[[str], bool] | None,
) -> Sheet:
    names = list(sheets)
    if sheet is not None:
        if isinstance(sheet, int) and 1 <= sheet <= len(names):
            name = names[sheet - 1]
        elif sheet in sheets:
            name = str(sheet)
        else:
            raise InputError(
                f'{path.name} has no sheet "{sheet}". It has: {", ".join(names) or "none"}.'
            )
    else:
        filled = [name for name in names if any(any(row) for row in sheets[name])]
        if not filled:
            raise FileError(f"{path.name} is empty: none of its sheets has a filled cell.")
        name = filled[0]
        if known is not None:
            name = max(filled, key=lambda name: _known_names(sheets[name], known)[0])
    others = [other for other in names if other != name]
    return Sheet(sheets[name], kind, name=name, others=others)


# -- the header -----------------------------------------------------------------------------------


def _known_names(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> tuple[int, int]:
    """How many known names the best header row has, and which row it is (from 0)."""
    best, at = 0, -1
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        count = len({cell for cell in row if cell and known(cell)})
        if count > best:
            best, at = count, number
    return best, at


def find_header(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> int:
    """Which row (from 0) holds the names of the columns.

    The row with most known names; if none has two, the first row filled in at least half of
    the cells that the fullest of the first rows has.

    Examples
    --------
    >>> rows = [["Services 2019", ""], ["name", "postcode"]]
    >>> find_header(rows, {"name", "postcode"}.__contains__)
    1
    """
    count, at = _known_names(rows, known)
    if count >= 2:
        return at
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:_HEADER_WITHIN]]
    need = max(1, (max(filled, default=0) + 1) // 2)
    return next((number for number, full in enumerate(filled) if full >= need), 0)


def frame_of(sheet: Sheet, known: Callable[[str], bool]) -> pd.DataFrame:
    """A sheet as a frame: named by its header, indexed by row number, wholly blank rows left out.

    A column without a name that has values is called by its letter, ``Column C``; a name that
    comes twice gets a number, ``name (2)``.
    """
    import pandas as pd

    rows = sheet.rows
    at = find_header(rows, known)
    header = rows[at] if rows else []
    body = rows[at + 1 :]
    numbers = [number for number, row in enumerate(body, at + 2) if any(map(str.strip, row))]
    kept = [row for row in body if any(map(str.strip, row))]
    data: dict[str, list[str]] = {}
    cells = list(zip(*kept, strict=True)) if kept else [()] * len(header)
    for place, name in enumerate(header):
        values = list(cells[place])
        name = " ".join(name.split())
        if not name and not any(map(str.strip, values)):
            continue
        name = base = name or f"Column {_letter(place)}"
        again = 2
        while name in data:
            name, again = f"{base} ({again})", again + 1
        data[name] = values
    index = pd.Index(numbers, name="row", dtype="int64")
    return pd.DataFrame(
        {name: pd.Series(v, index=index, dtype="str") for name, v in data.items()}, index=index
    )


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
