"""The survey form for services, and the form for reading plans, as workbooks to fill in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from gapmap.place.geography import area_named, councils_within
from gapmap.read.questions import (
    PLAN_COLUMNS,
    SERVICES,
    Theme,
    anchor,
    plan_theme,
    themes,
)
from gapmap.report.held import area_in_words
from gapmap.report.workbook import close_workbook
from gapmap.show.style import NAVY
from gapmap.words import shown

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import geopandas as gpd

#: What a person who protects cells is allowed to do all the same.
_FREE = {
    "format_cells": True, "format_columns": True, "format_rows": True, "insert_columns": True,
    "insert_rows": True, "sort": True, "autofilter": True,
}  # fmt: skip


def write_survey(
    path: Path, *, day: date, areas: gpd.GeoDataFrame | None = None, area: str | None = None
) -> Path:
    """Write the survey form: one sheet for each theme, a column for each service.

    Parameters
    ----------
    path
        Ends in .xlsx.
    day
        Date that the file's properties bear.
    areas, area
        Areas of a study, and the code or name of one: its councils are asked about one by one.

    Returns
    -------
    Path
        The file; ``gapmap.read.survey.read_forms`` reads it back.

    Raises
    ------
    InputError
        If no area has that code or name.
    FileError
        If the file cannot be written.
    """
    asked: dict[str, str] = {}
    title = ""
    if areas is not None and area is not None:
        title, asked = _councils(areas, area)
    name = "Services for babies and their families"
    return _write(path, themes(asked), day, f"{name}: {title}" if title else name)


def write_plan_form(path: Path, *, day: date) -> Path:
    """Write the form for reading a Children's Services Plan or a like document.

    Parameters
    ----------
    path
        Ends in .xlsx.
    day
        Date that the file's properties bear.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    return _write(path, (plan_theme(),), day, "Reading a plan")


def _councils(areas: gpd.GeoDataFrame, area: str) -> tuple[str, dict[str, str]]:
    code = area_named(area, areas)
    inside = sorted(councils_within(areas).get(code, ()))
    title = "Scotland" if code not in areas.index else str(areas.at[code, "name"])
    if code not in areas.index:
        return title, {}
    return title, {one: area_in_words(one, areas) for one in inside or [code]}


def _write(path: Path, pages: tuple[Theme, ...], day: date, title: str) -> Path:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": shown(title), "created": datetime(day.year, day.month, day.day)})
    formats = _formats(book)
    _welcome(book.add_worksheet("Start here"), formats, pages, title)
    sheets = [book.add_worksheet(theme.title) for theme in pages]
    lists = book.add_worksheet("Words")
    used: dict[tuple[str, ...], str] = {}
    for theme, sheet in zip(pages, sheets, strict=True):
        _page(sheet, formats, theme, lists, used)
    lists.protect("", _FREE)
    close_workbook(book, path, make_folders=True)
    return path


def _formats(book: Any) -> dict[str, Any]:
    base: dict[str, object] = {
        "font_name": "Arial", "font_size": 11, "valign": "vcenter", "text_wrap": True,
    }  # fmt: skip
    made: dict[str, dict[str, object]] = {
        "title": {"bold": True, "font_size": 18, "font_color": NAVY, "text_wrap": False},
        "body": {},
        "bold": {"bold": True},
        "intro": {"font_color": "#4A4A4A", "text_wrap": False},
        "header": {"bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "border": 1,
                   "border_color": "#FFFFFF"},
        "question": {"bold": True, "bg_color": "#EEF3F8", "border": 1, "border_color": "#C9D1D9"},
        "help": {"font_color": "#4A4A4A", "italic": True, "font_size": 10, "bg_color": "#EEF3F8",
                 "border": 1, "border_color": "#C9D1D9"},
        "answer": {"locked": False, "num_format": "@", "bg_color": "#FFFFFF", "border": 1,
                   "border_color": "#8A9BA8", "valign": "top"},
    }  # fmt: skip
    return {name: book.add_format({**base, **how}) for name, how in made.items()}


