"""The workbook of one area, made, left alone or corrected, and given back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import gapmap as gm
from gapmap.errors import InputError
from gapmap.own_list import with_own_list
from gapmap.provenance import disagreements
from gapmap.read.own_workbook import own_tables
from gapmap.report.held import held
from gapmap.report.start import write_start
from gapmap.study import Study


@pytest.fixture(scope="module")
def scotland() -> Study:
    return gm.scotland()


@pytest.fixture(scope="module")
def made(scotland, tmp_path_factory) -> Path:
    """The workbook of NHS Lothian: services in several places, linked areas, confidential ones."""
    target = tmp_path_factory.mktemp("start") / "lothian.xlsx"
    return write_start(target, scotland, held(scotland, "NHS Lothian"))


class Sheet:
    """A copy of the workbook that can be corrected as a person would."""

    def __init__(self, made: Path, target: Path) -> None:
        self.target = target
        self.book = openpyxl.load_workbook(made)
        self.page = self.book["Services"]
        self.columns = {cell.value: cell.column for cell in self.page[1]}
        self.rows = {
            self.page.cell(row, 1).value: row
            for row in range(2, self.page.max_row + 1)
            if self.page.cell(row, 1).value
        }

    def set(self, one: str, **cells: object) -> None:
        for name, value in cells.items():
            self.page.cell(self.rows[one], self.columns[name]).value = value

    def add(self, **cells: object) -> None:
        row = max(self.rows.values()) + 1
        for name, value in cells.items():
            self.page.cell(row, self.columns[name]).value = value

    def given(self) -> str:
        self.book.save(self.target)
        return str(self.target)


@pytest.fixture
def sheet(made, tmp_path) -> Sheet:
    return Sheet(made, tmp_path / "mine.xlsx")


def row_of(study: Study, one: str) -> pd.Series:
    return study.services[study.services["service_id"] == one].iloc[0]


def test_given_back_as_it_is_it_changes_nothing(scotland, made) -> None:
    laid = with_own_list(scotland, str(made))
    assert laid.faults.empty
    assert laid.said == []
    pd.testing.assert_frame_equal(
        laid.study.services, scotland.services.reset_index(drop=True), check_names=False
    )
    assert disagreements(laid.study.field_sources()).empty
    for name, table in scotland.tables.items():
        pd.testing.assert_frame_equal(
            laid.study.table(name).reset_index(drop=True), table.reset_index(drop=True)
        )


def test_its_first_column_is_the_id_and_nothing_is_locked_or_hidden(made) -> None:
    book = openpyxl.load_workbook(made)
    page = book["Services"]
    assert page.cell(1, 1).value == "service_id"
    assert all(sheet.sheet_state == "visible" for sheet in book)
    assert not any(sheet.protection.sheet for sheet in book)
    assert not any(size.hidden for size in page.column_dimensions.values())
    assert len(page.data_validations.dataValidation) >= 10
    assert all(page.cell(1, place + 1).comment for place in range(page.max_column))
    doubts = [page.cell(row, 3).comment for row in range(2, page.max_row + 1)]
    assert any(note is not None and "What we doubt" in note.text for note in doubts)


def test_what_is_national_is_marked_and_what_is_confidential_is_not_told(scotland, made) -> None:
    rows = gm.read_services(made).set_index("service_id")
    page = openpyxl.load_workbook(made)["Services"]
    reach = {page.cell(row, 1).value: page.cell(row, 3).value for row in range(2, page.max_row + 1)}
    assert "National" in reach.values() or any(cell.value == "National" for cell in page["D"])
    hidden = scotland.services[scotland.services["location_confidential"] == "yes"]
    there = [one for one in hidden["service_id"] if one in rows.index]
    assert there
    for one in there:
        assert (rows.loc[[one], ["address", "town", "postcode"]] == "").all(axis=None)


def test_a_corrected_postcode_moves_the_service_and_outdates_its_coordinates(
    scotland, sheet
) -> None:
    one = scotland.services.query(
        "postcode != '' and latitude == latitude and town == 'Edinburgh'"
    )["service_id"].iat[0]
    sheet.set(one, postcode="EH7 5QG")
    laid = with_own_list(scotland, sheet.given())
    changed = row_of(laid.study, one)
    assert changed["postcode"] == "EH7 5QG"
    assert changed["latitude"] != changed["latitude"]
    assert (laid.faults["severity"] != "error").all()
    differ = disagreements(laid.study.field_sources())
    assert set(differ["service_id"]) == {one}
    assert "postcode" in set(differ["field"])
    assert any("differ in" in line for line in laid.said)


def test_a_wrong_postcode_is_told_by_its_row(scotland, sheet) -> None:
    one = next(iter(sheet.rows))
    sheet.set(one, postcode="ZZ99 9ZZ")
    faults = with_own_list(scotland, sheet.given()).faults
    assert sheet.rows[one] in set(faults.loc[faults["column"] == "postcode", "row"])
    assert set(faults["row"]) == {sheet.rows[one]}


def test_a_blanked_cell_takes_nothing_away_and_the_word_unknown_does(scotland, sheet) -> None:
    ids = [
        one
        for one in sheet.rows
        if row_of(scotland, one)["sector"] and row_of(scotland, one)["town"]
    ]
    sheet.set(ids[0], sector=None)
    sheet.set(ids[1], town="unknown")
    study = with_own_list(scotland, sheet.given()).study
    assert row_of(study, ids[0])["sector"] == row_of(scotland, ids[0])["sector"]
    assert row_of(study, ids[1])["town"] == ""
    differ = disagreements(study.field_sources())
    assert differ[["service_id", "field"]].to_numpy().tolist() == [[ids[1], "town"]]


def test_a_new_row_without_an_id_is_a_service(scotland, sheet) -> None:
    sheet.add(name="Porty Bumps", category="Peer support", postcode="EH15 1HD", status="Open",
              source="Phone call", source_date="2026-11")  # fmt: skip
    laid = with_own_list(scotland, sheet.given())
    assert len(laid.study.services) == len(scotland.services) + 1
    new = row_of(laid.study, "porty-bumps")
    assert (new["category"], new["status"], new["tier"]) == ("peer_support", "open", "targeted")
    assert (laid.faults["severity"] != "error").all()


def test_a_closed_service_stops_counting(scotland, sheet) -> None:
    from gapmap.provision.counting import counts

    one = next(
        one for one in sheet.rows
        if row_of(scotland, one)["status"] == "open" and not row_of(scotland, one)["closed"]
    )  # fmt: skip
    sheet.set(one, status="Closed", closed="2025-03")
    study = with_own_list(scotland, sheet.given()).study
    counting = counts(study.services, study.settings.as_of)
    assert not counting.loc[study.services["service_id"] == one, "counts"].any()


def test_a_deleted_row_deletes_nothing_and_is_told(scotland, sheet) -> None:
    one = next(iter(sheet.rows))
    name = row_of(scotland, one)["name"]
    sheet.page.delete_rows(sheet.rows[one])
    laid = with_own_list(scotland, sheet.given())
    assert one in set(laid.study.services["service_id"])
    assert any(name[:40] in line and "deletes nothing" in line for line in laid.said)


def test_a_search_that_is_filled_in_makes_an_absence_known(scotland, sheet) -> None:
    page = sheet.book["Searches"]
    columns = {cell.value: cell.column for cell in page[3]}
    for name, value in {
        "area_code": "NHS Lothian", "category": "Play therapy", "date": "3/11/2026", "found": "No",
    }.items():  # fmt: skip
        page.cell(4, columns[name]).value = value
    laid = with_own_list(scotland, sheet.given())
    last = laid.study.table("searches").iloc[-1]
    assert last[["area_code", "category", "date", "found"]].tolist() == [
        "S08000024", "play_therapy", "2026-11-03", "no",
    ]  # fmt: skip
    assert "1 row of searches taken from the same file." in laid.said


def test_a_referral_that_is_corrected_replaces_ours(scotland, sheet) -> None:
    page = sheet.book["Referral routes"]
    columns = {cell.value: cell.column for cell in page[3]}
    page.cell(4, columns["accepted"]).value = "No"
    before = scotland.table("referrals")
    after = with_own_list(scotland, sheet.given()).study.table("referrals")
    assert len(after) == len(before)
    assert after.iloc[-1]["accepted"] == "no"


def test_no_name_of_a_person_leaves_the_contacts(scotland, tmp_path) -> None:
    contacts = pd.DataFrame(
        [{"organisation": "Tea Club, jo@example.org", "area_code": "S08000024", "date": "2026-10",
          "outcome": "no_response", "owner": "OWNER-NAME", "respondent_role": "ROLE",
          "note": "NOTE-TEXT", "name": "PERSON-NAME"}]
    )  # fmt: skip
    study = scotland.with_table("contacts", contacts)
    target = write_start(tmp_path / "a.xlsx", study, held(study, "NHS Lothian"))
    text = "\n".join(
        str(cell) for page in openpyxl.load_workbook(target)
        for row in page.iter_rows(values_only=True) for cell in row if cell
    )  # fmt: skip
    assert "Tea Club" in text
    assert "No answer" in text
    assert not [word for word in ("OWNER", "ROLE", "NOTE-", "PERSON", "jo@") if word in text]


def test_names_that_mean_harm_are_text(scotland, tmp_path) -> None:
    services = scotland.services.copy()
    at = services.index[services["service_id"] == "S0001"]
    services.loc[at, ["name", "organisation", "doubt"]] = ["=cmd()", "a\x00b", "<b>" * 900]
    study = replace(scotland, services=services)
    target = write_start(tmp_path / "a.xlsx", study, held(study, "NHS Lothian"))
    page = openpyxl.load_workbook(target)["Services"]
    assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)
    laid = with_own_list(study, str(target))
    assert row_of(laid.study, "S0001")["name"] == "=cmd()"


def test_an_area_that_is_misspelt_gets_a_suggestion(scotland) -> None:
    with pytest.raises(InputError, match='Did you mean "NHS Grampian"'):
        held(scotland, "NHS Gramplan")
    with pytest.raises(InputError, match="one area"):
        held(scotland, "Scotland")


def test_a_council_and_a_partnership_have_a_workbook_too(scotland, tmp_path) -> None:
    for name in ("Moray", "Aberdeen City HSCP"):
        target = write_start(tmp_path / f"{name}.xlsx", scotland, held(scotland, name))
        laid = with_own_list(scotland, str(target))
        assert laid.faults.empty
        assert laid.said == []


def test_the_same_study_gives_the_same_bytes(scotland, made, tmp_path) -> None:
    again = write_start(tmp_path / "again.xlsx", scotland, held(scotland, "NHS Lothian"))
    assert again.read_bytes() == made.read_bytes()


def test_a_public_workbook_has_no_funder(scotland, tmp_path) -> None:
    study = scotland.with_settings(public=True)
    target = write_start(tmp_path / "p.xlsx", study, held(study, "NHS Lothian"))
    rows = gm.read_services(target)
    assert not {"funder", "notes"} & set(rows.columns)


def test_other_workbooks_are_not_taken_for_one(tmp_path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Services"
    book.create_sheet("Costs")
    book.save(tmp_path / "x.xlsx")
    assert own_tables(tmp_path / "x.xlsx") == ({}, [])


def test_the_command_makes_one_and_finds_no_fault_in_it(tmp_path, monkeypatch) -> None:
    from typer.testing import CliRunner

    from gapmap.cli import app

    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(app, ["start", "Orkney Islands", "--sheet"])
    assert made.exit_code == 0, made.output
    assert {path.suffix for path in tmp_path.iterdir()} == {".xlsx", ".html", ".docx"}
    book = next(tmp_path.glob("*.xlsx"))
    checked = CliRunner().invoke(app, ["check", str(book)])
    assert checked.exit_code == 0
    assert "No faults found." in checked.output
