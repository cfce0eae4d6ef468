"""The travel facts, and the network built from them: whole, on land, and made again alike."""

from __future__ import annotations

import json
from types import ModuleType

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def build(script) -> ModuleType:
    return script("build_travel")


@pytest.fixture(scope="module")
def facts(build, data) -> dict[str, pd.DataFrame]:
    return build.read_facts(data / "travel")


@pytest.fixture(scope="module")
def network(data) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = data / "travel"
    return pd.read_parquet(folder / "nodes.parquet"), pd.read_parquet(folder / "edges.parquet")


@pytest.fixture(scope="module")
def land(build, data):
    barriers = build.read_barriers(data / "travel" / "barriers.csv")
    return build.Land(build.read_land(build.COAST), barriers)


# ---- the facts --------------------------------------------------------------------------------


def test_every_stretch_of_road_has_one_class_and_a_plausible_speed(build, facts):
    roads = build.road_edges(facts["corridors"], facts["roads"])
    assert set(roads["class"]) == {"motorway", "dual", "single", "single_track"}
    assert roads["speed_kmh"].between(20, 113).all()


def test_a_stretch_without_a_class_is_refused(build, facts):
    short = facts["roads"].copy()
    short.loc[0, "to_seq"] -= 1
    with pytest.raises(ValueError, match="exactly one class"):
        build.road_edges(facts["corridors"], short)


def test_every_fact_has_a_source_and_lies_in_scotland(facts):
    for name in ("corridors", "ferries", "fixed_links", "roads"):
        assert facts[name]["source"].notna().all(), name
    lat = facts["corridors"]["lat"]
    lon = facts["corridors"]["lon"]
    assert lat.between(54.6, 60.9).all()
    assert lon.between(-7.7, -0.7).all()


def test_ferries_say_whether_cars_go_and_when(facts):
    ferries = facts["ferries"]
    assert set(ferries["vehicles"]) == {"yes", "no"}
    assert set(ferries["season"]) == {"all_year", "summer", "winter"}
    assert (ferries["crossing_minutes"] > 0).all()
    assert set(ferries["boarding_minutes"]) == {10, 30}


def test_the_ends_of_a_ferry_to_an_island_stand_on_different_land(build, facts, land):
    ferries = facts["ferries"]
    start = land.part_of(build.project(ferries["from_lat"], ferries["from_lon"]))
    end = land.part_of(build.project(ferries["to_lat"], ferries["to_lon"]))
    # These cross a firth or a sea loch from the mainland to the mainland.
    same = ferries.loc[start == end, "route"].str.split(" - ").str[1]
    assert set(same) == {
        "Ardgour",
        "Camusnagaul",
        "Dunoon",
        "Hunters Quay (Dunoon)",
        "Inverie (Knoydart)",
        "Kilcreggan",
        "Nigg",
        "Portavadie",
    }


def test_the_forth_road_bridge_is_not_for_cars(facts):
    unused = facts["fixed_links"].query("used == 'no'")
    assert unused["name"].str.startswith("Forth Road Bridge").any()
    assert unused["mended"].notna().all()


# ---- what was built ---------------------------------------------------------------------------


def test_edges_join_nodes_that_exist_and_are_small_files(network, data):
    nodes, edges = network
    assert edges[["from", "to"]].to_numpy().min() >= 0
    assert edges[["from", "to"]].to_numpy().max() < len(nodes)
    assert (edges["from"] != edges["to"]).all()
    folder = data / "travel"
    size = sum((folder / f"{n}.parquet").stat().st_size for n in ("nodes", "edges"))
    assert size < 2_000_000


def test_no_way_is_faster_than_a_motorway(network):
    _, edges = network
    road = edges[~edges["ferry"]]
    # Written to a hundredth of a minute, so very short stretches say little.
    long = road[road["km"] > 0.2]
    assert (long["km"] / long["minutes"] * 60).max() < 120
    assert (road["minutes"] >= 0).all()


