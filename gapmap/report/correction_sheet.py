"""The correction sheet for a lead: what we hold, what we do not know, whom we asked; two pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gapmap import vocabulary
from gapmap.report import look
from gapmap.report.content import (
    Block,
    Callout,
    Cell,
    Document,
    Paragraph,
    Section,
    Table,
    named,
)
from gapmap.report.held import WANTED
from gapmap.report.start import asked_in_words
from gapmap.show.style import INK, NAVY
from gapmap.words import count_in_words, date_in_words, list_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gapmap.report.held import Held
    from gapmap.study import Study

#: What fits the two pages; the rest is counted, and stands in the workbook.
MOST_LETTERS = 84
MOST_WHERE = 60
MOST_SERVICES = 7
MOST_ASKED = 5
MOST_KINDS = 9
_LINES_TO_WRITE = 5
_MORE = "see the workbook"


@dataclass(frozen=True)
class CorrectionSheet:
    """What the two pages say.

    Parameters
    ----------
    title, subtitle
        The area; and how much is held, on which day.
    kinds
        Kind of service, state, its services in words, last known.
    unknown
        Kind of service and where nobody looked.
    services
        Service and what is not known of it.
    asked
        What or whom, when and where, what came of it.
    more_unknown, more_services, more_asked
        How many are left out; told on the page.
    """

    title: str
    subtitle: str
    kinds: tuple[tuple[str, str, str, str], ...]
    unknown: tuple[tuple[str, str], ...]
    services: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str, str], ...]
    more_unknown: int
    more_services: int
    more_asked: int


def correction_sheet(study: Study, held: Held) -> CorrectionSheet:
    """What the two pages say of one area; long lists are cut, and say how many are left out.

    Parameters
    ----------
    study, held
        A study and what it holds of the area.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.report.held import held
    >>> study = gm.scotland()
    >>> correction_sheet(study, held(study, "NHS Orkney")).title
    'NHS Orkney'
    """
    own = held.services["reach"].isin(["here", "serves"])
    mine = held.states[held.states["area_code"] == held.code]
    kinds = []
    for cell in mine.to_dict("records"):
        if cell["state"] == "not_known":
            continue
        of_kind = held.services[held.services["category"] == cell["value"]]
        names = list(dict.fromkeys(shown(name, longest=60) for name in of_kind["name"]))
        kinds.append(
            (
                vocabulary.category_label(cell["value"]),
                cell["state"],
                _cut(names),
                date_in_words(cell["last_known"]),
            )
        )
    unknown = []
    names_of = {held.code: held.name, **held.councils}
    open_ = held.states[held.states["state"] == "not_known"]
    for kind in dict.fromkeys(mine["value"]):
        places = list(open_.loc[open_["value"] == kind, "area_code"])
        if places:
            whole = held.code in places
            where = held.name if whole else _cut([names_of[code] for code in places], MOST_WHERE)
            unknown.append((vocabulary.category_label(kind), shown(where)))
    told = [
        (
            shown(one.name, longest=56),
            list_in_words([WANTED[field] for field in one.fields], limit=5),
        )
        for one in sorted(held.unknown.itertuples(), key=lambda one: -len(one.fields))
    ]
    asked = asked_in_words(study, held)
    return CorrectionSheet(
        title=shown(held.name, longest=60),
        subtitle=f"{count_in_words(int(own.sum()), 'service row')} of its own and "
        f"{int((~own).sum())} that reach it from outside, as we hold them on "
        f"{date_in_words(study.settings.as_of)}",
        kinds=tuple(kinds),
        unknown=tuple(unknown[:MOST_KINDS]),
        services=tuple(told[:MOST_SERVICES]),
        asked=tuple(
            (shown(a, longest=56), shown(b, longest=56), shown(c, longest=40))
            for a, b, c in asked[:MOST_ASKED]
        ),
        more_unknown=max(0, len(unknown) - MOST_KINDS),
        more_services=max(0, len(told) - MOST_SERVICES),
        more_asked=max(0, len(asked) - MOST_ASKED),
    )


def _cut(names: Sequence[str], most: int = MOST_LETTERS) -> str:
    """Names that fit the lines of a cell, and how many more there are."""
    kept: list[str] = []
    for name in names:
        if kept and sum(map(len, kept)) + 2 * len(kept) + len(name) > most:
            break
        kept.append(name)
    left = len(names) - len(kept)
    return list_in_words(kept) if not left else f"{'; '.join(kept)}; and {left} more: {_MORE}"


def more_in_words(left: int) -> str:
    """How many of a list are left out, or nothing.

    Examples
    --------
    >>> more_in_words(3), more_in_words(0)
    ('and 3 more: see the workbook', '')
    """
    return f"and {left} more: {_MORE}" if left else ""


def render_correction_html(sheet: CorrectionSheet) -> str:
    """The two pages as one self-contained web page that prints on two sheets of A4.

    Parameters
    ----------
    sheet
        What they say; names in it are escaped here.
    """
    from gapmap.report.html import environment

    return (
        environment()
        .get_template("correction_sheet.html")
        .render(
            sheet=sheet,
            states={code: (vocabulary.STATES[code], one) for code, one in look.STATES.items()},
            more=more_in_words,
        )
    )


def write_correction_sheet(stem: Path, study: Study, held: Held) -> list[Path]:
    """Write the two pages as a web page and, where python-docx is installed, as a Word file.

    Parameters
    ----------
    stem
        The files' name without its ending.
    study, held
        A study and what it holds of the area.

    Raises
    ------
    FileError
        If a file cannot be written.
    MissingDependency
        If python-docx is not installed; the web page is written before.
    """
    from gapmap.report.documents import save
    from gapmap.report.word import render_word

    sheet = correction_sheet(study, held)
    page = save(stem.with_suffix(".html"), render_correction_html(sheet).encode("utf-8"))
    word = render_word(correction_document(study, sheet), as_of=study.settings.as_of)
    return [page, save(stem.with_suffix(".docx"), word)]


def correction_document(study: Study, sheet: CorrectionSheet) -> Document:
    """The two pages as the content of a Word file (``gapmap.report.word.render_word``).

    Parameters
    ----------
    study
        Its name and date are printed.
    sheet
        What the pages say.
    """

    def cell(words: str, state: str = "") -> Cell:
        return Cell(named(words), state=state)

    def table(
        caption: str, head: tuple[str, ...], rows: Sequence[Sequence[str]], left: int
    ) -> Table:
        body = tuple(tuple(cell(words) for words in row) for row in rows)
        return Table(caption, head, body, note=more_in_words(left), compact=True)

    kinds = tuple(
        (
            cell(kind),
            Cell((vocabulary.STATES[state],), state=state),
            cell(names),
            cell(last),
        )
        for kind, state, names, last in sheet.kinds
    )
    holds: list[Block] = [
        Table(
            "What each kind of service comes to",
            ("Kind of service", "What families have", "Services that we know", "Last known"),
            kinds,
            compact=True,
        )
    ]
    does_not: list[Block] = [
        table(
            "Kinds of service of which nothing is known",
            ("Kind of service", "Where"),
            sheet.unknown,
            sheet.more_unknown,
        ),
        table(
            "What is not known of your services",
            ("Service", "We do not know"),
            sheet.services,
            sheet.more_services,
        ),
        table(
            "Who looked, and whom we asked",
            ("What, or whom", "When and where", "What came of it"),
            sheet.asked,
            sheet.more_asked,
        ),
    ]
    write = Table(
        "Your corrections",
        ("Service", "What is wrong or missing", "What is right"),
        tuple((cell(" "), cell(" "), cell(" ")) for _ in range(_LINES_TO_WRITE)),
        compact=True,
    )
    box = Callout("Please correct this and give it back", (Paragraph((_INTRO,)),))
    return Document(
        title=sheet.title,
        subtitle=sheet.subtitle,
        study=study.settings.name,
        as_of=date_in_words(study.settings.as_of),
        about=box,
        sections=(
            Section("hold", "What we hold", tuple(holds)),
            Section("not", "What we do not know", (*does_not, write), new_page=True),
        ),
        contents="none",
    )


_INTRO = (
    "Our directory is partial: what it does not hold may exist all the same. Cross out what is "
    "wrong, write what is right beside it, and add what is missing on page 2. Write no names of "
    "people."
)


def write_correction_page(book: Any, page: Any, study: Study, held: Held) -> None:
    """The two pages as a sheet of a workbook, set to print on exactly two.

    Parameters
    ----------
    book, page
        An xlsxwriter workbook, and the sheet in it that is written.
    study, held
        A study and what it holds of the area.
    """
    sheet = correction_sheet(study, held)
    base = {"font_name": "Arial", "font_size": 9, "valign": "top", "text_wrap": True}
    line = {"border": 1, "border_color": "#C9D1D9"}

    def made(**how: object) -> Any:
        return book.add_format({**base, **how})

    title = made(bold=True, font_size=16, font_color=NAVY, text_wrap=False)
    heading = made(bold=True, font_size=11, font_color=NAVY, text_wrap=False)
    head = made(bold=True, font_color="#FFFFFF", bg_color=NAVY, **line)
    body, bold, free = made(**line), made(bold=True, **line), made(**line)
    muted = made(font_color="#5A5A5A", text_wrap=False)
    states = {
        code: made(bg_color=one.tint, font_color=INK, **line) for code, one in look.STATES.items()
    }
    page.hide_gridlines(2)
    for place, width in enumerate((23, 18, 38, 13)):
        page.set_column(place, place, width)
    page.write_string(0, 0, f"{sheet.title}: correction sheet", title)
    page.merge_range(1, 0, 1, 3, sheet.subtitle, made(font_color="#5A5A5A"))
    page.merge_range(2, 0, 2, 3, _INTRO, made())
    page.set_row(0, 24)
    page.set_row(1, 14)
    page.set_row(2, 38)
    page.write_string(4, 0, "What we hold", heading)
    for place, words in enumerate(
        ("Kind of service", "What families have", "Services that we know", "Last known")
    ):
        page.write_string(5, place, words, head)
    row = 6
    for kind, state, names, last in sheet.kinds:
        page.write_string(row, 0, kind, bold)
        words = f"{look.STATES[state].sign} {vocabulary.STATES[state]}"
        page.write_string(row, 1, words, states[state])
        page.write_string(row, 2, names, body)
        page.write_string(row, 3, last, body)
        page.set_row(row, 36)
        row += 1
    page.set_h_pagebreaks([row])
    page.write_string(row, 0, "What we do not know", heading)
    row += 1
    blocks: tuple[tuple[tuple[str, ...], Sequence[Sequence[str]], int], ...] = (
        (("Kind of service", "Where"), sheet.unknown, sheet.more_unknown),
        (("Service", "We do not know of it"), sheet.services, sheet.more_services),
        (("Whom we asked, who looked", "When, where, what came of it"), [
            (who, f"{when}: {came}") for who, when, came in sheet.asked], sheet.more_asked),
    )  # fmt: skip
    for titles, rows, left in blocks:
        page.write_string(row, 0, titles[0], head)
        page.merge_range(row, 1, row, 3, titles[1], head)
        row += 1
        for first, second in rows:
            page.write_string(row, 0, first, bold)
            page.merge_range(row, 1, row, 3, second, body)
            page.set_row(row, 25)
            row += 1
        if not rows:
            page.write_string(row, 0, "Nothing to tell.", muted)
            row += 1
        if left:
            page.write_string(row, 0, more_in_words(left), muted)
            row += 1
        row += 1
    page.write_string(row, 0, "Your corrections", head)
    page.merge_range(row, 1, row, 3, "What is wrong or missing, and what is right", head)
    for at in range(row + 1, row + 1 + _LINES_TO_WRITE):
        page.write_blank(at, 0, None, free)
        page.merge_range(at, 1, at, 3, "", free)
        page.set_row(at, 24)
    page.set_paper(9)
    page.set_portrait()
    page.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.5)
    page.print_area(0, 0, row + _LINES_TO_WRITE, 3)
    # Fitting to pages would overrule the break between the two.
    page.set_print_scale(74)
