"""Who looked where, for what, and when; and the areas and sources of single services."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from gapmap import vocabulary

DATA = Path(__file__).parents[2] / "data"
PARTIAL = re.compile(r"\d{4}(-\d\d){0,2}")


def table(name: str) -> pd.DataFrame:
    """A table of the directory, every cell as text."""
    return pd.read_csv(DATA / "services" / f"{name}.csv", dtype=str, keep_default_na=False)


COUNCILS = pd.read_csv(DATA / "people" / "councils.csv", dtype=str)
BOARDS = sorted(set(COUNCILS["board_code"]))
CODES = {*COUNCILS["council_code"], *BOARDS, vocabulary.SCOTLAND}
SEARCHES = table("searches")
SERVICES = table("services")
SERVED = table("service_areas")
FIELDS = table("field_sources")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['area_code']}-{row['category']}")
        for number, row in enumerate(SEARCHES.to_dict("records"))
    ],
)
def test_search(row: dict[str, str]) -> None:
    assert row["area_code"] in CODES
    assert row["category"] in vocabulary.CATEGORIES
    assert PARTIAL.fullmatch(row["date"])
    assert row["by_whom"]
    assert row["found"] in {"yes", "no"}
    assert row["source"]


def test_no_search_twice() -> None:
    assert not SEARCHES.duplicated(["area_code", "category", "date", "source"]).any()


@pytest.mark.parametrize(
    ("category", "found_in"),
    [
        ("infant_mental_health", ["S08000031"]),
        ("mother_baby_unit", ["S08000024", "S08000031"]),
    ],
)
def test_the_exercise_of_2020(category: str, found_in: list[str]) -> None:
    rows = SEARCHES[(SEARCHES["date"] == "2019-12") & (SEARCHES["category"] == category)]
    assert sorted(rows["area_code"]) == BOARDS
    assert sorted(rows.loc[rows["found"] == "yes", "area_code"]) == found_in


def test_the_exercise_looked_for_two_kinds_only() -> None:
    rows = SEARCHES[SEARCHES["date"] == "2019-12"]
    assert set(rows["category"]) == {"infant_mental_health", "mother_baby_unit"}


def test_no_fact_of_highland_stands_for_argyll_and_bute() -> None:
    later = SEARCHES[SEARCHES["date"] > "2019-12"]
    assert "S08000022" not in set(later["area_code"])
    assert "S12000035" not in set(later["area_code"])


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{row['service_id']}-{row['area_code']}")
        for row in SERVED.to_dict("records")
    ],
)
def test_service_area(row: dict[str, str]) -> None:
    service = SERVICES[SERVICES["service_id"] == row["service_id"]].iloc[0]
    assert row["area_code"] in CODES
    assert row["basis"] == "served"
    assert row["coverage"] in vocabulary.COVERAGE_OF_AREA
    assert row["source"]
    claimed = set(service["serves"].split(";"))
    parent = COUNCILS.set_index("council_code")["board_code"].to_dict()
    assert {row["area_code"], parent.get(row["area_code"], "")} & claimed


def test_areas_of_one_service_are_all_there() -> None:
    for service, rows in SERVED.groupby("service_id"):
        stated = SERVICES.loc[SERVICES["service_id"] == service, "serves"].iloc[0].split(";")
        assert len(rows) >= len(stated), service
    assert not SERVED.duplicated(["service_id", "area_code"]).any()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['service_id']}-{row['column']}")
        for number, row in enumerate(FIELDS.to_dict("records"))
    ],
)
def test_source_of_a_field(row: dict[str, str]) -> None:
    assert row["service_id"] in set(SERVICES["service_id"])
    assert row["column"] in vocabulary.columns("services")
    assert row["source"]
    assert not row["source_date"] or PARTIAL.fullmatch(row["source_date"])
