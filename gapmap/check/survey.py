"""Returned forms as tables of the model, with a log of every cell that was read or not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gapmap.place.personal import EMAIL, PHONE, without_contacts
from gapmap.read.questions import PERSONAL, Question
from gapmap.read.survey import Answer, Form, question_of
from gapmap.read.values import (
    SAID_UNKNOWN,
    UNKNOWN_WORDS,
    age,
    code,
    iso_date,
    number,
    plain,
    slug,
    yes_no,
)
from gapmap.vocabulary import LINKED, TABLES, columns

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the log.
LOG = ("file", "sheet", "cell", "question", "service", "found", "outcome", "what")

#: What became of a cell, and what a person reads.
OUTCOMES: Mapping[str, str] = {
    "read": "Read",
    "blank": "Left blank",
    "kept": "Kept as text",
    "not_understood": "Not understood, kept as text",
    "personal": "About a person, kept apart",
    "duplicate": "Answered twice",
    "file": "The file",
}

#: Columns of the file of people; its name says that it is never published.
PEOPLE = ("file", "organisation", "what", "value")

_SERVICE_COLUMNS = frozenset(columns("services"))
_OF_ORGANISATION = ("organisation", "sector", "partners", "url", "consent_to_publish")
_UNIT = re.compile(r"\s*(weeks?|wks?|families|places|staff|people)\.?$", re.IGNORECASE)
_AGE = re.compile(r"^\d+(?:\.\d+)?$")


@dataclass
class SurveyTables:
    """What returned forms come to.

    Parameters
    ----------
    tables
        services, service_areas, referrals, contacts, training, barriers, plans: columns of the
        model; and ``answers``, every other answer in words.
    people
        Names, e-mail addresses and telephone numbers: never part of a product.
    log
        A row for each cell that was read, left blank or not understood, and for each file.
    """

    tables: dict[str, pd.DataFrame]
    people: pd.DataFrame
    log: pd.DataFrame


@dataclass
class _Told:
    """What is gathered while the forms are read."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    people: list[dict[str, str]] = field(default_factory=list)
    log: list[dict[str, str]] = field(default_factory=list)

    def note(
        self, form: Form, outcome: str, what: str, answer: Answer | None = None, *, key: str = ""
    ) -> None:
        asked = question_of(answer.key if answer else key)
        sheet, cell = (answer.sheet, answer.cell) if answer else form.asked.get(key, ("", ""))
        hidden = outcome == "personal"
        self.log.append(
            {
                "file": form.file,
                "sheet": sheet,
                "cell": cell,
                "question": asked.text if asked else (answer.key if answer else key),
                "service": str(answer.service) if answer and answer.service else "",
                "found": "" if hidden or answer is None else without_contacts(answer.text),
                "outcome": OUTCOMES[outcome],
                "what": what,
            }
        )

    def row(self, table: str, **cells: Any) -> None:
        self.rows.setdefault(table, []).append(cells)

    def person(self, form: Form, organisation: str, what: str, value: str) -> None:
        self.people.append(
            {"file": form.file, "organisation": organisation, "what": what, "value": value}
        )


def survey_tables(forms: list[Form], *, read_on: str) -> SurveyTables:
    """Tables of the model from returned forms.

    Parameters
    ----------
    forms
        As ``gapmap.read.survey.read_forms`` gives them.
    read_on
        ISO date on which they are read: the date of an answer that bears none.

    Returns
    -------
    SurveyTables
        Where an organisation answered twice about the same service, the newer answer counts and
        the older fills what it left blank; the log tells both. What was not understood stands in
        the notes of its service and in the log: nothing is dropped.

    Examples
    --------
    >>> survey_tables([], read_on="2026-11-22").tables["services"].empty
    True
    """
    import pandas as pd

    told = _Told()
    services: list[dict[str, Any]] = []
    for form in forms:
        for line in form.said:
            told.note(form, "file", line)
        if form.kind == "plan":
            _plans(form, told)
        elif form.kind == "survey":
            services += _survey(form, told, read_on)
    kept = _once(services, told)
    for service in kept:
        for table, rows in service.pop("_linked").items():
            for row in rows:
                told.row(table, service_id=service["service_id"], **row)
        service.pop("_form")
    tables = {"services": _frame(kept, columns("services"))}
    for name in ("service_areas", "referrals", "contacts", "training", "barriers", "plans"):
        tables[name] = _frame(told.rows.get(name, []), [one.name for one in LINKED[name]])
    tables["answers"] = _frame(
        told.rows.get("answers", []), ["file", "organisation", "service", "question", "answer"]
    )
    return SurveyTables(
        tables,
        pd.DataFrame(told.people, columns=list(PEOPLE), dtype="str"),
        pd.DataFrame(told.log, columns=list(LOG), dtype="str"),
    )


