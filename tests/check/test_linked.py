"""The tables beside the spreadsheet: words become codes, and no row is left out in silence."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gapmap as gm
from gapmap.check.linked import settled
from gapmap.provision.evidence import evidence
from gapmap.vocabulary import LINKED


def with_table(study, name: str, rows: list[dict[str, str]]):
    table = pd.DataFrame(rows, dtype="str").fillna("")
    table.index = pd.RangeIndex(2, len(table) + 2, name="row")
    return replace(study, tables=MappingProxyType({**study.tables, name: table}))


SEARCH = {"area_code": "S08000901", "category": "play_therapy", "date": "2019-12"}


def test_the_bundled_tables_have_no_fault_and_are_written_as_they_mean() -> None:
    study = gm.scotland()
    read, faults = settled(study)
    assert faults.empty
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(read.tables[name], table, check_dtype=False)


def test_areas_words_and_dates_are_understood_as_people_write_them(toy) -> None:
    rows = [{"Area code": "South Board", "Category": "Play therapy", "DATE": "December 2019"}]
    study, faults = settled(with_table(toy, "searches", rows))
    assert faults.empty
    assert study.tables["searches"].iloc[0].to_dict() == SEARCH
    looked = evidence(study).set_index(["area_code", "category"])
    assert looked.loc[("S08000901", "play_therapy"), "search_valid"]


@pytest.mark.parametrize(
    ("cell", "column", "hint"),
    [
        ({"area_code": "Suoth Board"}, "area_code", 'Did you mean "South Board"?'),
        ({"area_code": "S08000999"}, "area_code", "Did you mean"),
        ({"area_code": "South Board; North Board"}, "area_code", "Write a row for each area."),
        ({"category": "Play therpy"}, "category", 'Did you mean "play_therapy"?'),
        ({"date": "soon"}, "date", "Write year-month-day"),
        ({"date": ""}, "date", "Write when somebody looked."),
    ],
)
def test_a_cell_without_meaning_is_an_error_with_what_to_do(toy, cell, column, hint) -> None:
    study, faults = settled(with_table(toy, "searches", [SEARCH, SEARCH | cell]))
    only = faults.iloc[0]
    assert len(faults) == 1
    assert (only["table"], only["row"], only["column"]) == ("searches", 3, column)
    assert (only["severity"], only["found"]) == ("error", next(iter(cell.values())))
    assert hint in only["remedy"]
    # What was written stays, to be seen and mended.
    assert study.tables["searches"].loc[3, column] == next(iter(cell.values()))


def test_all_faults_come_at_once_and_every_row_stays(toy) -> None:
    rows = [
        {"organisation": "", "area_code": "Nowhere", "date": "x", "outcome": "perhaps"},
        {"organisation": "Toy Trust", "area_code": "Dunmore", "date": "2019", "outcome": "Replied"},
    ]
    study, faults = settled(with_table(toy, "contacts", rows))
    assert faults["column"].tolist() == ["organisation", "area_code", "date", "outcome"]
    assert len(study.tables["contacts"]) == 2
    assert study.tables["contacts"].loc[3, "outcome"] == "responded"


def test_an_optional_cell_without_meaning_is_only_a_warning(toy) -> None:
    rows = [{"area_code": "Dunmore", "course": "peep", "places": "a dozen"}]
    _, faults = settled(with_table(toy, "training", rows))
    assert faults[["column", "severity"]].values.tolist() == [["places", "warning"]]
    assert "cell is not used" in faults["problem"].iloc[0]


def test_a_missing_column_a_strange_one_and_a_strange_table_are_told(toy) -> None:
    study = with_table(
        toy, "searches", [{"area_code": "Dunmore", "dates": "2019", "colour": "red"}]
    )
    study = with_table(study, "serches", [SEARCH])
    _, faults = settled(study)
    told = {(row.table, row.column): (row.severity, row.remedy) for row in faults.itertuples()}
    assert told["searches", "dates"] == ("warning", 'Did you mean "date"?')
    assert told["searches", "colour"][0] == "note"
    assert told["searches", "category"][0] == "error"
    assert told["serches", ""] == ("warning", 'Did you mean "searches"?')


def test_a_service_that_is_not_in_the_list_is_noted_and_a_misspelt_one_is_an_error(toy) -> None:
    rows = [
        {"service_id": "elsewhere-17", "area_code": "Dunmore"},
        {"service_id": "T1", "area_code": "Dunmore"},
    ]
    _, faults = settled(with_table(toy, "service_areas", rows))
    assert faults[["row", "severity"]].values.tolist() == [[2, "note"]]
    services = toy.services.assign(service_id=toy.services["service_id"].replace("T1", "south-imh"))
    rows = [{"service_id": "south-imb", "area_code": "Dunmore"}]
    _, faults = settled(with_table(replace(toy, services=services), "service_areas", rows))
    assert faults["severity"].tolist() == ["error"]
    assert faults["remedy"].tolist() == ['Did you mean "south-imh"?']


def test_comments_may_name_a_report_by_its_area_or_the_national_one(toy) -> None:
    rows = [
        {"report": "National", "comment": "Well done"},
        {"report": "North Board", "comment": "See us"},
        {"report": "North Bord", "comment": "Lost"},
    ]
    study, faults = settled(with_table(toy, "comments", rows))
    assert study.tables["comments"]["report"].tolist()[:2] == ["national", "S08000902"]
    assert faults["row"].tolist() == [4]


def test_an_own_category_of_the_study_is_no_fault(toy) -> None:
    services = toy.services.copy()
    services.loc[services.index[0], "category"] = "toy_library"
    rows = [SEARCH | {"category": "Toy library"}]
    study, faults = settled(with_table(replace(toy, services=services), "searches", rows))
    assert faults.empty
    assert study.tables["searches"]["category"].tolist() == ["toy_library"]


def test_settling_twice_changes_nothing_more(toy) -> None:
    rows = [{"area_code": "South Board", "category": "Play therapy", "date": "12/2019"}]
    once, _ = settled(with_table(toy, "searches", rows))
    twice, faults = settled(once)
    assert faults.empty
    pd.testing.assert_frame_equal(twice.tables["searches"], once.tables["searches"])


def test_people_are_whole_and_counted_once(toy) -> None:
    row = {"area_code": "Dunmore", "measure": "Families referred", "people": "12"}
    rows = [row, row | {"people": "13"}, row | {"measure": "waiting", "people": "2.5"}]
    _, faults = settled(with_table(toy, "people_counts", rows))
    assert faults[["row", "found", "severity"]].values.tolist() == [
        [4, "2.5", "error"],
        [2, "12", "error"],
        [3, "13", "error"],
    ]


def test_a_fact_with_a_unit_is_a_number_and_one_in_words_is_not(toy) -> None:
    fact = {"area_code": "Dunmore", "indicator": "child_poverty_ahc_pct", "unit": "per cent"}
    lead = {"area_code": "Dunmore", "indicator": "parent_infant_lead", "value": "own", "unit": ""}
    rows = [fact | {"value": "24.1"}, fact | {"value": "24.1%"}, lead]
    _, faults = settled(with_table(toy, "area_facts", rows))
    assert faults[["row", "column", "found", "severity"]].values.tolist() == [
        [3, "value", "24.1%", "error"]
    ]


WORDS = st.sampled_from(
    ["", "S08000901", "South Board", "Dunmore", "?", "2019", "12/2019", "yes", "play_therapy"]
) | st.text(max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(name=st.sampled_from(sorted(LINKED)), data=st.data())
def test_any_cells_give_faults_never_a_crash_or_a_lost_row(toy, name: str, data) -> None:
    names = [column.name for column in LINKED[name]]
    rows = data.draw(
        st.lists(st.fixed_dictionaries(dict.fromkeys(names, WORDS)), min_size=1, max_size=3)
    )
    study, faults = settled(with_table(toy, name, rows))
    assert len(study.tables[name]) == len(rows)
    assert set(faults["row"]) <= set(range(len(rows) + 2))
    assert faults["remedy"].str.len().gt(0).all()
