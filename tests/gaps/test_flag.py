"""Rules become gaps with reasons; unknown meets no rule; every fault of the rules at once."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import InputError
from gapmap.gaps.calls import with_certainty
from gapmap.gaps.flag import flag
from gapmap.provision.coverage import coverage
from gapmap.study import Rule
from gapmap.vocabulary import columns

NONE_FOUND = Rule(
    id="none",
    table="coverage",
    level="board",
    measure="state",
    test="is",
    values=("none_found",),
    where={"dimension": ("category",)},
    reason="{area_name}: no {value_words} for {people_words}. {why}",
)
FAR = Rule(
    id="far",
    table="travel",
    level="council",
    measure="share_within_60",
    test="below",
    threshold=0.5,
    reason="{area_name}: {measure_words} of {people_words} within an hour.",
)


def travel(*shares: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "level": "council",
            "area_code": [f"S1200090{n}" for n in range(1, len(shares) + 1)],
            "area_name": [f"Council {n}" for n in range(1, len(shares) + 1)],
            "category": "maternity_unit",
            "people": [100.0 * n for n in range(1, len(shares) + 1)],
            "share_within_60": shares,
            "share_reachable": shares,
            "share_unreachable": [1 - share for share in shares],
        }
    )


def test_the_one_searched_board_without_is_the_one_gap(toy) -> None:
    gaps = flag({"coverage": coverage(toy)}, [NONE_FOUND])
    assert list(gaps.columns) == columns("gaps")
    assert gaps["area_code"].tolist() == ["S08000902"]
    assert gaps["reason"].iat[0] == (
        "North Board: no infant mental health for 500 under-fives. Searched in December 2019."
    )
    assert gaps["category"].tolist() == ["infant_mental_health"]
    assert gaps["value"].tolist() == [0]


def test_numbers_are_compared_and_told_in_words() -> None:
    gaps = flag({"travel": travel(0.2, 0.5, 0.9)}, [FAR])
    assert gaps["area_code"].tolist() == ["S12000901"]
    assert gaps["reason"].tolist() == ["Council 1: 20% of 100 under-fives within an hour."]
    assert gaps[["value", "threshold"]].values.tolist() == [[0.2, 0.5]]
    assert gaps["evidence"].tolist() == ["20% reach one by car; 80% have no way there."]


def test_gaps_of_a_level_come_by_people_most_first() -> None:
    gaps = flag({"travel": travel(0.1, 0.1, 0.1)}, [FAR])
    assert gaps["area_code"].tolist() == ["S12000903", "S12000902", "S12000901"]


def test_unknown_is_neither_below_nor_above() -> None:
    table = travel(math.nan)
    above = Rule(**{**FAR.__dict__, "test": "above", "id": "above"})
    assert flag({"travel": table}, [FAR, above]).empty


@pytest.mark.parametrize("status", ["site_not_known", "no_known_service", "comes_to_family"])
def test_a_share_that_silence_could_lift_over_the_threshold_is_no_gap(status: str) -> None:
    table = travel(0.2).assign(share_unreachable=0.4, **{f"share_{status}": 0.4})
    assert flag({"travel": table}, [FAR]).empty  # 0.2 and 0.4 may be 0.6
    table = travel(0.2).assign(share_unreachable=0.6, **{f"share_{status}": 0.2})
    assert len(flag({"travel": table}, [FAR])) == 1


def test_every_fault_of_the_rules_is_told_at_once() -> None:
    wrong = [
        Rule(**{**FAR.__dict__, "id": "one", "measure": "minuts"}),
        Rule(**{**FAR.__dict__, "id": "two", "reason": "{aera_name} is far"}),
        Rule(**{**FAR.__dict__, "id": "three", "threshold": None}),
        Rule(**{**FAR.__dict__, "id": "four", "table": "roads"}),
    ]
    with pytest.raises(InputError) as caught:
        flag({"travel": travel(0.1)}, wrong)
    message = str(caught.value)
    for word in ("one", "minuts", "two", "aera_name", "three", "threshold", "four", "roads"):
        assert word in message


def test_a_name_with_braces_is_only_a_name() -> None:
    table = travel(0.1).assign(area_name="{people} {0}")
    assert "{people} {0}" in flag({"travel": table}, [FAR])["reason"].iat[0]


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0, 1), st.floats(0, 1))
def test_a_stricter_threshold_never_loses_a_gap(
    shares: list[float], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    few, many = (
        set(
            flag({"travel": travel(*shares)}, [Rule(**{**FAR.__dict__, "threshold": t})])[
                "area_code"
            ]
        )
        for t in (low, high)
    )
    assert few <= many


def test_a_rule_may_look_at_any_indicator_and_takes_people_from_coverage(toy) -> None:
    planning = pd.DataFrame(
        {
            "level": "council",
            "area_code": ["A", "B"],
            "area_name": ["Aldertown", "Birchfield"],
            "question": "names_infants",
            "answer": ["no", "not_known"],
            "document": ["Plan for children", ""],
        }
    )
    covered = pd.DataFrame({"area_code": ["A", "A", "B"], "people": [250.0, 250.0, 300.0]})
    rule = Rule(
        id="silent_plan",
        table="planning",
        measure="answer",
        test="is",
        values=("no",),
        level="council",
        reason="{area_name}: the plan is silent ({value_words}) on {people_words}.",
    )
    tables = {"planning": planning, "coverage": covered}
    gaps = flag(tables, [rule])
    assert gaps["area_code"].tolist() == ["A"]  # what nobody read is no gap
    assert gaps["reason"].tolist() == [
        "Aldertown: the plan is silent (names infants) on 250 under-fives."
    ]
    assert gaps["evidence"].tolist() == ["Plan for children"]
    told = with_certainty(gaps, pd.DataFrame(columns=["area_code", "value"]), [], rules=[rule])
    assert told["certainty"].tolist() == ["settled"]
    unread = replace(rule, values=("not_known",))
    told = with_certainty(
        flag(tables, [unread]), pd.DataFrame(columns=["area_code", "value"]), [], rules=[unread]
    )
    assert told["certainty"].tolist() == ["could_change"]
    assert told["settled_by"].tolist() == ["Ask those who would know."]


def test_words_are_not_compared_with_a_number() -> None:
    ladder = pd.DataFrame(
        {"level": ["board"], "area_code": ["A"], "area_name": ["North"], "missing": ["specialist"]}
    )
    rule = replace(FAR, table="ladder", measure="missing", where={}, reason="{area_name}")
    with pytest.raises(InputError, match="holds words"):
        flag({"ladder": ladder}, [replace(rule, level="board")])
