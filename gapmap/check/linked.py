"""The tables beside the spreadsheet: what their words mean, and every fault of every row."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.check.faults import shortened
from gapmap.place.geography import plain, resolve
from gapmap.read.values import UNKNOWN_WORDS, iso_date, number, parts, unguarded, yes_no
from gapmap.vocabulary import LINKED, columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gapmap.study import Study
    from gapmap.vocabulary import Column

#: Other headings that a column of these tables goes by.
_ALSO_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "area": "area_code",
        "kind_of_service": "category",
        "service": "service_id",
        "organisation_name": "organisation",
        "outcome_of_contact": "outcome",
        "comment_by": "by",
    }
)

#: Words in which people write a code otherwise.
_MEANING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "outcome": {
            "replied": "responded",
            "yes": "responded",
            "partly answered": "partly_answered",
            "no": "no_response",
            "no reply": "no_response",
        },
        "decision": {"acting": "acted_on", "in progress": "acted_on"},
        "answer": {"not known": "unknown", "not clear": "unknown", "not read": "unknown"},
        "accepted": {"not known": "unknown"},
    }
)


class _Fault(NamedTuple):
    """One fault of a linked table."""

    table: str
    row: int
    column: str
    found: str
    problem: str
    remedy: str
    severity: str


#: A table of the kind that ``settled`` returns.
FAULT_COLUMNS = ["table", *columns("faults")]


def settled(study: Study) -> tuple[Study, pd.DataFrame]:
    """Read the words of a study's linked tables, and list all that has no meaning.

    Headings are told without regard to capitals and blanks; an area may be written as its code,
    an old code or its name; words of the vocabulary as their code or as people read them; dates
    in any usual way. What has no meaning stays as it was written, in a row that nothing is
    counted from, and is a fault.

    Parameters
    ----------
    study
        The study, as it was read; not changed.

    Returns
    -------
    tuple of Study and pandas.DataFrame
        The study with codes in its tables, and the faults: table, then the columns of
        ``vocabulary.TABLES["faults"]``. An ``error`` is a row that is not used, or a table; a
        ``warning`` a cell that is not; a ``note`` is worth knowing. In the order of the tables
        and their rows; empty where all is well.

    Examples
    --------
    >>> import gapmap as gm
    >>> study, faults = settled(gm.scotland())
    >>> len(faults)
    0
    """
    found: list[_Fault] = []
    tables: dict[str, pd.DataFrame] = {}
    for name, table in study.tables.items():
        if name not in LINKED:
            found.append(_unknown_table(name))
            tables[name] = table
            continue
        tables[name] = _settled(name, table, study, found)
    return (
        replace(study, tables=MappingProxyType(tables)),
        pd.DataFrame(found, columns=FAULT_COLUMNS),
    )


def _unknown_table(name: str) -> _Fault:
    from rapidfuzz import fuzz, process

    near = process.extractOne(name, list(LINKED), scorer=fuzz.WRatio, score_cutoff=75)
    return _Fault(
        name,
        0,
        "",
        name,
        "gapmap knows no table of this name: it is kept, and nothing is counted from it",
        f'Did you mean "{near[0]}"?' if near else f"Known are: {', '.join(LINKED)}.",
        "warning" if near else "note",
    )


def _settled(name: str, table: pd.DataFrame, study: Study, found: list[_Fault]) -> pd.DataFrame:
    own = {column.name: column for column in LINKED[name]}
    table = table.rename(columns=_headings(table, own))
    rows = (
        [int(row) for row in table.index]
        if table.index.name == "row"
        else list(range(2, len(table) + 2))
    )
    if table.columns.duplicated().any():
        twice = sorted(set(table.columns[table.columns.duplicated()]))
        found.append(
            _Fault(
                name,
                0,
                twice[0],
                ", ".join(twice),
                "Two columns mean the same; only the first is used",
                "Keep one of them.",
                "error",
            )
        )
        table = table.loc[:, ~table.columns.duplicated()]
    found += [_strange_column(name, str(there), own) for there in table if there not in own]
    missing = [
        column.name for column in own.values() if column.required and column.name not in table
    ]
    if missing and len(table):
        found.append(
            _Fault(
                name,
                0,
                missing[0],
                "",
                "Nothing is counted from this table without " + ", ".join(missing),
                f"Add the column {missing[0]}; there are: {', '.join(map(str, table.columns))}.",
                "error",
            )
        )
    table = table.copy()
    for column in own.values():
        if column.name not in table:
            continue
        texts = [unguarded(str(cell)) if cell == cell else "" for cell in table[column.name]]
        meaning = _meaning(column, texts, study)
        done = []
        for row, text in zip(rows, texts, strict=True):
            value, wrong = meaning(text)
            done.append(value)
            if wrong is not None:
                grave = column.required or column.kind == "area"
                found.append(
                    _Fault(
                        name,
                        row,
                        column.name,
                        shortened(text),
                        f"{wrong.problem}: the {'row' if grave else 'cell'} is not used",
                        wrong.remedy,
                        "note" if wrong.harmless else "error" if grave else "warning",
                    )
                )
        table[column.name] = pd.Series(done, index=table.index, dtype="str")
    found += _repeated(name, table, rows)
    if name == "people_counts":
        found += _twice_counted(table, rows)
    if name == "area_facts":
        found += _unmeasured(table, rows)
    return table


def _headings(table: pd.DataFrame, own: Mapping[str, Column]) -> dict[str, str]:
    """Headings that mean one of a table's columns, whatever their capitals and blanks."""
    renamed = {}
    for there in table.columns:
        plainly = plain(str(there)).replace(" ", "_")
        ours = plainly if plainly in own else _ALSO_CALLED.get(plainly, "")
        if ours in own and there != ours:
            renamed[there] = ours
    return renamed


