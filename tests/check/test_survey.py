"""Forms made, filled in, mistreated, sent back and read: nothing is lost, nobody is named."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import gapmap as gm
from gapmap.check.linked import settled
from gapmap.check.survey import OUTCOMES, SurveyTables, survey_tables
from gapmap.own_list import with_own_list
from gapmap.read.survey import read_form, read_forms
from gapmap.report.survey_form import write_plan_form, write_survey
from gapmap.report.survey_out import PEOPLE_FILE, in_words, write_survey_tables

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("form") / "form.xlsx"
    return write_survey(target, day=DAY, areas=gm.scotland().areas, area="NHS Grampian")


ANSWERS = {
    "organisation": "Doric Families",
    "sector": "Third sector",
    "respondent_name": "Isla Personname",
    "respondent_email": "isla@example.org",
    "respondent_phone": "01224 496000",
    "respondent_role": "Manager",
    "answered_on": "3/11/2026",
    "training.1.course": "Solihull",
    "training.1.places": "4",
    "needs": "More on fathers; ring 01224 496001",
    "consent_to_publish": "Yes",
    ("name", 1): "Bairns and Blethers",
    ("category", 1): "Peer support",
    ("status", 1): "Open",
    ("age_from", 1): "pregnancy",
    ("age_to", 1): "3 years",
    ("delivery.group", 1): "Yes",
    ("delivery.home_visit", 1): "x",
    ("postcode", 1): "AB10 1AB",
    ("area.S12000033", 1): "All of it",
    ("area.S12000034", 1): "Part of it",
    ("referral.health_visitor", 1): "Yes",
    ("referral.gp", 1): "No",
    ("onward.infant_mental_health", 1): "Not known",
    ("funding", 1): "Fixed-term",
    ("funding_ends", 1): "March 2027",
    ("funder", 1): "The Big Fund",
    ("barrier.transport", 1): "Yes",
    ("waiting_weeks", 1): "quite some while",
    ("name", 2): "Hoose Visits",
    ("category", 2): "befriending",
    ("serves", 2): "Moray",
}


def fill(form: Path, target: Path, answers: dict) -> openpyxl.Workbook:
    book = openpyxl.load_workbook(form)
    left = {key if isinstance(key, tuple) else (key, 1): value for key, value in answers.items()}
    for page in book:
        for row in page.iter_rows(min_row=4):
            anchor = str(row[0].value or "")
            for key, n in list(left):
                if anchor == f"gm1:{key}":
                    page.cell(row[0].row, 3 + n).value = left.pop((key, n))
    assert not left, left
    book.save(target)
    return book


def read(folder: Path) -> SurveyTables:
    return survey_tables(read_forms(folder), read_on="2026-11-22")


@pytest.fixture
def filled(empty, tmp_path) -> Path:
    folder = tmp_path / "returned"
    folder.mkdir()
    fill(empty, folder / "a.xlsx", ANSWERS)
    return folder


def test_the_form_is_protected_but_for_the_answers(empty) -> None:
    book = openpyxl.load_workbook(empty)
    page = book["The service"]
    assert page.protection.sheet
    assert page.protection.password is None
    assert page["B5"].protection.locked
    assert not page["D5"].protection.locked
    assert page.column_dimensions["A"].hidden
    assert len(page.data_validations.dataValidation) >= 3
    assert book.sheetnames[1:-1] == [
        "About you", "The service", "Who it is for", "What and how", "Where", "How families get in",
        "Money", "Training and needs", "Evidence and voice", "Consent",
    ]  # fmt: skip


def test_a_form_becomes_tables(filled) -> None:
    found = read(filled)
    services = found.tables["services"].set_index("name")
    one = services.loc["Bairns and Blethers"]
    assert one[["category", "sector", "delivery", "postcode", "funding", "funding_ends"]].tolist() \
        == ["peer_support", "third_sector", "group;home_visit", "AB10 1AB", "fixed_term",
            "2027-03"]  # fmt: skip
    assert (one["age_from_months"], one["age_to_months"]) == ("-9", "36")
    assert (one["source_type"], one["source_date"]) == ("survey_self", "2026-11-03")
    assert services.loc["Hoose Visits", "serves"] == "Moray"
    areas = found.tables["service_areas"].set_index("area_code")["coverage"]
    assert areas[["S12000033", "S12000034"]].tolist() == ["whole", "part"]
    referrals = found.tables["referrals"]
    assert set(zip(referrals["from_role"], referrals["accepted"], strict=True)) >= {
        ("health_visitor", "yes"), ("gp", "no"),
    }  # fmt: skip
    assert found.tables["training"]["course"].unique().tolist() == ["Solihull"]
    assert found.tables["contacts"]["outcome"].unique().tolist() == ["responded"] or set(
        found.tables["contacts"]["outcome"]
    ) == {"partly_answered"}
    assert found.tables["barriers"]["type"].tolist() == ["transport"]


def test_what_is_not_understood_is_kept_and_told_with_its_cell(filled) -> None:
    found = read(filled)
    log = found.log
    row = log[log["outcome"] == OUTCOMES["not_understood"]].iloc[0]
    assert (row["sheet"], row["found"]) == ("How families get in", "quite some while")
    assert row["cell"].startswith("D")
    notes = found.tables["services"].set_index("name").loc["Bairns and Blethers", "notes"]
    assert "quite some while" in notes
    blank = log[log["outcome"] == OUTCOMES["blank"]]
    assert "Which practical help is given?" in set(blank["question"])


def test_people_are_in_their_own_file_only(filled, tmp_path) -> None:
    found = read(filled)
    out = tmp_path / "out"
    write_survey_tables(out, found)
    people = (out / PEOPLE_FILE).read_text(encoding="utf-8")
    for word in ("Isla Personname", "isla@example.org", "01224 496000", "01224 496001"):
        assert word in people
        for file in out.glob("*.csv"):
            if file.name != PEOPLE_FILE:
                assert word not in file.read_text(encoding="utf-8"), file


def test_the_folder_is_checked_and_run_as_it_is(filled, tmp_path) -> None:
    out = tmp_path / "out"
    write_survey_tables(out, read(filled))
    laid = with_own_list(gm.scotland(), str(out))
    assert (laid.faults["severity"] != "error").all(), laid.faults.to_string()
    assert {"Bairns and Blethers", "Hoose Visits"} <= set(laid.study.services["name"])
    study, faults = settled(laid.study)
    assert (faults["severity"] != "error").all(), faults.to_string()
    assert len(study.table("contacts")) > 0
    states = gm.coverage(study, level="council").set_index(["area_code", "value"])["state"]
    assert states["S12000033", "peer_support"] == "provided"


def mistreat_insert(book) -> None:
    for page in book:
        page.insert_rows(1, 3)
        page.insert_cols(3)


def mistreat_rename(book) -> None:
    for number, page in enumerate(list(book)):
        page.title = f"Tabelle {number}"
    book._sheets.reverse()


def mistreat_delete_anchor(book) -> None:
    for page in book:
        page.delete_cols(1)


def mistreat_helps(book) -> None:
    for page in book:
        if page.title not in ("Start here", "Words"):
            page.delete_cols(3)


@pytest.mark.parametrize(
    "mistreat", [mistreat_insert, mistreat_rename, mistreat_delete_anchor, mistreat_helps]
)
def test_whatever_was_moved_the_answers_are_the_same(filled, tmp_path, mistreat) -> None:
    whole = read(filled)
    moved = tmp_path / "moved"
    moved.mkdir()
    book = openpyxl.load_workbook(filled / "a.xlsx")
    mistreat(book)
    book.save(moved / "a.xlsx")
    found = read(moved)
    if mistreat is mistreat_delete_anchor:
        # A question that a form was made for has no words of its own here: kept, never dropped.
        name = "Bairns and Blethers"
        pd.testing.assert_series_equal(
            found.tables["services"].set_index("name").loc[name, ["category", "funding"]],
            whole.tables["services"].set_index("name").loc[name, ["category", "funding"]],
        )
        assert "All of it" in set(found.tables["answers"]["answer"])
        return
    for name, table in whole.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("localc") is None, reason="no LibreOffice Calc here")
def test_saved_by_libreoffice_it_says_the_same(filled, tmp_path) -> None:
    import subprocess

    whole = read(filled)
    for kind in ("ods", "xlsx"):
        out = tmp_path / kind
        subprocess.run(
            ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
             "--convert-to", kind, "--outdir", str(out), str(filled / "a.xlsx")],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        services = read(out).tables["services"]
        pd.testing.assert_frame_equal(services, whole.tables["services"])


def test_files_that_are_no_form_are_told_and_left(filled) -> None:
    (filled / "~$a.xlsx").write_bytes(b"\x05Isla")
    (filled / "broken.xlsx").write_bytes(b"PK\x03\x04 this is broken")
    (filled / "letter.docx").write_bytes(b"PK")
    (filled / "empty.xlsx").write_bytes(b"")
    book = openpyxl.Workbook()
    book.active["A1"] = "Expenses"
    book.save(filled / "costs.xlsx")
    forms = read_forms(filled)
    found = survey_tables(forms, read_on="2026-11-22")
    told = found.log[found.log["outcome"] == OUTCOMES["file"]].groupby("file")["what"].first()
    assert set(told.index) >= {
        "~$a.xlsx", "broken.xlsx", "letter.docx", "empty.xlsx", "costs.xlsx",
    }  # fmt: skip
    assert len(found.tables["services"]) == 2
    lines = in_words(forms, found, filled)
    assert any(line.startswith("broken.xlsx") for line in lines)


def test_an_organisation_that_answers_twice_is_one_and_the_newer_counts(empty, filled) -> None:
    fill(empty, filled / "b.xlsx", {
        **{key: value for key, value in ANSWERS.items() if not isinstance(key, tuple)},
        "answered_on": "20/11/2026",
        ("name", 1): "Bairns  and blethers",
        ("category", 1): "Peer support",
        ("funding", 1): "Permanent",
    })  # fmt: skip
    found = read(filled)
    services = found.tables["services"]
    assert len(services) == 2
    one = services[services["name"].str.contains("lethers")].iloc[0]
    assert (one["funding"], one["postcode"]) == ("permanent", "AB10 1AB")
    twice = found.log[found.log["outcome"] == OUTCOMES["duplicate"]]
    assert twice["what"].str.contains("funding: fixed_term").any()


def test_more_services_than_columns_and_a_blank_form(empty, filled) -> None:
    book = openpyxl.load_workbook(empty)
    page = book["The service"]
    page["I4"] = "Service 6"
    page["I5"] = "Sixth"
    page["I7"] = "Family support"
    book.save(filled / "six.xlsx")
    shutil.copy(empty, filled / "blank.xlsx")
    found = read(filled)
    assert "Sixth" in set(found.tables["services"]["name"])
    told = found.log[(found.log["file"] == "blank.xlsx") & (found.log["outcome"] == "The file")]
    assert told["what"].str.contains("no answer").any()


def test_words_beside_no_question_are_kept(filled) -> None:
    book = openpyxl.load_workbook(filled / "a.xlsx")
    book["Money"]["D40"] = "We also run a shop"
    book.save(filled / "a.xlsx")
    found = read(filled)
    assert "We also run a shop" in set(found.tables["answers"]["answer"])
    kept = found.log[found.log["outcome"] == OUTCOMES["kept"]]
    assert kept["cell"].tolist() == ["D40"]


def test_consent_no_keeps_its_services_out_of_public_products(empty, tmp_path) -> None:
    from gapmap.place.consent import publishable

    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    fill(empty, folder / "a.xlsx", {**ANSWERS, "consent_to_publish": "No"})
    write_survey_tables(out, read(folder))
    study = with_own_list(gm.scotland(), str(out)).study
    assert "Bairns and Blethers" in set(study.services["name"])
    assert "Bairns and Blethers" not in set(publishable(study).services["name"])


def test_an_older_version_and_an_unknown_question_are_read(filled) -> None:
    book = openpyxl.load_workbook(filled / "a.xlsx")
    for page in book:
        for row in page.iter_rows(max_col=1):
            if str(row[0].value or "").startswith("gm1:"):
                row[0].value = row[0].value.replace("gm1:", "gm0:")
    book["Money"]["A5"] = "gm0:old_question"
    book.save(filled / "a.xlsx")
    found = read(filled)
    assert "Bairns and Blethers" in set(found.tables["services"]["name"])


def test_reading_twice_gives_the_same(filled) -> None:
    one, two = read(filled), read(filled)
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(two.tables[name], table)
    pd.testing.assert_frame_equal(one.log, two.log)


def test_a_plan_form_becomes_rows_of_plans(tmp_path) -> None:
    target = write_plan_form(tmp_path / "plan.xlsx", day=DAY)
    folder = tmp_path / "plans"
    folder.mkdir()
    book = fill(target, folder / "fife.xlsx", {
        "area_code": "Fife", "document": "Children's Services Plan", "period": "2026-29",
        "source_date": "2026", "plan.names_infants": "Yes", "plan.families_voice": "maybe",
    })  # fmt: skip
    page = book["Plan"]
    row = next(cell.row for cell in page["A"] if cell.value == "gm1:plan.names_infants")
    page.cell(row, 5).value = "every baby"
    page.cell(row, 6).value = "12"
    copy = book.copy_worksheet(page)
    first = next(cell.row for cell in copy["A"] if cell.value == "gm1:area_code")
    copy.cell(first, 4).value = "Moray"
    book.save(folder / "fife.xlsx")
    plans = read(folder).tables["plans"].set_index(["area_code", "question"])
    one = plans.loc[("Fife", "names_infants")]
    assert one[["answer", "quote", "page", "period"]].tolist() == [
        "yes", "every baby", "12", "2026-29",
    ]  # fmt: skip
    assert plans.loc[("Fife", "families_voice"), "answer"] == "unknown"
    assert "maybe" in plans.loc[("Fife", "families_voice"), "doubt"]
    assert plans.loc[("Moray", "names_infants"), "answer"] == "yes"


def test_a_form_of_the_whole_country_asks_for_areas_in_words(tmp_path) -> None:
    target = write_survey(tmp_path / "f.xlsx", day=DAY)
    form = read_form(target)
    assert form.kind == "survey"
    assert "serves" in form.asked
    assert not [key for key in form.asked if key.startswith("area.")]
