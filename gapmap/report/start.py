"""The workbook of one area: what we hold of it, to be corrected and given back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from gapmap import vocabulary
from gapmap.place.geography import level_label
from gapmap.read.own_workbook import GIVEN, OWN_COLUMNS, SHEETS, TO_FILL
from gapmap.report import look
from gapmap.report.held import REACH, WANTED, Held, area_in_words
from gapmap.report.new_study import column_help
from gapmap.report.tables import private_columns, safe_for_spreadsheets
from gapmap.report.workbook import close_workbook
from gapmap.show.style import INK, NAVY
from gapmap.vocabulary import LINKED, TABLES, YES_NO, Column
from gapmap.words import count_in_words, date_in_words, list_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from gapmap.study import Study

#: Blank rows with drop-downs beneath the services.
_FREE_ROWS = 200
_FREE_LINES = 60

#: Bands of columns: colour of the head, and the columns. What is left out (coordinates, ids of
#: teams, notes) stays as we hold it.
_BANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (NAVY, ("service_id", "location_id", "name", OWN_COLUMNS[0], "category", "tier")),
    ("#28666E", ("organisation", "sector", "partners", "status")),
    ("#5A3E7A", ("address", "town", "postcode", "location_confidential")),
    ("#801650", ("serves", "coverage_of_area")),
    (
        "#1F5E8C",
        ("age_from_months", "age_to_months", "eligibility", "eligibility_narrow"),
    ),
    (
        "#3D5A1E",
        (
            "delivery",
            "interventions",
            "designed_for_relationship",
            "duration",
            "schedule",
            "practical_help",
            "taking_referrals",
            "waiting_weeks",
            "capacity",
            "capacity_unit",
        ),
    ),
    ("#7A4A12", ("funding", "funder", "funding_ends", "opened", "closed", "open_by")),
    (
        "#4A4A4A",
        ("url", "source", "source_type", "source_date", "read_on", "consent_to_publish"),
    ),
)

#: Columns whose blanks are marked: gaps rest on them.
_MARKED = frozenset(
    {
        "category", "organisation", "sector", "status", "town", "postcode", "serves",
        "coverage_of_area", "age_from_months", "age_to_months", "eligibility_narrow", "delivery",
        "taking_referrals", "waiting_weeks", "funding", "source_date",
    }
)  # fmt: skip

_WIDTHS = {
    "name": 38, OWN_COLUMNS[0]: 17, "category": 26, "organisation": 26, "address": 26,
    "serves": 30, "eligibility": 44, "delivery": 26, "interventions": 30, "url": 26, "source": 34,
    "partners": 20, "funder": 20, "designed_for_relationship": 22, "practical_help": 20,
    "location_confidential": 13, "coverage_of_area": 18, "source_type": 20, "sector": 17,
}  # fmt: skip

_PALE = "#FFF6DC"


def write_start(path: Path, study: Study, held: Held) -> Path:
    """Write the workbook of one area.

    Parameters
    ----------
    path
        Ends in .xlsx.
    study
        The study that ``held`` is of: its date, its areas, whether it is public.
    held
        What it holds of the area, as ``gapmap.report.held.held`` gives it.

    Returns
    -------
    Path
        The file. Given back by ``gapmap run --services`` with no editing it changes nothing.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    import xlsxwriter

    from gapmap.report.correction_sheet import write_correction_page

    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    as_of = study.settings.as_of
    book.set_properties(
        {
            "title": f"Services of {shown(held.name)}",
            "created": datetime(as_of.year, as_of.month, as_of.day),
        }
    )
    formats = _formats(book)
    pages = {title: book.add_worksheet(title) for title in SHEETS}
    lists = _Lists(pages["Lists"], formats)
    lists.add(GIVEN, list(dict.fromkeys(held.services["service_id"])))
    _how(pages["How to use this"], formats, study, held)
    _services(pages["Services"], formats, lists, study, held)
    _what_we_hold(pages["What we hold"], formats, held)
    _what_we_do_not(pages["What we do not know"], formats, study, held)
    for title, (name, _) in TO_FILL.items():
        _to_fill(pages[title], formats, lists, name, study, held)
    write_correction_page(book, pages["Correction sheet"], study, held)
    pages["Services"].activate()
    close_workbook(book, path, make_folders=True)
    return path


