"""Bounds under silence: every filling of the toy town tried, and unknowns that only widen."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gapmap.provision.bounds import TRUE_STATES, bounds, shares, silence, true_state
from gapmap.provision.coverage import provision
from gapmap.study import Study

SOUTH, NORTH = "S08000901", "S08000902"
A, B, C, D = (f"S1200090{n}" for n in range(1, 5))
BOARDS = {SOUTH: (A, B), NORTH: (C, D)}
ALL = (A, B, C, D)
RANK = {state: rank for rank, state in enumerate(TRUE_STATES)}

#: By hand: of every service that may run in February 2020 the councils it is sure to reach, those
#: it might, and what is not known of it: whether it runs, how much it covers, who may come.
BY_HAND = {
    "infant_mental_health": [((A, B), (), "runs", "whole", "?")],
    "mother_baby_unit": [(ALL, (), "runs", "?", "?")],
    "family_support": [((A,), (), "runs", "whole", "?")],  # T4 opens in 2021: surely not yet
    "parenting_programme": [((B,), (), "runs", "part", "?")],
    "maternity_unit": [((B,), (A, C, D), "runs", "?", "?")],  # states no area
    "early_years_centre": [((D,), (), "runs", "?", "narrow")],
    "befriending": [((C, D), (), "?", "?", "?")],  # last known 2012
    "mother_child_recovery": [(ALL, (), "runs", "?", "?")],
    "play_therapy": [],
    "health_visiting": [],
}
SEARCHED = {"infant_mental_health": ALL, "mother_baby_unit": ALL}


def fillings(category: str):
    """Every way in which all that is not known of a category can be true, councils as written."""
    services = BY_HAND[category]
    silent = [part for part in ALL if part not in SEARCHED.get(category, ())]
    choices = []
    for sure, maybe, runs, extent, narrow in services:
        choices.append((True,) if runs == "runs" else (True, False))
        choices.append((extent == "whole",) if extent != "?" else (True, False))
        choices.append((narrow == "narrow",) if narrow != "?" else (True, False))
        for _ in maybe:
            choices.append((True, False))
        choices.append((sure,))
        choices.append((maybe,))
    for answers in product(*choices):
        at, running = 0, []
        for service in services:
            n = 3 + len(service[1])
            there, whole, few, *more = answers[at : at + n]
            sure, maybe = answers[at + n : at + n + 2]
            at += n + 2
            if there:
                parts = set(sure) | {p for p, yes in zip(maybe, more, strict=True) if yes}
                running.append((parts, whole, few))
        for extra in product((None, "some", "all"), repeat=len(silent)):
            more = [
                ({p}, kind == "all", False) for p, kind in zip(silent, extra, strict=True) if kind
            ]
            yield running + more


def state(running, mine) -> int:
    """The model's states in plain words: 2 if all councils are wholly served and one is open."""
    here = [(parts & set(mine), whole, few) for parts, whole, few in running if parts & set(mine)]
    if not here:
        return 0
    served = [part for parts, whole, _ in here if whole for part in parts]
    return 2 if set(served) == set(mine) and any(not few for *_, few in here) else 1


@pytest.fixture
def board(toy) -> pd.DataFrame:
    return bounds(toy, level="board").set_index(["area_code", "value"])


@pytest.mark.parametrize("category", list(BY_HAND))
def test_bounds_are_the_least_and_most_over_every_filling(toy, board, category: str) -> None:
    council = bounds(toy, level="council").set_index(["area_code", "value"])
    tried = list(fillings(category))
    for area, parts in [*BOARDS.items(), *((one, (one,)) for one in ALL)]:
        row = (board if area in BOARDS else council).loc[(area, category)]
        reached = [state(running, parts) for running in tried]
        assert (RANK[row["least"]], RANK[row["most"]]) == (min(reached), max(reached)), area
        # A council that is partly served may hold any number of its children who are.
        low = min(250 * sum(state(r, (p,)) == 2 for p in parts) for r in tried)
        high = max(250 * sum(state(r, (p,)) >= 1 for p in parts) for r in tried)
        assert (row["people_least"], row["people_most"]) == (low, high), area
    table = shares(bounds(toy, level="board")).set_index("value").loc[category]
    counted = [[state(r, parts) for parts in BOARDS.values()] for r in tried]
    assert table["any_least"] == min(sum(s >= 1 for s in row) for row in counted)
    assert table["any_most"] == max(sum(s >= 1 for s in row) for row in counted)
    assert table["whole_least"] == min(sum(s == 2 for s in row) for row in counted)
    assert table["whole_most"] == max(sum(s == 2 for s in row) for row in counted)


def test_a_searched_absence_is_settled_and_a_silent_one_is_not(board) -> None:
    assert board.loc[(NORTH, "infant_mental_health"), ["settled", "settled_by"]].tolist() == [
        "yes",
        "",
    ]
    silent = board.loc[(NORTH, "health_visiting")]
    assert silent[["least", "most", "settled"]].tolist() == ["none_found", "provided", "no"]
    assert silent["settled_by"] == "Look for health visiting there."


