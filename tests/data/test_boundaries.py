"""The bundled polygons: complete, valid, edge to edge, and where the postcodes say."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

# Inhabited or well-known islands: a point on each (national grid) and its council.
ISLANDS = [
    ("St Kilda", 10_100, 899_300, "S12000013"),
    ("Fair Isle", 420_900, 1_072_300, "S12000027"),
    ("Foula", 396_300, 1_138_900, "S12000027"),
    ("North Ronaldsay", 376_200, 1_053_800, "S12000023"),
    ("Papa Westray", 349_300, 1_052_300, "S12000023"),
    ("Unst", 460_500, 1_208_000, "S12000027"),
    ("Muck", 141_000, 779_500, "S12000017"),
    ("Rum", 137_000, 798_000, "S12000017"),
    ("Canna", 126_000, 805_500, "S12000017"),
    ("Eigg", 147_000, 786_500, "S12000017"),
    ("Iona", 128_000, 724_300, "S12000035"),
    ("Gigha", 164_800, 649_500, "S12000035"),
    ("Coll", 119_000, 757_000, "S12000035"),
    ("Colonsay", 138_000, 694_500, "S12000035"),
    ("Lismore", 184_000, 740_500, "S12000035"),
    ("Barra", 68_500, 801_000, "S12000013"),
    ("Arran", 195_000, 637_000, "S12000021"),
    ("Great Cumbrae", 217_000, 656_500, "S12000021"),
    ("Ailsa Craig", 202_000, 599_800, "S12000028"),
    ("Isle of May", 365_600, 699_300, "S12000047"),
]


@pytest.fixture(scope="module")
def areas(data):
    return {
        level: gpd.read_file(data / "boundaries" / f"{level}s.geojson").set_index("code")
        for level in ("council", "board", "hscp")
    }


@pytest.fixture(scope="module")
def councils(areas):
    return areas["council"].to_crs(27700)


@pytest.fixture(scope="module")
def live(data):
    rows = pd.read_parquet(data / "people" / "postcodes.parquet")
    return rows[rows["live"]].reset_index(drop=True)


def council_at(councils, xy):
    """The council of each point, "" where there is none."""
    points = shapely.points(np.asarray(xy, dtype=float))
    found = np.full(len(points), "", dtype=object)
    i, j = shapely.STRtree(councils.geometry.to_numpy()).query(points, "intersects")
    found[i] = councils.index.to_numpy()[j]
    return found


def test_every_area_is_there_with_its_official_name(areas):
    assert {level: len(frame) for level, frame in areas.items()} == {
        "council": 32, "board": 14, "hscp": 31,
    }  # fmt: skip
    assert areas["council"].loc["S12000013", "name"] == "Na h-Eileanan Siar"
    assert areas["council"].loc["S12000036", "name"] == "City of Edinburgh"
    assert areas["board"].loc["S08000015", "name"] == "NHS Ayrshire and Arran"
    assert areas["hscp"].loc["S37000005", "name"] == "Clackmannanshire and Stirling"
    for level, frame in areas.items():
        assert (frame["level"] == level).all()
        assert frame.crs == 4326


def test_councils_agree_with_the_table_of_councils(areas, data):
    table = pd.read_csv(data / "people" / "councils.csv", dtype="str").set_index("council_code")
    shown = areas["council"]
    assert shown["name"].to_dict() == table["council_name"].to_dict()
    assert shown["board_code"].to_dict() == table["board_code"].to_dict()
    assert shown["hscp_code"].to_dict() == table["hscp_code"].to_dict()
    assert set(table["board_code"]) == set(areas["board"].index)
    assert set(table["hscp_code"]) == set(areas["hscp"].index)


@pytest.mark.parametrize("level", ["council", "board", "hscp"])
def test_polygons_are_valid_and_meet_edge_to_edge(areas, level):
    for frame in (areas[level], areas[level].to_crs(27700)):
        assert frame.is_valid.all()
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())


@pytest.mark.parametrize("level", ["board", "hscp"])
def test_boards_and_partnerships_are_exact_unions(areas, level):
    councils = areas["council"]
    for code, shape in areas[level].geometry.items():
        own = councils.geometry[councils[f"{level}_code"] == code].to_numpy()
        union = shapely.coverage_union_all(own)
        assert shapely.normalize(union) == shapely.normalize(shape), code
        vertices = {tuple(xy) for xy in shapely.get_coordinates(own)}
        assert {tuple(xy) for xy in shapely.get_coordinates(shape)} <= vertices


def test_no_sliver_holes_between_councils(councils):
    whole = shapely.coverage_union_all(councils.geometry.to_numpy())
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    assert all(shapely.Polygon(ring).area > 10_000 for ring in rings)


@pytest.mark.parametrize("level", ["council", "board", "hscp"])
def test_file_says_what_it_is(data, level):
    path = data / "boundaries" / f"{level}s.geojson"
    text = path.read_text(encoding="utf-8")
    head = json.loads(text)
    assert head["approximate"] is True
    assert "not official" in head["note"]
    assert "OpenStreetMap" in head["attribution"]
    assert path.stat().st_size < 650_000
    xy = shapely.get_coordinates(gpd.read_file(path).geometry.to_numpy())
    assert np.array_equal(xy, np.round(xy, 6))


def test_live_postcodes_lie_in_their_council(councils, live):
    found = council_at(councils, live[["easting", "northing"]])
    right = found == live["council"].astype(str).to_numpy()
    assert right.mean() >= 0.9985
    assert (found == "").mean() <= 0.0002


def test_every_postcode_of_small_islands_is_on_its_island(councils, live):
    island = live[live["postcode"].str.match(r"(HS|ZE|KA27 |KA28 |PA7[5-8] |PH4[1-4] 4)")]
    assert len(island) > 2000
    found = council_at(councils, island[["easting", "northing"]])
    assert (found == island["council"].astype(str)).all()


@pytest.mark.parametrize(("name", "easting", "northing", "code"), ISLANDS)
def test_islands_are_kept(councils, name, easting, northing, code):
    assert council_at(councils, [(easting, northing)])[0] == code, name


def test_no_council_reaches_over_a_sound(councils):
    """Arran is one council's, whatever postcode lies nearest across Kilbrannan Sound."""
    arran = shapely.box(188_000, 619_000, 206_000, 652_000)
    assert list(councils.index[councils.intersects(arran)]) == ["S12000021"]