def _formats(book: Any) -> dict[str, Any]:
    base: dict[str, object] = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    made: dict[str, dict[str, object]] = {
        "title": {"bold": True, "font_size": 18, "font_color": NAVY},
        "heading": {"bold": True, "font_size": 12, "font_color": NAVY},
        "body": {"text_wrap": True},
        "bold": {"bold": True, "text_wrap": True},
        "muted": {"font_color": "#5A5A5A", "text_wrap": True},
        "text": {"num_format": "@", "text_wrap": True},
        "number": {"num_format": "General", "align": "center"},
        "number_national": {"align": "center", "bg_color": "#E6E0EC"},
        "number_wider": {"align": "center", "bg_color": "#EEF3F8"},
        "blank": {"bg_color": _PALE},
        "id": {"num_format": "@", "font_color": "#5A5A5A"},
        "national": {"num_format": "@", "text_wrap": True, "bg_color": "#E6E0EC"},
        "wider": {"num_format": "@", "text_wrap": True, "bg_color": "#EEF3F8"},
        "header": {
            "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True,
            "border": 1, "border_color": "#FFFFFF", "valign": "vcenter",
        },
        **{
            f"state_{state}": {
                "bg_color": style.tint, "font_color": INK, "text_wrap": True,
                "border": 1, "border_color": "#D9D9D9",
            }
            for state, style in look.STATES.items()
        },
    }  # fmt: skip
    for colour, _ in _BANDS:
        made[f"band_{colour}"] = {**made["header"], "bg_color": colour}
    return {name: book.add_format({**base, **how}) for name, how in made.items()}


class _Lists:
    """The sheet that drop-downs take their words from, a column for each list."""

    def __init__(self, sheet: Any, formats: dict[str, Any]) -> None:
        self.sheet = sheet
        self.formats = formats
        self.made: dict[tuple[str, ...], str] = {}
        self.used = 0

    def add(self, title: str, words: Sequence[str]) -> str:
        """The cells that hold a list, written once."""
        from xlsxwriter.utility import xl_col_to_name

        key = tuple(words)
        if key not in self.made:
            self.sheet.write_string(0, self.used, title, self.formats["header"])
            for row, word in enumerate(words, start=1):
                self.sheet.write_string(row, self.used, word, self.formats["text"])
            self.sheet.set_column(self.used, self.used, 30)
            letter = xl_col_to_name(self.used)
            self.made[key] = f"=Lists!${letter}$2:${letter}${max(2, len(words) + 1)}"
            self.used += 1
        return self.made[key]


