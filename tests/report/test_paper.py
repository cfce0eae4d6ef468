from __future__ import annotations

import pytest
from PIL import Image

from gapmap.errors import InputError, MissingDependency
from gapmap.report.content import Bullets, Callout, Document, Figure, Paragraph, Section
from gapmap.report.paper import write_paper
from gapmap.report.slide import render_slide

docx = pytest.importorskip("docx", reason="python-docx is not installed")
pptx = pytest.importorskip("pptx", reason="python-pptx is not installed")


@pytest.fixture
def maps(tmp_path):
    path = tmp_path / "infant-mental-health-by-board.png"
    Image.new("RGB", (400, 500), "white").save(path)
    path.with_suffix(".svg").write_text(
        '<svg role="img" aria-label="What the map shows"></svg>', encoding="utf-8"
    )
    return {path.stem: path}


def test_the_country_has_a_paper_a_slide_and_its_figures(toy, tables, maps, tmp_path):
    files = write_paper(tmp_path / "paper", toy, tables, maps)
    assert [str(f.relative_to(tmp_path / "paper")) for f in files][:2] == [
        "paper.docx",
        "slide.pptx",
    ]
    assert sorted(f.name for f in files[2:]) == [
        "infant-mental-health-by-board.png",
        "infant-mental-health-by-board.svg",
    ]
    headings = [
        p.text for p in docx.Document(str(files[0])).paragraphs if p.style.name == "Heading 1"
    ]
    assert headings == [
        "What we found",
        "What there is",
        "Where the gaps are",
        "How sure we are",
        "How it was worked out",
    ]


def test_an_area_has_its_councils_profiles_too(toy, tables, maps, tmp_path):
    files = write_paper(tmp_path, toy, tables, maps, area="S08000901")
    assert sorted(f.name for f in files if f.parent.name == "profiles") == [
        "S12000901-aldertown.docx",
        "S12000901-aldertown.html",
        "S12000902-birchfield.docx",
        "S12000902-birchfield.html",
    ]
    profile = docx.Document(str(tmp_path / "profiles" / "S12000902-birchfield.docx"))
    assert profile.paragraphs[0].text == "Birchfield"
    told = [row.cells[0].text for row in profile.tables[0].rows]
    assert "Parenting programme" in told
    assert "Befriending" not in told


def test_the_slides_title_is_a_finding_and_its_map_has_words(toy, tables, maps, tmp_path):
    write_paper(tmp_path, toy, tables, maps, area="S08000902")
    deck = pptx.Presentation(str(tmp_path / "slide.pptx"))
    (slide,) = deck.slides
    assert slide.shapes.title.text_frame.text.startswith("North Board: ")
    (picture,) = [s for s in slide.shapes if s.shape_type == 13]
    assert picture._element.nvPicPr.cNvPr.get("descr") == "What the map shows"
    text = "\n".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
    assert "500 under-fives live in North Board" in text
    assert "Distances are in a straight line, without roads." in text
    for shape in slide.shapes:
        assert shape.left >= 0
        assert shape.left + shape.width <= deck.slide_width
        assert shape.top + shape.height <= deck.slide_height


def test_same_tables_give_the_same_bytes(toy, tables, maps, tmp_path):
    one = write_paper(tmp_path / "one", toy, tables, maps, area="S08000901")
    two = write_paper(tmp_path / "two", toy, tables, maps, area="S08000901")
    assert [f.read_bytes() for f in one] == [f.read_bytes() for f in two]


def test_an_area_that_is_not_there_is_refused(toy, tables, tmp_path):
    with pytest.raises(InputError, match="Atlantis"):
        write_paper(tmp_path, toy, tables, {}, area="Atlantis")


def test_a_council_by_name_has_one_profile(toy, tables, tmp_path):
    files = write_paper(tmp_path, toy, tables, {}, area="Aldertown")
    assert [f.name for f in files if f.parent.name == "profiles"] == [
        "S12000901-aldertown.docx",
        "S12000901-aldertown.html",
    ]


def test_hostile_names_are_only_text(hostile, tmp_path):
    study, tables = hostile
    write_paper(tmp_path, study, tables, {}, area="S08000901")
    (slide,) = pptx.Presentation(str(tmp_path / "slide.pptx")).slides
    assert slide.shapes.title.text_frame.text.startswith('<img src=x onerror="alert(2)">: ')


def _document(items, numbered):
    return Document(
        title="South",
        subtitle="",
        study="Toy",
        as_of="1 February 2020",
        about=Callout("About", (Paragraph(("Ten services.",)),)),
        sections=(Section("a", "A", (Bullets(items, numbered=numbered),)),),
    )


@pytest.mark.parametrize(
    ("items", "numbered", "title"),
    [
        (((("First.",)), (("Second.",))), True, "First."),
        (((("People.",)), (("Available: all.",))), False, "South: available: all."),
        (((("Only.",)),), False, "Only."),
        ((), False, "South"),
    ],
)
def test_titles_of_slides(items, numbered, title, toy, tmp_path):
    data = render_slide(_document(items, numbered), "By car.", as_of=toy.settings.as_of)
    (tmp_path / "slide.pptx").write_bytes(data)
    (slide,) = pptx.Presentation(str(tmp_path / "slide.pptx")).slides
    assert slide.shapes.title.text_frame.text == title


def test_without_the_library_the_install_command_is_told(toy, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pptx", None)
    with pytest.raises(MissingDependency, match=r'pip install "gapmap\[documents\]"'):
        render_slide(_document((), False), "By car.", as_of=toy.settings.as_of)


def test_a_figure_without_its_file_is_named(toy, tmp_path):
    from gapmap.errors import FileError

    figure = Figure(tmp_path / "none.png", "alt", "caption")
    document = _document((), False)
    broken = Document(**{**vars(document), "sections": (Section("a", "A", (figure,)),)})
    with pytest.raises(FileError, match=r"none\.png could not be read"):
        render_slide(broken, "By car.", as_of=toy.settings.as_of)
