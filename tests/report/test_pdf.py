from __future__ import annotations

import pytest

from gapmap.errors import FileError, MissingDependency
from gapmap.report.content import (
    Bullets,
    Callout,
    Cell,
    Document,
    Figure,
    Heading,
    Paragraph,
    Section,
    Table,
    named,
)
from gapmap.report.documents import write_documents
from gapmap.report.pdf import render_pdf

pytest.importorskip("typst", reason="typst is not installed")


@pytest.fixture
def document():
    hostile = '#eval("1") *bold* $x$ @ref <label> \\ [x] `y` = z'
    table = Table("States", ("Area", "State"), ((Cell(named(hostile)), Cell(("—",))),), note="Note")
    blocks = (Bullets((named(hostile),), numbered=True), Heading("Below"), table)
    return Document(
        title="South",
        subtitle="Board report",
        study="Toy",
        as_of="1 February 2020",
        about=Callout("What this rests on", (Paragraph(named(hostile)),)),
        sections=(Section("one", "At a glance", blocks), Section("two", "Method", blocks)),
    )


def test_the_pdf_is_tagged_titled_and_british(document, toy):
    data = render_pdf(document, toy.settings.as_of)
    assert data.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part"):
        assert mark in data


def test_same_content_gives_the_same_bytes(document, toy):
    assert render_pdf(document, toy.settings.as_of) == render_pdf(document, toy.settings.as_of)


def test_a_missing_map_is_named(document, toy, tmp_path):
    figure = Figure(tmp_path / "none.png", "alt", "caption")
    broken = Document(**{**vars(document), "sections": (Section("one", "At a glance", (figure,)),)})
    with pytest.raises(FileError, match=r"none\.png could not be read"):
        render_pdf(broken, toy.settings.as_of)


def test_a_picture_that_is_none_is_told_with_the_document(document, toy, tmp_path):
    (tmp_path / "map.png").write_text("no picture")
    figure = Figure(tmp_path / "map.png", "alt", "caption")
    broken = Document(**{**vars(document), "sections": (Section("one", "At a glance", (figure,)),)})
    with pytest.raises(FileError, match="PDF of “South” could not be set"):
        render_pdf(broken, toy.settings.as_of)


def test_only_the_national_report_is_a_pdf(toy, tables, tmp_path):
    files = write_documents(tmp_path, toy, tables, {}, formats=("pdf",))
    assert [f.name for f in files if f.suffix == ".pdf"] == ["report.pdf"]


def test_hostile_names_are_only_text(hostile, tmp_path):
    study, tables = hostile
    write_documents(tmp_path, study, tables, {}, formats=("pdf",))
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_without_the_library_the_install_command_is_told(document, toy, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(MissingDependency, match=r'pip install "gapmap\[documents\]"'):
        render_pdf(document, toy.settings.as_of)