def _how(sheet: Any, formats: dict[str, Any], study: Study, held: Held) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 96)
    own = int(held.services["reach"].isin(["here", "serves"]).sum())
    rest = len(held.services) - own
    lines: list[tuple[str, str, str]] = [
        ("title", shown(held.name), ""),
        (
            "body",
            "",
            f"{count_in_words(own, 'service row')} of this {level_label(held.level).lower()} and "
            f"{rest} that reach it from outside, as we hold them on "
            f"{date_in_words(study.settings.as_of)}. Our directory is partial: what it does not "
            "hold may exist all the same. You know better. Please correct it.",
        ),
        ("heading", "What to do", ""),
        ("bold", "1. Correct", "Go to the sheet Services. Overwrite what is wrong. Fill in what is "
         "blank and pale yellow if you know it; leave it if you do not."),
        ("bold", "2. Add", "Write services that are missing into the free rows beneath. Leave "
         "service_id blank: it is made from the name. A name and a category are enough to begin."),
        ("bold", "3. Tell who was asked", "In Searches and Contacts say where somebody looked and "
         "who answered: only then can an empty cell say “Looked, found none”."),
        ("bold", "4. Give it back", "gapmap check this-file.xlsx lists what cannot be understood; "
         "gapmap run --services this-file.xlsx works everything out with your corrections."),
        ("heading", "Good to know", ""),
        ("bold", "A blank cell", "means that you do not say. It takes nothing away from us."),
        ("bold", "unknown, or none", "written in a cell takes away what we hold there: ours is "
         "wrong, and the truth is not known (unknown) or there is none (none)."),
        ("bold", "A closed service", "Set status to Closed and give the date in closed. Do not "
         "delete the row: a deleted row deletes nothing, and you are told that it is kept."),
        ("bold", "A new postcode", "is enough: coordinates that we held for the old place go."),
        ("bold", "serves", "Areas by name, ; between them: NHS Grampian; Moray. What you write "
         "is all of them."),
        ("bold", "Ages", "are in months: -9 is conception, 12 the first birthday, 60 the fifth. "
         "age_to_months is not included."),
        ("bold", "Dates", "may be partial: 2026, 2026-11 or 2026-11-22."),
        ("bold", "A red corner", "in a cell holds a comment: where the field comes from, or what "
         "we doubt. Rows in grey or violet reach you from outside; correct them too if you can."),
        ("bold", "A refuge", "or other place that must not be told: say Yes in "
         "location_confidential. It is used for nothing finer than its area."),
        ("bold", "Names of people", "Write none in this workbook but in Contacts, whose owner "
         "column no product shows."),
        ("heading", "Sheets", ""),
        ("bold", "What we hold", "what each kind of service comes to, in plain words"),
        ("bold", "What we do not know", "where nobody looked, what is not known of each service, "
         "and whom we asked"),
        ("bold", "Correction sheet", "two pages to print, for a lead who will not open a workbook"),
    ]  # fmt: skip
    row = 0
    for style, left, right in lines:
        if style == "heading":
            row += 1
        if left:
            sheet.write_string(row, 0, left, formats[style])
        if right:
            sheet.write_string(row, 1, right, formats["body"])
            _tall(sheet, row, (right, 96))
        row += 1
    _printed(sheet, landscape=False)


def _tall(sheet: Any, row: int, *cells: tuple[str, int]) -> None:
    """Make a row as high as the fullest of its cells needs: text, and width of its column."""
    lines = max(-(-len(text) * 11 // (10 * width)) for text, width in cells)
    if lines > 1:
        sheet.set_row(row, 13.5 * lines)


def _printed(sheet: Any, *, landscape: bool = True) -> None:
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


# -- services -------------------------------------------------------------------------------------


def start_columns(held: Held, *, public: bool) -> list[str]:
    """Columns of the sheet of services, in order.

    Parameters
    ----------
    held
        Its services; the column that tells places apart is there only where one has several.
    public
        Leave out the private columns.
    """
    hidden = private_columns() if public else frozenset()
    several = (held.services["location_id"] != "").any()
    return [
        name
        for _, names in _BANDS
        for name in names
        if name not in hidden and (name != "location_id" or several)
    ]


def _services(sheet: Any, formats: dict[str, Any], lists: _Lists, study: Study, held: Held) -> None:
    known = {column.name: column for column in TABLES["services"]}
    bands = {name: f"band_{colour}" for colour, names in _BANDS for name in names}
    columns = start_columns(held, public=study.settings.public)
    last = len(held.services) + _FREE_ROWS
    sources = _field_comments(held)
    linked = _linked_areas(study, held)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, formats[bands[name]])
        column = known.get(name)
        words = column_help(column) if column else "Why this service is in your list. Not read."
        sheet.write_comment(0, place, words, {"x_scale": 1.6, "y_scale": 0.9})
        numeric = column is not None and column.kind == "number"
        width = _WIDTHS.get(name, max(11, len(name) * 0.85))
        sheet.set_column(place, place, width, formats["number" if numeric else "text"])
        if column is not None:
            _validate(sheet, lists, column, place, last)
        if name in _MARKED:
            sheet.conditional_format(
                1, place, max(1, len(held.services)), place,
                {"type": "blanks", "format": formats["blank"]},
            )  # fmt: skip
    for row, service in enumerate(held.services.to_dict("records"), start=1):
        sheet.set_row(row, 39)
        outside = {"national": "national", "wider": "wider"}.get(service["reach"], "text")
        for place, name in enumerate(columns):
            how = formats["id"] if name == "service_id" else formats[outside]
            if name not in known:
                sheet.write_string(row, place, REACH[service["reach"]], how)
                continue
            value = _cell(service, known[name], study.areas)
            if isinstance(value, float):
                of_number = "number" if outside == "text" else f"number_{outside}"
                sheet.write_number(row, place, value, formats[of_number])
            elif value:
                sheet.write_string(row, place, value, how)
            elif outside != "text":
                sheet.write_blank(row, place, None, how)
            note = sources.get((service["service_id"], service["location_id"], name), "")
            if name == "name" and service["doubt"]:
                note = f"What we doubt: {service['doubt']}"
            if name == "serves" and service["service_id"] in linked:
                note = f"We also hold: {linked[service['service_id']]}. What you write in this " \
                    "cell replaces that."  # fmt: skip
            if note:
                sheet.write_comment(row, place, note[:1500], {"x_scale": 2.2, "y_scale": 1.3})
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, columns.index("name") + 1)
    sheet.autofilter(0, 0, len(held.services), len(columns) - 1)
    _printed(sheet)
    sheet.repeat_rows(0)


