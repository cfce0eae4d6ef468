from __future__ import annotations

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.report.tables import (
    columns_of,
    data_dictionary,
    decimals,
    published,
    safe_for_spreadsheets,
    write_tables,
)


def test_every_table_has_its_file_and_the_dictionary_comes_last(tables, tmp_path):
    files = write_tables(tables, tmp_path / "tables")
    assert [f.name for f in files] == [
        *(f"{n}.parquet" if n == "nearest" else f"{n}.csv" for n in tables),
        "data_dictionary.csv",
    ]
    assert all(f.is_file() for f in files)


def test_csv_is_utf8_with_line_feeds_and_blanks_for_unknown(tables, tmp_path):
    write_tables(tables, tmp_path)
    raw = (tmp_path / "travel.csv").read_bytes()
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    unknown = [r for r in rows if r["category"] == "befriending"]
    assert unknown
    assert {r["median_minutes"] for r in unknown} == {""}
    timed = next(r for r in rows if r["category"] == "maternity_unit")
    assert (timed["mean_minutes"], timed["mean_km"], timed["share_within_60"]) == (
        "41.3",
        "30.1",
        "0.624",
    )


def test_same_tables_give_the_same_bytes(tables, tmp_path):
    one = write_tables(tables, tmp_path / "one")
    two = write_tables(tables, tmp_path / "two")
    assert [f.read_bytes() for f in one] == [f.read_bytes() for f in two]


def test_the_callers_frames_are_not_changed(tables, tmp_path):
    before = {name: table.copy() for name, table in tables.items()}
    write_tables(tables, tmp_path)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


@pytest.mark.parametrize("text", ["=1+1", "+1-2 x", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_formulas_become_text(text):
    assert safe_for_spreadsheets(text) == "'" + text


@pytest.mark.parametrize("kept", ["PEEP", "", "-9", "+3.5", "1e5", 4, 2.5, None])
def test_what_is_no_formula_stays(kept):
    assert safe_for_spreadsheets(kept) == kept


@given(st.text())
def test_no_text_is_left_that_begins_a_formula(text):
    safe = str(safe_for_spreadsheets(text))
    stripped = safe.lstrip(" \t\r\n")
    assert safe.startswith("'") or not stripped.startswith(("=", "@"))
    assert safe.removeprefix("'") == text.removeprefix("'") or safe == text


def test_hostile_names_are_text_in_the_file(hostile, tmp_path):
    _, tables = hostile
    write_tables(tables, tmp_path)
    with (tmp_path / "services.csv").open(encoding="utf-8", newline="") as file:
        names = {r["service_id"]: r["name"] for r in csv.DictReader(file)}
    assert names["T2"] == "'=cmd()"
    assert len(names["T5"]) == 10_000


def test_a_confidential_place_is_in_no_file(tables, tmp_path):
    for file in write_tables(tables, tmp_path):
        if file.suffix == ".csv":
            text = file.read_text(encoding="utf-8")
            assert "303000" not in text
            assert "713000" not in text


def test_public_files_leave_private_columns_out(tmp_path):
    table = pd.DataFrame({"name": ["A"], "notes": ["secret"], "funder": ["secret"]})
    files = write_tables({"services": table}, tmp_path, public=True)
    assert "secret" not in "".join(f.read_text(encoding="utf-8") for f in files)
    assert "secret" in write_tables({"services": table}, tmp_path)[0].read_text(encoding="utf-8")


def test_dictionary_tells_every_column_in_words(tables):
    words = data_dictionary(tables)
    told = set(zip(words["table"], words["column"], strict=True))
    assert told == {(name, c) for name, table in tables.items() for c in table.columns}
    blank = words[words["meaning"] == ""]
    assert blank.empty, blank[["table", "column"]].to_dict("records")
    states = words[(words["table"] == "coverage") & (words["column"] == "state")]["values"].iat[0]
    assert "none_found = Looked, found none" in states


def test_columns_of_an_unknown_table_are_none():
    assert columns_of("no_such_table") == ()


def test_rounding_is_by_column_and_leaves_no_minus_nought():
    table = pd.DataFrame({"share_x": [-0.0000001], "per_1000": [0.12345], "other": [1.23456789]})
    out = published(table)
    assert str(out["share_x"].iat[0]) == "0.0"
    assert out["per_1000"].iat[0] == 0.123
    assert out["other"].iat[0] == 1.234568
    assert decimals("ferry_minutes") == 1
