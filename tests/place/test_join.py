"""One area for a point, links of what stands and serves, and confidential places."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gapmap.place.confidential import TELLING, is_confidential, protect
from gapmap.place.join import claims, join, people_with_areas, place, points_in_areas

SQUARES = gpd.GeoDataFrame(
    {"code": ["B", "A", "C"], "name": ["B", "A", "C"], "level": "council"},
    geometry=[box(10, 0, 20, 10), box(0, 0, 10, 10), box(0, 10, 10, 20)],
    crs="EPSG:27700",
)


def areas_of(points: list[tuple[float, float]], snap: float = 5.0) -> pd.DataFrame:
    x, y = np.array(points, float).reshape(-1, 2).T
    return points_in_areas(x, y, SQUARES, snap_metres=snap)


@pytest.mark.parametrize(
    ("point", "area", "snapped"),
    [
        ((5, 5), "A", 0),
        ((10, 5), "A", 0),  # on the edge of A and B
        ((10, 10), "A", 0),  # the corner of all three
        ((5, 10), "A", 0),
        ((20, 5), "B", 0),  # the outer edge
        ((23, 5), "B", 3),  # a pier
        ((-5, 5), "A", 5),
        ((-5.01, 5), "", None),
        ((12, 12), "B", 2),  # 2 m from B and from C: the lower code
        ((np.nan, np.nan), "", None),
    ],
)
def test_a_point_has_one_area_or_none(
    point: tuple[float, float], area: str, snapped: float | None
) -> None:
    row = areas_of([point]).iloc[0]
    assert row["area_code"] == area
    assert row["snapped_metres"] == snapped or (snapped is None and np.isnan(row["snapped_metres"]))


def test_how_far_off_is_told_for_a_point_in_no_area() -> None:
    assert areas_of([(30, 5)], snap=5)["nearest_metres"].tolist() == [10]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-10, 30), st.integers(-10, 30)), min_size=1, max_size=30))
def test_points_agree_with_a_plain_search_one_by_one(points: list[tuple[int, int]]) -> None:
    from shapely.geometry import Point

    found = areas_of([(float(x), float(y)) for x, y in points])
    for (x, y), code in zip(points, found["area_code"], strict=True):
        at = Point(x, y)
        distance = {
            area: shape.distance(at)
            for area, shape in zip(SQUARES["code"], SQUARES.geometry, strict=True)
        }
        nearest = min(sorted(distance), key=lambda area: distance[area])
        assert code == (nearest if distance[nearest] <= 5 else "")


def _links(toy, **cells: str) -> list[tuple[str, str]]:
    rows = pd.DataFrame([{"service_id": "X", "easting": np.nan, "northing": np.nan, **cells}])
    found = join(rows, toy.areas)
    return [(basis, code) for basis, code in zip(found["basis"], found["area_code"], strict=True)]


def test_a_service_that_states_what_it_serves_is_not_inferred_to_serve_more(toy) -> None:
    found = _links(toy, easting=305_000.0, northing=705_000.0, serves="Birchfield")
    assert ("served", "S12000902") in found
    assert [code for basis, code in found if basis == "located"] == [
        "S08000901",
        "S12000901",
        "S37000901",
    ]
    assert not [code for basis, code in found if basis == "inferred"]


def test_rows_that_were_not_located_yet_are_located_first(toy) -> None:
    shapes = gpd.GeoDataFrame(
        {"service_id": ["X"]}, geometry=gpd.points_from_xy([305_000], [705_000]), crs="EPSG:27700"
    )
    text = pd.DataFrame({"service_id": ["X"], "easting": ["305000"], "northing": ["705,000"]})
    for rows in (shapes, text):
        found = join(rows, toy.areas)
        assert set(found["area_code"]) == {"S08000901", "S12000901", "S37000901"}


def test_a_service_that_states_nothing_is_inferred_to_serve_where_it_stands(toy) -> None:
    found = _links(toy, easting=305_000.0, northing=705_000.0)
    inferred = [code for basis, code in found if basis == "inferred"]
    assert inferred == [code for basis, code in found if basis == "located"]


def test_a_claim_that_is_not_understood_does_not_widen_what_is_served(toy) -> None:
    found = _links(toy, easting=305_000.0, northing=705_000.0, serves="Aldrtown")
    assert {basis for basis, _ in found} == {"located"}


def test_a_claim_inside_another_is_told_once(toy) -> None:
    assert _links(toy, serves="Aldertown; Scotland") == [("served", "S92000003")]
    assert _links(toy, serves="Aldertown; South Board") == [("served", "S08000901")]
    assert _links(toy, serves="Aldertown; Cedarholm") == [
        ("served", "S12000901"),
        ("served", "S12000903"),
    ]


def test_a_linked_table_tells_the_extent_that_a_cell_cannot(toy) -> None:
    rows = pd.DataFrame(
        {"service_id": ["X"], "serves": ["Aldertown;Birchfield"], "coverage_of_area": ["whole"]}
    )
    extra = pd.DataFrame({"service_id": ["X"], "area_code": ["S12000902"], "coverage": ["part"]})
    found = claims(rows, toy.areas, service_areas=extra).set_index("area_code")["coverage"]
    assert found.to_dict() == {"S12000901": "", "S12000902": "part"}


def test_every_row_keeps_its_place_and_gets_the_area_of_every_level(toy) -> None:
    placed = place(toy.services, toy.areas, postcodes=toy.people.reset_index())
    assert placed.index.equals(toy.services.index)
    by_id = placed.set_index("service_id")
    assert by_id.loc["T1", ["council_code", "board_code", "hscp_code"]].tolist() == [
        "S12000901",
        "S08000901",
        "S37000901",
    ]
    assert by_id.loc["T4", "council_code"] == "S12000903"
    assert by_id.loc["T8", "outcome"] == "area_only"


def test_a_point_over_the_border_is_unplaced_with_the_distance(toy) -> None:
    rows = pd.DataFrame(
        {
            "name": ["A", "B"],
            "easting": [330_000, 330_000],
            "northing": [705_000, 705_000],
            "serves": ["", "Birchfield"],
        }
    )
    placed = place(rows, toy.areas)
    assert placed["outcome"].tolist() == ["unplaced", "area_only"]
    assert placed["reason"].str.contains("10.0 km").all()


def test_people_keep_their_codes_and_get_those_that_are_missing(toy) -> None:
    bare = toy.people.drop(columns=["board_code", "hscp_code"])
    coded = people_with_areas(bare, toy.areas)
    pd.testing.assert_series_equal(
        coded["board_code"].astype(object), toy.people["board_code"].astype(object)
    )
    by_point = people_with_areas(bare.drop(columns="council_code"), toy.areas)
    assert (by_point["council_code"] == toy.people["council_code"]).all()


def test_confidential_places_leave_no_trace(toy) -> None:
    placed = place(toy.services, toy.areas, postcodes=toy.people.reset_index())
    hidden = placed[is_confidential(placed)]
    assert hidden["service_id"].tolist() == ["T10"]
    safe = protect(placed)
    row = safe[safe["service_id"] == "T10"].iloc[0]
    for column in TELLING:
        if column in safe:
            assert row[column] in ("",) or pd.isna(row[column]), column
    assert row["council_code"] == "S12000903"
    others = safe["service_id"] != "T10"
    pd.testing.assert_frame_equal(safe[others], placed[others])


@pytest.mark.parametrize("said", ["yes", "Yes", "y", "TRUE", "1", "confidential!"])
def test_any_word_but_no_hides_a_place(said: str) -> None:
    assert is_confidential(pd.DataFrame({"location_confidential": [said]})).tolist() == [True]
