"""What the interactive map shows: classes that count every area, and what is not known apart."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from gapmap.gaps.earlier import coverage_of, earlier
from gapmap.provision.coverage import coverage
from gapmap.show.layers import layers_of, statuses_in_words
from gapmap.show.style import STATE_LOOKS, UNKNOWN

NAMES = {"council": {"A": "Ash", "B": "Birch", "C": "Cedar"}}
MANY = {"council": "councils"}


def cells(**columns) -> pd.DataFrame:
    base = {"level": "council", "area_code": ["A", "B", "C"], "dimension": "category"}
    return pd.DataFrame(base | {"value": "befriending"} | columns)


def layer(study, tables, code):
    found = layers_of(study, ["council"], tables, names=NAMES, many=MANY)
    return next((one for one in found if one.code == code), None)


@pytest.fixture
def study(toy):
    return toy.with_settings(travel_method="indicative")


@pytest.fixture
def covered():
    return cells(
        state=["provided", "provided", "not_known"],
        services=[2, 0, 0],
        services_wider=[0, 1, 0],
        people=[1000.0, 500.0, 200.0],
        per_1000=[2.0, 0.0, 0.0],
    )


def test_a_rate_of_nothing_known_is_no_zero(study, covered):
    (group,) = layer(study, {"coverage": covered}, "rate").groups
    words = {code: group.classes[kind][1] for code, (kind, _) in group.told.items()}
    assert words["B"] == "None of its own; one of a wider area serves it"
    assert words["C"] == "Not yet known"
    assert group.classes[group.told["C"][0]][0] == UNKNOWN
    assert group.told["A"][1] == "2.00 (2 services)"
    assert "1 of 3 councils not yet known" in group.finding


def travel(**columns) -> pd.DataFrame:
    base = {"level": "council", "area_code": ["A", "B", "C"], "category": "befriending"}
    shares = {
        "share_reachable": [1.0, 0.4, 0.0],
        "share_by_ferry": 0.0,
        "share_comes_to_family": [0.0, 0.6, 0.0],
        "share_site_not_known": 0.0,
        "share_no_known_service": [0.0, 0.0, 1.0],
        "share_unreachable": 0.0,
        "share_off_network": 0.0,
        "share_within_30": [0.8, 0.1, 0.0],
        "median_minutes": [31.0, 10.0, float("nan")],
    }
    return pd.DataFrame(base | shares | columns)


def test_minutes_only_where_half_of_the_families_have_a_way(study, covered):
    (group,) = layer(study, {"coverage": covered, "travel": travel()}, "minutes").groups
    told = {code: (group.classes[kind][1], words) for code, (kind, words) in group.told.items()}
    # What is printed decides the class.
    assert told["A"] == ("15 to 30 minutes", "about 30 minutes")
    assert told["B"] == ("It comes to the family", "It comes to the family")
    assert told["C"] == ("No service known yet", "No service known yet")
    assert group.classes[group.told["C"][0]][0].hatch == "////"


def test_where_somebody_looked_and_found_none_it_is_said(study, covered):
    covered.loc[2, "state"] = "none_found"
    (group,) = layer(study, {"coverage": covered, "travel": travel()}, "minutes").groups
    look, words = group.classes[group.told["C"][0]]
    assert (look, words) == (STATE_LOOKS["none_found"], "Looked, found none")


def test_shares_match_those_of_the_printed_map(study, covered):
    (group,) = layer(study, {"coverage": covered, "travel": travel()}, "within_30").groups
    assert group.told["A"][1] == "80%"
    assert group.told["B"][1] == "10%"
    assert sum(1 for kind, _ in group.told.values() if "%" in group.classes[kind][1]) == 2


def test_straight_lines_have_kilometres_and_no_minutes(toy, covered):
    straight = travel(median_minutes=float("nan"), mean_km=[3.04, 12.0, float("nan")])
    tables = {"coverage": covered, "travel": straight}
    assert layer(toy, tables, "minutes") is None
    assert layer(toy, tables, "within_30") is None
    (group,) = layer(toy, tables, "kilometres").groups
    assert group.told["A"][1] == "3.0 km"
    assert statuses_in_words(straight=True)["reachable"] == "In a straight line"


def test_true_roads_are_told_by_the_name_of_their_file(study, covered):
    roads = study.with_settings(travel_method="/somewhere/roads.osm.pbf")
    made = layer(roads, {"coverage": covered, "travel": travel()}, "minutes")
    assert made.method.startswith("By car over the roads of roads.osm.pbf: ")
    assert "roughly" not in made.method


def test_bounds_are_told_with_the_people_between(study, covered):
    bounds = cells(
        least=["provided", "none_found", "none_found"],
        most=["provided", "provided", "none_found"],
        settled=["yes", "no", "yes"],
        people_least=[1000.0, 0.0, 0.0],
        people_most=[1000.0, 500.0, 0.0],
    )
    (group,) = layer(study, {"coverage": covered, "bounds": bounds}, "bounds").groups
    assert group.told["A"][1] == "For 1,000 under-fives"
    assert group.told["B"][1] == "For 0 to 500 under-fives"
    assert group.classes[group.told["B"][0]][1] == "Not settled: from none to throughout"
    assert "in at least 1 of 3 councils; settled in 2" in group.finding


def test_no_gap_found_is_not_said_of_a_level_that_no_rule_looks_at(study, covered):
    gaps = pd.DataFrame({"level": ["board"], "area_code": ["X"], "category": ["befriending"]})
    assert layer(study, {"coverage": covered, "gaps": gaps}, "gaps") is None
    gaps = pd.DataFrame({"level": ["council"], "area_code": ["A"], "category": ["befriending"]})
    (group,) = layer(study, {"coverage": covered, "gaps": gaps}, "gaps").groups
    assert group.finding == "1 gap in 1 of 3 councils."
    assert group.told["B"][1] == "no gaps"


def test_a_page_of_one_area_says_what_that_area_has(study, covered):
    names = {"council": {"A": "Ash"}}
    tables = {"coverage": covered.head(1), "travel": travel().head(1)}
    found = layers_of(study, ["council"], tables, names=names, many=MANY)
    (group,) = next(one for one in found if one.code == "minutes").groups
    assert group.finding == "Befriending in Ash: about 30 minutes."


def test_an_earlier_date_knows_what_opened_and_where(toy):
    services = toy.services.copy()
    services.loc[services["service_id"] == "T4", "serves"] = "S12000903"
    study = replace(toy, services=services)
    later = earlier(study, "2021-06-01")
    assert ("S12000903", "category", "family_support") in later.real
    assert ("S12000903", "tier", "targeted") in later.real
    assert not any(code == "S12000901" for code, *_ in later.real)
    assert later.counts["T4"][0]
    then = coverage(study.at("2021-06-01"), level="council", by="category")
    mine = later.coverage.query("level == 'council' and dimension == 'category'")
    assert mine["state"].tolist() == then["state"].tolist()


def test_coverage_of_several_levels_is_in_one_table(toy_to_read):
    table = coverage_of(toy_to_read, ["board", "council"])
    assert set(table["level"]) == {"board", "council"}
    assert set(table["dimension"]) == {"category", "tier"}
