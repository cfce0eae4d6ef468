"""A committee's paper: two pages of Word, one slide, its figures as files, and council profiles."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.errors import InputError
from gapmap.place.confidential import protect
from gapmap.place.geography import area_named
from gapmap.report.about import with_about
from gapmap.report.area import area_document, area_name_of_file, links_of
from gapmap.report.comments import with_comments
from gapmap.report.content import (
    Block,
    Bullets,
    Callout,
    Document,
    Facts,
    Figure,
    Heading,
    Paragraph,
    Section,
    Table,
    Text,
    plain,
    say,
)
from gapmap.report.documents import save
from gapmap.report.html import render_html
from gapmap.report.national import national_document
from gapmap.report.passages import gaps_table
from gapmap.report.slide import render_slide
from gapmap.report.word import render_word
from gapmap.travel.method import how_measured, travel_notes

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gapmap.report.pictures import Maps
    from gapmap.study import Study

#: What fits two pages.
MOST_FINDINGS = 6
MOST_LETTERS = 900
MOST_GAPS = 6
MOST_GAPS_NATIONAL = 3
MOST_QUESTIONS = 2
#: What fits the one page of a profile.
MOST_TIMES = 3


def write_paper(
    folder: Path,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    maps: Maps,
    *,
    area: str | None = None,
    template: Path | None = None,
) -> list[Path]:
    """Write the paper on one area, or on the whole country, with its slide and its figures.

    Parameters
    ----------
    folder
        Is made if need be: ``paper.docx``, ``slide.pptx``, ``figures/``, and for an area
        ``profiles/`` with a page for each of its councils (``.docx`` and ``.html``).
    study, tables, maps
        A study, the tables of its run and its pictures, by name.
    area
        Code or name of an area; the whole country if not given.
    template
        An organisation's ``.docx`` for the Word files.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If no area has that code or name, with the nearest.
    MissingDependency
        If python-docx or python-pptx is not installed.
    FileError
        If a file cannot be written, or a map or the template read.
    """
    level, code = _found(study, area)
    study = replace(study, services=protect(study.services))
    tables = {**with_about(study, tables), "links": links_of(study, tables)}
    facts = Facts(tables, public=study.settings.public)
    whole = _whole(study, tables, maps, facts, level, code)
    paper = _paper(study, facts, whole, level, code)
    as_of = study.settings.as_of
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        save(folder / "paper.docx", render_word(paper, as_of=as_of, template=template)),
        save(folder / "slide.pptx", render_slide(paper, how_measured(study.settings), as_of=as_of)),
        *_figures(folder / "figures", paper),
    ]
    if code is not None:
        files += _profiles(folder / "profiles", study, tables, facts, level, code, template)
    return files


def _found(study: Study, area: str | None) -> tuple[str, str | None]:
    """Level and code of the area; no code for the whole country."""
    if area is None:
        return "country", None
    code = area_named(area, study.areas)
    if code == vocabulary.SCOTLAND:
        return "country", None
    return str(study.areas.at[code, "level"]), code


def _whole(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    maps: Maps,
    facts: Facts,
    level: str,
    area: str | None,
) -> Document:
    """The full report that the paper is drawn from, with its comments."""
    if area is None:
        return with_comments(national_document(study, tables, maps), study, "national")
    document = area_document(study, tables, maps, level=level, code=area, facts=facts)
    return with_comments(document, study, area)


def _paper(study: Study, facts: Facts, whole: Document, level: str, area: str | None) -> Document:
    by_anchor = {section.anchor: section for section in whole.sections}
    found: list[Block] = []
    if "at-a-glance" in by_anchor:
        glance = by_anchor["at-a-glance"].blocks
        lists = [block for block in glance if isinstance(block, Bullets)]
        found += [replace(one, items=_within(one.items[:MOST_FINDINGS])) for one in lists[:1]]
        found += [block for block in glance if isinstance(block, Figure)]
    sections = [Section("found", "What we found", tuple(found))]

    there = by_anchor["what-there-is"].blocks if "what-there-is" in by_anchor else ()
    overview = next((block for block in there if isinstance(block, Table)), None)
    if overview is not None:
        told = overview if area is None else _known_kinds(overview)
        sections.append(Section("there", "What there is", (told,), new_page=True))

    where: dict[str, str | tuple[str, ...]] = {}
    if area is not None:
        councils = study.areas[study.areas["level"] == "council"]
        inside = councils.loc[councils.get(f"{level}_code", councils["code"]) == area, "code"]
        where = {"area_code": (area, *inside)}
    if len(facts.rows("gaps", **where)):
        most = MOST_GAPS if area is not None else MOST_GAPS_NATIONAL
        table = gaps_table(facts, "The first gaps", most=most, **where)
        sections.append(Section("gaps", "Where the gaps are", (table,)))
    sections.append(Section("sure", "How sure we are", tuple(_how_sure(by_anchor))))
    method = say(
        "{method} Every figure is in the tables beside the full report, which tells how each was "
        "worked out.",
        method=" ".join(travel_notes(study.settings)),
    )
    sections.append(Section("method", "How it was worked out", (Paragraph(method),)))
    return replace(
        whole, sections=tuple(sections), contents="none", tallest_mm=105, links=(), footer=()
    )


def _within(items: tuple[Text, ...]) -> tuple[Text, ...]:
    """The first findings that fit beside a map: whole ones, and at least one."""
    kept: list[Text] = []
    for item in items:
        if kept and sum(len(plain(one)) for one in [*kept, item]) > MOST_LETTERS:
            break
        kept.append(item)
    return tuple(kept)


def _how_sure(by_anchor: Mapping[str, Section]) -> list[Block]:
    """What is not known, in a paragraph, and the first questions to ask."""
    blocks: list[Block] = []
    if "not-known" in by_anchor:
        blocks += [b for b in by_anchor["not-known"].blocks if isinstance(b, Paragraph)][:1]
    else:
        blocks.append(Paragraph(say("Nothing that the study asks is unknown here.")))
    told = by_anchor["at-a-glance"].blocks if "at-a-glance" in by_anchor else ()
    for steps in [block for block in told if isinstance(block, Bullets)][1:]:
        blocks.append(Heading("What to do next"))
        blocks.append(replace(steps, items=steps.items[:MOST_QUESTIONS]))
    return blocks


def _figures(folder: Path, paper: Document) -> list[Path]:
    """The paper's pictures as files, in the formats that the run drew."""
    folder.mkdir(exist_ok=True)
    copied = []
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                for ending in (".png", ".svg", ".pdf"):
                    source = block.path.with_suffix(ending)
                    if source.is_file():
                        copied.append(Path(shutil.copy(source, folder / source.name)))
    return copied