def _frame(rows: list[dict[str, Any]], names: list[str]) -> pd.DataFrame:
    import pandas as pd

    cells = [[str(row.get(name) or "") for name in names] for row in rows]
    frame = pd.DataFrame(cells, columns=names, dtype="str").drop_duplicates()
    return frame.map(without_contacts).astype("str").reset_index(drop=True)


# -- one cell -------------------------------------------------------------------------------------


def _meaning(answer: Answer, asked: Question) -> tuple[str, str]:
    """What an answer means, "" if nothing; and a remark, where it was not quite certain."""
    text = " ".join(answer.text.split())
    if text.lower() in UNKNOWN_WORDS | SAID_UNKNOWN:
        return ("unknown" if asked.options and "unknown" in asked.options else "-"), ""
    if asked.kind in ("code", "yes_no") and asked.options:
        return _option(text, asked), ""
    if asked.kind == "date":
        return iso_date(text), ""
    if asked.kind == "number":
        found = number(_UNIT.sub("", text))
        return ("" if math.isnan(found) else f"{found:.10g}"), ""
    if asked.kind == "age":
        months = age(text, 12.0)
        remark = "No unit was given: taken as years." if _AGE.match(text) else ""
        return ("" if math.isnan(months) else f"{months:.10g}"), remark
    return answer.text.strip(), ""


def _option(text: str, asked: Question) -> str:
    options = asked.options or {}
    words = {plain(word): one for one, label in options.items() for word in (one, str(label))}
    found = words.get(plain(text), "")
    if not found and {"yes", "no"} <= set(options):
        found = yes_no(text) or (yes_no("yes") if text.lower() in ("x", "true") else "")
    if not found and "yes" in options and text.lower() in ("x", "y", "1", "true", "✓", "✔"):
        found = "yes"
    column = next((one for one in TABLES["services"] if one.name == asked.key), None)
    if not found and column is not None and column.allowed:
        found = code(text, column)
    return found if found in options else ""


# -- a survey form --------------------------------------------------------------------------------


def _survey(form: Form, told: _Told, read_on: str) -> list[dict[str, Any]]:
    whole: dict[str, str] = {}
    of_service: dict[int, dict[str, str]] = {}
    doubts: dict[int, list[str]] = {}
    loose: list[Answer] = []
    for answer in form.answers:
        asked = question_of(answer.key)
        if asked is None:
            loose.append(answer)
            continue
        if answer.key in PERSONAL:
            told.note(form, "personal", "In the file of people only.", answer)
            whole[answer.key] = answer.text.strip()
            continue
        value, remark = _meaning(answer, asked)
        if not value:
            told.note(form, "not_understood", _expected(asked), answer)
            doubts.setdefault(answer.service, []).append(f"{asked.text} {answer.text.strip()}")
            continue
        told.note(form, "read", remark, answer)
        place = whole if answer.service == 0 else of_service.setdefault(answer.service, {})
        if answer.key in place and place[answer.key] != value:
            told.note(form, "duplicate", "A second answer to the same question; the first counts.",
                      answer)  # fmt: skip
            doubts.setdefault(answer.service, []).append(f"{asked.text} {answer.text.strip()}")
            continue
        place.setdefault(answer.key, value if value != "-" else "")
    organisation = whole.get("organisation", "")
    _people(form, told, whole, organisation)
    for answer in loose:
        told.note(form, "kept", "It stands beside no question that we know.", answer)
        told.row("answers", file=form.file, organisation=organisation,
                 service=str(answer.service or ""), question="?", answer=answer.text)  # fmt: skip
        doubts.setdefault(answer.service, []).append(answer.text.strip())
    _blanks(form, told)
    if not whole and not of_service:
        told.note(form, "file", "A form with no answer in it.")
        return []
    started = {n: cells for n, cells in sorted(of_service.items()) if cells or n in doubts}
    places = _places(started)
    made = [
        _service(form, told, n, {**whole, **cells}, cells, doubts, read_on)
        for n, cells in started.items()
    ]
    if not made:
        told.note(form, "file", "Nothing is told of any service.")
    _of_organisation(form, told, whole, places, made, doubts, read_on)
    return made


