"""read_open_roads: a small GeoPackage of the product's shape."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from gapmap.errors import FileError, InputError
from gapmap.travel.open_roads import _speeds, read_open_roads
from gapmap.travel.osm import kmh

AT = {"a": (0, 0), "b": (1000, 0), "c": (2000, 0), "d": (3000, 0), "e": (9000, 9000)}
LINKS = [
    ("a", "b", "Single Carriageway", "A Road", 1100),
    ("b", "c", "Dual Carriageway", "A Road", 1000),
    ("c", "d", "Roundabout", "A Road", 1000),
    ("d", "a", "Guided Busway", "Local Road", 3000),
]


@pytest.fixture(params=["snake", "camel"])
def package(request, tmp_path):
    """The product as it is now, and as it was named before."""
    names = {
        "snake": ("road_node", "road_link", "start_node", "end_node", "form_of_way",
                  "road_function"),
        "camel": ("RoadNode", "RoadLink", "startNode", "endNode", "formOfWay", "roadFunction"),
    }[request.param]  # fmt: skip
    file = tmp_path / "oproad.gpkg"
    points = [Point(*xy) for xy in AT.values()]
    gpd.GeoDataFrame({"id": list(AT)}, geometry=points, crs=27700).to_file(file, layer=names[0])
    start, end, form, function, length = zip(*LINKS, strict=True)
    gpd.GeoDataFrame(
        {names[2]: start, names[3]: end, names[4]: form, names[5]: function, "length": length},
        geometry=[LineString([AT[a], AT[b]]) for a, b in zip(start, end, strict=True)], crs=27700,
    ).to_file(file, layer=names[1])  # fmt: skip
    return file


def test_speeds_and_stated_lengths(package) -> None:
    edges = read_open_roads(package).edges
    np.testing.assert_allclose(edges["km"], [1.1, 1, 1])
    np.testing.assert_allclose(edges["km"] / edges["minutes"] * 60, [65, 90, 30])


def test_the_form_of_a_road_never_makes_it_quicker() -> None:
    forms = pd.Series(["Roundabout", "Roundabout", "Slip Road", "Slip Road", "Guided Busway"])
    functions = pd.Series(["A Road", "Local Road", "Motorway", "Local Road", "Local Road"])
    np.testing.assert_array_equal(_speeds(forms, functions), [30, 25, 50, 25, np.nan])


def test_a_roundabout_is_as_quick_as_on_openstreetmap() -> None:
    assert kmh({"highway": "primary", "junction": "roundabout"}) == _speeds(
        pd.Series(["Roundabout"]), pd.Series(["A Road"])
    )


def test_only_nodes_of_roads_are_joined(package) -> None:
    network = read_open_roads(package)
    assert network.nodes.index.tolist() == list("abcd")
    assert "OS Open Roads" in network.label


def test_links_go_both_ways_and_draw_themselves(package) -> None:
    network = read_open_roads(package)
    ends = network.nodes[["x", "y"]].set_axis(["easting", "northing"], axis=1)
    there, back = network.path(ends[:1], ends[3:]), network.path(ends[3:], ends[:1])
    assert there["minutes"].sum() == pytest.approx(back["minutes"].sum())
    assert there.geometry.iloc[1].coords[0] == (0, 0)
    assert back.geometry.iloc[1].coords[0] == (3000, 0)


def test_bounds(package) -> None:
    assert read_open_roads(package, bounds=(-1, -1, 900, 1)).nodes.index.tolist() == ["a", "b"]
    with pytest.raises(InputError, match="no road"):
        read_open_roads(package, bounds=(50_000, 50_000, 50_001, 50_001))
    with pytest.raises(InputError, match="bounds must be four numbers"):
        read_open_roads(package, bounds=(1, 2, 3))


def test_another_file(tmp_path) -> None:
    with pytest.raises(FileError, match="not there"):
        read_open_roads(tmp_path / "none.gpkg")
    (tmp_path / "bad.gpkg").write_text("nothing")
    with pytest.raises(FileError, match="not a GeoPackage"):
        read_open_roads(tmp_path / "bad.gpkg")
    gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=27700).to_file(tmp_path / "o.gpkg", layer="x")
    with pytest.raises(InputError, match="road_link or RoadLink; it has x"):
        read_open_roads(tmp_path / "o.gpkg")
