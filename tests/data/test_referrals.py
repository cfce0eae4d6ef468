"""Who may refer to what."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from gapmap import vocabulary

DATA = Path(__file__).parents[2] / "data"


def table(name: str) -> pd.DataFrame:
    """A table of the directory, every cell as text."""
    return pd.read_csv(DATA / "services" / f"{name}.csv", dtype=str, keep_default_na=False)


REFERRALS = table("referrals")
SERVICES = table("services")
COUNCILS = pd.read_csv(DATA / "people" / "councils.csv", dtype=str)
AREAS = {*COUNCILS["council_code"], *COUNCILS["board_code"], vocabulary.SCOTLAND}
KINDS = {"referral": 78, "consultation": 10, "reported": 9, "signposting": 4, "universal": 3}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{number}-{row['service_id'] or row['area_code']}-{row['from_role']}")
        for number, row in enumerate(REFERRALS.to_dict("records"))
    ],
)
def test_row(row: dict[str, str]) -> None:
    assert row["from_role"] in vocabulary.ROLES
    assert row["accepted"] in {"yes", "no", "unknown"}
    assert row["route_kind"] in KINDS
    assert bool(row["service_id"]) != bool(row["category"] and row["area_code"])
    if row["service_id"]:
        assert row["service_id"] in set(SERVICES["service_id"])
    else:
        assert row["category"] in vocabulary.CATEGORIES
        assert row["area_code"] in AREAS
    assert row["from_category"] in {*vocabulary.CATEGORIES, ""}
    if row["from_role"] == "other":
        assert row["role_words"]
    assert row["source"]
    assert row["read_on"] == "2026-11"
    assert re.fullmatch(r"(\d{4}(-\d\d){0,2})?", row["source_date"])


def test_counts_by_kind() -> None:
    assert REFERRALS["route_kind"].value_counts().to_dict() == KINDS


def test_a_team_that_has_a_row_is_referred_to_by_it() -> None:
    by_area = REFERRALS[REFERRALS["service_id"] == ""]
    known = {("infant_mental_health", "S08000015"), ("befriending", "S12000040")}
    assert not known & set(zip(by_area["category"], by_area["area_code"], strict=True))
    assert {"N0005", "N0006"} <= set(REFERRALS["service_id"])


def test_a_refusal_is_only_what_was_stated() -> None:
    refused = REFERRALS[REFERRALS["accepted"] == "no"]
    assert set(refused["service_id"]) == {"S0006", "S0013"}


def test_no_route_is_held_for_teams_of_which_none_was_read() -> None:
    unread = {"S0007", "S0020"}  # Fife
    assert not unread & set(REFERRALS["service_id"])
