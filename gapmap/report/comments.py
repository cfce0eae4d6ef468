"""A person's own words in the reports: a table of comments, set into them anew at each run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gapmap.report.content import Callout, Paragraph, named
from gapmap.words import date_in_words, shown

if TYPE_CHECKING:
    from gapmap.report.content import Document
    from gapmap.study import Study


def with_comments(document: Document, study: Study, report: str) -> Document:
    """A document with the study's comments on it, each in a box at the end of its section.

    Parameters
    ----------
    document
        The content that gapmap made.
    study
        Its table ``comments``: report (``national`` or an area's code), section (its title or its
        anchor, such as ``at-a-glance``; blank for the first), comment, and optional by, date.
    report
        Which report this is.

    Returns
    -------
    Document
        A comment on a section that the report does not have stands at the end of the last one,
        with that section's name: nobody's words are lost.
    """
    comments = study.table("comments")
    if comments.empty or not {"report", "comment"} <= set(comments.columns):
        return document
    told = comments.fillna("").astype(str)
    told = told[(told["report"].str.strip() == report) & (told["comment"].str.strip() != "")]
    sections = list(document.sections)
    for comment in told.itertuples():
        wanted = str(getattr(comment, "section", "")).strip()
        at = _section(document, wanted)
        box = _box(comment, "" if at is not None else wanted)
        at = len(sections) - 1 if at is None else at
        sections[at] = replace(sections[at], blocks=(*sections[at].blocks, box))
    return replace(document, sections=tuple(sections))


def _section(document: Document, wanted: str) -> int | None:
    if not wanted:
        return 0
    plain = wanted.casefold().replace("'", "’")
    for position, section in enumerate(document.sections):
        if plain in {section.title.casefold(), section.anchor}:
            return position
    return None


def _box(comment: object, lost: str) -> Callout:
    who = shown(getattr(comment, "by", ""), longest=80)
    when = date_in_words(str(getattr(comment, "date", "") or ""))
    title = "Comment" + (f" by {who}" if who else "") + (f", {when}" if when else "")
    if lost:
        title += f" (on “{shown(lost, longest=80)}”)"
    text = str(getattr(comment, "comment", ""))
    paragraphs = [part for part in text.split("\n") if part.strip()]
    return Callout(title, tuple(Paragraph(named(part, longest=4000)) for part in paragraphs))
