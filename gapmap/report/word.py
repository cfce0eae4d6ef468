"""Documents as Word files: real headings, header rows, captions and alternative text."""

from __future__ import annotations

import io
import math
import re
import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from gapmap import vocabulary
from gapmap.errors import FileError, InputError, MissingDependency
from gapmap.report import look
from gapmap.report.content import (
    Block,
    Bullets,
    Callout,
    Cell,
    Document,
    Figure,
    Heading,
    Name,
    Paragraph,
    Split,
    Table,
    Text,
    Value,
    plain,
)
from gapmap.show.style import INK, MUTED, NAVY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

#: Text width of an A4 page with margins of 20 mm, in twentieths of a point.
_WIDTH = 9638

#: Largest width of a picture.
_WIDEST_MM = 150

#: A table that takes no more than this of a page's height, in points, is not torn apart.
SHORT_TABLE = 220

#: Of Arial, a letter is about half as wide as it is high.
_LETTER = 0.56
#: Of Verdana; what a template's own font is taken for unless it is known to be narrower.
_WIDE_LETTER = 0.66
_NARROW = frozenset({"Arial", "Helvetica", "Calibri", "Aptos", "Segoe UI", "Times New Roman"})

_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
#: What XML 1.0 cannot hold.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PALE = "EEF3F8"


def render_word(document: Document, *, as_of: date, template: Path | None = None) -> bytes:
    """A document as a Word file.

    Parameters
    ----------
    document
        The content.
    as_of
        Date that the file's properties bear, so that the same content gives the same bytes.
    template
        A ``.docx`` of an organisation, whose styles, header and footer are used; what it writes
        in its body is left out.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    MissingDependency
        If python-docx is not installed.
    FileError
        If the template or a picture cannot be read.
    """
    word = _open(template)
    writer = _Writer(word)
    writer.properties(document, as_of)
    if template is None:
        writer.page(document)
    else:
        writer.measure()
    writer.styles(own=template is None)
    writer.body(document)
    buffer = io.BytesIO()
    word.save(buffer)
    return repack(buffer.getvalue())


def repack(data: bytes) -> bytes:
    """A zip file (Word, PowerPoint) with its parts in one order and without the clock.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> with zipfile.ZipFile(buffer, "w") as parts:
    ...     parts.writestr("b", "2")
    ...     parts.writestr("a", "1")
    >>> zipfile.ZipFile(io.BytesIO(repack(buffer.getvalue()))).namelist()
    ['a', 'b']
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        # The list of content types must come first; the rest by name.
        for name in sorted(before.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            part = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            after.writestr(part, before.read(name))
    return out.getvalue()


def _open(template: Path | None) -> Any:
    try:
        import docx
        from docx.opc.exceptions import PackageNotFoundError
    except ImportError as problem:
        raise MissingDependency("docx", "documents", "Writing Word files") from problem
    try:
        word = docx.Document(None if template is None else str(template))
    except (PackageNotFoundError, OSError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise FileError(
            f"The template {template} could not be read as a Word file ({problem}). Give a .docx "
            "that opens in Word."
        ) from problem
    body = word.element.body
    for element in list(body):
        if not element.tag.endswith("}sectPr"):
            body.remove(element)
    return word


def fit(text: str) -> str:
    """A text without what XML cannot hold.

    Examples
    --------
    >>> fit("a" + chr(0) + "b")
    'ab'
    """
    return _UNFIT.sub("", text)


def _run(text: str, *, bold: bool = False, size: float = 0, colour: str = "") -> str:
    """A run of text; size in points, 0 for the paragraph's own."""
    look_of = "<w:b/>" if bold else ""
    look_of += f'<w:color w:val="{colour.lstrip("#")}"/>' if colour else ""
    look_of += f'<w:sz w:val="{round(size * 2)}"/>' if size else ""
    return f'<w:r><w:rPr>{look_of}</w:rPr><w:t xml:space="preserve">{escape(fit(text))}</w:t></w:r>'


