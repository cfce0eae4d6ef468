"""Decisions stay beside the gaps that they were made about."""

from __future__ import annotations

from datetime import date

import pandas as pd

from gapmap.gaps.decisions import with_decisions

GAPS = pd.DataFrame(
    {
        "area_code": ["A", "A", "B"],
        "category": ["befriending", "play_therapy", "befriending"],
        "rule": ["none_found", "none_found", "none_found"],
    }
)


def decided(*rows: tuple[str, ...]) -> list[str]:
    table = pd.DataFrame(
        rows, columns=["area_code", "category", "rule", "decision", "body", "date"]
    )
    return with_decisions(GAPS, table, as_of=date(2020, 2, 1))["decision"].tolist()


def test_a_decision_belongs_to_its_area_category_and_rule() -> None:
    row = ("A", "befriending", "none_found", "accepted", "Board", "2020-01")
    assert decided(row) == ["accepted", "", ""]


def test_a_decision_without_a_category_holds_for_all_of_its_area() -> None:
    assert decided(("A", "", "", "known", "Board", "2019")) == ["known", "known", ""]


def test_the_newest_wins_and_one_of_the_future_is_not_known_yet() -> None:
    old = ("A", "befriending", "none_found", "known", "Board", "2019")
    new = ("A", "befriending", "none_found", "acted_on", "Board", "2020-01-15")
    later = ("A", "befriending", "none_found", "accepted", "Board", "2021")
    assert decided(old, new, later)[0] == "acted_on"


def test_no_decisions_leave_the_gaps_as_they_are() -> None:
    told = with_decisions(GAPS, pd.DataFrame(), as_of=date(2020, 2, 1))
    assert (told["decision"] == "").all()
    assert "decision" not in GAPS