def _expected(asked: Question) -> str:
    if asked.options:
        return f"One of: {', '.join(map(str, asked.options.values()))}."
    return {
        "date": "A date such as 22/11/2026, November 2026 or 2026.",
        "number": "A number.",
        "age": "An age with its unit: 6 months, 2 years, pregnancy.",
    }.get(asked.kind, "")


def _people(form: Form, told: _Told, whole: dict[str, str], organisation: str) -> None:
    for key in PERSONAL:
        if whole.get(key):
            asked = question_of(key)
            told.person(form, organisation, asked.text if asked else key, whole.pop(key))
    for answer in form.answers:
        if answer.key in PERSONAL:
            continue
        for found in (*EMAIL.findall(answer.text), *PHONE.findall(answer.text)):
            told.person(form, organisation, f"Found in {answer.sheet}, {answer.cell}", found)


def _blanks(form: Form, told: _Told) -> None:
    answered = {answer.key for answer in form.answers}
    for key in form.asked:
        if key not in answered and not key.startswith("head"):
            told.note(form, "blank", "Nobody answered this.", key=key)


def _places(started: dict[int, dict[str, str]]) -> list[str]:
    """Areas that the services of a form are said to serve, each once."""
    areas: dict[str, None] = {}
    for cells in started.values():
        for row in _areas_of(cells):
            areas.setdefault(row["area_code"])
    return list(areas)


def _areas_of(cells: dict[str, str]) -> list[dict[str, str]]:
    """Areas of one service with how much of each; no area that it does not serve."""
    rows = []
    for key, value in cells.items():
        if key.startswith("area.") and value in ("whole", "part", "unknown"):
            rows.append({"area_code": key.removeprefix("area."), "coverage": value})
    rows = [row for row in rows if row["coverage"] != "unknown"]
    for part in re.split(r"[;\n|]", cells.get("serves", "")):
        if part.strip():
            extent = cells.get("coverage_of_area", "unknown")
            rows.append({"area_code": part.strip(), "coverage": extent or "unknown"})
    if cells.get("serves_scotland") == "yes":
        rows.append({"area_code": "Scotland", "coverage": "whole"})
    return rows


