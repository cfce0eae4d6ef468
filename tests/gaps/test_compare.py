"""Change: what a date says, what only evidence says, and what cannot be compared."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import gapmap as gm
from gapmap.errors import FileError
from gapmap.gaps.compare import compare, frames, side
from gapmap.vocabulary import columns

SOUTH, NORTH = "S08000901", "S08000902"
C = "S12000903"


def test_a_service_that_opened_and_the_children_who_gained(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T4", "serves"] = C
    study = replace(toy, services=services)
    change = compare(study, study.at("2021-06-30"))
    assert change.services[["service_id", "change", "date"]].values.tolist() == [
        ["T4", "opened", "2021-04"]
    ]
    cell = change.cells.set_index(["area_code", "value"]).loc[(NORTH, "family_support")]
    # The north was not known in 2020: what opened there is told, but no cell is said to be better.
    assert cell[["state_before", "state_after", "move"]].tolist() == [
        "not_known",
        "partly",
        "not_comparable",
    ]
    people = change.people.set_index("value").loc["family_support"]
    assert people[["people_gained", "people_compared"]].tolist() == [0, 250]
    assert people["people_not_comparable"] == 750


def test_children_gain_where_a_search_had_found_none(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T4", ["serves", "category"]] = [
        C,
        "infant_mental_health",
    ]
    study = replace(toy, services=services)
    change = compare(study, study.at("2021-06-30"))
    cell = change.cells.set_index(["area_code", "value"]).loc[(C, "infant_mental_health")]
    assert cell[["move", "because"]].tolist() == ["better", "services"]
    people = change.people.set_index("value").loc["infant_mental_health"]
    assert people[["people_gained", "people_lost", "people_compared"]].tolist() == [250, 0, 1000]


def test_a_service_that_closed_and_the_children_who_lost(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T1", ["closed", "status"]] = ["2021-01-31", "closed"]
    study = replace(toy, services=services)
    change = compare(study, study.at("2021-06-30"))
    closed = change.services.set_index("service_id").loc["T1"]
    assert closed[["change", "date"]].tolist() == ["closed", "2021-01-31"]
    cell = change.cells.set_index(["area_code", "value"]).loc[(SOUTH, "infant_mental_health")]
    # The search of December 2019 found it: nobody has said since that nothing is there.
    assert cell["state_after"] in ("none_found", "not_known")


def test_what_is_known_only_from_later_is_a_change_of_evidence(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T4", "opened"] = ""
    study = replace(toy, services=services)
    change = compare(study, study.at("2021-06-30"))
    assert change.services.set_index("service_id").loc["T4", ["change", "date"]].tolist() == [
        "newly_known",
        "",
    ]
    assert "may be no change at all" in change.words[0]


def test_only_states_known_on_both_sides_move(toy) -> None:
    change = compare(toy, toy.at("2021-06-30"))
    moved = change.cells[change.cells["move"].isin(["better", "worse", "same"])]
    assert not (moved[["state_before", "state_after"]] == "not_known").any(axis=None)
    dumb = change.cells[change.cells["state_before"] == "not_known"]
    assert set(dumb["move"]) <= {"not_comparable", "not_known"}


def test_a_study_beside_itself_has_not_changed(toy) -> None:
    change = compare(toy, toy)
    assert change.services.empty
    assert set(change.cells["move"]) <= {"same", "not_known"}
    for name, table in frames(change).items():
        assert list(table.columns) == columns(name)


def test_a_folder_of_results_is_read_as_it_is(toy, tmp_path) -> None:
    from gapmap.provision.coverage import coverage, provision

    known = provision(toy)
    tables = tmp_path / "tables"
    tables.mkdir()
    coverage(toy, level="council", known=known).to_csv(tables / "coverage.csv", index=False)
    served = toy.services.assign(
        counts_at_as_of=["yes" if yes else "no" for yes in known.counting["counts"]]
    )
    served.to_csv(tables / "services.csv", index=False)
    record = {"settings": {"as_of": "2020-02-01", "weight": "under_5"}}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    read = side(tmp_path)
    assert (read.as_of, read.base) == ("2020-02-01", "council")
    change = compare(tmp_path, toy)
    assert change.services.empty
    assert set(change.cells["move"]) <= {"same", "not_known"}


def test_a_folder_that_is_no_run_says_how_to_make_one(tmp_path) -> None:
    with pytest.raises(FileError, match="gapmap run --out"):
        side(tmp_path)


def test_february_2020_against_today() -> None:
    now = gm.scotland()
    change = compare(now.at("2020-02-01"), now)
    cells = change.cells[change.cells["level"] == "board"].set_index(["area_code", "value"])
    moved = cells.loc[(slice(None), "infant_mental_health"), :]
    assert (moved["move"] == "better").sum() >= 8
    assert not (moved["move"] == "worse").any()
    assert any(line.startswith("Infant mental health") for line in change.words)
