"""States, counts and rates: the toy town by eye, the model's rules, and February 2020."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gapmap as gm
from gapmap.errors import InputError
from gapmap.provision.coverage import coverage, provision
from gapmap.provision.evidence import evidence
from gapmap.vocabulary import CATEGORIES, STATES, columns


def cell(study, value: str, area: str, *, level: str, by: str = "category") -> pd.Series:
    table = coverage(study, level=level, by=by)
    return table.set_index(["area_code", "value"]).loc[(area, value)]


def changed(study, service_id: str, **cells):
    services = study.services.copy()
    for column, value in cells.items():
        services.loc[services["service_id"] == service_id, column] = value
    return replace(study, services=services)


SOUTH, NORTH = "S08000901", "S08000902"
A, B, C, D = (f"S1200090{n}" for n in range(1, 5))


@pytest.mark.parametrize(
    ("category", "area", "state"),
    [
        ("infant_mental_health", SOUTH, "provided"),
        ("infant_mental_health", NORTH, "none_found"),  # searched in December 2019
        ("mother_baby_unit", NORTH, "provided"),  # serves the nation
        ("mother_baby_unit", SOUTH, "provided"),
        ("family_support", SOUTH, "partly"),  # A only
        ("family_support", NORTH, "not_known"),  # opens in 2021; nobody looked
        ("parenting_programme", SOUTH, "partly"),  # part of B only
        ("maternity_unit", SOUTH, "partly"),  # inferred to serve B
        ("early_years_centre", NORTH, "partly"),  # narrow, and D only
        ("befriending", NORTH, "provided"),  # assumed whole
        ("play_therapy", SOUTH, "not_known"),  # closed in 2018
        ("health_visiting", SOUTH, "not_known"),
    ],
)
def test_states_of_the_boards_of_the_toy_town(toy, category: str, area: str, state: str) -> None:
    assert cell(toy, category, area, level="board")["state"] == state


@pytest.mark.parametrize(
    ("category", "area", "state", "own", "wider"),
    [
        ("infant_mental_health", A, "provided", 0, 1),  # the board's service is wider
        ("infant_mental_health", C, "none_found", 0, 0),
        ("family_support", A, "provided", 1, 0),
        ("family_support", B, "not_known", 0, 0),
        ("parenting_programme", B, "partly", 1, 0),
        ("maternity_unit", B, "provided", 1, 0),
        ("early_years_centre", D, "partly", 1, 0),
        ("mother_baby_unit", D, "provided", 0, 1),
    ],
)
def test_states_and_counts_of_the_councils(
    toy, category: str, area: str, state: str, own: int, wider: int
) -> None:
    row = cell(toy, category, area, level="council")
    assert (row["state"], row["services"], row["services_wider"]) == (state, own, wider)


def test_counts_come_before_rates_and_wider_services_are_not_in_them(toy) -> None:
    row = cell(toy, "infant_mental_health", SOUTH, level="board")
    assert (row["people"], row["services"], row["per_1000"]) == (500, 1, 2.0)
    row = cell(toy, "mother_baby_unit", SOUTH, level="board")
    assert (row["services"], row["services_wider"], row["per_1000"]) == (0, 1, 0.0)


def test_every_area_and_value_has_one_row_in_the_tables_columns(toy) -> None:
    for level, areas in (("board", 2), ("council", 4), ("hscp", 3)):
        for by, least in (("category", 17), ("tier", 3), ("sector", 6), ("delivery", 8)):
            table = coverage(toy, level=level, by=by)
            assert list(table.columns) == columns("coverage")
            assert not table.duplicated(["area_code", "value"]).any()
            assert len(table) == areas * table["value"].nunique()
            assert table["value"].nunique() >= least
            assert set(table["state"]) <= set(STATES)
            assert (table["why"] != "").all()


def test_a_service_whose_coverage_is_unknown_is_assumed_whole_and_says_so(toy) -> None:
    row = cell(toy, "befriending", NORTH, level="board")
    assert row["state"] == "provided"
    assert "assumed" in row["why"]
    assert row["stale"] == "yes"
    assert "Last known 2012" in row["why"]


def test_a_narrow_service_beside_an_open_one_does_not_narrow_it(toy) -> None:
    open_one = toy.services[toy.services["service_id"] == "T7"].assign(
        service_id="T7b", eligibility="", eligibility_narrow="", serves="S08000902"
    )
    both = toy.with_services(open_one)
    assert cell(both, "early_years_centre", D, level="council")["state"] == "provided"


def test_services_of_every_council_together_make_a_board_provided(toy) -> None:
    other = toy.services[toy.services["service_id"] == "T3"].assign(
        service_id="T3b", serves="S12000902"
    )
    assert cell(toy.with_services(other), "family_support", SOUTH, level="board")["state"] == (
        "provided"
    )


def test_rows_of_one_team_count_once(toy) -> None:
    twice = toy.services[toy.services["service_id"] == "T1"].assign(service_id="T1b")
    study = changed(toy.with_services(twice), "T1", team_id="one")
    study = changed(study, "T1b", team_id="one")
    assert cell(study, "infant_mental_health", SOUTH, level="board")["services"] == 1


def test_a_search_of_a_wider_area_holds_for_what_lies_in_it_and_ages(toy) -> None:
    assert cell(toy, "infant_mental_health", D, level="council")["state"] == "none_found"
    later = toy.at("2022-12-01")  # 36 months on, to the day
    assert cell(later, "infant_mental_health", NORTH, level="board")["state"] == "none_found"
    too_late = toy.at("2022-12-02")
    row = cell(too_late, "infant_mental_health", NORTH, level="board")
    assert row["state"] == "not_known"
    assert "Last searched in December 2019" in row["why"]
    earlier = toy.at("2019-11-30")
    assert cell(earlier, "infant_mental_health", NORTH, level="board")["state"] == "not_known"


def test_a_search_that_found_one_is_no_proof_of_none(toy) -> None:
    without = replace(toy, services=toy.services[toy.services["service_id"] != "T2"])
    assert cell(without, "mother_baby_unit", NORTH, level="board")["state"] == "not_known"
    assert "we hold none" in cell(without, "mother_baby_unit", NORTH, level="board")["why"]
    assert cell(without, "mother_baby_unit", SOUTH, level="board")["state"] == "none_found"


def test_a_tier_is_none_found_only_if_each_of_its_kinds_was_looked_for(toy) -> None:
    bare = replace(toy, services=toy.services.iloc[:0])
    assert cell(bare, "specialist", NORTH, level="board", by="tier")["state"] == "not_known"
    every = pd.DataFrame(
        [
            {"area_code": "S92000003", "category": kind.code, "date": "2019-12", "found": "no"}
            for kind in CATEGORIES.values()
        ]
    )
    looked = replace(bare, tables=MappingProxyType({"searches": every}))
    assert cell(looked, "specialist", NORTH, level="board", by="tier")["state"] == "none_found"


def test_interventions_of_the_linked_table_are_counted(toy) -> None:
    linked = pd.DataFrame({"service_id": ["T1"], "intervention": ["video_interaction_guidance"]})
    study = replace(toy, tables=MappingProxyType({"service_interventions": linked}))
    table = coverage(study, level="board", by="intervention").set_index("area_code")
    assert table.loc[SOUTH, "services"] == 1
    assert table.loc[NORTH, "state"] == "not_known"


def test_an_unknown_level_or_dimension_is_refused_with_those_that_are_there(toy) -> None:
    with pytest.raises(InputError, match="board, council, hscp"):
        coverage(toy, level="ward")
    with pytest.raises(InputError, match="category, sector"):
        coverage(toy, by="colour")


def test_small_areas_of_the_users_own_are_served_by_their_council(toy) -> None:
    import geopandas as gpd
    from shapely.geometry import box

    zone = gpd.GeoDataFrame(
        {"code": ["Z1"], "name": ["Zone"], "level": ["zone"], "board_code": "", "hscp_code": ""},
        geometry=[box(301_600, 701_600, 304_400, 704_400)],
        crs=toy.areas.crs,
    )
    study = replace(toy, areas=gpd.GeoDataFrame(pd.concat([toy.areas, zone]), crs=toy.areas.crs))
    table = coverage(study, level="zone").set_index("value")
    assert table.loc["family_support", ["services", "services_wider"]].tolist() == [0, 1]
    assert table.loc["infant_mental_health", "state"] == "provided"
    assert table.loc["infant_mental_health", "people"] == 10  # the one point inside: 303, 703


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(toy, random) -> None:
    order = list(range(len(toy.services)))
    random.shuffle(order)
    shuffled = replace(toy, services=toy.services.iloc[order])
    pd.testing.assert_frame_equal(coverage(toy), coverage(shuffled))


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sets(st.sampled_from([f"T{n}" for n in range(1, 11)])))
def test_taking_services_away_never_makes_a_state_better(toy, gone: set[str]) -> None:
    order = ["not_known", "none_found", "partly", "provided"]
    less = replace(toy, services=toy.services[~toy.services["service_id"].isin(gone)])
    before = coverage(toy, level="council")
    after = coverage(less, level="council")
    assert (before["value"] == after["value"]).all()
    for was, now in zip(before["state"], after["state"], strict=True):
        assert order.index(now) <= order.index(was) or {was, now} <= {"not_known", "none_found"}


# -- the bundled study ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def then():
    return coverage(gm.scotland(as_of="2020-02-01"))


@pytest.fixture(scope="module")
def now():
    study = gm.scotland()
    return {level: coverage(study, level=level) for level in ("board", "council")}


def test_february_2020_says_what_the_exercise_found(then) -> None:
    imh = then[then["value"] == "infant_mental_health"].set_index("area_code")
    assert imh.loc["S08000031", ["services", "state"]].tolist() == [1, "partly"]
    others = imh.drop("S08000031")
    assert len(others) == 13
    assert (others["state"] == "none_found").all()
    units = then[then["value"] == "mother_baby_unit"]
    assert (units["services_wider"] == 2).all()
    assert (units["state"] == "provided").all()


@pytest.mark.parametrize("code", ["S08000016", "S08000019", "S08000025", "S08000026", "S08000028"])
def test_today_claims_no_gap_where_nobody_looked(now, code: str) -> None:
    board = now["board"].set_index(["area_code", "value"])
    assert board.loc[(code, "infant_mental_health"), "state"] == "not_known"


def test_today_a_team_of_the_board_is_not_taken_to_serve_argyll_and_bute(now) -> None:
    council = now["council"].set_index(["area_code", "value"])
    board = now["board"].set_index(["area_code", "value"])
    assert council.loc[("S12000035", "infant_mental_health"), "state"] == "not_known"
    assert board.loc[("S08000022", "infant_mental_health"), "state"] == "partly"


def test_completeness_is_the_documented_mean_of_its_parts(toy) -> None:
    contacts = pd.DataFrame(
        {
            "area_code": [NORTH] * 4,
            "date": ["2019-11"] * 4,
            "outcome": ["responded", "partly_answered", "no_response", "refused"],
        }
    )
    study = replace(toy, tables=MappingProxyType({**toy.tables, "contacts": contacts}))
    table = evidence(study).set_index(["area_code", "category"])
    # searched (1) at weight 0.5, answered (1 + 0.5 of 4) at 0.3, no service there
    assert table.loc[(NORTH, "infant_mental_health"), "completeness"] == pytest.approx(0.6125)
    # not searched, the same contacts, one service whose evidence of 2012 is stale
    assert table.loc[(NORTH, "befriending"), "completeness"] == pytest.approx(0.1125)
    # searched, nobody asked, one fresh service
    assert table.loc[(SOUTH, "infant_mental_health"), "completeness"] == pytest.approx(0.7)


def test_placing_once_gives_the_same_table(toy) -> None:
    known = provision(toy)
    pd.testing.assert_frame_equal(coverage(toy), coverage(toy, known=known))
