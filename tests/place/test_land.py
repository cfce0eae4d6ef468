"""Islands are told apart by water, and a point off the coast belongs to the nearest land."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPoint, box

from gapmap.place.land import land_of, piece_of

#: Two councils of one mainland, one with an island besides.
AREAS = gpd.GeoDataFrame(
    geometry=[box(0, 0, 10, 10).union(box(30, 0, 35, 5)), box(10, 0, 20, 10)], crs="EPSG:27700"
)


def test_councils_that_touch_are_one_land_and_an_island_is_another() -> None:
    land = land_of(AREAS)
    assert sorted(one.area for one in land) == [25, 200]


def test_areas_known_by_points_bring_no_land() -> None:
    points = gpd.GeoDataFrame(geometry=[MultiPoint([(0, 0), (1, 1)])], crs="EPSG:27700")
    assert len(land_of(points)) == 0
    assert piece_of(np.array([1.0]), np.array([1.0]), land_of(points)).tolist() == [0]


@given(st.lists(st.tuples(st.floats(-5, 40), st.floats(-5, 15)), max_size=20))
def test_every_point_has_the_nearest_land(points) -> None:
    from shapely import Point

    land = land_of(AREAS)
    x, y = (np.array([p[n] for p in points], dtype=float) for n in (0, 1))
    for number, (px, py) in zip(piece_of(x, y, land).tolist(), points, strict=True):
        off = [one.distance(Point(px, py)) for one in land]
        assert off[number] == min(off)
