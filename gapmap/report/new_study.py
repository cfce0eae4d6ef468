"""A new study's folder: settings with comments, a spreadsheet with drop-downs, a page of help."""

from __future__ import annotations

import shutil
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from gapmap.errors import FileError
from gapmap.report.workbook import close_workbook
from gapmap.vocabulary import LINKED, TABLES

if TYPE_CHECKING:
    from datetime import date

    from gapmap.vocabulary import Column

#: Bundled files that a new study starts from, and where its own copy stands.
COPIED = {
    "boundaries/councils.geojson": "data/councils.geojson",
    "boundaries/boards.geojson": "data/boards.geojson",
    "boundaries/hscps.geojson": "data/hscps.geojson",
    "people/people.parquet": "data/people.parquet",
    "people/postcodes.parquet": "data/postcodes.parquet",
    "LICENCE-DATA.md": "data/LICENCE-DATA.md",
}

#: Tables beside the spreadsheet that a new study has, with nothing in them but their headings.
TABLES_TO_FILL = (
    "searches",
    "contacts",
    "service_areas",
    "referrals",
    "plans",
    "training",
    "barriers",
    "area_facts",
    "people_counts",
    "decisions",
    "comments",
)

#: Rows of the spreadsheet that have drop-downs.
_ROWS = 1_000

#: Words of the new files; $name and $as_of are filled in.
_TEMPLATES = Path(__file__).parent / "templates"


def new_study(folder: Path | str, *, name: str, as_of: date) -> list[Path]:
    """Make the folder of a new study; it runs as made.

    Parameters
    ----------
    folder
        New or empty.
    name
        Title of the study.
    as_of
        Date at which services count.

    Returns
    -------
    list of Path
        The files made.

    Raises
    ------
    FileError
        If the folder holds something already, or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import date
    >>> made = new_study(Path(tempfile.mkdtemp()) / "mine", name="Mine", as_of=date(2026, 11, 22))
    >>> {"services.xlsx", "study.toml"} <= {path.name for path in made}
    True
    """
    from gapmap.bundled import data_folder

    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileError(f"{target} is there already and is not empty. Give a new folder.")
    try:
        (target / "data").mkdir(parents=True)
        (target / "tables").mkdir()
        made = []
        for source, copy in COPIED.items():
            shutil.copyfile(data_folder() / source, target / copy)
            made.append(target / copy)
        title = " ".join(name.replace('"', "'").replace("\\", "/").split())
        for file, text in {
            "study.toml": _filled("new_study.toml", name=title, as_of=as_of.isoformat()),
            "README.md": _filled("new_study.md", name=title),
            **{f"tables/{name}.csv": _header(name) for name in TABLES_TO_FILL},
        }.items():
            (target / file).write_text(text, encoding="utf-8", newline="\n")
            made.append(target / file)
        write_template(target / "services.xlsx")
        made.append(target / "services.xlsx")
    except OSError as problem:
        raise FileError(f"{target} cannot be written to: {problem}.") from problem
    return made


def _filled(template: str, **words: str) -> str:
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return Template(text).substitute(words)


def write_template(path: Path) -> None:
    """Write an empty spreadsheet of services: drop-downs, help on each column, a frozen header.

    Parameters
    ----------
    path
        Ends in .xlsx.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    head = book.add_format({"bold": True, "bg_color": "#12436D", "font_color": "white"})
    need = book.add_format({"bold": True, "bg_color": "#801650", "font_color": "white"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    as_text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("Services")
    lists = book.add_worksheet("Lists")
    used = 0
    for place, column in enumerate(TABLES["services"]):
        sheet.write_string(0, place, column.name, need if column.required else head)
        sheet.write_comment(0, place, column_help(column))
        # Dates and postcodes stay as they are typed.
        sheet.set_column(place, place, max(12, len(column.name) + 2), as_text)
        if column.allowed and column.kind in ("code", "yes_no"):
            codes = list(column.allowed)
            lists.write_column(0, used, codes)
            letter = xlsxwriter.utility.xl_col_to_name(used)
            used += 1
            sheet.data_validation(
                1,
                place,
                _ROWS,
                place,
                {
                    "validate": "list",
                    "source": f"=Lists!${letter}$1:${letter}${len(codes)}",
                    "error_type": "warning",
                    "error_title": column.name,
                    "error_message": "This is not one of the list. A blank cell means unknown.",
                },
            )
    sheet.freeze_panes(1, 0)
    lists.hide()
    about = book.add_worksheet("Columns")
    about.write_row(0, 0, ["column", "needed", "what it holds", "what it may be"], head)
    for row, column in enumerate(TABLES["services"], start=1):
        words = "; ".join(f"{code}: {label}" for code, label in (column.allowed or {}).items())
        cells = [column.name, "yes" if column.required else "", column.meaning, words]
        for place, cell in enumerate(cells):
            about.write_string(row, place, cell, wrap)
    about.set_column(0, 0, 26)
    about.set_column(2, 2, 60)
    about.set_column(3, 3, 80)
    about.freeze_panes(1, 0)
    close_workbook(book, path)


def column_help(column: Column) -> str:
    """What the comment on a column's head says.

    Examples
    --------
    >>> column_help(TABLES["services"][3])
    'What the service is called. Needed.'
    """
    unit = f" ({column.unit})" if column.unit else ""
    need = " Needed." if column.required else " May be left blank: that means unknown."
    return f"{column.meaning}{unit}.{need}"


def _header(table: str) -> str:
    """The headings of a linked table; the mark before them lets Excel read letters rightly."""
    return "\ufeff" + ",".join(column.name for column in LINKED[table]) + "\n"
