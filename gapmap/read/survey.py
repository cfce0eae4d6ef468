"""Returned survey forms: each answer found again, whatever was moved, and where it stood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from gapmap.errors import FileError, MissingDependency
from gapmap.read.questions import (
    AREA_HELP,
    PLAN_COLUMNS,
    Question,
    Theme,
    plan_theme,
    themes,
)
from gapmap.read.values import plain, unguarded

if TYPE_CHECKING:
    from pathlib import Path

_ANCHOR = re.compile(r"^gm(\d{1,3}):([A-Za-z0-9_.]{1,60})$")
_SERVICE = re.compile(r"^service\s*(\d{1,3})$")
_ENDINGS = (".xlsx", ".xlsm", ".ods")

#: What stands in a head above an answer that is not of one service.
_ANSWER = "your answer"


@dataclass(frozen=True)
class Answer:
    """One filled cell.

    Parameters
    ----------
    key
        Of the question; ``?`` where no question was found beside it.
    text
        As found.
    service
        Which service: 0 for the organisation as a whole.
    sheet, cell
        Where it stands.
    part
        Of a plan's question: answer, quote, page or says.
    """

    key: str
    text: str
    service: int
    sheet: str
    cell: str
    part: str = "answer"


@dataclass
class Form:
    """One returned file.

    Parameters
    ----------
    file
        Its name in the folder.
    kind
        survey, plan, or "" if it is no form that can be read.
    version
        Of the form; 0 where the hidden column was lost.
    answers
        Its filled cells.
    asked
        Keys of the questions that were found, with where.
    said
        What is to be told of the file as a whole.
    """

    file: str
    kind: str = ""
    version: int = 0
    answers: list[Answer] = field(default_factory=list)
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def read_forms(folder: Path) -> list[Form]:
    """Every file of a folder as a form, or as what it is instead.

    Parameters
    ----------
    folder
        Of returned files; folders in it are read too.

    Returns
    -------
    list of Form
        One for each file, by name; a file that cannot be read says why in ``said``.

    Raises
    ------
    FileError
        If the folder is not there, or is empty.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "letter.txt").write_text("Dear all")
    >>> read_forms(folder)[0].said
    ['This is no workbook, so no form: it was left as it is.']
    """
    if not folder.is_dir():
        raise FileError(f"There is no folder {folder}. Give the folder of the returned forms.")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise FileError(f"{folder} is empty. Put the returned forms into it.")
    return [read_form(path, name=path.relative_to(folder).as_posix()) for path in files]


def read_form(path: Path, *, name: str = "") -> Form:
    """One returned file.

    Parameters
    ----------
    path
        The file.
    name
        What it is called in the log; by default its own name.

    Returns
    -------
    Form
        Its answers; questions are found by the hidden column and, where that was lost, by their
        words, in whatever sheet, row and column they stand.
    """
    from gapmap.read.tabular import read_sheets

    form = Form(name or path.name)
    if path.name.startswith("~$") or path.name.startswith(".~lock"):
        form.said.append("A program's mark that the form was open: not the form itself.")
        return form
    if path.suffix.lower() not in _ENDINGS:
        form.said.append("This is no workbook, so no form: it was left as it is.")
        return form
    try:
        sheets, _ = read_sheets(path)
    except (FileError, MissingDependency) as problem:
        form.said.append(f"It could not be read: {problem}")
        return form
    copies: dict[str, int] = {}
    for title, rows in sheets.items():
        _sheet(form, title, rows, copies)
    order = {key: place for place, key in enumerate(_by_key())}
    last = len(order)
    # In the order of the form, whatever the order of the sheets.
    form.answers.sort(key=lambda one: (one.key == "?", order.get(one.key, last), one.key))
    form.asked = dict(sorted(form.asked.items(), key=lambda one: (order.get(one[0], last), one[0])))
    if not form.asked:
        form.said.append("None of its cells is a question of a form: it was left as it is.")
    elif form.version == 0:
        form.said.append("The hidden column was lost: questions were found by their words.")
    elif form.version != 1:
        form.said.append(f"Made by version {form.version} of the form.")
    return form


# -- one sheet ------------------------------------------------------------------------------------


@cache
def _by_key() -> dict[str, Question]:
    known = {q.key: q for theme in (*themes(), plan_theme()) for q in theme.questions}
    return {key: question for key, question in known.items() if not key.startswith("area.")}


@cache
def _by_words() -> dict[str, str]:
    return {plain(question.text): key for key, question in _by_key().items()}


@cache
def _themes_of() -> dict[str, Theme]:
    return {q.key: theme for theme in themes() for q in theme.questions}


def question_of(key: str) -> Question | None:
    """The question with a key; areas that a form was made for have questions of their own.

    Examples
    --------
    >>> question_of("name").text
    'What is the service called?'
    """
    if key.startswith("area."):
        extent = {"whole": "All of it", "part": "Part of it", "no": "No", "unknown": "Not known"}
        return Question(key, "Do you serve this area?", AREA_HELP, "code", extent)
    return _by_key().get(key)


def _found(row: list[str]) -> tuple[str, int, int] | None:
    """Key, version (0 by words) and column of the question that a row asks."""
    for cell in row:
        match = _ANCHOR.match(cell.strip())
        if match and not match.group(2).startswith("head"):
            key = match.group(2)
            words = [plain(text) for text in row]
            asked = question_of(key)
            own = plain(asked.text) if asked else ""
            at = words.index(own) if own and own in words else row.index(cell) + 1
            return key, int(match.group(1)), at
    for at, cell in enumerate(row):
        text = plain(cell)
        if len(text) < 4:
            continue
        if text in _by_words():
            return _by_words()[text], 0, at
        if len(text) > 15:
            from rapidfuzz import fuzz, process

            near = process.extractOne(text, list(_by_words()), scorer=fuzz.ratio, score_cutoff=93)
            if near is not None:
                return _by_words()[near[0]], 0, at
    return None


def _heads(rows: list[list[str]]) -> dict[int, str]:
    """Column -> what its head says it holds: ``service 2``, ``your answer``, a plan's part."""
    parts = {plain(head): f"part {part}" for part, head in PLAN_COLUMNS.items()}
    best: dict[int, str] = {}
    for row in rows:
        here: dict[int, str] = {}
        for at, cell in enumerate(row):
            text = plain(cell)
            if _SERVICE.match(text) or text == _ANSWER:
                here[at] = text
            elif text in parts:
                here[at] = parts[text]
        if len(here) > len(best):
            best = here
    return best