def test_every_live_postcode_is_beside_a_node_of_its_own_land(build, network, land, data):
    nodes, _ = network
    live = pd.read_parquet(data / "people" / "postcodes.parquet").query("live")
    homes = live[["easting", "northing"]].to_numpy(float)
    usable = nodes.query("kind != 'junctionless'")[["x", "y"]].to_numpy(float)
    metres, near = build.cKDTree(usable).query(homes)
    assert metres.max() < 300
    assert (land.part_of(homes) == land.part_of(usable[near])).all()


def test_local_streets_stay_on_their_land(build, network, land, facts):
    nodes, edges = network
    xy = nodes[["x", "y"]].to_numpy(float)
    local = nodes["kind"].to_numpy() == "local"
    street = edges[~edges["ferry"]]
    a, b = street["from"].to_numpy(), street["to"].to_numpy()
    both = local[a] & local[b]
    a, b = a[both], b[both]
    part = land.part_of(xy)
    over = part[a] != part[b]
    links = facts["fixed_links"].query("used == 'yes'")
    ends = [build.project(links[f"{end}_lat"], links[f"{end}_lon"]) for end in ("from", "to")]
    bridges = build.cKDTree((ends[0] + ends[1]) / 2)
    middle = (xy[a] + xy[b]) / 2
    far, _ = bridges.query(middle)
    assert (far[over] < 2500).all()
    # On one part of land: what leaves it is a bridge, or the guessed way to a far shore.
    wet = ~over
    wet[wet] = ~land.clear(xy[a[wet]], xy[b[wet]], part[a[wet]])
    guessed = wet & (far > 2500)
    assert guessed.sum() <= 25, "too many local edges over water"


def test_clusters_close_together_are_joined_unless_water_lies_between(build, network, land, facts):
    nodes, edges = network
    xy = nodes[["x", "y"]].to_numpy(float)
    local = np.flatnonzero(nodes["kind"] == "local")
    pairs = np.sort(
        local[build.cKDTree(xy[local]).query_pairs(build.NEAR, output_type="ndarray")], axis=1
    )
    joined = pd.MultiIndex.from_frame(edges[["from", "to"]])
    a, b = pairs[~pd.MultiIndex.from_arrays(pairs.T).isin(joined)].T
    assert len(a) < len(pairs) / 100
    part = land.part_of(xy)
    roadless = build.near_roadless(xy, facts["roadless"])
    free = (part[a] == part[b]) & (roadless[a] == roadless[b])
    assert not land.clear(xy[a[free]], xy[b[free]], part[a[free]]).any()


def test_barriers_keep_banks_apart(build):
    parts = np.array([build.shapely.box(0, 0, 3000, 1000)])
    river = np.array([build.shapely.LineString([(1500, -100), (1500, 1100)])])
    banks = build.Land(parts, river)
    a = np.array([[1300.0, 500.0], [200.0, 500.0]])
    b = np.array([[1700.0, 500.0], [600.0, 500.0]])
    assert banks.clear(a, b, np.array([0, 0])).tolist() == [False, True]


def test_a_bay_is_not_jumped_but_a_ragged_shore_is_no_bay(build):
    shapely = build.shapely
    bay = shapely.box(0, 0, 3000, 1000) - shapely.box(1000, 300, 2000, 1000)
    shore = build.Land(np.array([bay]), np.array([shapely.LineString([(0, -9), (1, -9)])]))
    a = np.array([[900.0, 600.0], [900.0, 100.0], [950.0, 260.0]])
    b = np.array([[2100.0, 600.0], [2100.0, 100.0], [1050.0, 320.0]])
    assert shore.clear(a, b, np.zeros(3, int)).tolist() == [False, True, True]


