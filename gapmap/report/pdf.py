"""Documents as tagged PDF, set by Typst from the content and a fixed template."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gapmap.errors import FileError, MissingDependency
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
)
from gapmap.report.word import SHORT_TABLE, column_widths, split_table, table_height

if TYPE_CHECKING:
    from datetime import date


def render_pdf(document: Document, as_of: date) -> bytes:
    """A document as a PDF that a screen reader can follow (PDF/UA-1).

    Names from the data reach the template as data, never as markup.

    Parameters
    ----------
    document
        The content.
    as_of
        Date that the file's properties bear, so that the same content gives the same bytes.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    MissingDependency
        If typst is not installed.
    FileError
        If a picture cannot be read, or the page cannot be set.
    """
    try:
        import typst
    except ImportError as problem:
        raise MissingDependency("typst", "documents", "Writing PDF files") from problem
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        told = _Pictures(folder).document(document, as_of)
        (folder / "document.json").write_text(json.dumps(told), encoding="utf-8")
        shutil.copy(Path(__file__).with_name("templates") / "document.typ", folder / "main.typ")
        # Noon in London, told as seconds of the era: Typst stamps the file with it.
        stamp = (as_of.toordinal() - 719_163) * 86_400 + 43_200
        try:
            data = typst.compile(
                str(folder / "main.typ"),
                root=str(folder),
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=stamp,
            )
        except typst.TypstError as problem:
            raise FileError(f"The PDF of “{document.title}” could not be set: {problem}") from (
                problem
            )
    return bytes(data)


class _Pictures:
    """The content as plain data, its pictures copied beside the template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copied = 0

    def document(self, document: Document, as_of: date) -> dict[str, Any]:
        return {
            "title": document.title,
            "subtitle": document.subtitle,
            "study": document.study,
            "as_of": document.as_of,
            "date": [as_of.year, as_of.month, as_of.day],
            "about": self.block(document.about),
            "sections": [
                {"title": s.title, "blocks": [self.block(b) for b in s.blocks]}
                for s in document.sections
            ],
        }

    def block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "text": _parts(block.text)}
        if isinstance(block, Heading):
            return {"kind": "heading", "text": block.text}
        if isinstance(block, Bullets):
            items = [_parts(item) for item in block.items]
            return {"kind": "bullets", "numbered": block.numbered, "items": items}
        if isinstance(block, Callout):
            inside = [self.block(part) for part in block.blocks]
            return {"kind": "callout", "title": block.title, "blocks": inside}
        if isinstance(block, Figure):
            return {
                "kind": "figure",
                "path": self._copy(block.path),
                "alt": block.alt,
                "caption": block.caption,
            }
        return self._table(split_table(block) if isinstance(block, Split) else block)

    def _copy(self, path: Path) -> str:
        source = path.with_suffix(".png") if path.suffix == ".svg" else path
        self.copied += 1
        name = f"picture-{self.copied}{source.suffix}"
        try:
            shutil.copy(source, self.folder / name)
        except OSError as problem:
            raise FileError(
                f"The map {source} could not be read ({problem}). Run again."
            ) from problem
        return name

    def _table(self, table: Table) -> dict[str, Any]:
        size = 7.5 if table.compact or len(table.head) > 6 else 8.5
        widths = column_widths(table, size)
        return {
            "kind": "table",
            "caption": table.caption,
            "head": list(table.head),
            "rows": [[_cell(cell) for cell in row] for row in table.rows],
            "right": [position in table.numeric for position in range(len(table.head))],
            "widths": widths,
            "size": size,
            "short": table_height(table, widths, size) <= SHORT_TABLE,
            "note": table.note,
        }


def _cell(cell: Cell) -> dict[str, Any]:
    state = look.STATES.get(cell.state)
    return {
        "text": _parts(cell.text, strong=False),
        "sign": state.sign if state else "",
        "tint": state.tint if state else "",
    }


def _parts(text: Text, *, strong: bool = True) -> list[dict[str, Any]]:
    parts = []
    for part in text:
        words = part if isinstance(part, str) else part.text
        bold = strong and (isinstance(part, Value) or (isinstance(part, Name) and part.strong))
        parts.append({"text": words, "bold": bold})
    return parts