def _sheet(form: Form, title: str, rows: list[list[str]], copies: dict[str, int]) -> None:
    heads = _heads(rows)
    copy: int | None = None
    for number, row in enumerate(rows):
        found = _found(row)
        if found is None:
            _stray(form, title, number, row, heads)
            continue
        key, version, at = found
        asked = question_of(key)
        if copy is None:
            copy = copies.get(key, 0)
            copies[key] = copy + 1
        form.version = max(form.version, version)
        form.asked.setdefault(key, (title, _cell(number, at)))
        is_plan = key.startswith("plan.") or any(head.startswith("part") for head in heads.values())
        form.kind = "plan" if is_plan else form.kind or "survey"
        quiet = {plain(asked.help), plain(asked.text)} if asked else set()
        single = is_plan and not key.startswith("plan.")
        columns = heads or dict.fromkeys(range(at + 1, len(row)), "")
        order = 0
        for place in range(at + 1, len(row)):
            text = unguarded(row[place])
            if not text or _ANCHOR.match(text):
                continue
            head = columns.get(place)
            if head is None or head == "":
                if plain(text) in quiet:
                    continue
                if head is None:  # a remark beside the question, in no column of answers
                    where = _cell(number, place)
                    form.answers.append(Answer("?", text, 0, title, where))
                    continue
            order += 1
            service, part = _which(head, key, order, copy, single=single, plan=is_plan)
            where = _cell(number, place)
            form.answers.append(Answer(key, text, service, title, where, part))


def _which(
    head: str, key: str, order: int, copy: int, *, single: bool, plan: bool
) -> tuple[int, str]:
    """Which service, and which part of a plan, a cell answers for."""
    if plan:
        part = head.removeprefix("part ") if head.startswith("part ") else ""
        order_of = list(PLAN_COLUMNS)
        if not part:
            part = "answer" if single else order_of[min(order, len(order_of)) - 1]
        return copy, "answer" if single else part
    theme = _themes_of().get(key)
    per_service = key.startswith("area.") or (theme is not None and theme.per_service)
    if not per_service:
        return 0, "answer"
    match = _SERVICE.match(head)
    return (int(match.group(1)) if match else order) + 1000 * copy, "answer"


def _stray(form: Form, title: str, number: int, row: list[str], heads: dict[int, str]) -> None:
    """What stands in a column of answers beside no question is kept too."""
    if not form.asked or not heads:
        return
    if sum(1 for cell in row if plain(cell) in set(heads.values())) or any(
        _ANCHOR.match(cell.strip()) for cell in row
    ):
        return
    if any(plain(cell) in {plain(head) for head in PLAN_COLUMNS.values()} for cell in row):
        return
    for place, head in heads.items():
        text = unguarded(row[place]) if place < len(row) else ""
        if text:
            match = _SERVICE.match(head)
            service = int(match.group(1)) if match else 0
            form.answers.append(Answer("?", text, service, title, _cell(number, place)))


def _cell(row: int, column: int) -> str:
    """Address of a cell as a spreadsheet shows it; both from 0.

    Examples
    --------
    >>> _cell(0, 27)
    'AB1'
    """
    letters = ""
    place = column + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