def _cell(service: dict[str, Any], column: Column, areas: gpd.GeoDataFrame) -> str | float:
    """A cell as a person reads it: words, not codes; what is not known is blank."""
    value = service[column.name]
    if column.kind == "number":
        return float(value) if value == value else ""
    if value in ("", "unknown"):
        return ""
    if column.name == "precision" and service["location_confidential"] == "yes":
        return ""
    if column.name == "serves":
        return "; ".join(area_in_words(one, areas) for one in value.split(";"))
    if column.allowed:
        allowed = column.allowed
        return "; ".join(str(allowed.get(one, one)) for one in value.split(";"))
    return str(safe_for_spreadsheets(str(value)))


def _field_comments(held: Held) -> dict[tuple[str, str, str], str]:
    """Where single fields were learned, where that differs from the row's own source."""
    own = {(one.service_id, one.location_id): one.source for one in held.services.itertuples()}
    told = {}
    for field in held.fields.itertuples():
        key = (field.service_id, field.location_id)
        if field.source and field.source != own.get(key):
            when = f", {date_in_words(field.date)}" if field.date else ""
            told[(*key, field.field)] = f"Source of this cell: {field.source}{when}"
    return told


def _linked_areas(study: Study, held: Held) -> dict[str, str]:
    """Areas that a linked table adds to a service, with how much of each."""
    table = study.table("service_areas")
    if table.empty:
        return {}
    told: dict[str, list[str]] = {}
    for service, area, part in zip(
        table["service_id"], table["area_code"], table["coverage"], strict=True
    ):
        words = area_in_words(area, study.areas)
        told.setdefault(service, []).append(f"{words} ({part})" if part else words)
    mine = set(held.services["service_id"])
    return {one: list_in_words(names) for one, names in told.items() if one in mine}


def _validate(sheet: Any, lists: _Lists, column: Column, place: int, last: int) -> None:
    """A drop-down, or a word on what is expected; never a refusal."""
    title = column.name[:32]
    if column.allowed and column.kind in ("code", "yes_no"):
        words = [str(word) for code, word in column.allowed.items() if code != "unknown"]
        source = lists.add(column.name, [*words, "unknown"])
        sheet.data_validation(1, place, last, place, {
            "validate": "list", "source": source, "error_type": "warning", "error_title": title,
            "error_message": "This is not one of the list. A blank cell means that you do not say.",
        })  # fmt: skip
    elif column.name.startswith("age_"):
        sheet.data_validation(1, place, last, place, {
            "validate": "decimal", "criteria": "between", "minimum": -9, "maximum": 1200,
            "input_title": title, "error_type": "warning", "error_title": title,
            "input_message": "In months: -9 is conception, 12 the first birthday, 60 the fifth.",
            "error_message": "Ages are in months, from -9 (conception).",
        })  # fmt: skip
    elif column.kind == "number":
        sheet.data_validation(1, place, last, place, {
            "validate": "decimal", "criteria": ">=", "value": 0, "error_type": "warning",
            "error_title": title, "error_message": "This should be a number, or blank.",
        })  # fmt: skip
    elif column.kind == "date":
        sheet.data_validation(1, place, last, place, {
            "validate": "any", "input_title": title,
            "input_message": "2026, 2026-11 or 2026-11-22",
        })  # fmt: skip
    elif column.name in ("delivery", "serves"):
        known = list_in_words(list((column.allowed or {}).values()))
        message = f"Several with ; between them. {known}"[:250]
        sheet.data_validation(1, place, last, place, {
            "validate": "any", "input_title": title, "input_message": message,
        })  # fmt: skip


