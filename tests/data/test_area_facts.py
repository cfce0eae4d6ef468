"""Published facts of areas, national totals, and the small tables beside them."""

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
LEVEL = {
    **dict.fromkeys(COUNCILS["council_code"], "council"),
    **dict.fromkeys(COUNCILS["board_code"], "board"),
    vocabulary.SCOTLAND: "country",
    "K02000001": "uk",
}
FACTS = table("area_facts")
TOTALS = table("published_totals")
SERVICES = set(table("services")["service_id"])
BOARDS = [code for code, level in LEVEL.items() if level == "board"]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['area_code']}-{row['indicator']}")
        for number, row in enumerate(FACTS.to_dict("records"))
    ],
)
def test_fact(row: dict[str, str]) -> None:
    assert LEVEL[row["area_code"]] == row["level"]
    assert row["indicator"]
    assert row["value"]
    assert row["source"]
    assert not row["as_of"] or PARTIAL.fullmatch(row["as_of"])
    assert row["usable"] in vocabulary.YES_NO
    # what is not usable says why, and an undated value never is
    assert bool(row["reason"]) == (row["usable"] == "no")
    if not row["as_of"]:
        assert row["usable"] == "no"
    assert row["read_on"] == "2026-11"
    if row["low"]:
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])
        assert row["unit"]


@pytest.mark.parametrize("indicator", ["cpmht_status_derived", "imh_status_derived"])
def test_national_totals_repeated_per_board_say_nothing_of_one(indicator: str) -> None:
    rows = FACTS[FACTS["indicator"] == indicator]
    assert len(rows) % 14 == 0
    assert len(rows)
    assert set(rows["usable"]) == {"no"}


def test_what_is_of_the_united_kingdom_is_not_of_scotland() -> None:
    assert set(FACTS.loc[FACTS["area_code"] == "K02000001", "usable"]) == {"no"}
    assert set(TOTALS.loc[TOTALS["area_code"] == "K02000001", "usable"]) == {"no"}


@pytest.mark.parametrize(
    ("indicator", "low", "high"),
    [
        ("child_poverty_ahc_pct", 5, 50),
        ("children_low_income_families_pct", 5, 40),
        ("developmental_concern_27_30_months_pct", 5, 40),
        ("exclusively_breastfed_6_8_weeks_pct", 5, 70),
    ],
)
def test_shares_of_councils(indicator: str, low: float, high: float) -> None:
    rows = FACTS[FACTS["indicator"] == indicator]
    assert sorted(rows["area_code"]) == sorted(c for c, lv in LEVEL.items() if lv == "council")
    assert pd.to_numeric(rows["value"]).between(low, high).all()


@pytest.mark.parametrize("indicator", ["live_births", "population_under_1", "population_1_4"])
def test_counts_of_councils_add_up_to_their_boards_and_the_country(indicator: str) -> None:
    rows = FACTS[FACTS["indicator"] == indicator]
    value = pd.to_numeric(rows.set_index("area_code")["value"])
    level = rows.set_index("area_code")["level"]
    parent = COUNCILS.set_index("council_code")["board_code"]
    summed = value[level == "council"].groupby(parent).sum()
    assert (summed == value[BOARDS].sort_index()).all()
    assert value[level == "council"].sum() == value[vocabulary.SCOTLAND]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['category']}-{row['state']}")
        for number, row in enumerate(TOTALS.to_dict("records"))
    ],
)
def test_published_total(row: dict[str, str]) -> None:
    assert row["category"] in vocabulary.CATEGORIES
    assert row["area_code"] in {vocabulary.SCOTLAND, "K02000001"}
    assert row["state"] in {
        "new",
        "expanded",
        "in_development",
        "functioning",
        "found",
        "no_access",
    }
    assert int(row["value"]) >= 0
    assert row["source"]
    assert bool(row["reason"]) == (row["usable"] == "no")
    if not row["as_of"]:
        assert row["usable"] == "no"


def test_published_totals_of_june_2023() -> None:
    june = TOTALS[TOTALS["as_of"] == "2023-06-02"]
    total = june.assign(value=pd.to_numeric(june["value"])).groupby("category")["value"].sum()
    assert total.to_dict() == {
        "perinatal_mental_health": 14,
        "infant_mental_health": 14,
        "maternity_neonatal_psychology": 10,
    }


def test_a_general_team_is_a_note_on_its_area() -> None:
    assert "M0007" not in SERVICES
    note = FACTS[(FACTS["area_code"] == "S08000026") & FACTS["note"].str.contains("M0007")]
    assert len(note)


@pytest.mark.parametrize("name", ["training", "barriers", "contacts", "decisions"])
def test_small_tables(name: str) -> None:
    rows = table(name)
    if name in ("contacts", "decisions"):
        assert rows.empty, "nothing of the kind was published, so nothing is made up"
        return
    assert len(rows)
    assert (rows["source"] != "").all()
    assert set(rows["area_code"]) <= {*LEVEL, ""}
    for when in rows["date"]:
        assert not when or PARTIAL.fullmatch(when)
    if name == "barriers":
        assert set(rows["type"]) <= set(vocabulary.BARRIERS)
        assert set(rows["service_id"]) <= {*SERVICES, ""}
        assert ((rows["area_code"] != "") != (rows["service_id"] != "")).all()
    else:
        assert set(rows["course"]) <= set(table("interventions")["intervention"])
