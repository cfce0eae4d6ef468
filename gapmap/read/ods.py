"""OpenDocument spreadsheets: the cells of each sheet as text."""

from __future__ import annotations

import io
from typing import Any

from gapmap.errors import FileError, MissingDependency

_MOST_REPEATED = 20_000  # trailing blank cells and rows are stored as one with a large count


def ods_sheets(content: bytes, name: str) -> dict[str, list[list[str]]]:
    """Rows of text of every sheet of an .ods file.

    Parameters
    ----------
    content
        The file's bytes.
    name
        Its name, for messages.

    Returns
    -------
    dict
        Name of the sheet -> rows of one width, "" for blank, no blank rows at the end.

    Raises
    ------
    MissingDependency
        If odfpy is not installed.
    FileError
        If the file is damaged.
    """
    try:
        from odf.opendocument import load
        from odf.table import Table
    except ImportError:
        raise MissingDependency("odf", "ods", f"Reading {name}") from None
    try:
        document = load(io.BytesIO(content))
        pages = document.spreadsheet.getElementsByType(Table)
        return {str(page.getAttribute("name")): _rows(page) for page in pages}
    except Exception as error:  # odfpy raises many kinds on damaged files
        raise FileError(
            f"{name} could not be read as a spreadsheet ({type(error).__name__}: "
            f"{str(error)[:120]}). Open it in LibreOffice and save it again."
        ) from None


def _rows(page: Any) -> list[list[str]]:
    from odf.table import TableRow

    rows: list[list[str]] = []
    for element in page.getElementsByType(TableRow):
        cells = _cells(element)
        repeated = int(element.getAttribute("numberrowsrepeated") or 1)
        rows.extend(list(cells) for _ in range(min(repeated, _MOST_REPEATED)))
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row.childNodes:
        kind = getattr(cell, "qname", ("", ""))[1]
        if kind not in ("table-cell", "covered-table-cell"):
            continue
        repeated = int(cell.getAttribute("numbercolumnsrepeated") or 1)
        cells.extend([_text(cell)] * min(repeated, _MOST_REPEATED))
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(cell: Any) -> str:
    from odf.teletype import extractText
    from odf.text import P

    kind = cell.getAttribute("valuetype")
    if kind == "date":
        return str(cell.getAttribute("datevalue")).removesuffix("T00:00:00")
    if kind in ("float", "currency", "percentage"):
        value = float(cell.getAttribute("value"))
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if kind == "boolean":
        return str(cell.getAttribute("booleanvalue")).upper()
    return "\n".join(extractText(paragraph) for paragraph in cell.getElementsByType(P))
