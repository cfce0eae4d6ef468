"""Rules on who may come that hold for a kind of service, and what counts as narrow."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gapmap import vocabulary

DATA = Path(__file__).parents[2] / "data"


def table(name: str) -> pd.DataFrame:
    """A table of the directory, every cell as text."""
    return pd.read_csv(DATA / "services" / f"{name}.csv", dtype=str, keep_default_na=False)


RULES = table("category_eligibility")
SERVICES = table("services")
COUNCILS = pd.read_csv(DATA / "people" / "councils.csv", dtype=str)
AREAS = {*COUNCILS["council_code"], *COUNCILS["board_code"], vocabulary.SCOTLAND}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['category']}")
        for number, row in enumerate(RULES.to_dict("records"))
    ],
)
def test_rule(row: dict[str, str]) -> None:
    assert row["category"] in vocabulary.CATEGORIES
    assert row["area_code"] in AREAS
    assert -9 <= int(row["age_from_months"]) < int(row["age_to_months"]) <= 72
    assert row["eligibility"]
    assert row["eligibility_narrow"] in vocabulary.YES_NO
    # why a rule is narrow is said exactly where it is
    assert bool(row["narrow_reason"]) == (row["eligibility_narrow"] == "yes")
    assert set(filter(None, row["delivery"].split(";"))) <= set(vocabulary.DELIVERY)
    assert row["source"]
    assert row["read_on"] == "2026-11"


def test_a_threshold_of_severity_is_not_narrow() -> None:
    specialist = ["infant_mental_health", "perinatal_mental_health", "mother_baby_unit"]
    rows = SERVICES[SERVICES["category"].isin(specialist)]
    narrow = rows[rows["eligibility_narrow"] == "yes"]
    assert list(narrow["service_id"]) == ["S0022"]


@pytest.mark.parametrize("category", ["family_nurse_partnership", "mother_child_recovery"])
def test_narrower_than_age_and_area(category: str) -> None:
    rows = SERVICES[SERVICES["category"] == category]
    assert len(rows)
    assert set(rows["eligibility_narrow"]) == {"yes"}


def test_health_visiting_is_for_all_in_every_board() -> None:
    rows = SERVICES[SERVICES["category"] == "health_visiting"]
    assert len(rows) == 14
    assert set(rows["eligibility_narrow"]) == {"no"}
    assert rows["serves"].is_unique
