"""One PowerPoint slide: the finding as its title, what else was found, and the map."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gapmap.errors import FileError, MissingDependency
from gapmap.report.content import Bullets, Document, Figure, Paragraph, Text, Value, plain
from gapmap.report.word import fit, repack
from gapmap.show.style import INK, MUTED, NAVY

if TYPE_CHECKING:
    from datetime import date

#: Findings beside the map; the first is the title.
MOST = 4
#: Size of the letters beside the map, by how many there are; smaller where there are more.
_SIZES = ((420, 18), (700, 15))
_SMALLEST = 13


def render_slide(document: Document, method: str, *, as_of: date) -> bytes:
    """A paper as one slide in the proportions of a screen.

    Parameters
    ----------
    document
        The paper's content: its first list and its first picture are used.
    method
        How distances were measured, for the foot.
    as_of
        Date that the file's properties bear, so that the same content gives the same bytes.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    MissingDependency
        If python-pptx is not installed.
    FileError
        If the picture cannot be read.
    """
    try:
        import pptx
        from pptx.util import Mm
    except ImportError as problem:
        raise MissingDependency("pptx", "documents", "Writing PowerPoint files") from problem
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Mm(338.7), Mm(190.5)
    about_file = deck.core_properties
    about_file.title = fit(f"{document.title}: {document.subtitle}")[:250]
    about_file.author = about_file.last_modified_by = "gapmap"
    about_file.created = about_file.modified = datetime(as_of.year, as_of.month, as_of.day)
    about_file.revision = 1

    head, findings, figure = _told(document)
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Mm(12), Mm(8), Mm(314), Mm(30)
    _write(title.text_frame, [_first_sentence(head)], size=26, colour=NAVY, bold=True)

    wide = 314 if figure is None else 165
    body = slide.shapes.add_textbox(Mm(12), Mm(44), Mm(wide), Mm(112))
    told = [*findings[:MOST], *_next(document)]
    # What is said with how sure it is takes more room: smaller letters, never fewer words.
    letters = sum(len(plain(one)) for one in told)
    size = next((points for most, points in _SIZES if letters < most), _SMALLEST)
    _write(body.text_frame, told, size=size, colour=INK, gap=8)
    if figure is not None:
        path = figure.path if figure.path.suffix != ".svg" else figure.path.with_suffix(".png")
        try:
            picture = slide.shapes.add_picture(str(path), Mm(185), Mm(40), height=Mm(132))
        except (OSError, ValueError) as problem:
            raise FileError(
                f"The map {path} could not be read ({problem}). Run again."
            ) from problem
        if picture.width > Mm(142):
            picture.height = int(picture.height * Mm(142) / picture.width)
            picture.width = Mm(142)
        properties = picture._element.nvPicPr.cNvPr
        properties.set("descr", fit(figure.alt))
        properties.set("name", "Map")
    foot = slide.shapes.add_textbox(Mm(12), Mm(173), Mm(314), Mm(14))
    about = next((plain(b.text) for b in document.about.blocks if isinstance(b, Paragraph)), "")
    _write(
        foot.text_frame,
        [(f"{document.title}, as of {document.as_of}. {about}",), (method,)],
        size=10,
        colour=MUTED,
    )
    buffer = io.BytesIO()
    deck.save(buffer)
    return repack(buffer.getvalue())


def _next(document: Document) -> list[Text]:
    """The first thing to do, where an area's paper says what to do next."""
    blocks = [block for section in document.sections for block in section.blocks]
    lists = [block for block in blocks if isinstance(block, Bullets)]
    if len(lists) < 2 or lists[0].numbered or not lists[1].numbered or not lists[1].items:
        return []
    return [("What to do next: ", *_small(lists[1].items[0]))]


def _small(text: Text) -> Text:
    """A sentence to stand after a colon."""
    first = text[0]
    return (first[:1].lower() + first[1:], *text[1:]) if isinstance(first, str) else text


def _told(document: Document) -> tuple[Text, list[Text], Figure | None]:
    """The title, the findings beneath it, and the map.

    National findings are numbered and the first is the title; an area's begin with how many people
    live there, so that its title is the one after that, with the area's name.
    """
    blocks = [block for section in document.sections for block in section.blocks]
    lists = [block for block in blocks if isinstance(block, Bullets)]
    figures = [block for block in blocks if isinstance(block, Figure)]
    figure = figures[0] if figures else None
    items = list(lists[0].items) if lists else []
    if not items:
        return (document.title,), [], figure
    if lists[0].numbered or len(items) == 1:
        return items[0], items[1:], figure
    return (f"{document.title}: ", *_small(items[1])), [items[0], *items[2:]], figure


def _first_sentence(text: Text) -> Text:
    """A text up to its first full stop: what fits a title."""
    words = plain(text)
    return (words[: words.index(". ") + 1],) if ". " in words else text


def _write(
    frame: Any, lines: list[Text], *, size: float, colour: str, bold: bool = False, gap: float = 0
) -> None:
    """Lines of text, each a paragraph, with its numbers in bold."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_after = Pt(gap)
        for part in line:
            run = paragraph.add_run()
            run.text = fit(part if isinstance(part, str) else part.text)
            run.font.size, run.font.name = Pt(size), "Arial"
            run.font.bold = bold or isinstance(part, Value)
            run.font.color.rgb = RGBColor.from_string(colour.lstrip("#"))
            run.font.language_id = _british()


def _british() -> Any:
    from pptx.enum.lang import MSO_LANGUAGE_ID

    return MSO_LANGUAGE_ID.ENGLISH_UK
