"""gapmap.xlsx: every table on a sheet of its own, behind a cover that says what to make of them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gapmap import vocabulary
from gapmap.errors import FileError
from gapmap.report import look
from gapmap.report.about import about_lines, with_about
from gapmap.report.tables import (
    CSV_ONLY,
    LONG_TABLES,
    columns_of,
    data_dictionary,
    decimals,
    published,
)
from gapmap.show.style import INK, NAVY
from gapmap.words import date_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from gapmap.study import Study

#: What a cell of a spreadsheet can hold.
_LONGEST_CELL = 32_000

_SHEET_TITLES = {
    "about": "About the directory",
    "services": "Services, one row each, and what became of each row",
    "locations": "Places of services that have several",
    "coverage": "What each area has, by tier, kind of service, sector, intervention and delivery",
    "travel": "How far families live from each kind of service",
    "gaps": "Gaps, each with its reason",
    "evidence": "How hard was looked in each area",
    "links": "Which service stands in or serves which area",
    "changes": "What has changed since the study's earlier date, in words",
    "changed_services": "Services that opened, closed, or are known at one of the two dates only",
    "changed_cells": "What each area had at the two dates, kind by kind",
    "changed_people": "People who gained or lost a kind of service between the two dates",
    "disagreements": "Fields of which the list that was given and the directory differ",
    "data_dictionary": "Every column of every table, in words",
}


def write_workbook(path: Path, study: Study, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write the workbook: a cover, what every area has at a glance, then one table a sheet.

    Real numbers, a frozen header, no formulas, no merged cells, no macros; the same bytes from the
    same tables. Tables with a row per postcode are too long for a sheet: the cover says where
    they are.

    Parameters
    ----------
    path
        The file to write.
    study
        Its settings are on the cover.
    tables
        The tables of a run, by name, with columns as in ``vocabulary.TABLES``.

    Raises
    ------
    FileError
        If the file cannot be written, as when Excel holds it open.
    """
    import xlsxwriter

    tables = with_about(study, tables)
    public = study.settings.public
    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    as_of = study.settings.as_of
    book.set_properties(
        {
            "title": shown(study.settings.name),
            "subject": "Services, coverage, travel and gaps, one table a sheet",
            "created": datetime(as_of.year, as_of.month, as_of.day),
        }
    )
    formats = _formats(book)
    short = {n: t for n, t in tables.items() if n not in LONG_TABLES | CSV_ONLY}
    short["data_dictionary"] = data_dictionary(tables, public=public)
    glances = [
        (level, glance)
        for level in ("board", "council")
        if not (glance := _glance(tables.get("coverage"), level)).empty
    ]
    _cover(book, formats, study, tables, short, [level for level, _ in glances])
    for level, glance in glances:
        _glance_sheet(book, formats, level, glance)
    for name, table in short.items():
        _table_sheet(book, formats, name, published(table, public=public))
    close_workbook(book, path)
    return path


def close_workbook(book: Any, path: Path, *, make_folders: bool = False) -> None:
    """Write a workbook that was made in memory.

    Parameters
    ----------
    book
        The workbook.
    path
        Where it goes.
    make_folders
        Make the folders that it goes into.

    Raises
    ------
    FileError
        If the file cannot be written, as when Excel holds it open.
    """
    from xlsxwriter.exceptions import FileCreateError

    try:
        if make_folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        book.close()
    except (FileCreateError, OSError) as problem:
        raise FileError(
            f"{path} could not be written ({problem}). If it is open in Excel, close it there "
            "and try again."
        ) from None


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    made: dict[str, dict[str, object]] = {
        "title": {"bold": True, "font_size": 18, "font_color": NAVY},
        "heading": {"bold": True, "font_size": 12, "font_color": NAVY},
        "body": {"text_wrap": True},
        "bold": {"bold": True},
        "text": {},
        "wrapped": {"text_wrap": True},
        "header": {
            "bold": True,
            "font_color": "#FFFFFF",
            "bg_color": NAVY,
            "text_wrap": True,
            "border": 1,
            "border_color": "#FFFFFF",
        },
        "link": {"font_color": NAVY, "underline": 1},
        "integer": {"num_format": "#,##0"},
        "number1": {"num_format": "#,##0.0"},
        "number3": {"num_format": "0.000"},
        "share": {"num_format": "0.0%"},
        "number6": {"num_format": "General"},
        **{
            f"state_{state}": {
                "bg_color": style.tint,
                "font_color": INK,
                "text_wrap": True,
                "border": 1,
                "border_color": "#D9D9D9",
            }
            for state, style in look.STATES.items()
        },
    }
    return {name: book.add_format({**base, **how}) for name, how in made.items()}