def _welcome(sheet: Any, formats: dict[str, Any], pages: tuple[Theme, ...], title: str) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 100)
    plan = pages[0].key == "plan"
    lines = [
        ("title", shown(title)),
        ("body", ""),
        *(
            ("body", line)
            for line in (
                (
                    "Thank you for reading a plan for us. Answer on the sheet Plan: yes, no or not "
                    "known, with the plan's own words and the page.",
                    "For another plan copy the sheet Plan, or save this file under another name.",
                )
                if plan
                else (
                    "Thank you for helping. We want to know what there is for babies and their "
                    "families, so that nobody is forgotten in planning.",
                    "It takes about fifteen minutes. Leave blank what you do not know: a blank is "
                    "better than a guess.",
                    "White cells are for you. Many have a list to choose from: click the cell, "
                    "then its arrow. Go from sheet to sheet by the tabs below.",
                    "Each service has a column of its own. One service? Use the first column.",
                    "Names, e-mail addresses and telephone numbers are kept apart and are in no "
                    "report. On the last sheet you say whether the rest may be published.",
                    "Save the file and send it back as it is: .xlsx or .ods.",
                )
            )
        ),
        ("body", ""),
        ("bold", "Sheets: " + ", ".join(theme.title for theme in pages)),
    ]
    for row, (style, text) in enumerate(lines):
        sheet.write_string(row, 0, text, formats[style])
        if len(text) > 95 and style != "title":
            sheet.set_row(row, 31)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.protect("", _FREE)


def _page(
    sheet: Any,
    formats: dict[str, Any],
    theme: Theme,
    lists: Any,
    used: dict[tuple[str, ...], str],
) -> None:
    sheet.hide_gridlines(2)
    plan = theme.key == "plan"
    heads = (
        list(PLAN_COLUMNS.values())
        if plan
        else [f"Service {n}" for n in range(1, SERVICES + 1)]
        if theme.per_service
        else ["Your answer"]
    )
    sheet.set_column(0, 0, 4, None, {"hidden": True})
    sheet.set_column(1, 1, 46)
    sheet.set_column(2, 2, 38)
    sheet.set_column(3, 3 + len(heads), 30 if len(heads) > 1 else 60)
    if plan:
        sheet.set_column(4, 4, 60)
        sheet.set_column(5, 5, 10)
        sheet.set_column(6, 6, 50)
    sheet.write_string(0, 1, theme.title, formats["title"])
    sheet.write_string(1, 1, theme.intro, formats["intro"])
    sheet.write_string(3, 0, anchor(f"head.{theme.key}"))
    for place, words in enumerate(["Question", "Help", *heads], start=1):
        sheet.write_string(3, place, words, formats["header"])
    for row, question in enumerate(theme.questions, start=4):
        sheet.write_string(row, 0, anchor(question.key))
        sheet.write_string(row, 1, question.text, formats["question"])
        sheet.write_string(row, 2, question.help, formats["help"])
        wide = len(heads) if not plan or question.key.startswith("plan.") else 1
        for place in range(3, 3 + wide):
            sheet.write_blank(row, place, None, formats["answer"])
        sheet.set_row(row, 75 if question.kind == "long" else 33)
        if question.options:
            choice = tuple(question.options.values())
            _choose(sheet, row, wide if not plan else 1, _listed(lists, used, choice))
    sheet.freeze_panes(4, 3)
    sheet.protect("", _FREE)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _listed(lists: Any, used: dict[tuple[str, ...], str], words: tuple[str, ...]) -> str:
    from xlsxwriter.utility import xl_col_to_name

    if words not in used:
        place = len(used)
        lists.write_column(0, place, words)
        lists.set_column(place, place, 30)
        letter = xl_col_to_name(place)
        used[words] = f"=Words!${letter}$1:${letter}${len(words)}"
    return used[words]


def _choose(sheet: Any, row: int, wide: int, source: str) -> None:
    sheet.data_validation(row, 3, row, 2 + wide, {
        "validate": "list", "source": source, "error_type": "warning",
        "error_title": "Not in the list",
        "error_message": "You may keep your own words: a person will read them.",
    })  # fmt: skip
