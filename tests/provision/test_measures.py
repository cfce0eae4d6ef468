"""Rates, Gini, ladder, sectors, plans, routes and published totals, by hand and by textbook."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gapmap as gm
from gapmap.provision.coverage import coverage
from gapmap.provision.evidence import evidence
from gapmap.provision.levels import levels, published
from gapmap.provision.measures import (
    gini,
    hidden_specialist,
    ladder,
    leads_and_routes,
    planning,
    rates,
    sectors,
    sureness,
    uniformity,
)

SOUTH, NORTH = "S08000901", "S08000902"
A, B, C, D = (f"S1200090{n}" for n in range(1, 5))


def with_tables(toy, **tables: pd.DataFrame):
    return replace(toy, tables=MappingProxyType(dict(toy.tables) | tables))


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([1, 1, 1, 1], [1, 1, 1, 1], 0),
        ([0, 0, 0, 1], [1, 1, 1, 1], 0.75),
        ([1, 2, 3, 4, 5], [1] * 5, 4 / 15),  # the textbook's five incomes
        ([1, 3], [3, 1], 0.25),
    ],
)
def test_gini_has_its_textbook_values(values, weights, expected) -> None:
    assert gini(values, weights) == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(0.01, 100), st.integers(1, 5)), min_size=1, max_size=6))
def test_a_weight_is_so_many_equal_areas(pairs) -> None:
    spread = [value for value, n in pairs for _ in range(n)]
    whole = gini([value for value, _ in pairs], [n for _, n in pairs])
    assert whole == pytest.approx(gini(spread, [1] * len(spread)), abs=1e-9)
    assert 0 <= whole + 1e-12 < 1


def test_gini_of_nothing_is_unknown() -> None:
    assert math.isnan(gini([], []))
    assert math.isnan(gini([0, 0], [1, 1]))


def test_a_rate_on_few_services_or_of_an_unknown_state_is_not_ranked() -> None:
    table = pd.DataFrame(
        {
            "level": "council",
            "dimension": "category",
            "value": "befriending",
            "services": [5, 9, 4, 6],
            "per_1000": [2.0, 1.0, 9.0, 5.0],
            "state": ["provided", "provided", "provided", "not_known"],
        }
    )
    assert rates(table)["rank"].tolist()[:2] == [1, 2]
    assert rates(table)["rank"].iloc[2:].isna().all()


def test_unknown_areas_enter_no_share_and_no_gini(toy) -> None:
    even = uniformity(coverage(toy, level="board")).set_index("value")
    assert even.loc["infant_mental_health", ["areas_known", "areas_with_one"]].tolist() == [2, 1]
    assert even.loc["infant_mental_health", "gini"] == 0.5
    support = even.loc["family_support"]  # the north is not known, not none
    assert support[["areas_known", "areas_with_one", "share_with_one"]].tolist() == [1, 1, 1]
    assert math.isnan(support["gini"])
    assert math.isnan(even.loc["health_visiting", "share_with_one"])


def test_the_ladder_names_its_missing_rungs(toy) -> None:
    rungs = ladder(coverage(toy, level="council", by="tier")).set_index("area_code")
    assert rungs.loc[A, "targeted"] == "provided"
    assert rungs.loc[B, "rungs_not_known"] == "targeted"
    assert rungs.loc[B, "whole"] == "unknown"
    assert set(rungs["specialist"]) == {"provided"}
    built = pd.DataFrame(
        {
            "level": "board",
            "area_code": "X",
            "area_name": "X",
            "dimension": "tier",
            "value": ["universal", "targeted", "specialist"],
            "state": ["provided", "not_known", "none_found"],
        }
    )
    row = ladder(built).iloc[0]
    assert row[["missing", "rungs_not_known", "whole"]].tolist() == ["specialist", "targeted", "no"]


def test_sectors_and_what_only_the_third_sector_offers(toy) -> None:
    south = sectors(toy).set_index("area_code").loc[SOUTH]
    assert south[["services", "nhs", "council", "third_sector"]].tolist() == [6, 3, 1, 2]
    assert south["third_sector_only"] == "family_support;mother_child_recovery"


def test_sureness_counts_surveys_and_leaves_an_unasked_response_blank(toy) -> None:
    row = sureness(toy, evidence(toy)).set_index("area_code").loc[SOUTH]
    assert row["survey_share"] == pytest.approx(4 / 6)  # T1, T3, T5 and T10 of six
    assert math.isnan(row["response_rate"])
    assert row["searched"] == 2
    assert row["median_age_years"] == pytest.approx(0.2, abs=0.05)


def test_leads_and_public_routes(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T3", "url"] = "https://example.org"
    facts = pd.DataFrame(
        {
            "area_code": [SOUTH, NORTH, NORTH],
            "indicator": "parent_infant_lead",
            "value": ["regional", "own", "none"],
            "as_of": ["2019-10", "2021-01", "2019"],
        }
    )
    study = with_tables(replace(toy, services=services), area_facts=facts)
    table = leads_and_routes(study).set_index("area_code")
    assert table.loc[SOUTH, "lead"] == "regional"
    assert table.loc[NORTH, "lead"] == "none"  # the fact of 2021 is not known in 2020
    assert table.loc[SOUTH, ["third_sector_services", "with_public_route"]].tolist() == [2, 1]


def test_a_lower_tier_with_a_specialist_intervention_is_found(toy) -> None:
    catalogue = pd.DataFrame(
        {
            "intervention": ["vig", "massage"],
            "name": ["Video Interaction Guidance", "Infant massage"],
            "usual_tier": ["specialist", "universal"],
        }
    )
    services = toy.services.copy()
    services["interventions"] = "vig;massage"
    found = hidden_specialist(with_tables(replace(toy, services=services), interventions=catalogue))
    assert set(found["service_id"]) == {"T3", "T5", "T6", "T7", "T8"}  # not T9, closed; not T1
    assert set(found["intervention"]) == {"vig"}


def test_plans_are_yes_no_or_not_known_and_the_settled_answer_wins(toy) -> None:
    cells = ["area_code", "question", "answer", "document", "period", "source_date"]
    plans = pd.DataFrame(
        [
            (A, "names_infants", "yes", "Plan", "2017-20", "2018"),
            (A, "names_infants", "unknown", "Plan", "2017-20", "2019"),
            (B, "names_infants", "no", "Plan", "2017-20", ""),
            (C, "names_infants", "yes", "Plan", "2023-26", "2023"),
        ],
        columns=cells,
    )
    table = planning(with_tables(toy, plans=plans))
    answers = table[table["question"] == "names_infants"].set_index("area_code")["answer"]
    assert answers[[A, B, C, D]].tolist() == ["yes", "no", "not_known", "not_known"]


def test_published_totals_are_held_at_their_own_date_and_never_filled_in(toy) -> None:
    totals = pd.DataFrame(
        [
            ("family_support", "services", "found", "5", "2020-01", "A report"),
            ("befriending", "services", "new", "2", "2019", "An answer"),
            ("befriending", "services", "expanded", "1", "2019", "An answer"),
            ("befriending", "boards", "found", "2", "2019", "An answer"),
            ("befriending", "beds", "found", "2", "2019", "An answer"),
            ("befriending", "services", "found", "9", "2023", "Not yet"),
        ],
        columns=["category", "measure", "state", "value", "as_of", "source"],
    )
    table = published(with_tables(toy, published_totals=totals))
    at = table.set_index(["category", "measure", "state"])
    assert at.loc[("family_support", "services", "found"), ["value", "held"]].tolist() == [5, 1]
    assert at.loc[("befriending", "services", "new;expanded"), ["value", "held"]].tolist() == [3, 1]
    assert math.isnan(at.loc[("befriending", "services", "new"), "held"])
    assert at.loc[("befriending", "boards", "found"), "held"] == 1
    assert math.isnan(at.loc[("befriending", "beds", "found"), "held"])
    assert 9 not in set(table["value"])
    assert at.loc[("family_support", "services", "found"), "sentence"] == (
        "Published: 5 services of family support in January 2020; we hold evidence for 1 on that "
        "date."
    )


def test_published_levels_agree_disagree_or_cannot_be_compared(toy) -> None:
    facts = pd.DataFrame(
        {
            "area_code": [SOUTH, NORTH, SOUTH, NORTH],
            "indicator": ["imh_status", "imh_status", "mmha_level", "fnp_delivered"],
            "value": ["new", "new", "red", "yes"],
            "as_of": "2019",
        }
    )
    table = levels(with_tables(toy, area_facts=facts)).set_index(["area_code", "category"])
    assert table.loc[(SOUTH, "infant_mental_health"), "agreement"] == "agrees"
    assert table.loc[(NORTH, "infant_mental_health"), "agreement"] == "disagrees"
    assert table.loc[(SOUTH, "perinatal_mental_health"), "agreement"] == "not_comparable"


def test_fourteen_teams_were_published_and_we_hold_fewer() -> None:
    table = published(gm.scotland())
    both = table[(table["state"] == "new;expanded") & (table["measure"] == "services")]
    row = both.set_index("category").loc["perinatal_mental_health"]
    assert row["value"] == 14
    assert 0 < row["held"] < 14