def _cover(
    book: Any,
    formats: dict[str, Any],
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    short: Mapping[str, pd.DataFrame],
    glances: list[str],
) -> None:
    sheet = book.add_worksheet("Cover")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    settings = study.settings
    lines: list[tuple[str, str, str, str]] = [
        ("title", shown(settings.name), "", ""),
        ("bold", "Services count on", "body", date_in_words(settings.as_of)),
        (
            "bold",
            "Rates are per 1,000",
            "body",
            vocabulary.WEIGHTS.get(settings.weight, settings.weight),
        ),
    ]
    if settings.about:
        lines.append(("bold", "About", "body", shown(settings.about, longest=2000)))
    lines.append(("heading", "Read this first", "", ""))
    lines += [("text", "", "body", line) for line in about_lines(study, tables)]
    lines.append(("heading", "Words", "", ""))
    lines += [("bold", code, "body", words) for code, words in vocabulary.STATES.items()]
    lines.append(
        ("bold", "blank cell", "body", "Not known, or there is no such number; never zero.")
    )
    lines.append(("heading", "Sheets", "", ""))
    row = 0
    for left, text, right, more in lines:
        row = _cover_line(sheet, formats, row, left, text, right, more)
    for level in glances:
        name = _glance_name(level)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
        sheet.write_string(
            row, 1, "What each area has, in plain words: the sheet to print", formats["body"]
        )
        row += 1
    for name, table in short.items():
        sheet.write_url(row, 0, f"internal:'{_sheet_name(name)}'!A1", formats["link"], name)
        title = _SHEET_TITLES.get(name, vocabulary.label(name, {}))
        rows = f"{len(table):,} row{'' if len(table) == 1 else 's'}"
        sheet.write_string(row, 1, f"{title} ({rows})", formats["body"])
        row += 1
    for name in sorted((LONG_TABLES | CSV_ONLY) & set(tables)):
        sheet.write_string(row, 0, name, formats["bold"])
        sheet.write_string(
            row,
            1,
            f"{len(tables[name]):,} rows, too many for a sheet: tables/{name}."
            f"{'csv' if name in CSV_ONLY else 'parquet'}, beside this file",
            formats["body"],
        )
        row += 1
    ending: list[tuple[str, str, str, str]] = [("heading", "Sources and licences", "", "")]
    ending += [("text", "", "body", shown(line, longest=1000)) for line in settings.attribution]
    for left, text, right, more in ending:
        row = _cover_line(sheet, formats, row, left, text, right, more)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _cover_line(
    sheet: Any, formats: dict[str, Any], row: int, left: str, text: str, right: str, more: str
) -> int:
    if left == "heading":
        row += 1
    if text:
        sheet.write_string(row, 0, text, formats[left])
    if more:
        sheet.write_string(row, 1, more, formats[right])
        if len(more) > 110:
            sheet.set_row(row, 13.5 * math.ceil(len(more) / 105))
    return row + 1


def _glance(coverage: pd.DataFrame | None, level: str) -> pd.DataFrame:
    """States of every category, one row an area, one column a category, in vocabulary order."""
    import pandas as pd

    if coverage is None or coverage.empty:
        return pd.DataFrame()
    rows = coverage[(coverage["level"] == level) & (coverage["dimension"] == "category")]
    if rows.empty:
        return pd.DataFrame()
    wide = rows.pivot(index=["area_code", "area_name"], columns="value", values="state")
    order = [c for c in vocabulary.CATEGORIES if c in wide.columns]
    order += sorted(set(wide.columns) - set(order))
    return wide[order].sort_index(level="area_name").reset_index()


def _glance_name(level: str) -> str:
    return f"{vocabulary.label(level, vocabulary.LEVELS)}s at a glance"


def _glance_sheet(book: Any, formats: dict[str, Any], level: str, glance: pd.DataFrame) -> None:
    sheet = book.add_worksheet(_glance_name(level))
    titles = [
        "Code",
        vocabulary.label(level, vocabulary.LEVELS),
        *(vocabulary.category_label(c) for c in glance.columns[2:]),
    ]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, shown(title), formats["header"])
    for row, values in enumerate(glance.itertuples(index=False), start=1):
        for column, value in enumerate(values):
            if column < 2:
                sheet.write_string(row, column, str(value)[:_LONGEST_CELL], formats["text"])
            elif isinstance(value, str):
                sign = look.STATES[value].sign if value in look.STATES else ""
                words = f"{sign} {vocabulary.label(value, vocabulary.STATES)}".strip()
                how = formats.get(f"state_{value}", formats["wrapped"])
                sheet.write_string(row, column, words, how)
    sheet.set_row(0, 45)
    sheet.set_column(0, 0, 11)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, len(titles) - 1, 15)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _sheet_name(name: str) -> str:
    return name[:31]


def _table_sheet(book: Any, formats: dict[str, Any], name: str, table: pd.DataFrame) -> None:
    import pandas as pd

    sheet = book.add_worksheet(_sheet_name(name))
    known = {column.name: column for column in columns_of(name)}
    for column, title in enumerate(table.columns):
        values = table[title]
        sheet.write_string(0, column, str(title), formats["header"])
        numeric = pd.api.types.is_numeric_dtype(values.dtype)
        how = formats[_number_format(str(title), values)] if numeric else formats["text"]
        missing = values.isna().to_numpy()
        for row, value in enumerate(values.tolist(), start=1):
            if missing[row - 1] or value == "":
                continue
            if numeric:
                sheet.write_number(row, column, value, how)
            else:
                sheet.write_string(row, column, _cell_text(value), how)
        kind = known[title].kind if title in known else ("number" if numeric else "text")
        sheet.set_column(column, column, _width(str(title), values, kind))
    sheet.freeze_panes(1, 0)
    if len(table.columns):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)


def _cell_text(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _number_format(name: str, values: pd.Series) -> str:
    import pandas as pd

    if name.startswith("share"):
        return "share"
    if pd.api.types.is_integer_dtype(values.dtype):
        return "integer"
    return {1: "number1", 3: "number3"}.get(decimals(name), "number6")


def _width(title: str, values: pd.Series, kind: str) -> float:
    longest = max([len(title), *(len(str(v)) for v in values.head(400))])
    return float(min(max(9, longest + 2), 60 if kind == "text" else 30))
