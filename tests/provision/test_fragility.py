"""Money that ends: counts, a calendar by hand, and a best case never worse than the worst."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.provision.fragility import (
    calendar,
    calendar_of_all,
    fragility,
    lapses,
    month_ends,
    renewals,
)

SOUTH, NORTH = "S08000901", "S08000902"
THEN = date(2020, 2, 1)


@pytest.mark.parametrize(
    ("funding", "ends", "best", "worst"),
    [
        ("permanent", "", None, None),
        ("permanent", "2021-03", None, None),
        ("fixed_term", "2020-12-31", date(2020, 12, 31), date(2020, 12, 31)),
        ("fixed_term", "2021", date(2021, 12, 31), date(2021, 12, 31)),
        ("fixed_term", "", None, THEN),
        ("fixed_term", "2019-03", None, THEN),  # renewed since, though nobody told
        ("mixed", "2020-06", None, date(2020, 6, 30)),
        ("unknown", "", None, THEN),
        ("", "", None, THEN),
    ],
)
def test_when_money_lapses(funding, ends, best, worst) -> None:
    assert lapses(funding, ends, THEN) == (best, worst)


def test_counts_of_the_toy_town_by_kind_of_money(toy) -> None:
    table = fragility(toy).set_index(["area_code", "value"])
    alder = table.loc[(SOUTH, "family_support")]
    assert alder[["services", "fixed_term", "ending_within_12_months"]].tolist() == [1, 1, 1]
    assert alder["sole_provider"] == "Alder Families"
    assert (alder["share_fixed_least"], alder["share_fixed_most"]) == (1, 1)
    friends = table.loc[(NORTH, "befriending")]
    assert (friends["share_fixed_least"], friends["share_fixed_most"]) == (0, 1)
    dunmore = table.loc[(NORTH, "early_years_centre")]
    assert dunmore["funding_unknown"] == 1
    assert (dunmore["share_fixed_least"], dunmore["share_fixed_most"]) == (0, 1)
    unit = table.loc[(NORTH, "mother_baby_unit")]
    assert (unit["share_fixed_most"], unit["sole_provider"]) == (0, "")


def test_the_calendar_loses_a_service_the_day_after_its_money_ends(toy) -> None:
    days = [date(2020, 12, 31), date(2021, 1, 1)]
    table = calendar(toy, days=days).set_index(["date", "area_code", "value"])
    last = table.loc[("2020-12-31", SOUTH, "family_support")]
    gone = table.loc[("2021-01-01", SOUTH, "family_support")]
    assert last[["services_best", "state_best"]].tolist() == [1, "partly"]
    # What is left where the known services went is not known: nobody looked for others.
    assert gone[["services_best", "state_best"]].tolist() == [0, "not_known"]
    kept = table.loc[("2021-01-01", SOUTH, "infant_mental_health")]
    assert kept[["state_best", "state_worst"]].tolist() == ["provided", "provided"]
    doubtful = table.loc[("2021-01-01", NORTH, "early_years_centre")]
    assert doubtful[["state_best", "state_worst"]].tolist() == ["partly", "not_known"]


def test_the_whole_study_month_by_month(toy) -> None:
    table = calendar_of_all(toy, months=12).set_index(["date", "category"])
    assert table.loc[("2020-02-01", "family_support"), "people_best"] == 250
    assert table.loc[("2020-12-31", "family_support"), "people_worst"] == 250
    assert table.loc[
        ("2021-01-31", "family_support"), ["services_best", "people_best"]
    ].tolist() == [
        0,
        0,
    ]


def test_what_one_renewal_saves(toy) -> None:
    table = renewals(toy).set_index("service_id")
    assert table.loc["T3", ["councils", "people", "funding_ends"]].tolist() == [
        "Aldertown",
        250,
        "2020-12-31",
    ]
    # A second provider of the same kind in the council: nobody loses all of it.
    services = toy.services.copy()
    services.loc[services["service_id"] == "T7", ["category", "serves"]] = [
        "family_support",
        "S12000901",
    ]
    assert (
        renewals(replace(toy, services=services)).set_index("service_id").loc["T3", "people"] == 0
    )


@given(
    st.sampled_from(["permanent", "fixed_term", "mixed", "unknown", ""]),
    st.sampled_from(["", "2019", "2020-02", "2020-03-31", "2022-07"]),
)
def test_the_worst_never_outlives_the_best(funding, ends) -> None:
    best, worst = lapses(funding, ends, THEN)
    assert best is None or (worst is not None and worst <= best)


def test_month_ends_begin_with_the_day_and_keep_its_order() -> None:
    days = month_ends(date(2020, 1, 31), 3)
    assert days == [date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31)]