def _runs(text: Text, *, size: float = 0, colour: str = "", strong: bool = True) -> str:
    """A text as runs; numbers and strong names in bold."""
    parts = []
    for part in text:
        words = part if isinstance(part, str) else part.text
        bold = strong and (isinstance(part, Value) or (isinstance(part, Name) and part.strong))
        parts.append(_run(words, bold=bold, size=size, colour=colour))
    return "".join(parts)


def _paragraph(style: str, runs: str, *, keep: bool = False, more: str = "") -> str:
    kept = "<w:keepNext/>" if keep else ""
    return (
        f"<w:p {_NAMESPACE}><w:pPr><w:pStyle w:val={quoteattr(style)}/>{kept}{more}</w:pPr>"
        f"{runs}</w:p>"
    )


def _field(instruction: str, shown_as: str, *, size: float = 0) -> str:
    """A field with what it last showed, so that it reads well before Word works it out again."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escape(fit(instruction))} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f"{_run(shown_as, size=size)}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


class _Writer:
    """One Word file in the making: it keeps count of tables, figures, bookmarks and lists."""

    def __init__(self, word: Any) -> None:
        self.word = word
        self.tables = 0
        self.figures = 0
        self.bookmarks = 0
        self.tallest_mm = 140.0
        #: Width of its text in twentieths of a point, and how wide its letters are.
        self.width = _WIDTH
        self.letter = _LETTER

    # -- the file -------------------------------------------------------------------------------

    def properties(self, document: Document, as_of: date) -> None:
        """Title, language and dates; no name of a person and no clock."""
        told = self.word.core_properties
        stamp = datetime(as_of.year, as_of.month, as_of.day)
        told.title = fit(f"{document.title}: {document.subtitle}")[:250]
        told.subject = fit(document.study)[:250]
        told.author = told.last_modified_by = "gapmap"
        told.created = told.modified = stamp
        told.language = "en-GB"
        told.comments = ""
        told.revision = 1

    def page(self, document: Document) -> None:
        """A4, with the study and the page number at the foot."""
        from docx.shared import Mm

        section = self.word.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin, section.bottom_margin = Mm(18), Mm(18)
        foot = section.footer.paragraphs[0]
        old = "".join(f'<w:tab w:val="clear" w:pos="{at}"/>' for at in (4320, 4680, 8640, 9360))
        stop = f'<w:tabs>{old}<w:tab w:val="right" w:pos="{_WIDTH}"/></w:tabs>'
        line = _run(f"{document.study}, as of {document.as_of}", size=8, colour=MUTED)
        number = "<w:r><w:tab/></w:r>" + _field("PAGE", "1", size=8)
        self._replace(foot._p, _paragraph("Footer", line + number, more=stop))

    def measure(self) -> None:
        """Take width of text and letters from the template, so that no table leaves its page."""
        section = self.word.sections[0]
        sides = (section.page_width, section.left_margin, section.right_margin)
        if None not in sides:
            # Of the library's 12,700 units to a point.
            self.width = (sides[0] - sides[1] - sides[2]) // 635
        font = self.word.styles["Normal"].font.name
        # Of a font that is not known to be as narrow as Arial, room for the widest in use.
        self.letter = _LETTER if font in _NARROW else _WIDE_LETTER

    def styles(self, *, own: bool) -> None:
        """gapmap's own look, or in an organisation's template only the styles that it lacks."""
        from docx.enum.style import WD_STYLE_TYPE
        from docx.shared import Pt, RGBColor

        def ink(colour: str) -> Any:
            return RGBColor.from_string(colour.lstrip("#"))

        have = {style.name for style in self.word.styles}
        settings: list[tuple[str, str, float, bool, str, float, float]] = [
            # name, based on, size, bold, colour, space before, space after
            ("Normal", "", 10, False, INK, 0, 5),
            ("Title", "", 24, True, NAVY, 0, 2),
            ("Subtitle", "", 12, False, MUTED, 0, 10),
            ("Heading 1", "", 15, True, NAVY, 16, 5),
            ("Heading 2", "", 11, True, INK, 10, 3),
            ("Caption", "", 9, True, INK, 8, 3),
            ("List Bullet", "", 10, False, INK, 0, 3),
            ("List Number", "", 10, False, INK, 0, 3),
            ("Footer", "", 8, False, MUTED, 0, 0),
            ("gapmap Callout", "Normal", 9, False, INK, 0, 0),
            ("gapmap Note", "Normal", 8, False, MUTED, 2, 8),
            ("gapmap Contents", "Normal", 10, False, INK, 0, 1),
        ]
        for name, base, size, bold, colour, before, after in settings:
            if name in have and not own:
                continue
            if name not in have:
                style = self.word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
                if base:
                    style.base_style = self.word.styles[base]
            style = self.word.styles[name]
            if own:
                self._plain_font(style)
            style.font.size, style.font.bold = Pt(size), bold
            style.font.italic = False
            style.font.color.rgb = ink(colour)
            style.paragraph_format.space_before = Pt(before)
            style.paragraph_format.space_after = Pt(after)
        self._callout_box(self.word.styles["gapmap Callout"])
        if own:
            self._tidy(self.word.styles["Title"])
            self._tidy(self.word.styles["Subtitle"])
            self._language()

    def _plain_font(self, style: Any) -> None:
        from docx.oxml.ns import qn

        style.font.name = "Arial"
        fonts = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)

    def _tidy(self, style: Any) -> None:
        """Without the line and the wide letters that the default template gives a title."""
        from docx.oxml.ns import qn

        for properties, tag in ((style.element.pPr, "w:pBdr"), (style.element.rPr, "w:spacing")):
            found = None if properties is None else properties.find(qn(tag))
            if found is not None:
                properties.remove(found)

    def _language(self) -> None:
        from docx.oxml.ns import qn

        for lang in self.word.styles.element.iter(qn("w:lang")):
            lang.set(qn("w:val"), "en-GB")

    def _callout_box(self, style: Any) -> None:
        pPr = style.element.get_or_add_pPr()
        border = (
            f'<w:pBdr {_NAMESPACE}><w:left w:val="single" w:sz="36" w:space="8" '
            f'w:color="{NAVY.lstrip("#")}"/></w:pBdr>'
        )
        shade = f'<w:shd {_NAMESPACE} w:val="clear" w:color="auto" w:fill="{_PALE}"/>'
        indent = f'<w:ind {_NAMESPACE} w:left="170" w:right="57"/>'
        # In the order that Word's schema asks for.
        for part, before in ((border, 0), (shade, 1)):
            pPr.insert(before, self._parse(part))
        pPr.append(self._parse(indent))

    @property
    def widest_mm(self) -> float:
        """Largest width of a picture: that of the text, and no more than it was drawn for."""
        return min(_WIDEST_MM, self.width / 1440 * 25.4)

    def _parse(self, xml: str) -> Any:
        from docx.oxml import parse_xml

        return parse_xml(xml)

    def _replace(self, element: Any, xml: str) -> None:
        element.getparent().replace(element, self._parse(xml))

    def _add(self, xml: str) -> None:
        self.word.element.body._insert_p(self._parse(xml))

    def _style(self, name: str) -> str:
        return str(self.word.styles[name].style_id)

    # -- what it says -----------------------------------------------------------------------------

    def body(self, document: Document) -> None:
        """Everything, in order; the list of contents in the first section, before its map."""
        self.tallest_mm = document.tallest_mm
        self._add(_paragraph(self._style("Title"), _run(document.title)))
        self._add(_paragraph(self._style("Subtitle"), _run(document.subtitle)))
        self.block(document.about)
        for number, section in enumerate(document.sections):
            self.heading(section.title, section.anchor, new_page=section.new_page)
            contents = number == 0 and document.contents != "none"
            for block, after in pairwise((*section.blocks, None)):
                # The list of contents fills the page that a large picture leaves.
                if contents and after is None and isinstance(block, Figure):
                    self.contents(document)
                    contents = False
                # What leads to a list, a table or a picture is not left alone at a page's foot.
                leads = isinstance(after, (Bullets, Table, Figure, Split))
                self.block(block, keep=leads)
            if contents:
                self.contents(document)

    def heading(self, title: str, anchor: str, *, new_page: bool = False) -> None:
        """A heading of the first level, with a bookmark that the list of contents leads to."""
        self.bookmarks += 1
        mark = (
            f'<w:bookmarkStart w:id="{self.bookmarks}" w:name={quoteattr(_bookmark(anchor))}/>'
            f'{_run(title)}<w:bookmarkEnd w:id="{self.bookmarks}"/>'
        )
        more = "<w:pageBreakBefore/>" if new_page else ""
        self._add(_paragraph(self._style("Heading 1"), mark, keep=True, more=more))

    def contents(self, document: Document) -> None:
        """A list of contents that Word can bring up to date, filled in already."""
        style = self._style("gapmap Contents")
        title = _run("In this report", bold=True, colour=NAVY)
        room = '<w:spacing w:before="240" w:after="40"/>'
        lines = [_paragraph(style, title, keep=True, more=room)]
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
            ' TOC \\o "1-1" \\h \\z \\n </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        last = len(document.sections) - 1
        for number, section in enumerate(document.sections):
            link = (
                f"<w:hyperlink w:anchor={quoteattr(_bookmark(section.anchor))}>"
                f"{_run(section.title, colour=NAVY)}</w:hyperlink>"
            )
            runs = (begin if number == 0 else "") + link
            if number == last:
                runs += '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
            lines.append(_paragraph(style, runs, keep=number != last))
        # As Word's own lists of contents are built, title and all.
        self._add(
            f"<w:sdt {_NAMESPACE}><w:sdtPr><w:docPartObj>"
            '<w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
            f"</w:sdtPr><w:sdtContent>{''.join(lines)}</w:sdtContent></w:sdt>"
        )
        self.gap()

    def block(self, block: Block | None, *, keep: bool = False) -> None:
        """One block of content, by its kind; ``keep`` keeps a paragraph with what follows."""
        if block is None:
            return
        if isinstance(block, Paragraph):
            self._add(_paragraph(self._style("Normal"), _runs(block.text), keep=keep))
        elif isinstance(block, Heading):
            self._add(_paragraph(self._style("Heading 2"), _run(block.text), keep=True))
        elif isinstance(block, Bullets):
            self.bullets(block)
        elif isinstance(block, Callout):
            self.callout(block)
        elif isinstance(block, Figure):
            self.figure(block)
        elif isinstance(block, Split):
            self.table(split_table(block))
        else:
            self.table(block)

    def bullets(self, block: Bullets) -> None:
        """A list; a numbered one starts at 1."""
        style = self._style("List Number" if block.numbered else "List Bullet")
        own = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{self._new_list(style)}"/></w:numPr>'
        for item in block.items:
            self._add(_paragraph(style, _runs(item), more=own if block.numbered else ""))

    def _new_list(self, style: str) -> int:
        """Numbering of the list style, begun anew."""
        from docx.oxml.ns import qn

        numbering = self.word.part.numbering_part.element
        of_style = self.word.styles.element.find(f".//{{*}}style[@{qn('w:styleId')}='{style}']")
        number = of_style.find(f".//{qn('w:numId')}")
        if number is None:
            return 0
        used = number.get(qn("w:val"))
        same = numbering.find(f".//{{*}}num[@{qn('w:numId')}='{used}']/{qn('w:abstractNumId')}")
        fresh = 1 + max(int(n.get(qn("w:numId"))) for n in numbering.findall(qn("w:num")))
        numbering.append(
            self._parse(
                f'<w:num {_NAMESPACE} w:numId="{fresh}"><w:abstractNumId '
                f'w:val="{same.get(qn("w:val"))}"/><w:lvlOverride w:ilvl="0"><w:startOverride '
                'w:val="1"/></w:lvlOverride></w:num>'
            )
        )
        return fresh

    def callout(self, block: Callout) -> None:
        """The box: its title, then its sentences run together."""
        style = self._style("gapmap Callout")
        self._add(_paragraph(style, _run(block.title, bold=True, colour=NAVY), keep=True))
        for part in block.blocks:
            if isinstance(part, Paragraph):
                self._add(_paragraph(style, _runs(part.text)))
            elif isinstance(part, Bullets):
                runs = _run(" ").join(_runs(item) for item in part.items)
                self._add(_paragraph(style, runs))
            else:
                raise InputError(f"A box cannot hold a {type(part).__name__}.")
        self.gap()

    def figure(self, block: Figure) -> None:
        """A picture with its alternative text, and its caption beneath."""
        from docx.shared import Emu, Mm

        path = block.path if block.path.suffix != ".svg" else block.path.with_suffix(".png")
        try:
            shape = self.word.add_picture(str(path), width=Mm(self.widest_mm))
        except (OSError, ValueError) as problem:
            raise FileError(
                f"The map {path} could not be read ({problem}). Run again."
            ) from problem
        if shape.height > Mm(self.tallest_mm):
            shape.width = Emu(int(shape.width * Mm(self.tallest_mm) / shape.height))
            shape.height = Emu(Mm(self.tallest_mm))
        shape._inline.docPr.set("descr", fit(block.alt))
        shape._inline.docPr.set("title", fit(block.caption))
        self.word.paragraphs[-1].paragraph_format.keep_with_next = True
        self.figures += 1
        self._add(
            _paragraph(
                self._style("Caption"),
                _run("Figure ")
                + _field("SEQ Figure \\* ARABIC", str(self.figures))
                + _run(f". {block.caption}"),
            )
        )

    def table(self, block: Table) -> None:
        """A caption, then a table whose first row is repeated on every page."""
        self.tables += 1
        caption = (
            _run("Table ")
            + _field("SEQ Table \\* ARABIC", str(self.tables))
            + _run(f". {block.caption}")
        )
        self._add(_paragraph(self._style("Caption"), caption, keep=True))
        style = self._style("Normal")
        self._add(table_xml(block, style, width=self.width, letter=self.letter))
        if block.note:
            self._add(_paragraph(self._style("gapmap Note"), _run(block.note)))
        else:
            self.gap()

    def gap(self) -> None:
        """A little room: two tables or boxes in a row would grow together."""
        room = '<w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/>'
        self._add(_paragraph(self._style("gapmap Note"), "", more=room))


def _bookmark(anchor: str) -> str:
    return f"_Toc_{re.sub('[^A-Za-z0-9]', '_', anchor)}"[:40]


def split_table(block: Split) -> Table:
    """The bars of a page as a table of numbers, where no bars are drawn."""
    states = list(vocabulary.STATES)
    head = ("Kind of service", *(vocabulary.STATES[s] for s in states))
    rows = tuple(
        (Cell((name,)), *(Cell((dict(parts)[s],)) for s in states)) for name, parts in block.rows
    )
    return Table(block.caption, head, rows, numeric=tuple(range(1, len(head))))


def table_xml(block: Table, style: str, *, width: int = _WIDTH, letter: float = _LETTER) -> str:
    """A table as Word's own markup: built as text, since cell by cell is slow."""
    size = 7.5 if block.compact or len(block.head) > 6 else 8.5
    widths = column_widths(block, size, width=width, letter=letter)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edge = 'w:val="single" w:sz="4" w:space="0" w:color="D0D5DA"'
    rows = [_row([Cell((title,)) for title in block.head], block, widths, style, size, head=True)]
    # A short table is not torn apart, nor parted from its note; a long one keeps its first rows.
    short = table_height(block, widths, size, letter=letter) <= SHORT_TABLE
    kept = (len(block.rows) - (not block.note)) if short else 2
    rows += [
        _row(row, block, widths, style, size, keep=number < kept)
        for number, row in enumerate(block.rows)
    ]
    return (
        f'<w:tbl {_NAMESPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders><w:bottom {edge}/><w:insideH {edge}/></w:tblBorders>"
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="57" w:type="dxa"/>'
        '<w:right w:w="57" w:type="dxa"/></w:tblCellMar><w:tblLook w:firstRow="1" '
        'w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(fit(block.caption))}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def table_height(
    block: Table, widths: Sequence[int], size: float, *, letter: float = _LETTER
) -> float:
    """About how high a table is, in points: each row by its cell of most lines.

    Examples
    --------
    >>> one = Table("", ("Area",), ((Cell(("Fife",)),),))
    >>> two = Table("", ("Area",), ((Cell(("Fife",)),), (Cell(("Fife " * 60,)),)))
    >>> table_height(one, [2000], 8.5) < table_height(two, [2000], 8.5) / 4
    True
    """
    letter *= size * 20
    heads = tuple(Cell((title,)) for title in block.head)
    lines = sum(
        max(
            math.ceil(len(plain(cell.text)) * letter / max(room - 114, letter)) or 1
            for cell, room in zip(row, widths, strict=True)
        )
        for row in (heads, *block.rows)
    )
    return lines * size * 1.17 + (len(block.rows) + 1) * 3.5


