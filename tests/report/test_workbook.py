from __future__ import annotations

import zipfile

import openpyxl
import pytest

from gapmap.errors import FileError
from gapmap.report.workbook import write_workbook


@pytest.fixture
def book(toy, tables, tmp_path):
    return openpyxl.load_workbook(write_workbook(tmp_path / "gapmap.xlsx", toy, tables))


def test_cover_first_then_one_table_a_sheet(book, tables):
    names = book.sheetnames
    assert names[0] == "Cover"
    assert set(tables) - {"nearest"} <= set(names)
    assert "nearest" not in names
    assert "data_dictionary" in names
    cover = "\n".join(str(c.value) for row in book["Cover"] for c in row if c.value)
    assert "Toy town" in cover
    assert "1 February 2020" in cover
    assert "tables/nearest.parquet" in cover
    assert "not a full directory" in cover


def test_headers_are_frozen_numbers_are_numbers_nothing_is_merged(book, tables):
    sheet = book["travel"]
    assert sheet.freeze_panes == "A2"
    head = [c.value for c in sheet[1]]
    assert head == list(tables["travel"].columns)
    values = dict(zip(head, [c.value for c in sheet[2]], strict=True))
    assert isinstance(values["mean_minutes"], float)
    assert values["mean_minutes"] == 41.3
    blank = dict(zip(head, [c.value for c in sheet[3]], strict=True))
    assert blank["median_minutes"] is None
    assert not any(s.merged_cells.ranges for s in book)


def test_same_tables_give_the_same_bytes(toy, tables, tmp_path):
    one = write_workbook(tmp_path / "one.xlsx", toy, tables).read_bytes()
    assert one == write_workbook(tmp_path / "two.xlsx", toy, tables).read_bytes()


def test_hostile_names_are_text(hostile, tmp_path):
    study, tables = hostile
    path = write_workbook(tmp_path / "gapmap.xlsx", study, tables)
    sheet = openpyxl.load_workbook(path)["services"]
    names = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    assert names["T2"].data_type == "s"
    assert names["T2"].value == "=cmd()"
    with zipfile.ZipFile(path) as parts:
        sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/")]
        assert not any(b"<f>" in parts.read(n) for n in sheets)
        assert not any("vba" in n.lower() for n in parts.namelist())


def test_glance_says_states_in_words(book):
    sheet = book["Health boards at a glance"]
    head = [c.value for c in sheet[1]]
    north = next(row for row in sheet.iter_rows(min_row=2) if row[1].value == "North Board")
    cell = north[head.index("Infant mental health")]
    assert cell.value.endswith("Looked, found none")


def test_a_file_that_cannot_be_written_is_named(toy, tables, tmp_path):
    with pytest.raises(FileError, match=r"gapmap\.xlsx.*close it there"):
        write_workbook(tmp_path / "no such folder" / "gapmap.xlsx", toy, tables)