def _service(
    form: Form,
    told: _Told,
    n: int,
    cells: dict[str, str],
    own: dict[str, str],
    doubts: dict[int, list[str]],
    read_on: str,
) -> dict[str, Any]:
    organisation = cells.get("organisation", "")
    name = cells.get("name", "")
    if not name:
        name = organisation or f"A service of {form.file}"
        told.note(form, "not_understood", f"Service {n} has no name; it is called {name}.")
    row: dict[str, Any] = {
        key: value for key, value in cells.items() if key in _SERVICE_COLUMNS and key != "serves"
    }
    areas = _areas_of(cells)
    row["serves"] = ";".join(dict.fromkeys(one["area_code"] for one in areas))
    extents = {one["coverage"] for one in areas}
    row["coverage_of_area"] = extents.pop() if len(extents) == 1 else ""
    row["age_from_months"], row["age_to_months"] = cells.get("age_from"), cells.get("age_to")
    ways = [key.removeprefix("delivery.") for key, value in cells.items()
            if key.startswith("delivery.") and value == "yes"]  # fmt: skip
    words = [f"{line}" for line in (*doubts.get(n, ()), *doubts.get(0, ()))]
    row |= {
        "name": name,
        "delivery": ";".join(ways),
        "interventions": re.sub(r"\s*[;\n,]\s*", ";", cells.get("interventions", "")),
        "service_id": cells.get("service_id", "") or f"survey-{slug(f'{organisation} {name}')}",
        "source": f"Survey form of {organisation or 'an organisation that gave no name'}",
        "source_type": "survey_self",
        "source_date": cells.get("answered_on", ""),
        "read_on": read_on,
        "notes": ("As written: " + " / ".join(words)) if words else "",
    }
    for key in ("eligibility", "criteria"):
        if key in own:
            row["eligibility"] = "; ".join(
                part for part in (own.get("eligibility"), own.get("criteria")) if part
            )
    linked: dict[str, list[dict[str, str]]] = {"service_areas": [], "referrals": [], "barriers": []}
    source = {"source": row["source"], "source_date": row["source_date"], "read_on": read_on}
    linked["service_areas"] = [{**one, "basis": "served", **source} for one in areas]
    for key, value in own.items():
        if key.startswith("referral."):
            linked["referrals"].append(
                {"from_role": key.removeprefix("referral."), "accepted": value,
                 "criteria": cells.get("criteria", ""), "route_kind": "referral", **source}
            )  # fmt: skip
        if key.startswith("barrier.") and value == "yes":
            linked["barriers"].append(
                {"type": key.removeprefix("barrier."), "what": cells.get("barrier_words", ""),
                 "category": cells.get("category", ""), "date": row["source_date"],
                 "source": row["source"], "read_on": read_on}
            )  # fmt: skip
        if key.startswith("onward."):
            for one in areas or [{"area_code": ""}]:
                told.row(
                    "referrals", category=key.removeprefix("onward."), accepted=value,
                    from_category=cells.get("category", ""), area_code=one["area_code"],
                    route_kind="referral", **source,
                )  # fmt: skip
        asked = question_of(key)
        plain_answer = key not in _SERVICE_COLUMNS and "." not in key
        if asked is not None and plain_answer and key not in ("age_from", "age_to", "criteria",
                                                              "serves_scotland"):  # fmt: skip
            told.row("answers", file=form.file, organisation=organisation, service=name,
                     question=asked.text, answer=value)  # fmt: skip
    row["_linked"], row["_form"] = linked, form
    return row


def _of_organisation(
    form: Form,
    told: _Told,
    whole: dict[str, str],
    places: list[str],
    made: list[dict[str, Any]],
    doubts: dict[int, list[str]],
    read_on: str,
) -> None:
    organisation = whole.get("organisation", "")
    source = f"Survey form of {organisation or 'an organisation that gave no name'}"
    day = whole.get("answered_on", "") or read_on
    asked = [key for key in form.asked if not key.startswith(("head", "training", "onward"))]
    filled = {answer.key for answer in form.answers}
    share = sum(key in filled for key in asked) / max(1, len(asked))
    outcome = "responded" if made and share >= 0.3 else "partly_answered"
    if whole.get("central") == "yes":
        outcome = "central_response"
    again = "may be asked again" if whole.get("may_ask_again") == "yes" else ""
    for area in places or [""]:
        told.row("contacts", organisation=organisation or form.file, area_code=area,
                 channel="survey form", date=day, outcome=outcome,
                 respondent_role=whole.get("respondent_role", ""),
                 note=again)  # fmt: skip
    if not places:
        told.note(form, "file", "No area is named: its contact and its training have none.")
    for n in range(1, 5):
        course = whole.get(f"training.{n}.course")
        if course:
            for area in places or [""]:
                told.row("training", area_code=area, course=course,
                         staff_group=whole.get("staff_group", ""),
                         places=whole.get(f"training.{n}.places", ""),
                         date=whole.get(f"training.{n}.date", ""), source=source,
                         read_on=read_on)  # fmt: skip
    for key, value in whole.items():
        question = question_of(key)
        if question is None or key in _OF_ORGANISATION or key.startswith("training."):
            continue
        told.row("answers", file=form.file, organisation=organisation, service="",
                 question=question.text, answer=value)  # fmt: skip
    for line in doubts.get(0, ()):
        told.row("answers", file=form.file, organisation=organisation, service="",
                 question="Not understood", answer=line)  # fmt: skip


