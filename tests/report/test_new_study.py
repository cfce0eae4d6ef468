"""A new study's folder: everything that it needs, and it is read as made."""

from __future__ import annotations

import zipfile
from datetime import date

import openpyxl
import pytest

import gapmap as gm
from gapmap.errors import FileError
from gapmap.report.new_study import new_study
from gapmap.vocabulary import columns


def test_a_new_study_is_read_as_made(tmp_path) -> None:
    made = new_study(tmp_path / "mine", name='Early "help"', as_of=date(2026, 11, 22))
    assert all(path.is_file() for path in made)
    study = gm.open_study(tmp_path / "mine" / "study.toml")
    assert study.settings.name == "Early 'help'"
    assert study.settings.as_of == date(2026, 11, 22)
    assert len(study.services) == 0
    assert len(study.level("board")) == 14
    states = gm.coverage(study)["state"]
    assert (states == "not_known").all()


def test_its_spreadsheet_has_every_column_with_help_and_drop_downs(tmp_path) -> None:
    new_study(tmp_path / "mine", name="Mine", as_of=date(2026, 11, 22))
    sheet = openpyxl.load_workbook(tmp_path / "mine" / "services.xlsx")["Services"]
    assert [cell.value for cell in sheet[1]] == columns("services")
    assert all(cell.comment is not None for cell in sheet[1])
    lists = {str(rule.sqref) for rule in sheet.data_validations.dataValidation}
    assert len(lists) >= 10
    with zipfile.ZipFile(tmp_path / "mine" / "services.xlsx") as book:
        assert not [name for name in book.namelist() if "vba" in name.lower()]


def test_its_own_sheets_of_help_are_no_sheets_that_were_not_read(tmp_path) -> None:
    new_study(tmp_path / "mine", name="Mine", as_of=date(2026, 11, 22))
    faults = gm.check_services(gm.read_services(tmp_path / "mine" / "services.xlsx"))
    assert not faults["problem"].str.contains("further sheets").any()


def test_what_a_person_fills_in_is_read_back(tmp_path) -> None:
    new_study(tmp_path / "mine", name="Mine", as_of=date(2026, 11, 22))
    path = tmp_path / "mine" / "services.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Services"]
    wanted = {
        "name": "Castle Group",
        "category": "universal_group",
        "postcode": "EH1 2NG",
        "source_date": "2026-01",
        "status": "open",
    }
    for place, column in enumerate(columns("services"), start=1):
        sheet.cell(2, place, wanted.get(column))
    book.save(path)
    study = gm.open_study(tmp_path / "mine" / "study.toml")
    assert study.services["name"].tolist() == ["Castle Group"]
    states = gm.coverage(study, level="council").set_index(["area_code", "value"])["state"]
    assert states["S12000036", "universal_group"] == "provided"


def test_a_folder_that_holds_something_is_refused_and_kept(tmp_path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(FileError, match="not empty"):
        new_study(tmp_path, name="Mine", as_of=date(2026, 11, 22))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]
