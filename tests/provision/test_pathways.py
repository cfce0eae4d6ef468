"""Pathways: routes as said, chains, refusals, single points of failure, what one link opens."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gapmap.provision.pathways import WAYS_IN, new_links, pathways, routes

SOUTH, NORTH = "S08000901", "S08000902"
CELLS = [
    "service_id",
    "category",
    "area_code",
    "from_role",
    "from_category",
    "accepted",
    "route_kind",
]


def referring(toy, *said: dict[str, str]):
    """The toy town with referrals; what is not given is blank, accepted and a referral."""
    rows = [
        dict.fromkeys(CELLS, "") | {"accepted": "yes", "route_kind": "referral"} | row
        for row in said
    ]
    tables = dict(toy.tables) | {"referrals": pd.DataFrame(rows, columns=CELLS)}
    return replace(toy, tables=MappingProxyType(tables))


def way(study, area: str, target: str, role: str) -> pd.Series:
    table = pathways(study).set_index(["area_code", "target", "from_role"])
    return table.loc[(area, target, role)]


def test_nothing_recorded_is_unknown_never_refused(toy) -> None:
    ways = pathways(toy)
    here = ways[(ways["area_code"] == SOUTH) & (ways["target"] == "infant_mental_health")]
    assert set(here["status"]) == {"unknown"}
    assert here["from_role"].tolist() == list(WAYS_IN)
    there = ways[(ways["area_code"] == NORTH) & (ways["target"] == "infant_mental_health")]
    assert set(there["status"]) == {"no_service"}


def test_a_route_that_the_service_states_is_confirmed(toy) -> None:
    study = referring(toy, {"service_id": "T1", "from_role": "midwife"})
    found = way(study, SOUTH, "infant_mental_health", "midwife")
    assert found[["status", "steps"]].tolist() == ["confirmed", 1]
    assert found["way"] == found["single_points"] == "Infant Mental Health South"
    assert way(study, SOUTH, "infant_mental_health", "gp")["status"] == "unknown"


def test_only_referral_is_a_way_in(toy) -> None:
    for kind in ("consultation", "signposting", "reported", "universal"):
        study = referring(toy, {"service_id": "T1", "from_role": "midwife", "route_kind": kind})
        assert way(study, SOUTH, "infant_mental_health", "midwife")["status"] == "unknown"


def test_any_professional_is_everybody_but_the_family_and_a_refusal_by_name_wins(toy) -> None:
    study = referring(
        toy,
        {"service_id": "T1", "from_role": "any_professional"},
        {"service_id": "T1", "from_role": "nursery", "accepted": "no"},
    )
    said = routes(study).set_index(["service_id", "from_role"])["route"]
    assert said["T1", "social_work"] == "confirmed"
    assert said["T1", "nursery"] == "refused"
    assert said["T1", "self"] == "unknown"
    assert way(study, SOUTH, "infant_mental_health", "nursery")["status"] == "refused"


def test_a_chain_leads_on_and_its_middle_is_a_single_point_of_failure(toy) -> None:
    study = referring(
        toy,
        {"service_id": "T3", "from_role": "self"},
        {"service_id": "T1", "from_category": "family_support", "from_role": "other"},
    )
    found = way(study, SOUTH, "infant_mental_health", "self")
    assert found[["status", "steps"]].tolist() == ["confirmed", 2]
    assert found["way"] == "Alder Families > Infant Mental Health South"
    assert found["single_points"] == "Alder Families;Infant Mental Health South"


def test_two_ways_leave_only_what_both_go_through(toy) -> None:
    study = referring(
        toy,
        {"service_id": "T3", "from_role": "self"},
        {"service_id": "T5", "from_role": "self"},
        {"service_id": "T1", "from_category": "family_support", "from_role": "other"},
        {"service_id": "T1", "from_category": "parenting_programme", "from_role": "other"},
    )
    found = way(study, SOUTH, "infant_mental_health", "self")
    assert found["single_points"] == "Infant Mental Health South"


def test_what_a_category_usually_accepts_is_possible(toy) -> None:
    study = referring(toy, {"category": "infant_mental_health", "from_role": "gp"})
    found = way(study, SOUTH, "infant_mental_health", "gp")
    assert found["status"] == "possible"
    assert "not confirmed" in found["sentence"]
    # What the service itself says outweighs it.
    refused = referring(
        toy,
        {"category": "infant_mental_health", "from_role": "gp"},
        {"service_id": "T1", "from_role": "gp", "accepted": "no"},
    )
    assert way(refused, SOUTH, "infant_mental_health", "gp")["status"] == "refused"


def test_one_new_link_opens_every_role_that_stands_behind_it(toy) -> None:
    study = referring(
        toy,
        {"service_id": "T3", "from_role": "self"},
        {"service_id": "T3", "from_role": "nursery"},
    )
    links = new_links(study)
    best = links[links["area_code"] == SOUTH].iloc[0]
    assert best[["from", "to", "roles_opened"]].tolist() == [
        "Alder Families",
        "Infant Mental Health South",
        2,
    ]
    assert best["roles"] == "nursery;self"


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sets(
        st.tuples(
            st.sampled_from(["T1", "T2", "T3", "T5", "T7", "T10"]),
            st.sampled_from(["midwife", "gp", "self"]),
            st.sampled_from(["", "family_support", "parenting_programme", "early_years_centre"]),
        ),
        max_size=8,
    )
)
def test_confirmed_ways_are_those_of_a_plain_search(toy, said) -> None:
    study = referring(
        toy,
        *(
            {"service_id": to, "from_category": kind, "from_role": "other" if kind else role}
            for to, role, kind in sorted(said)
        ),
    )
    kinds = dict(zip(toy.services["service_id"], toy.services["category"], strict=True))
    serving = {SOUTH: {"T1", "T2", "T3", "T5", "T6", "T10"}, NORTH: {"T2", "T7", "T8", "T10"}}
    special = {"T1", "T2", "T10"}
    table = pathways(study).set_index(["area_code", "target", "from_role"])
    for area, here in serving.items():
        for role in ("midwife", "gp", "self"):
            reached = {to for to, by, kind in said if by == role and not kind and to in here}
            grown, steps = set(reached), 1
            while not grown & special and reached:
                reached = {
                    to
                    for to, _, kind in said
                    if to in here - grown and any(kinds[one] == kind for one in reached)
                }
                grown, steps = grown | reached, steps + 1
            row = table.loc[(area, "any", role)]
            assert (row["status"] == "confirmed") == bool(grown & special)
            if grown & special:
                assert row["steps"] == steps


@pytest.mark.parametrize("level", ["council", "board"])
def test_every_area_target_and_role_has_one_row(toy, level: str) -> None:
    ways = pathways(toy, level=level)
    assert not ways.duplicated(["area_code", "target", "from_role"]).any()
    assert len(ways) == len(toy.level(level)) * 6 * len(WAYS_IN)
