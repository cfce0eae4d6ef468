"""Calls ranked by what they settle, held against what bounds say once they are made."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest

from gapmap.gaps.calls import calls, in_words, with_certainty
from gapmap.gaps.flag import flag
from gapmap.provision.bounds import bounds
from gapmap.provision.coverage import coverage
from gapmap.study import Rule
from gapmap.vocabulary import CATEGORIES, columns

SOUTH, NORTH = "S08000901", "S08000902"
BOARDS = {"South Board": SOUTH, "North Board": NORTH}
CODES = {kind.label: kind.code for kind in CATEGORIES.values()}


def made(study, done: pd.DataFrame):
    """The study after some calls, each answered so that none is saved."""
    services, searches = study.services.copy(), study.table("searches").copy()
    for call in done.itertuples():
        if call.kind == "search":
            found = {"area_code": BOARDS[call.whom], "category": CODES[call.about]}
            row = dict.fromkeys(searches.columns, "") | found | {"date": "2020-01", "found": ""}
            searches = pd.concat([searches, pd.DataFrame([row])], ignore_index=True)
        else:
            own = services["organisation"] == call.whom
            services.loc[own, ["status", "source_date"]] = ["open", "2020-01"]
            services.loc[own & (services["coverage_of_area"] != "part"), "coverage_of_area"] = (
                "whole"
            )
            services.loc[own & (services["eligibility_narrow"] == ""), "eligibility_narrow"] = "yes"
            stands = {"T6": "S12000902"}
            for service, area in stands.items():
                services.loc[own & (services["service_id"] == service), "serves"] = area
    return replace(study, services=services, tables=MappingProxyType({"searches": searches}))


@pytest.mark.parametrize(
    "categories", [["befriending", "play_therapy"], ["mother_baby_unit", "family_support"]]
)
def test_the_share_that_the_first_calls_settle_is_what_bounds_say_afterwards(
    toy, categories: list[str]
) -> None:
    def unsettled(study) -> int:
        table = bounds(study, level="council")
        return int((table["value"].isin(categories) & (table["settled"] == "no")).sum())

    ranked, before = calls(toy, categories=categories), unsettled(toy)
    assert before > 0
    assert ranked["cumulative_share"].iloc[-1] == pytest.approx(1)
    assert ranked["cells"].sum() == before
    for n in range(1, len(ranked) + 1):
        after = unsettled(made(toy, ranked.head(n)))
        # Every council of the toy town has the same number of children.
        assert 1 - after / before == pytest.approx(ranked["cumulative_share"].iloc[n - 1])


def test_the_call_that_settles_most_comes_first(toy) -> None:
    ranked = calls(toy, categories=["play_therapy", "infant_mental_health"])
    # T1 may be for some only: one question for A and B. Play therapy: one search a board.
    assert ranked["cells"].tolist() == [2, 2, 2]
    assert set(ranked["whom"]) == {"South Board", "North Board", "NHS South"}
    assert in_words(ranked).endswith("would settle all of what is not known.")


def test_two_calls_that_only_settle_together_stand_together(toy) -> None:
    ranked = calls(toy, categories=["befriending"])
    # C and D need both a search and an answer; A and B need a search alone.
    assert list(zip(ranked["whom"], ranked["cells"], strict=True)) == [
        ("South Board", 2),
        ("North Friends", 0),
        ("North Board", 2),
    ]
    assert "settles nothing alone" in ranked["sentence"].iloc[1]


def test_nothing_to_settle_makes_no_calls(toy) -> None:
    services = toy.services.assign(eligibility_narrow="no")
    none = calls(replace(toy, services=services), categories=["infant_mental_health"])
    assert none.empty
    assert list(none.columns) == columns("calls")
    assert in_words(none) == "Nothing is left to settle."


def test_gaps_are_settled_or_could_change(toy) -> None:
    rules = [
        Rule("none", "coverage", "state", "is", "board", "{area_name}", ("none_found",)),
        Rule("some", "coverage", "state", "is", "board", "{area_name}", ("partly",)),
    ]
    covered = coverage(toy, level="board")
    told = with_certainty(flag({"coverage": covered}, rules), bounds(toy), pd.DataFrame())
    at = told.set_index(["rule", "area_code", "category"])
    settled = at.loc[("none", NORTH, "infant_mental_health")]
    assert (settled["certainty"], settled["settled_by"]) == ("settled", "")
    loose = at.loc[("some", SOUTH, "parenting_programme")]
    assert loose["certainty"] == "could_change"
    assert loose["settled_by"].startswith("Look for parenting programme there.")
    assert told["number"].tolist() == list(range(1, len(told) + 1))


def test_a_far_gap_is_settled_only_if_nothing_nearer_can_be_hidden(toy) -> None:
    gap = pd.DataFrame(
        {
            "area_code": [NORTH, NORTH, SOUTH],
            "category": ["mother_baby_unit", "maternity_unit", "mother_baby_unit"],
            "threshold": [60.0, 60.0, 60.0],
            "rule": "far",
        }
    )
    travel = pd.DataFrame(
        {
            "area_code": [NORTH, SOUTH, NORTH],
            "category": ["mother_baby_unit", "mother_baby_unit", "maternity_unit"],
            "share_site_not_known": [0.0, 0.25, 0.0],
            "share_no_known_service": [0.0, 0.0, 0.0],
        }
    )
    told = with_certainty(gap, bounds(toy), travel)
    assert told["certainty"].tolist() == ["settled", "could_change", "could_change"]
    assert told["settled_by"].iloc[2] == "Ask where the services are that serve them."
