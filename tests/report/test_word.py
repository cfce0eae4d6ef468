from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from gapmap.errors import FileError, InputError, MissingDependency
from gapmap.report.content import (
    Bullets,
    Callout,
    Cell,
    Document,
    Figure,
    Paragraph,
    Section,
    Table,
    say,
)
from gapmap.report.documents import write_documents
from gapmap.report.word import column_widths, render_word

docx = pytest.importorskip("docx", reason="python-docx is not installed")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "map.png"
    Image.new("RGB", (400, 900), "white").save(path)
    return path


@pytest.fixture
def document(picture):
    table = Table(
        "States",
        ("Area", "Children", "State"),
        (
            (Cell(("South",)), Cell(("500",)), Cell(("To some",), state="partly")),
            (Cell(say("{a}", a="<w:b/>& co")), Cell(("500",)), Cell(("—",))),
        ),
        numeric=(1,),
        note="A note",
    )
    blocks = (
        Bullets((("First finding",), ("Second finding",)), numbered=True),
        Figure(picture, "A map with a & in its words", "The caption"),
        table,
    )
    return Document(
        title="South",
        subtitle="Board report",
        study="Toy",
        as_of="1 February 2020",
        about=Callout("What this rests on", (Paragraph(("Ten services.",)),)),
        sections=tuple(
            Section(anchor, title, blocks)
            for anchor, title in (("one", "At a glance"), ("two", "Gaps"), ("three", "Method"))
        ),
    )


@pytest.fixture
def word(document, toy):
    return docx.Document(io.BytesIO(render_word(document, as_of=toy.settings.as_of)))


def test_headings_title_and_captions_are_real_ones(word):
    styles = [(p.style.name, p.text) for p in word.paragraphs]
    assert styles[0] == ("Title", "South")
    assert [t for s, t in styles if s == "Heading 1"] == ["At a glance", "Gaps", "Method"]
    captions = [t for s, t in styles if s == "Caption"]
    assert captions[:2] == ["Figure 1. The caption", "Table 1. States"]


def test_tables_repeat_their_header_and_rows_do_not_break(word):
    # The list of contents stands in a row of its own, after the first section's table.
    table = word.tables[0]
    assert [c.text for c in table.rows[0].cells] == ["Area", "Children", "State"]
    xml = table._tbl.xml
    assert xml.count("<w:tblHeader") == 1
    assert xml.count("<w:cantSplit") == 3
    assert 'w:tblCaption w:val="States"' in xml
    assert table.rows[1].cells[2].text == "◊ To some"
    assert table.rows[2].cells[0].text == "<w:b/>& co"


def test_pictures_have_alternative_text_and_fit_the_page(word):
    shape = word.inline_shapes[0]
    assert shape._inline.docPr.get("descr") == "A map with a & in its words"
    assert shape.height.mm <= 140.1
    assert shape.width / shape.height == pytest.approx(400 / 900, rel=0.01)


def test_contents_lead_to_the_headings(word):
    body = word.element.body.xml
    assert "TOC \\o" in body
    marks = set(re.findall(r'bookmarkStart [^>]*w:name="([^"]+)"', body))
    links = set(re.findall(r'hyperlink [^>]*w:anchor="([^"]+)"', body))
    assert links == marks
    assert len(links) == 3


def test_every_numbered_list_begins_at_one(word):
    numbers = re.findall(r'w:numId w:val="(\d+)"', word.element.body.xml)
    assert len(set(numbers)) == 3
    assert numbers[0] == numbers[1]


def test_the_file_is_british_and_bears_the_studys_date(word):
    told = word.core_properties
    assert (told.created.year, told.created.month) == (2020, 2)
    assert told.author == "gapmap"
    assert 'w:lang w:val="en-GB"' in word.styles.element.xml