def _strange_column(name: str, there: str, own: Mapping[str, Column]) -> _Fault:
    from rapidfuzz import fuzz, process

    near = process.extractOne(there, list(own), scorer=fuzz.ratio, processor=plain, score_cutoff=70)
    return _Fault(
        name,
        0,
        there,
        there,
        "This column is not one of this table's; it is kept, and nothing is counted from it",
        f'Did you mean "{near[0]}"?' if near else f"The columns are: {', '.join(own)}.",
        "warning" if near else "note",
    )


class _Wrong(NamedTuple):
    """Why a cell means nothing, what to do, and whether that may be as it should."""

    problem: str
    remedy: str
    harmless: bool = False


#: What a cell means, and if nothing, why.
_Meaning = tuple[str, _Wrong | None]


def _meaning(column: Column, texts: list[str], study: Study) -> Callable[[str], _Meaning]:
    """How the cells of a column are read."""
    unknown_words = UNKNOWN_WORDS - {"unknown"} if _has(column, "unknown") else UNKNOWN_WORDS
    inner = _reader(column, texts, study)

    def meaning(text: str) -> _Meaning:
        if not text or (column.kind != "text" and text.lower() in unknown_words):
            if column.required:
                return text, _Wrong(
                    "This is blank",
                    f"Write {column.meaning[0].lower()}{column.meaning[1:]}.",
                )
            return ("" if column.kind != "text" else text), None
        return inner(text)

    return meaning


def _has(column: Column, code: str) -> bool:
    return column.allowed is not None and code in column.allowed


def _reader(column: Column, texts: list[str], study: Study) -> Callable[[str], _Meaning]:
    if column.kind == "area":
        return _areas(column, texts, study)
    if column.kind == "date":

        def date_of(text: str) -> _Meaning:
            read = iso_date(text)
            wrong = _Wrong(
                "This is no date",
                "Write year-month-day: 2020-02-01; 2020-02 and 2020 do too.",
            )
            return (read, None) if read else (text, wrong)

        return date_of
    if column.kind == "number":

        def number_of(text: str) -> _Meaning:
            value = number(text)
            if value != value:
                return text, _Wrong("This is no number", "Write digits only, such as 12.")
            if column.name == "people" and (value < 0 or value % 1):
                return text, _Wrong(
                    "People are counted in whole numbers",
                    "Write a whole number, such as 12.",
                )
            return (str(int(value)) if value % 1 == 0 else repr(value)), None

        return number_of
    if column.kind == "yes_no":
        return lambda text: (
            (yes_no(text), None)
            if yes_no(text)
            else (text, _Wrong("This is neither yes nor no", "Write yes or no."))
        )
    if column.name == "service_id":
        ids = set(study.services["service_id"])
        return lambda text: (text, None if text in ids else _no_such_service(text, sorted(ids)))
    if column.kind in ("code", "list"):
        return _words(column, study)
    return lambda text: (text, None)


