"""A copy of a sheet with its faults as comments and colours, to be mended where it is kept."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gapmap.errors import FileError
from gapmap.read.synonyms import canonical
from gapmap.read.tabular import MOST_UNPACKED, find_header, read_bytes, read_sheet
from gapmap.vocabulary import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Severity -> colour of the cell: dark enough to see, light enough to read upon, and told apart
#: by the word in the comment as well.
COLOURS = {"error": "F8CBAD", "warning": "FFE699", "note": "DDEBF7"}

_GRAVEST = {"error": 0, "warning": 1, "note": 2}
_MOST_LINES = 12  # of one comment; Excel shows no more without scrolling


def annotate(
    path_in: str | Path,
    faults: pd.DataFrame,
    path_out: str | Path,
    *,
    sheet: str | int | None = None,
    renamed: Mapping[str, str] | None = None,
) -> int:
    """Write a copy of a workbook or text table in which every faulty cell says what is wrong.

    Parameters
    ----------
    path_in
        The sheet that was checked: .xlsx, .csv, .ods...; only a workbook keeps its looks.
    faults
        As `gapmap.check.services.check_services` gives them.
    path_out
        The .xlsx to write; its first further sheet, ``faults``, lists them all.
    sheet
        Name or number of the sheet that was checked, as given to ``read_services``.
    renamed
        Column of the file -> our column, as in ``attrs["renamed"]`` of what was checked; by
        default from the table of synonyms.

    Returns
    -------
    int
        How many cells were marked. Faults of the whole file, and of columns that the sheet has
        not, are marked at its first header cell.

    Raises
    ------
    FileError
        If the file cannot be read or the copy cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from gapmap.check.services import check_services
    >>> from gapmap.read.services import read_services
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.csv"
    ...     _ = file.write_text("name,category,postcode\\nTea Club,befreinding,EH1 3DG\\n")
    ...     faults = check_services(read_services(file))
    ...     annotate(file, faults, Path(folder) / "a-faults.xlsx")
    3
    """
    path_in, path_out = Path(path_in), Path(path_out)
    cells = read_sheet(path_in, sheet=sheet, known=lambda name: canonical(name) is not None)
    header_at = find_header(cells.rows, lambda name: canonical(name) is not None)
    book, page = _book(path_in, cells)
    columns = _columns(cells.rows[header_at] if cells.rows else [], renamed)
    marked = _mark(page, faults, columns, header_at + 1)
    _list(book, faults)
    try:
        path_out.parent.mkdir(parents=True, exist_ok=True)
        book.save(path_out)
    except OSError as error:
        raise FileError(
            f"{path_out} could not be written ({error.strerror or error}). If it is open in "
            "Excel, close it there."
        ) from None
    return marked


def _book(path: Path, cells: Any) -> tuple[Any, Any]:
    """The workbook to write into, with its own looks where it has some."""
    import openpyxl

    content = read_bytes(path)
    if cells.format == "xlsx" and len(content) < MOST_UNPACKED:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles that openpyxl does not keep
                book = openpyxl.load_workbook(io.BytesIO(content))
            return book, book[cells.name]
        except Exception as error:  # openpyxl raises many kinds on odd workbooks
            raise FileError(
                f"{path.name} could not be copied ({type(error).__name__}). Save it again in "
                "Excel, or as CSV."
            ) from None
    book = openpyxl.Workbook()
    page = book.active
    page.title = "services"
    for number, row in enumerate(cells.rows, 1):
        for place, text in enumerate(row, 1):
            if text:
                cell = page.cell(number, place)
                cell.value = _sayable(text)
                cell.data_type = "s"  # never a formula
    return book, page


def _sayable(text: str) -> str:
    """Text without the characters that a workbook cannot hold, not longer than a cell."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub(" ", text))[:32_767]


def _columns(header: list[str], renamed: Mapping[str, str] | None) -> dict[str, int]:
    """Our name, and the file's own, of every column -> its place from 1."""
    places: dict[str, int] = {}
    for place, name in enumerate(header, 1):
        plain = " ".join(name.split())
        if not plain:
            continue
        places.setdefault(plain, place)
        ours = renamed.get(plain) if renamed is not None else canonical(plain)
        if ours:
            places.setdefault(ours, place)
    return places


def _mark(page: Any, faults: pd.DataFrame, columns: Mapping[str, int], header: int) -> int:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    said: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for fault in faults.to_dict("records"):
        row = int(fault["row"]) or header
        column = columns.get(fault["column"])
        text = f"{SEVERITIES[fault['severity']]}: {fault['problem']}. {fault['remedy']}"
        if column is None:
            column = 1
            if fault["column"]:
                text = f"{fault['column']}: {text}"
        said.setdefault((row, column), []).append((_GRAVEST[fault["severity"]], text))
    fills = {rank: PatternFill("solid", fgColor=COLOURS[word]) for word, rank in _GRAVEST.items()}
    for (row, column), texts in said.items():
        texts.sort()
        cell = page.cell(row, column)
        if type(cell).__name__ == "MergedCell":
            continue
        lines = [text for _, text in texts]
        if len(lines) > _MOST_LINES:
            lines = [*lines[:_MOST_LINES], f"... and {len(lines) - _MOST_LINES} more"]
        cell.fill = fills[texts[0][0]]
        comment = Comment(_sayable("\n".join(lines)), "gapmap", width=320)
        comment.height = 60 + 36 * min(len(lines), 6)
        cell.comment = comment
    return len(said)


def _list(book: Any, faults: pd.DataFrame) -> None:
    """A sheet that lists every fault."""
    from openpyxl.styles import Font

    name = "faults"
    number = 1
    while name in book.sheetnames:
        number += 1
        name = f"faults {number}"
    page = book.create_sheet(name)
    for place, column in enumerate(faults.columns, 1):
        page.cell(1, place, str(column)).font = Font(bold=True)
    for row, record in enumerate(faults.to_dict("records"), 2):
        for place, value in enumerate(record.values(), 1):
            cell = page.cell(row, place)
            if isinstance(value, str):
                cell.value = _sayable(value)
                cell.data_type = "s"
            else:
                cell.value = int(value)
    for letter, width in zip("ABCDEF", (7, 20, 30, 60, 60, 10), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