def test_what_would_settle_a_cell_names_the_service_and_the_question(board) -> None:
    said = board.loc[(NORTH, "befriending"), "settled_by"]
    assert said == (
        "Look for befriending there. Ask North Befrienders whether it still runs. Ask North "
        "Befrienders which part it serves. Ask North Befrienders whether all families may come."
    )


def test_a_service_with_no_stated_area_unsettles_a_searched_absence_elsewhere(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T1", "serves"] = ""
    row = bounds(replace(toy, services=services)).set_index(["area_code", "value"])
    row = row.loc[(NORTH, "infant_mental_health")]
    assert (row["least"], row["most"]) == ("none_found", "provided")
    assert "Ask Infant Mental Health South whether it serves them." in row["settled_by"]


def test_a_search_that_found_none_outweighs_a_page_read_later(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T4", "category"] = "infant_mental_health"
    services.loc[services["service_id"] == "T4", ["opened", "serves"]] = ["", NORTH]
    row = bounds(replace(toy, services=services)).set_index(["area_code", "value"])
    assert row.loc[(NORTH, "infant_mental_health"), "most"] == "none_found"
    unsearched = replace(
        toy, services=services, tables=MappingProxyType({"searches": pd.DataFrame()})
    )
    row = bounds(unsearched).set_index(["area_code", "value"])
    assert row.loc[(NORTH, "infant_mental_health"), "most"] == "provided"


def test_a_search_that_found_what_we_do_not_hold_leaves_the_cell_open(toy) -> None:
    searches = toy.table("searches").copy()
    searches.loc[1, "found"] = "yes"
    study = replace(toy, tables=MappingProxyType({"searches": searches}))
    assert silence(study, provision(study)).open_["infant_mental_health"] == {C, D}


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("ABC"), min_size=1), st.booleans(), st.booleans()),
        max_size=4,
    ),
    st.tuples(st.sets(st.sampled_from("ABC"), min_size=1), st.booleans(), st.booleans()),
)
def test_a_further_service_never_makes_a_true_state_worse(claims, more) -> None:
    mine = frozenset("ABC")
    held = [(frozenset(parts), whole, narrow) for parts, whole, narrow in claims]
    after = [*held, (frozenset(more[0]), more[1], more[2])]
    assert RANK[true_state(after, mine)] >= RANK[true_state(held, mine)]


#: Facts that can be struck out of a service's row; what is left is unknown.
FACTS = ("status", "serves", "coverage_of_area", "eligibility_narrow", "opened", "source_date")


def struck(toy: Study, facts: set[tuple[str, str]], searches: set[int]) -> Study:
    services = toy.services.copy()
    for service, column in facts:
        services.loc[services["service_id"] == service, column] = ""
    left = toy.table("searches").drop(index=sorted(searches))
    return replace(toy, services=services, tables=MappingProxyType({"searches": left}))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    facts=st.sets(
        st.tuples(st.sampled_from(["T1", "T2", "T3", "T5", "T7", "T8"]), st.sampled_from(FACTS)),
        max_size=5,
    ),
    searches=st.sets(st.integers(0, 3), max_size=2),
)
def test_striking_facts_out_only_widens_and_never_moves_a_state_past_its_bounds(
    toy, facts, searches
) -> None:
    for level in ("council", "board"):
        before = bounds(toy, level=level).set_index(["area_code", "value"])
        after = bounds(struck(toy, facts, searches), level=level).set_index(["area_code", "value"])
        assert (after["least"].map(RANK) <= before["least"].map(RANK)).all()
        assert (after["most"].map(RANK) >= before["most"].map(RANK)).all()
        assert (after["people_least"] <= before["people_least"]).all()
        assert (after["people_most"] >= before["people_most"]).all()
        known = after[after["state"] != "not_known"]
        assert (known["least"].map(RANK) <= known["state"].map(RANK)).all()
        assert (known["state"].map(RANK) <= known["most"].map(RANK)).all()
        # Silence is never read as nothing, nor as something.
        dumb = after[after["state"] == "not_known"]
        assert (dumb["least"] == "none_found").all()
        assert (dumb["most"] == "provided").all()


def test_areas_that_are_not_made_of_councils_are_their_own_parts(toy):
    west = gpd.GeoDataFrame(
        {
            "code": ["L1"],
            "name": ["West"],
            "level": ["locality"],
            "board_code": [""],
            "hscp_code": [""],
        },
        geometry=[box(300_000, 700_000, 305_000, 720_000)],
        crs=toy.areas.crs,
        index=pd.Index(["L1"], name="area_code"),
    )
    study = replace(toy, areas=gpd.GeoDataFrame(pd.concat([toy.areas, west]), crs=toy.areas.crs))
    table = bounds(study, level="locality", by="tier").set_index("value")
    row = table.loc["specialist"]
    assert row["people_least"] <= row["people_most"]
    assert row["people_most"] in (0.0, row["people"])