def test_faces_cover_the_land_once(script):
    build = script("boundaries")
    land = np.array([shapely.box(1000, 600_000, 3000, 601_000)])
    points = np.array([[1500.0, 600_500], [2500, 600_500]])
    pieces = build.faces(points, np.array(["a", "b"]), land)
    assert pieces.groupby(level=0).agg(lambda p: shapely.area(p).sum()).to_dict() == {
        "a": pytest.approx(1e6), "b": pytest.approx(1e6),
    }  # fmt: skip
    assert shapely.coverage_is_valid(pieces.to_numpy())


def test_a_cell_does_not_reach_across_water(script):
    """The nearest seed of the right-hand island's left end is on the other island."""
    build = script("boundaries")
    land = np.array(
        [shapely.box(1000, 600_000, 2000, 601_000), shapely.box(2100, 600_000, 6000, 601_000)]
    )
    points = np.array([[1900.0, 600_500], [5500, 600_500]])
    pieces = build.faces(points, np.array(["a", "b"]), land)
    assert shapely.area(pieces[pieces.index == "b"]).sum() == pytest.approx(3.9e6)


def test_a_postcode_at_sea_gets_land(script):
    build = script("boundaries")
    land = np.array([shapely.box(0, 600_000, 1000, 601_000)])
    live = np.array([[1050.0, 600_500], [5000, 600_500], [500, 600_500]])
    after = build.shore(land, live)
    assert shapely.intersects(after[:, None], shapely.points(live)).any(axis=0).all()
    assert len(after) == 2  # the pier joined to the land, and an islet


def test_a_lone_stray_takes_its_neighbours_label(script):
    build = script("boundaries")
    grid = np.array([[x * 100.0, y * 100.0] for x in range(5) for y in range(5)])
    labels = np.full(25, "a")
    labels[12] = "b"
    kept = np.zeros(25, dtype=bool)
    assert (build.without_strays(grid, labels, kept) == "a").all()
    kept[12] = True
    assert build.without_strays(grid, labels, kept)[12] == "b"


def square(x, side=1000.0):
    return shapely.box(x, 600_000, x + side, 600_000 + side)


def test_compare_finds_a_moved_edge_and_a_missing_area(script):
    compare = script("compare")
    old = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[square(0), square(1000)], crs=27700)
    assert compare.compare_areas(old, old) == []
    moved = old.set_geometry([square(0), square(1100)])
    assert len(compare.compare_areas(moved, old)) == 1
    assert compare.overlap(moved, old).loc["b", "iou"] == pytest.approx(900 / 1100)
    assert "missing ['b']" in compare.compare_areas(old.iloc[:1], old)[0]


def test_compare_finds_a_changed_number_and_a_lost_row(script):
    compare = script("compare")
    old = pd.DataFrame({"k": ["x", "y"], "n": [1.0, 2.0], "t": ["p", "q"]})
    assert compare.compare_tables(old, old, key="k") == []
    assert compare.compare_tables(old.assign(n=[1.0, 2.0 + 1e-9]), old, key="k") == []
    assert "1 rows of n differ" in compare.compare_tables(old.assign(n=[1, 3.0]), old, key="k")[0]
    assert "1 keys differ" in compare.compare_tables(old.iloc[:1], old, key="k")[0]
    assert compare.compare_tables(old.drop(columns="t"), old, key="k")