def _no_such_service(text: str, ids: list[str]) -> _Wrong:
    from rapidfuzz import fuzz, process

    near = process.extractOne(text, ids, scorer=fuzz.ratio, score_cutoff=75)
    if near is not None:
        return _Wrong("No service has this id", f'Did you mean "{near[0]}"?')
    # A study may keep what it knows of services that it left out.
    remedy = "Write the service_id of one of the services."
    return _Wrong("No service has this id", remedy, harmless=True)


def _words(column: Column, study: Study) -> Callable[[str], _Meaning]:
    from rapidfuzz import fuzz, process

    known = {plain(code).replace("_", " "): code for code in column.allowed or {}}
    known |= {plain(label): code for code, label in (column.allowed or {}).items()}
    known |= {plain(word): code for word, code in _MEANING.get(column.name, {}).items()}
    if column.name in ("category", "from_category"):
        # Categories are data: a study adds its own by using them.
        known |= {
            plain(code).replace("_", " "): code for code in set(study.services["category"]) if code
        }

    def one(text: str) -> _Meaning:
        code = known.get(plain(text).replace("_", " "))
        if code is not None:
            return code, None
        near = process.extractOne(plain(text), list(known), scorer=fuzz.WRatio, score_cutoff=70)
        return text, _Wrong(
            "This word is not one of those that this column may hold",
            f'Did you mean "{known[near[0]]}"?'
            if near
            else f"Write one of: {', '.join(dict.fromkeys(known.values()))}.",
        )

    def several(text: str) -> _Meaning:
        read = [one(part) for part in parts(text, column)]
        wrong = next((fault for _, fault in read if fault is not None), None)
        return ";".join(value for value, fault in read if fault is None), wrong

    return several if column.kind == "list" else one


def _areas(column: Column, texts: list[str], study: Study) -> Callable[[str], _Meaning]:
    also = {plain(code): code for code in column.allowed or {}}
    also |= {plain(label): code for code, label in (column.allowed or {}).items()}
    found = resolve([text for text in texts if text], study.areas)
    codes, notes = found["area_code"].to_dict(), found["note"].to_dict()

    def area_of(text: str) -> _Meaning:
        if plain(text) in also:
            return also[plain(text)], None
        code = codes.get(text.strip(), "")
        if code:
            return code, None
        if ";" in text:
            return text, _Wrong("A row is of one area", "Write a row for each area.")
        note = str(notes.get(text.strip(), ""))
        wrong, _, hint = note.partition(". ")
        return text, _Wrong(
            wrong.rstrip(".") or "No area has this name",
            hint or "Write the area's code or name.",
        )

    return area_of


def _repeated(name: str, table: pd.DataFrame, rows: list[int]) -> list[_Fault]:
    """Rows that say exactly what another says; they are used once or twice alike."""
    again = table.duplicated().to_numpy() if len(table) and len(table.columns) else []
    return [
        _Fault(name, row, "", "", "This row says the same as another", "Keep one of them.", "note")
        for row, twice in zip(rows, again, strict=True)
        if twice
    ]


def _twice_counted(table: pd.DataFrame, rows: list[int]) -> list[_Fault]:
    """Two numbers for one thing: neither is used, since either may be the wrong one."""
    key = [name for name in ("area_code", "measure", "category", "period") if name in table]
    again = table.duplicated(key, keep=False)
    return [
        _Fault(
            "people_counts",
            row,
            "people",
            str(people),
            "The same people are counted in another row: neither row is used",
            "Keep one of them, or tell them apart by their period or kind of service.",
            "error",
        )
        for row, twice, people in zip(rows, again, table.get("people", []), strict=False)
        if twice
    ]


def _unmeasured(table: pd.DataFrame, rows: list[int]) -> list[_Fault]:
    """Facts with a unit whose value is no number: it would be unknown without a word."""
    if not {"value", "unit"} <= set(table.columns):
        return []
    return [
        _Fault(
            "area_facts",
            row,
            "value",
            shortened(value),
            "A fact with a unit needs a number: the row is not used",
            "Write digits only, such as 24.1; the unit has its own column.",
            "error",
        )
        for row, value, unit in zip(rows, table["value"], table["unit"], strict=True)
        if unit and value and math.isnan(number(value))
    ]
