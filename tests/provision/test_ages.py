"""Age windows of the toy town by eye, and unknown ends that never count as covered."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.provision.ages import ages, months_served, stretches

SOUTH, NORTH = "S08000901", "S08000902"


def test_windows_of_the_toy_town(toy) -> None:
    table = ages(toy, by="category").set_index(["area_code", "value"])
    whole = table.loc[(SOUTH, "infant_mental_health")]
    assert (whole["months_covered"], whole["uncovered"]) == (69, "")
    unit = table.loc[(NORTH, "mother_baby_unit")]
    assert unit["months_covered"] == 12
    assert unit["uncovered"] == "conception to birth and 12 months to 5 years"
    assert unit[["pregnancy_covered", "under_1_covered", "under_2_covered"]].tolist() == [0, 1, 0.5]
    later = table.loc[(SOUTH, "parenting_programme")]
    assert later["under_3_covered"] == pytest.approx(12 / 36)


def test_unknown_ages_may_be_covered_and_are_never_counted_as_covered(toy) -> None:
    row = ages(toy, by="category").set_index(["area_code", "value"]).loc[(NORTH, "befriending")]
    assert (row["months_covered"], row["months_possible"]) == (0, 69)
    assert (row["under_5_covered"], row["under_5_most"]) == (0, 1)
    assert row["doubtful"] == "conception to 5 years"


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(math.nan), st.integers(-12, 70).map(float)),
            st.one_of(st.just(math.nan), st.integers(-12, 200).map(float)),
        ),
        max_size=5,
    )
)
def test_months_are_those_of_a_month_by_month_count(spans) -> None:
    sure, maybe = months_served(spans)
    for month in range(-9, 60):
        known = any(a <= month < b for a, b in spans if a == a and b == b)
        open_ = any(
            (a != a or a <= month) and (b != b or month < b) for a, b in spans if a != a or b != b
        )
        assert (month in sure) == known
        assert (month in maybe) == (open_ and not known)


@given(st.sets(st.integers(-9, 59)))
def test_stretches_hold_every_month_once(months) -> None:
    found = stretches(months)
    assert [m for a, b in found for m in range(a, b)] == sorted(months)
    assert all(b < c for (_, b), (c, _) in pairwise(found))
