"""Names, words, ages and dates of services: the faults that a row shows by itself."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from gapmap.dates import first_day, last_day, months_before
from gapmap.place.personal import EMAIL, PHONE
from gapmap.read.values import plain
from gapmap.vocabulary import CATEGORIES, STARTS, TABLES

if TYPE_CHECKING:
    from gapmap.check.faults import FaultList, Rows

_LONGEST_NAME = 200
_OLDEST_YEAR = 1900
_LONGEST_WAIT = 260  # weeks: five years
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")
_URL = re.compile(r"^https?://[^\s/]+\.[^\s]+$", re.IGNORECASE)
_TEXTS = tuple(column.name for column in TABLES["services"] if column.kind in ("text", "list"))
_PERSONAL = ("name", "organisation", "partners", "address", "eligibility", "practical_help",
             "source", "doubt", "notes")  # fmt: skip
_PAST = ("opened", "closed", "open_by", "source_date", "read_on")
_DATES = tuple(column.name for column in TABLES["services"] if column.kind == "date")


def check_cells(rows: Rows, gathered: FaultList) -> None:
    """Add the faults of names, ids, words, numbers, ages, dates and texts.

    Parameters
    ----------
    rows
        The services as found and as understood.
    gathered
        The list that is added to.
    """
    _names(rows, gathered)
    _ids(rows, gathered)
    _words(rows, gathered)
    _numbers(rows, gathered)
    _ages(rows, gathered)
    _dates(rows, gathered)
    _texts(rows, gathered)


def _at(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask)


def _names(rows: Rows, gathered: FaultList) -> None:
    names = rows.text("name")
    if "name" in rows.found.columns:
        gathered.add("name_missing", _at(names == ""), "name", names)
    long = rows.hits("name", lambda name: len(name) > _LONGEST_NAME)
    gathered.add("name_long", long, "name", names)
    if "organisation" in rows.found.columns:
        bodies = rows.text("organisation")
        gathered.add("organisation_missing", _at(bodies == ""), "organisation", bodies)
        sectors = rows.value("sector")
        places, different = rows.coded("organisation")
        wanted = np.array([_sector_of(body) for body in different], dtype=object)[places]
        differs = (wanted != "") & (sectors != "") & (sectors != wanted)
        differs &= ~np.isin(sectors.astype(str), ["partnership", "hscp"])
        gathered.add(
            "sector_unlike_organisation",
            _at(differs),
            "sector",
            rows.text("sector"),
            lambda place: f"{bodies[place][:80]} is {wanted[place]} by its name",
        )


def _sector_of(body: str) -> str:
    """The sector that a name tells for certain, else ""."""
    word = plain(body)
    if word.startswith("nhs ") and " and " not in word.replace(" and arran", "").replace(
        " and galloway", ""
    ).replace(" and clyde", ""):
        return "nhs"
    return "council" if word.endswith(" council") else ""


def _ids(rows: Rows, gathered: FaultList) -> None:
    given = rows.text("service_id")
    made = rows.value("service_id")
    gathered.add(
        "service_id_made", _at(given == ""), "service_id", given, lambda place: str(made[place])
    )
    locations = rows.value("location_id")
    names = rows.value("name")
    first: dict[tuple[str, str], int] = {}
    first_name: dict[str, int] = {}
    twice: dict[int, int] = {}
    renamed: dict[int, int] = {}
    for place, key in enumerate(zip(made, locations, strict=True)):
        if first.setdefault(key, place) != place:
            twice[place] = first[key]
            continue
        earlier = first_name.setdefault(key[0], place)
        if earlier != place and plain(names[earlier]) != plain(names[place]):
            renamed[place] = earlier
    for kind, pairs in (("service_id_repeated", twice), ("service_id_two_names", renamed)):
        gathered.add(
            kind,
            list(pairs),
            "service_id",
            given,
            lambda place, pairs=pairs: f" (row {rows.labels[pairs[place]]} has it too)",  # type: ignore[misc]
        )
    _repeated(rows, gathered, set(twice))


def _repeated(rows: Rows, gathered: FaultList, known: set[int]) -> None:
    """Rows that are equal in everything but their id."""
    names = [name for name in rows.found.columns if name not in ("service_id", "location_id")]
    if not names or len(rows) < 2:
        return
    import pandas as pd

    marks = pd.util.hash_pandas_object(rows.found[names].astype(str), index=False).to_numpy()
    first: dict[int, int] = {}
    pairs: dict[int, int] = {}
    for place, mark in enumerate(marks):
        earlier = first.setdefault(mark, place)
        if earlier != place and place not in known:
            pairs[place] = earlier
    gathered.add(
        "row_repeated",
        list(pairs),
        "name",
        rows.text("name"),
        lambda place: f" (the other is row {rows.labels[pairs[place]]})",
    )


def _words(rows: Rows, gathered: FaultList) -> None:
    if "category" in rows.found.columns:
        blank = np.asarray(rows.value("category") == "", dtype=bool)
        gathered.add("category_missing", _at(blank), "category", rows.text("category"))
    usual = {code: category.tier for code, category in CATEGORIES.items()}
    wanted = np.array([usual.get(word, "") for word in rows.value("category")], dtype=object)
    tiers = rows.value("tier")
    differs = (wanted != "") & rows.filled("tier") & (tiers != "") & (tiers != wanted)
    # Only a sheet that says the tier itself can differ: one of ours says where it comes from.
    differs &= rows.value("tier_basis") == ""
    gathered.add(
        "tier_unlike_category",
        _at(differs),
        "tier",
        rows.text("tier"),
        lambda place: f"usually it is {wanted[place]}",
    )


def _numbers(rows: Rows, gathered: FaultList) -> None:
    for column in ("capacity", "waiting_weeks"):
        values = rows.number(column)
        gathered.add("number_negative", _at(values < 0), column, rows.text(column))
    waits = rows.number("waiting_weeks")
    gathered.add(
        "waiting_long", _at(waits > _LONGEST_WAIT), "waiting_weeks", rows.text("waiting_weeks")
    )


def _ages(rows: Rows, gathered: FaultList) -> None:
    young, old = rows.number("age_from_months"), rows.number("age_to_months")
    shown = {}
    for months, years in (("age_from_months", "age_from"), ("age_to_months", "age_to")):
        used_years = (rows.text(months) == "") & rows.filled(years)
        shown[months] = np.where(used_years, rows.text(years), rows.text(months))
    impossible = {}
    for column, values in (("age_from_months", young), ("age_to_months", old)):
        impossible[column] = (values < -9) | (values > 1200)
        gathered.add("age_impossible", _at(impossible[column]), column, shown[column])
    sound = ~impossible["age_from_months"] & ~impossible["age_to_months"]
    both = shown["age_from_months"] + " to " + shown["age_to_months"]
    gathered.add("ages_reversed", _at(sound & (young >= old)), "age_from_months", both)
    low = sound & (young < old) & (young >= 0) & (old <= 5) & rows.filled("age_to_months")
    gathered.add("age_looks_like_years", _at(low), "age_to_months", both)
    gathered.add("not_for_young_children", _at(sound & (young >= 60)), "age_from_months", both)


def _days(rows: Rows, column: str, *, last: bool = False) -> np.ndarray:
    """First (or last) day that each date can mean; NaT where there is none."""
    day = last_day if last else first_day
    import pandas as pd

    places, texts = pd.factorize(rows.value(column))
    days = np.array([day(text) for text in texts], dtype="datetime64[D]")
    return days[places] if len(days) else np.full(len(rows), "NaT", dtype="datetime64[D]")


def _dates(rows: Rows, gathered: FaultList) -> None:
    today = np.datetime64(rows.today)
    first = {column: _days(rows, column) for column in _DATES}
    text = rows.text
    for column in _DATES:
        old = first[column] < np.datetime64(date(_OLDEST_YEAR, 1, 1))
        gathered.add("date_old", _at(old), column, text(column))
    status = rows.value("status")
    for column in _PAST:
        ahead = first[column] > today
        if column in ("opened", "closed"):  # plans may say when
            ahead &= np.isin(status.astype(str), ["open", "closed"])
            ahead &= ~((status == "open") & (column == "closed"))
        gathered.add("date_ahead", _at(ahead), column, text(column))
    opened, closed = first["opened"], first["closed"]
    closed_last = _days(rows, "closed", last=True)
    span = text("opened") + " to " + text("closed")
    gathered.add("dates_reversed", _at(closed_last < opened), "closed", span)
    gathered.add(
        "open_by_early", _at(_days(rows, "open_by", last=True) < opened), "open_by", text("open_by")
    )
    is_open = np.asarray(status == "open", dtype=bool)
    gathered.add("open_but_closed", _at(is_open & (closed_last <= today)), "closed", text("closed"))
    undated = (status == "closed") & np.isnat(closed)
    gathered.add("closed_undated", _at(undated), "closed", text("closed"))
    begun = (status == "planned") & (_days(rows, "opened", last=True) <= today)
    gathered.add("planned_but_opened", _at(begun), "status", text("status"))
    _funding(rows, gathered, is_open, today)
    _evidence(rows, gathered, first, today)


def _funding(rows: Rows, gathered: FaultList, is_open: np.ndarray, today: np.datetime64) -> None:
    ends = _days(rows, "funding_ends", last=True)
    shown = rows.text("funding_ends")
    gathered.add("funding_ended", _at(is_open & (ends < today)), "funding_ends", shown)
    permanent = (rows.value("funding") == "permanent") & ~np.isnat(ends)
    gathered.add("permanent_ends", _at(permanent), "funding_ends", shown)


def _evidence(
    rows: Rows, gathered: FaultList, first: dict[str, np.ndarray], today: np.datetime64
) -> None:
    text, have = rows.text, set(rows.found.columns)
    if have & {"source", "source_date", "read_on"}:
        # In a sheet without evidence at all one for each row would only be noise.
        gathered.add("source_missing", _at(text("source") == ""), "source", text("source"))
    undated = ~rows.filled("source_date")
    for column in STARTS:
        undated &= np.isnat(first[column])
    undated &= ~np.isin(rows.value("status").astype(str), ["planned", "likely_closed", "closed"])
    if have.isdisjoint(STARTS) and undated.any():
        gathered.add_file("evidence_undated", "source_date", "a sheet without any date")
    else:
        gathered.add("evidence_undated", _at(undated), "source_date", text("source_date"))
    limit = np.datetime64(months_before(rows.today, 12 * rows.stale_years))
    stated = ~np.isnat(first["source_date"])
    last_source = _days(rows, "source_date", last=True)
    old = stated & (last_source < limit)
    gathered.add("evidence_stale", _at(old), "source_date", text("source_date"))


def _texts(rows: Rows, gathered: FaultList) -> None:
    for column in _TEXTS:
        if column not in rows.found.columns:
            continue
        cells = rows.text(column)
        places, different = rows.coded(column)
        marks = [_marks(text, column) for text in different]
        for kind in sorted(set().union(*marks)):
            hits = _at(np.array([kind in found for found in marks], dtype=bool)[places])
            gathered.add(kind, hits, column, lambda place, c=cells: _visible(c[place]))  # type: ignore[misc]


def _marks(text: str, column: str) -> set[str]:
    found: set[str] = set()
    if not text:
        return found
    if _HIDDEN.search(text):
        found.add("hidden_characters")
    if text[0] in "=+@" or (text[0] == "-" and len(text) > 1 and not text[1].isspace()):
        found.add("formula_like")
    head = text[:20_000]  # enough for any true cell, and no cell can stall the search
    if column in _PERSONAL and (
        ("@" in head and EMAIL.search(head)) or (PHONE.search(head) is not None)
    ):
        found.add("personal_data")
    if column == "url" and not all(_URL.match(part) for part in re.split(r"[;\s]+", head) if part):
        found.add("url_malformed")
    return found


def _visible(text: str) -> str:
    return _HIDDEN.sub("\N{WHITE SQUARE}", text)
