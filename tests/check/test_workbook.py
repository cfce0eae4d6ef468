from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from gapmap.check.services import bundled_areas, check_services
from gapmap.check.workbook import COLOURS, annotate
from gapmap.errors import FileError
from gapmap.read.services import read_services


@pytest.fixture
def sheet(tmp_path):
    """A workbook with a title, a header in row 3, a formula and a colour of its own."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Ours"
    page["A1"] = "Services, spring 2025"
    page.merge_cells("A1:C1")
    page.append([])
    page.append(["Service name", "Type of service", "Post code", "Colour"])
    page.append(["Tea Club", "befreinding", "EH1 3DG", "blue"])
    page.append(["=cmd()", "Peer support", "EH1 9ZG", None])
    page["D4"].fill = openpyxl.styles.PatternFill("solid", fgColor="FF0000")
    file = tmp_path / "ours.xlsx"
    book.save(file)
    return file


def test_faults_are_where_they_belong(tmp_path, sheet):
    services = read_services(sheet)
    faults = check_services(services, areas=bundled_areas())
    marked = annotate(sheet, faults, tmp_path / "out.xlsx", renamed=services.attrs["renamed"])
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    page = book["Ours"]
    assert 'Did you mean "befriending"' in page["B4"].comment.text
    assert page["B4"].fill.fgColor.rgb.endswith(COLOURS["error"])
    assert "no such postcode" in page["C5"].comment.text
    assert page["C4"].comment is None
    assert page["A1"].value == "Services, spring 2025"
    assert page["D4"].fill.fgColor.rgb.endswith("FF0000")
    assert "not one of ours" in page["D3"].comment.text
    assert book["faults"].max_row == len(faults) + 1
    comments = [cell for row in page.iter_rows() for cell in row if cell.comment is not None]
    assert len(comments) == marked
    # What was in the file is in the copy, and the original is as it was.
    assert read_services(tmp_path / "out.xlsx", sheet="Ours").equals(services)
    assert openpyxl.load_workbook(sheet)["Ours"]["B4"].comment is None


def test_a_text_table_becomes_a_workbook(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("name;category;notes\n=cmd();befreinding;a\x0bb\n", encoding="utf-8")
    faults = check_services(read_services(file), areas=bundled_areas())
    annotate(file, faults, tmp_path / "a.xlsx")
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["services"]
    assert page["A2"].value == "=cmd()"
    assert page["A2"].data_type == "s"
    assert page["B2"].comment is not None


def test_no_faults(tmp_path, sheet):
    empty = pd.DataFrame(columns=["row", "column", "found", "problem", "remedy", "severity"])
    assert annotate(sheet, empty, tmp_path / "out.xlsx") == 0


def test_a_copy_that_cannot_be_written_says_so(tmp_path, sheet):
    empty = pd.DataFrame(columns=["row", "column", "found", "problem", "remedy", "severity"])
    (tmp_path / "out.xlsx").mkdir()
    with pytest.raises(FileError, match="could not be written"):
        annotate(sheet, empty, tmp_path / "out.xlsx")