# -- the same service twice -----------------------------------------------------------------------


def _once(services: list[dict[str, Any]], told: _Told) -> list[dict[str, Any]]:
    """One row for each service: the newest answers count, older ones fill their blanks."""
    newest = sorted(
        services, key=lambda one: (one["source_date"] or "", one["_form"].file), reverse=True
    )
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    taken: dict[str, tuple[str, str]] = {}
    for one in newest:
        key = (plain(one.get("organisation", "")), plain(one["name"]))
        if key not in kept:
            while taken.setdefault(one["service_id"], key) != key:
                one["service_id"] += "-2"
            kept[key] = one
            continue
        first = kept[key]
        told.note(
            one["_form"], "duplicate",
            f"{one['name']} is answered for in {first['_form'].file} too, which counts.",
        )  # fmt: skip
        for name, value in one.items():
            if name.startswith("_") or name in ("source", "source_date", "read_on", "service_id"):
                continue
            if not first.get(name):
                first[name] = value
            elif value and value != first[name] and name != "notes":
                told.note(
                    one["_form"], "duplicate",
                    f"{one['name']}, {name}: {value}; the newer form says {first[name]}.",
                )  # fmt: skip
            elif value and name == "notes" and value not in first[name]:
                first[name] += f" / {value}"
        for table, rows in one["_linked"].items():
            if not first["_linked"][table]:
                first["_linked"][table] = rows
        if "no" in (one.get("consent_to_publish"), first.get("consent_to_publish")):
            first["consent_to_publish"] = "no"
    order = {id(one): place for place, one in enumerate(services)}
    return sorted(kept.values(), key=lambda one: order[id(one)])


# -- a plan ---------------------------------------------------------------------------------------


def _plans(form: Form, told: _Told) -> None:
    of_plan: dict[int, dict[str, str]] = {}
    rows: dict[tuple[int, str], dict[str, str]] = {}
    for answer in form.answers:
        asked = question_of(answer.key)
        if asked is None:
            told.note(form, "kept", "It stands beside no question that we know.", answer)
            told.row("answers", file=form.file, organisation="", service="", question="?",
                     answer=answer.text)  # fmt: skip
            continue
        if answer.key.startswith("plan."):
            row = rows.setdefault((answer.service, answer.key.removeprefix("plan.")), {})
            value, _ = _meaning(answer, asked) if answer.part == "answer" else (answer.text, "")
            value = "unknown" if value == "-" else value
            if not value:
                row["doubt"] = f"answered: {answer.text}"
                told.note(form, "not_understood", _expected(asked), answer)
            else:
                row[answer.part] = value.strip()
                told.note(form, "read", "", answer)
            continue
        value, _ = _meaning(answer, asked)
        told.note(form, "read" if value else "not_understood", _expected(asked), answer)
        of_plan.setdefault(answer.service, {})[answer.key] = value if value != "-" else ""
        if not value:
            of_plan[answer.service]["doubt"] = f"{asked.text} {answer.text}"
    answered = {answer.key for answer in form.answers}
    for key in form.asked:
        if key not in answered:
            told.note(form, "blank", "Nobody answered this.", key=key)
    for (copy, question), cells in sorted(rows.items()):
        about = of_plan.get(copy, {})
        doubt = "; ".join(part for part in (about.get("doubt"), cells.get("doubt")) if part)
        told.row("plans", **{**about, "question": question, "answer": "unknown", **cells,
                             "doubt": doubt})  # fmt: skip
    if not rows:
        told.note(form, "file", "A plan form with no answer in it.")