def test_stated_length_stretches_the_drawn_line(build):
    edges = pd.DataFrame(
        {
            "from": [0, 1],
            "to": [1, 2],
            "class": "single",
            "line_km": 1.0,
            "kmh": 60.0,
            "known_factor": [1.2, np.nan],
            "busy": 0.0,
            "ferry": False,
            "foot_only": False,
            "crossing_minutes": 0.0,
            "boarding_minutes": 0.0,
        }
    )
    settings = build.Settings(factor_single=1.1, speed=0.5)
    out = build.weigh(edges, settings)
    assert out["km"].tolist() == pytest.approx([1.2, 1.1])
    assert out["minutes"].tolist() == pytest.approx([2.4, 2.2])


def test_accuracy_is_told_and_good_enough(data):
    told = pd.read_csv(data / "travel" / "accuracy.csv").set_index("measure")
    most = {
        "km_error_median": 3.0,
        "km_error_p90": 12.0,
        "minutes_error_median": 8.0,
        "minutes_error_p90": 20.0,
    }
    for measure, percent in most.items():
        assert told.loc[measure, "value"] <= percent, measure
    for measure in ("km_bias", "minutes_bias"):
        assert abs(told.loc[measure, "value"]) <= 4.0, measure
    assert told["note"].notna().all()


def test_ranks_are_told_beside_the_straight_line(data):
    told = pd.read_csv(data / "travel" / "accuracy.csv").set_index("measure")
    ranked = told[told.index.str.startswith("rank_")]
    assert ranked["note"].str.contains(r"straight line 0\.\d+, lead [+-]").all()
    assert ranked["note"].str.contains(r"standard error").all()


# ---- measuring --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measure(script) -> ModuleType:
    return script("measure_travel")


def test_only_nursery_classes_of_council_primary_schools_are_schools(measure, tmp_path):
    postcodes = pd.read_parquet(measure.POSTCODES).drop_duplicates(["easting", "northing"])[:5]
    register = pd.DataFrame(
        {
            "name": [
                "Glen Primary School Nursery Class",
                "Brae Nursery Class",
                "Burn Nursery School",
                "Glen Primary Out of School Care",
                "Hill Primary Nursery Class",
            ],
            "provider_type": [*["Local Authority"] * 4, "Private"],
            "postcode": postcodes["postcode"].to_numpy(),
        }
    )
    register.to_csv(tmp_path / "register.csv", index=False)
    found = measure.schools(tmp_path / "register.csv")
    assert found["easting"].tolist() == postcodes["easting"].tolist()[:2]


def test_a_council_whose_schools_are_not_known_is_not_judged(measure):
    table = pd.DataFrame(
        {
            "council_code": ["a", "a", "b", "b"],
            "easting": [0.0, 9000, 50000, 59000],
            "northing": 0.0,
            "drive_primary": [1.0, 9.0, 1.0, 9.0],
        }
    )
    places = pd.DataFrame({"easting": [300.0], "northing": [0.0]})
    assert measure.covered(table, places).tolist() == [True, True, False, False]


def test_a_lead_that_is_the_same_everywhere_is_no_chance(measure):
    known = np.arange(60.0)
    ours = np.column_stack([known, known])
    assert measure.ranks(ours, known).tolist() == pytest.approx([1.0, 1.0])
    assert measure.chance(ours, known, np.repeat(np.arange(12), 5)) == 0.0


@pytest.mark.slow
def test_building_again_gives_the_same_bytes(build, data, tmp_path):
    nodes, edges = build.build_bundled()
    build.write(nodes, build.weigh(edges, build.Settings()), tmp_path)
    for name in ("nodes.parquet", "edges.parquet"):
        again = pd.read_parquet(tmp_path / name)
        pd.testing.assert_frame_equal(again, pd.read_parquet(data / "travel" / name))
        # The bytes also hold the version of the library that wrote them.
        if _writer(data / "travel" / name) == _writer(tmp_path / name):
            assert (tmp_path / name).read_bytes() == (data / "travel" / name).read_bytes()


def _writer(path) -> str:
    import pyarrow.parquet as pq

    return json.dumps(str(pq.read_metadata(path).created_by))