# -- council profiles ----------------------------------------------------------------------------


def profile_document(whole: Document) -> Document:
    """One page on one area, drawn from its report.

    Parameters
    ----------
    whole
        The area's report.

    Returns
    -------
    Document
        What is known at a glance, what there is kind by kind, and how far families live from it.
    """
    by_anchor = {section.anchor: section for section in whole.sections}
    sections = []
    if "at-a-glance" in by_anchor:
        lists = [b for b in by_anchor["at-a-glance"].blocks if isinstance(b, Bullets)]
        sections.append(replace(by_anchor["at-a-glance"], blocks=tuple(lists[:1])))
    there: list[Block] = []
    if "what-there-is" in by_anchor:
        there += [_known_kinds(b) for b in by_anchor["what-there-is"].blocks[:1]]
    if "not-known" in by_anchor:
        for block in by_anchor["not-known"].blocks:
            if isinstance(block, Bullets):
                there += [Paragraph(("Not yet known: ", *item)) for item in block.items]
    if there:
        sections.append(Section("what-there-is", "What families can get here", tuple(there)))
    if "how-far" in by_anchor:
        far = [b for b in by_anchor["how-far"].blocks if isinstance(b, Table)]
        blocks = tuple(replace(b, rows=b.rows[:MOST_TIMES], compact=True) for b in far[:1])
        sections.append(replace(by_anchor["how-far"], blocks=blocks))
    return replace(
        whole,
        subtitle=f"Profile, {whole.as_of}",
        about=_short(whole.about),
        sections=tuple(sections),
        contents="none",
        links=(),
    )


def _short(about: Callout) -> Callout:
    """The first box with its first warning and its last: the full report has them all."""
    return replace(
        about,
        blocks=tuple(
            replace(block, items=(*block.items[:1], *block.items[1:][-1:]))
            if isinstance(block, Bullets)
            else block
            for block in about.blocks
        ),
    )


def _known_kinds(overview: Block) -> Table:
    """The kinds of which something is known, without the last column: it must fit a page."""
    if not isinstance(overview, Table):
        raise InputError(f"An overview is a table, not a {type(overview).__name__}.")
    rows = tuple(row[:-1] for row in overview.rows if row[1].state != "not_known")
    return replace(
        overview,
        caption="Kinds of service of which something is known",
        head=overview.head[:-1],
        rows=rows,
        compact=True,
    )


def _profiles(
    folder: Path,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    facts: Facts,
    level: str,
    area: str,
    template: Path | None,
) -> list[Path]:
    councils = study.areas[study.areas["level"] == "council"]
    if level == "council":
        codes = [area]
    else:
        codes = sorted(councils.loc[councils[f"{level}_code"] == area, "code"])
    folder.mkdir(exist_ok=True)
    files: list[Path] = []
    for code in codes:
        whole = area_document(study, tables, {}, level="council", code=code, facts=facts)
        profile = profile_document(whole)
        name = area_name_of_file(code, str(councils.at[code, "name"]))
        word = render_word(profile, as_of=study.settings.as_of, template=template)
        files.append(save(folder / f"{name}.docx", word))
        files.append(save(folder / f"{name}.html", render_html(profile).encode("utf-8")))
    return files
