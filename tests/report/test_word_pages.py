"""What can be held by machine of the Word files of the bundled study, all fifteen of them."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise

import pytest
from PIL import Image

docx = pytest.importorskip("docx", reason="python-docx is not installed")

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def files(bundled_run):
    folder = bundled_run.folder
    found = [folder / "report.docx", *sorted((folder / "boards").glob("*.docx"))]
    assert len(found) == 15
    return {path.stem: docx.Document(str(path)) for path in found}


def _text(element):
    return "".join(part.text or "" for part in element.iter(f"{_W}t"))


def _style(element):
    style = element.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else style.get(f"{_W}val")


def _kept(element):
    return element.find(f"{_W}pPr/{_W}keepNext") is not None


@pytest.mark.slow
def test_no_table_is_wider_than_the_text_of_its_page(files):
    for name, word in files.items():
        section = word.sections[0]
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        room = (section.page_width - section.left_margin - section.right_margin) / 635
        for table in word.tables:
            widths = [int(w) for w in re.findall(r'<w:gridCol w:w="(\d+)"', table._tbl.xml)]
            assert sum(widths) <= room + 1, name
            assert min(widths) > 300, f"{name}: a column too narrow to read"
            assert table._tbl.xml.count("<w:tblHeader/>") == 1


@pytest.mark.slow
def test_a_word_of_a_heading_fits_its_column(files):
    # Bold Arial at its widest, so that "known" is never broken into "know" and "n".
    for name, word in files.items():
        for table in word.tables:
            size = 7.5 if 'w:sz w:val="15"' in table._tbl.xml else 8.5
            widths = [int(w) for w in re.findall(r'<w:gridCol w:w="(\d+)"', table._tbl.xml)]
            for cell, width in zip(table.rows[0].cells, widths, strict=True):
                longest = max(len(one) for one in cell.text.split(" "))
                if longest <= 22:
                    assert longest * size * 20 * 0.56 <= width - 100, (name, cell.text)


@pytest.mark.slow
def test_captions_and_headings_are_not_parted_from_what_they_belong_to(files):
    for name, word in files.items():
        for this, after in pairwise(word.element.body):
            if this.tag != f"{_W}p":
                continue
            style, drawn = _style(this), this.find(f".//{_W}drawing") is not None
            if drawn:
                assert _kept(this), f"{name}: a picture that its caption may leave"
                assert _text(after).startswith("Figure "), name
            if after.tag == f"{_W}tbl":
                assert style == "Caption", f"{name}: a table without a caption"
                assert _kept(this), f"{name}: the caption {_text(this)} may stand alone"
            if style in ("Heading1", "Heading2"):
                assert _kept(this), f"{name}: the heading {_text(this)} may stand alone"


@pytest.mark.slow
def test_headings_are_nested_and_the_contents_tell_them_all(files):
    for name, word in files.items():
        levels = [
            int(p.style.name[-1]) for p in word.paragraphs if p.style.name.startswith("Heading")
        ]
        assert levels[0] == 1
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels)), name
        firsts = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
        links = [_text(link) for link in word.element.body.iter(f"{_W}hyperlink")]
        assert links == firsts, name
        instructions = [i.text for i in word.element.body.iter(f"{_W}instrText")]
        assert any("TOC" in one for one in instructions)


@pytest.mark.slow
def test_pictures_are_sharp_and_told_in_words(files, bundled_run):
    for name in files:
        path = next(bundled_run.folder.rglob(f"{name}.docx"))
        with zipfile.ZipFile(path) as parts:
            media = {n: parts.read(n) for n in parts.namelist() if n.startswith("word/media/")}
        assert media, f"{name}: no map"
        sizes = sorted(Image.open(io.BytesIO(data)).size for data in media.values())
        shown = files[name].inline_shapes
        for shape in shown:
            assert len(shape._inline.docPr.get("descr")) > 40, name
            assert shape.width.mm <= 170
            assert shape.height.mm <= 200
        widest = max(shape.width.inches for shape in shown)
        assert sizes[0][0] / widest >= 220, f"{name}: a picture below 220 dots an inch"


@pytest.mark.slow
def test_one_font_and_nothing_left_unfilled(files):
    for name, word in files.items():
        text = "\n".join(p.text for p in word.paragraphs)
        text += "\n".join(c.text for t in word.tables for row in t.rows for c in row.cells)
        never = re.search(r"\b(nan|NaT)\b|\bNone\b(?! found)|<NA>|[{}]| ,|\.\.|\b0 do not\b", text)
        assert never is None, (name, text[never.start() - 60 : never.end() + 20])
        fonts = set(re.findall(r'w:rFonts[^>]*w:ascii="([^"]+)"', word.element.body.xml))
        assert not fonts, f"{name}: fonts of its own beside the styles'"
        assert word.styles["Normal"].font.name == "Arial"
