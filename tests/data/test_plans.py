"""What the plans of councils say, question by question."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parents[2] / "data"


def table(name: str) -> pd.DataFrame:
    """A table of the directory, every cell as text."""
    return pd.read_csv(DATA / "services" / f"{name}.csv", dtype=str, keep_default_na=False)


PLANS = table("plans")
COUNCILS = set(pd.read_csv(DATA / "people" / "councils.csv", dtype=str)["council_code"])


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['area_code']}-{row['question']}")
        for number, row in enumerate(PLANS.to_dict("records"))
    ],
)
def test_row(row: dict[str, str]) -> None:
    assert row["area_code"] in COUNCILS
    assert row["document"]
    assert row["question"] in {
        "names_infants",
        "names_infant_mental_health",
        "names_perinatal",
        "families_voice",
    }
    # nobody read a whole plan, so nothing is a "no"; what was not settled says so
    assert row["answer"] in {"yes", "unknown"}
    assert (row["answer"] == "unknown") == row["doubt"].startswith("read in part")
    assert row["says"]
    assert row["source"]
    assert row["basis"]
    assert row["read_on"] == "2026-11"
    assert re.fullmatch(r"(\d{4}(-\d\d){0,2})?", row["source_date"])
    assert re.fullmatch(r"\d*", row["page"])


def test_one_answer_to_a_question_of_a_plan() -> None:
    assert not PLANS.duplicated(["area_code", "document", "period", "question"]).any()


def test_councils_read() -> None:
    assert PLANS["area_code"].nunique() == 16