def _row(
    cells: Iterable[Cell],
    block: Table,
    widths: Sequence[int],
    style: str,
    size: float,
    *,
    head: bool = False,
    keep: bool = False,
) -> str:
    made = []
    kept = "<w:keepNext/>" if head or keep else ""
    for position, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        state = look.STATES.get(cell.state)
        fill = NAVY if head else state.tint if state else ""
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill.lstrip("#")}"/>' if fill else ""
        align = '<w:jc w:val="right"/>' if position in block.numeric else ""
        space = f'<w:spacing w:before="30" w:after="30"/>{align}'
        if head:
            runs = _run(plain(cell.text), bold=True, size=size, colour="#FFFFFF")
        else:
            sign = _run(f"{state.sign} ", size=size) if state else ""
            runs = sign + _runs(cell.text, size=size, strong=False)
        paragraph = f"<w:pPr><w:pStyle w:val={quoteattr(style)}/>{kept}{space}</w:pPr>{runs}"
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
            f"<w:p>{paragraph}</w:p></w:tc>"
        )
    again = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>{''.join(made)}</w:tr>"


def column_widths(
    block: Table, size: float, *, width: int = _WIDTH, letter: float = _LETTER
) -> list[int]:
    """Widths that hold each column's longest word, and share the rest by how much there is to say.

    Examples
    --------
    >>> rows = ((Cell(("NHS Fife",)), Cell(("A long reason why it is so",))),)
    >>> narrow, wide = column_widths(Table("", ("Area", "Why"), rows), 8.5)
    >>> narrow < wide, narrow + wide
    (True, 9638)
    """
    # A twentieth of a point is the unit.
    letter *= size * 20
    longest, usual = [], []
    for position, title in enumerate(block.head):
        texts = [title, *(plain(row[position].text) for row in block.rows)]
        # Only plain spaces break: a date joined by fixed ones stays on one line.
        words = [float(len(word)) for text in texts for word in text.split(" ")]
        # Titles are bold, which is wider.
        words += [len(word) * 1.12 for word in title.split(" ")]
        # A state is not broken over lines; its sign stands before it.
        words += [len(plain(row[position].text)) + 2 for row in block.rows if row[position].state]
        longest.append(min(max(words), 22) * letter + 160)
        usual.append(sum(min(len(t), 160) for t in texts) / len(texts) * letter)
    spare = width - sum(longest)
    if spare <= 0:
        shares = [width * one / sum(longest) for one in longest]
    else:
        wish = [max(0.0, u - one) + 1 for u, one in zip(usual, longest, strict=True)]
        shares = [one + spare * w / sum(wish) for one, w in zip(longest, wish, strict=True)]
    widths = [int(share) for share in shares]
    widths[-1] += width - sum(widths)
    return widths