# -- what is told ---------------------------------------------------------------------------------


def _head(sheet: Any, formats: dict[str, Any], row: int, titles: Sequence[str]) -> None:
    for place, title in enumerate(titles):
        sheet.write_string(row, place, title, formats["header"])


def _what_we_hold(sheet: Any, formats: dict[str, Any], held: Held) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, f"What we hold of {shown(held.name)}", formats["title"])
    titles = ["Kind of service", "What families have", "Services", "Last known", "Why we say so"]
    _head(sheet, formats, 2, titles)
    row = 3
    for cell in held.states[held.states["area_code"] == held.code].to_dict("records"):
        sheet.write_string(row, 0, vocabulary.category_label(cell["value"]), formats["bold"])
        _state(sheet, formats, row, 1, cell["state"])
        names = held.services[held.services["category"] == cell["value"]]["name"]
        told = list_in_words([shown(name) for name in dict.fromkeys(names)])
        sheet.write_string(row, 2, told, formats["body"])
        sheet.write_string(row, 3, date_in_words(cell["last_known"]), formats["body"])
        why = shown(cell["why"], longest=1000)
        sheet.write_string(row, 4, why, formats["body"])
        _tall(sheet, row, (told, 60), (why, 60), ("Available across the area", 20))
        row += 1
    if held.councils:
        row += 1
        sheet.write_string(row, 0, "By council", formats["heading"])
        row += 1
        _head(sheet, formats, row, ["Kind of service", *held.councils.values()])
        by = held.states.set_index(["area_code", "value"])["state"]
        for kind in held.states.loc[held.states["area_code"] == held.code, "value"]:
            row += 1
            sheet.write_string(row, 0, vocabulary.category_label(kind), formats["bold"])
            sheet.set_row(row, 27)
            for place, code in enumerate(held.councils, start=1):
                _state(sheet, formats, row, place, by[code, kind])
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 60)
    sheet.set_column(3, 3, 18)
    sheet.set_column(4, 4, 60)
    sheet.set_column(5, 40, 24)
    _printed(sheet)


def _state(sheet: Any, formats: dict[str, Any], row: int, place: int, state: str) -> None:
    words = f"{look.STATES[state].sign} {vocabulary.STATES[state]}"
    sheet.write_string(row, place, words, formats[f"state_{state}"])


def _what_we_do_not(sheet: Any, formats: dict[str, Any], study: Study, held: Held) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, f"What we do not know of {shown(held.name)}", formats["title"])
    sheet.write_string(2, 0, "Kinds of service of which nothing is known", formats["heading"])
    _head(sheet, formats, 3, ["Kind of service", "Where", "Why"])
    names = {held.code: held.name, **held.councils}
    row = 4
    open_ = held.states[held.states["state"] == "not_known"]
    for kind in vocabulary.CATEGORIES:
        of_kind = open_[open_["value"] == kind]
        if of_kind.empty:
            continue
        whole = held.code in set(of_kind["area_code"])
        where = held.name if whole else list_in_words([names[c] for c in of_kind["area_code"]])
        sheet.write_string(row, 0, vocabulary.category_label(kind), formats["bold"])
        sheet.write_string(row, 1, shown(where, longest=500), formats["body"])
        _tall(sheet, row, (where, 70))
        sheet.write_string(row, 2, shown(of_kind["why"].iat[0], longest=500), formats["body"])
        row += 1
    row += 1
    sheet.write_string(row, 0, "What is not known of your services", formats["heading"])
    _head(sheet, formats, row + 1, ["Service", "We do not know", "service_id"])
    row += 2
    for service in held.unknown.itertuples():
        sheet.write_string(row, 0, shown(service.name), formats["bold"])
        told = list_in_words([WANTED[name] for name in service.fields])
        _tall(sheet, row, (told, 70), (shown(service.name), 40))
        sheet.write_string(row, 1, told, formats["body"])
        sheet.write_string(row, 2, service.service_id, formats["muted"])
        row += 1
    row += 1
    sheet.write_string(row, 0, "Who looked, and whom we asked", formats["heading"])
    _head(sheet, formats, row + 1, ["What, or whom", "When and where", "What came of it"])
    row += 2
    for what, when, came in asked_in_words(study, held):
        sheet.write_string(row, 0, what, formats["bold"])
        _tall(sheet, row, (what, 40))
        sheet.write_string(row, 1, when, formats["body"])
        sheet.write_string(row, 2, came, formats["body"])
        row += 1
    if not len(held.contacts):
        sheet.write_string(row, 0, "Nobody was asked yet, as far as we hold.", formats["body"])
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 50)
    _printed(sheet)