def test_same_content_gives_the_same_bytes(document, toy):
    one = render_word(document, as_of=toy.settings.as_of)
    assert one == render_word(document, as_of=toy.settings.as_of)
    with zipfile.ZipFile(io.BytesIO(one)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.namelist()[0] == "[Content_Types].xml"


def test_an_organisations_template_keeps_its_styles_and_loses_its_text(document, toy, tmp_path):
    house = docx.Document()
    house.styles["Heading 1"].font.name = "House Font"
    house.add_paragraph("Dear colleague")
    house.sections[0].header.paragraphs[0].text = "Our board"
    house.save(tmp_path / "house.docx")
    data = render_word(document, as_of=toy.settings.as_of, template=tmp_path / "house.docx")
    made = docx.Document(io.BytesIO(data))
    assert made.styles["Heading 1"].font.name == "House Font"
    assert "Dear colleague" not in [p.text for p in made.paragraphs]
    assert made.sections[0].header.paragraphs[0].text == "Our board"


def test_tables_and_pictures_fit_the_text_of_a_narrow_template(document, toy, tmp_path):
    house = docx.Document()
    section = house.sections[0]
    section.left_margin = section.right_margin = docx.shared.Mm(45)
    house.styles["Normal"].font.name = "Verdana"
    house.save(tmp_path / "house.docx")
    data = render_word(document, as_of=toy.settings.as_of, template=tmp_path / "house.docx")
    made = docx.Document(io.BytesIO(data))
    told = made.sections[0]
    room = told.page_width - told.left_margin - told.right_margin
    for table in made.tables:
        widths = [int(w) for w in re.findall(r'<w:gridCol w:w="(\d+)"', table._tbl.xml)]
        assert sum(widths) * 635 <= room
    assert all(shape.width <= room for shape in made.inline_shapes)


def test_a_template_that_is_no_word_file_is_named(document, toy, tmp_path):
    (tmp_path / "house.docx").write_text("no")
    with pytest.raises(FileError, match=r"house\.docx could not be read as a Word file"):
        render_word(document, as_of=toy.settings.as_of, template=tmp_path / "house.docx")


def test_without_the_library_the_install_command_is_told(document, toy, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(MissingDependency, match=r'pip install "gapmap\[documents\]"'):
        render_word(document, as_of=toy.settings.as_of)


def test_widths_fill_the_page_and_hold_the_longest_word():
    rows = tuple((Cell(("a",)), Cell(("reason " * 30,))) for _ in range(3))
    widths = column_widths(Table("", ("Area", "Why"), rows), 8.5)
    assert sum(widths) == 9638
    assert widths[1] > 4 * widths[0]
    many = Table("", tuple("Universally" for _ in range(12)), ())
    assert sum(column_widths(many, 8.5)) == 9638


def test_reports_say_the_same_in_word_as_in_the_page(toy, tables, tmp_path):
    files = write_documents(tmp_path, toy, tables, {}, formats=("html", "docx"))
    assert [f.suffix for f in files] == [".html", ".docx"] * 3
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", files[4].read_text(encoding="utf-8")))
    for paragraph in docx.Document(str(files[5])).paragraphs:
        if paragraph.style.name in {"List Bullet", "Heading 1", "Heading 2"}:
            # An apostrophe is an entity in the page.
            assert " ".join(paragraph.text.split()) in page.replace("&#39;", "'")


def test_hostile_names_are_only_text(hostile, tmp_path):
    study, tables = hostile
    files = write_documents(tmp_path, study, tables, {}, formats=("html", "docx"))
    for file in files:
        if file.suffix == ".docx":
            text = "\n".join(p.text for p in docx.Document(str(file)).paragraphs)
            assert "‮" not in text
            assert "N" * 500 not in text
    south = docx.Document(str(tmp_path / "boards" / "S08000901-img-src-x-onerror-alert-2.docx"))
    assert south.paragraphs[0].text == '<img src=x onerror="alert(2)">'


def test_an_unknown_format_is_refused_before_anything_is_written(toy, tables, tmp_path):
    with pytest.raises(InputError, match=r"no format odt\. Choose from html, docx, pdf, xlsx"):
        write_documents(tmp_path / "out", toy, tables, {}, formats=("html", "odt"))
    assert not (tmp_path / "out").exists()


def test_several_kinds_of_area_and_every_one_as_pdf(toy, tables, tmp_path):
    pytest.importorskip("typst", reason="typst is not installed")
    files = write_documents(
        tmp_path, toy, tables, {}, formats=("html", "pdf"), level=("board", "hscp"), every_pdf=True
    )
    told = [file.relative_to(tmp_path).as_posix() for file in files]
    assert "report.pdf" in told
    assert len([one for one in told if one.startswith("boards/") and one.endswith(".pdf")]) == 2
    partnerships = toy.areas[toy.areas["level"] == "hscp"]
    assert len([one for one in told if one.startswith("hscps/")]) == 2 * len(partnerships)
    assert all(file.read_bytes().startswith(b"%PDF") for file in files if file.suffix == ".pdf")


def test_comments_stand_in_their_sections_and_none_is_lost(toy, tables, tmp_path):
    from dataclasses import replace
    from types import MappingProxyType

    comments = pd.DataFrame(
        [
            ("S08000901", "At a glance", "We <i>agree</i>.\nBut slowly.", "The board", "2020-01"),
            ("S08000901", "A section of last year", "Kept.", "", ""),
            ("national", "", "For all.", "", ""),
            ("S08000902", "gaps", "  ", "", ""),
        ],
        columns=["report", "section", "comment", "by", "date"],
    )
    study = replace(toy, tables=MappingProxyType({**toy.tables, "comments": comments}))
    write_documents(tmp_path, study, tables, {})
    south = (tmp_path / "boards" / "S08000901-south-board.html").read_text(encoding="utf-8")
    first = south[south.index('id="at-a-glance"') : south.index('id="what-there-is"')]
    assert "Comment by The board, January 2020" in first
    assert "We &lt;i&gt;agree&lt;/i&gt;." in first
    assert "(on “A section of last year”)" in south
    assert "For all." in Path(tmp_path, "report.html").read_text(encoding="utf-8")
    north = (tmp_path / "boards" / "S08000902-north-board.html").read_text(encoding="utf-8")
    assert "Comment" not in north