def asked_in_words(study: Study, held: Held) -> list[tuple[str, str, str]]:
    """Contacts, then searches, each as what or whom, when and where, and what came of it.

    Parameters
    ----------
    study
        Its areas.
    held
        What it holds of the area.

    Returns
    -------
    list of tuple
        In words, the newest first of either kind; no person is named.
    """
    names = study.areas["name"]
    told = []
    for one in held.contacts.itertuples():
        where = str(names.get(one.area_code, "Scotland"))
        came = vocabulary.label(one.outcome, vocabulary.CONTACT_OUTCOMES)
        told.append((shown(one.organisation), f"{date_in_words(one.date)}, {shown(where)}", came))
    for one in held.searches.itertuples():
        where = str(names.get(one.area_code, "Scotland"))
        came = {"yes": "Found", "no": "Found none"}.get(one.found, "Not said what was found")
        told.append(
            (
                f"Search for {vocabulary.category_words(one.category)}",
                f"{date_in_words(one.date)}, {shown(where)}",
                came,
            )
        )
    return told


# -- to fill in -----------------------------------------------------------------------------------

_TITLES = {
    "searches": "Where somebody looked for a kind of service, and what was found.",
    "contacts": "Whom you asked. Owner and due date help you to ask again; no product shows them.",
    "referrals": "Who can refer to which service, and whether it takes them. Ours stand first.",
}


def _to_fill(
    sheet: Any, formats: dict[str, Any], lists: _Lists, name: str, study: Study, held: Held
) -> None:
    columns = [c for c in LINKED[name] if c.name not in ("read_on", "doubt", "from_category")]
    if name == "searches" and study.settings.public:
        columns = [c for c in columns if not c.private]
    sheet.write_string(0, 0, _TITLES[name], formats["muted"])
    held_rows = held.referrals if name == "referrals" else held.referrals[:0]
    last = len(held_rows) + _FREE_LINES + 2
    for place, column in enumerate(columns):
        sheet.write_string(2, place, column.name, formats["header"])
        sheet.write_comment(2, place, column_help(column), {"x_scale": 1.6})
        width = 30 if column.kind in ("area", "code") or column.name in _LONG else 16
        sheet.set_column(place, place, width, formats["text"])
        if column.name == "area_code":
            words = [area_in_words(one, study.areas) for one in (held.code, *held.councils)]
            _drop_down(sheet, lists.add("area", words), place, last)
        elif column.name == "service_id":
            ids = list(dict.fromkeys(held.services["service_id"]))
            _drop_down(sheet, lists.add("service_id", ids), place, last)
        elif column.allowed:
            allowed = YES_NO if column.name == "found" else column.allowed
            _drop_down(sheet, lists.add(column.name, [*map(str, allowed.values())]), place, last)
    for row, record in enumerate(held_rows.to_dict("records"), start=3):
        for place, column in enumerate(columns):
            value = str(record.get(column.name, "") or "")
            if value:
                said = str((column.allowed or {}).get(value, value))
                sheet.write_string(row, place, str(safe_for_spreadsheets(said)), formats["text"])
    sheet.set_row(2, 24)
    sheet.freeze_panes(3, 0)
    _printed(sheet)


_LONG = frozenset({"organisation", "source", "note", "criteria", "terms", "role_words"})


def _drop_down(sheet: Any, source: str, place: int, last: int) -> None:
    sheet.data_validation(3, place, last, place, {
        "validate": "list", "source": source, "error_type": "warning",
        "error_message": "This is not one of the list. You may keep it all the same.",
    })  # fmt: skip
