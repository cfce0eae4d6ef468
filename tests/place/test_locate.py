"""A point from each form, the troubles in words, and nothing lost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from gapmap.errors import CRSError
from gapmap.place.locate import locate, parse_grid_ref, tidy_postcode

POSTCODES = pd.DataFrame(
    {
        "postcode": ["ZA1 1AA", "ZA1 1AB"],
        "easting": [300_000, 325_700],
        "northing": [700_000, 673_600],
        "live": [True, False],
    }
)


def one(**cells: object) -> pd.Series:
    return locate(pd.DataFrame([{"name": "A", **cells}]), postcodes=POSTCODES).iloc[0]


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("eh13dg", "EH1 3DG"),
        (" EH1  3DG ", "EH1 3DG"),
        ("kw15-1ax", "KW15 1AX"),
        ("G1 1AA", "G1 1AA"),
        ("Leith", ""),
        ("", ""),
        ("EH1", ""),
        ("12345", ""),
        ("E" * 10_000, ""),
    ],
)
def test_postcodes_are_written_one_way(text: str, tidy: str) -> None:
    assert tidy_postcode(text) == tidy


@pytest.mark.parametrize(
    ("text", "east", "north", "width"),
    [
        ("NT 257 736", 325_750, 673_650, 100),
        ("nt257736", 325_750, 673_650, 100),
        ("NT 25700 73600", 325_700.5, 673_600.5, 1),
        ("HU 47 41", 447_500, 1_141_500, 1_000),  # Lerwick
        ("NB 4 3", 145_000, 935_000, 10_000),  # Stornoway
        ("NA 0 0", 5_000, 905_000, 10_000),
    ],
)
def test_a_grid_reference_is_the_middle_of_its_square(
    text: str, east: float, north: float, width: float
) -> None:
    assert parse_grid_ref(text) == (east, north, width)


@pytest.mark.parametrize(
    "text", ["", "NT 257 73", "NI 12 34", "ZZ 12 34", "NT", "257736", "x" * 99]
)
def test_what_is_no_grid_reference_is_none(text: str) -> None:
    assert parse_grid_ref(text) is None


@given(
    st.integers(10_000, 470_000),
    st.integers(530_000, 1_220_000),
)
def test_a_grid_reference_written_from_coordinates_finds_them_again(east: int, north: int) -> None:
    # Written here from the scheme itself: 500 km squares from S, 100 km squares within.
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    col, row = east // 100_000, north // 100_000
    first = letters[(3 - row // 5) * 5 + 2 + col // 5]
    second = letters[(4 - row % 5) * 5 + col % 5]
    found = parse_grid_ref(f"{first}{second} {east % 100_000:05d} {north % 100_000:05d}")
    assert found is not None
    assert found[:2] == (east + 0.5, north + 0.5)


def test_degrees_land_where_the_ordnance_survey_says() -> None:
    # Edinburgh Castle, 55.9486 N 3.1999 W, is NT 2515 7350.
    row = one(latitude="55.9486", longitude="-3.1999")
    assert row["outcome"] == "used"
    assert row["easting"] == pytest.approx(325_150, abs=60)
    assert row["northing"] == pytest.approx(673_480, abs=60)
    assert row["placed_by"] == "latitude_longitude"
    assert row["precision"] == "site"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"latitude": "-3.2", "longitude": "55.9"}, "swapped"),
        ({"latitude": "55.9", "longitude": "3.2"}, "is it -3.2"),
        ({"latitude": "0", "longitude": "0"}, "blank cell"),
        ({"latitude": "100", "longitude": "-3"}, "no degrees"),
        ({"latitude": "north", "longitude": "-3"}, "not two numbers"),
        ({"latitude": "55.9", "longitude": ""}, "not two numbers"),
        ({"easting": "673000", "northing": "325000"}, "swapped"),
        ({"easting": "55.9", "northing": "-3.2"}, "look like degrees"),
        ({"easting": "0", "northing": "0"}, "blank cell"),
        ({"easting": "nan", "northing": "inf"}, "not two numbers"),
        ({"grid_ref": "somewhere"}, "no grid reference"),
    ],
)
def test_a_wrong_form_is_told_and_places_nothing(cells: dict[str, str], words: str) -> None:
    row = one(**cells)
    assert row["outcome"] == "rejected"
    assert np.isnan(row["easting"])
    assert words in row["reason"]


@pytest.mark.parametrize(
    "cells", [{"latitude": "51.5", "longitude": "-0.1"}, {"grid_ref": "TQ 12 34"}]
)
def test_a_place_over_the_border_is_unplaced_and_not_wrong(cells: dict[str, str]) -> None:
    row = one(**cells)
    assert row["outcome"] == "unplaced"
    assert "outside Scotland" in row["reason"]


def test_a_wrong_form_falls_back_on_a_right_one_and_says_so() -> None:
    row = one(latitude="-3.2", longitude="55.9", postcode="za11aa")
    assert (row["outcome"], row["placed_by"]) == ("used", "postcode")
    assert "swapped" in row["reason"]


def test_numbers_as_people_type_them() -> None:
    row = one(easting="325,700", northing="673,600 ")
    assert (row["easting"], row["northing"]) == (325_700, 673_600)
    assert one(latitude="55,9486", longitude="-3,1999")["outcome"] == "used"


def test_a_retired_postcode_places_and_says_so() -> None:
    row = one(postcode="ZA1 1AB")
    assert row["outcome"] == "used"
    assert "retired" in row["reason"]
    assert row["precision"] == "postcode"


def test_an_unknown_postcode_leaves_a_row_unplaced_or_known_by_its_area() -> None:
    assert one(postcode="ZZ9 9ZZ")["outcome"] == "unplaced"
    assert "not a Scottish postcode" in one(postcode="ZZ9 9ZZ")["reason"]
    assert one(postcode="ZZ9 9ZZ", serves="Fife")["outcome"] == "area_only"
    assert one()["outcome"] == "unplaced"


def test_forms_that_disagree_are_told_with_the_distance() -> None:
    row = one(easting="300000", northing="705000", postcode="ZA1 1AA")
    assert (row["easting"], row["northing"]) == (300_000, 705_000)
    assert row["disagree_metres"] == 5_000
    assert "5.0 km" in row["reason"]
    near = one(easting="300000", northing="700900", postcode="ZA1 1AA")
    assert np.isnan(near["disagree_metres"])


def test_precision_is_never_finer_than_what_placed_it() -> None:
    assert one(postcode="ZA1 1AA", precision="site")["precision"] == "postcode"
    assert one(easting="300000", northing="700000", precision="town")["precision"] == "town"
    assert one(grid_ref="NT 25 73")["precision"] == "town"
    assert one(grid_ref="NT 2 7")["precision"] == "area"


def test_a_property_number_needs_a_lookup() -> None:
    rows = pd.DataFrame({"name": ["A"], "uprn": ["000906"]})
    assert locate(rows, postcodes=POSTCODES)["outcome"].tolist() == ["unplaced"]
    lookup = pd.DataFrame({"uprn": [906], "easting": [300_000], "northing": [700_000]})
    placed = locate(rows, postcodes=POSTCODES, uprns=lookup)
    assert placed["placed_by"].tolist() == ["uprn"]


def test_points_of_a_file_are_brought_to_metres_and_polygons_to_a_point_inside() -> None:
    shapes = gpd.GeoDataFrame(
        {"name": ["A", "B", "C"]},
        geometry=[Point(-3.1999, 55.9486), box(-3.3, 55.9, -3.2, 56.0), None],
        crs="EPSG:4326",
    )
    placed = locate(shapes, postcodes=POSTCODES)
    assert placed["outcome"].tolist() == ["used", "used", "unplaced"]
    assert placed["easting"].iat[0] == pytest.approx(325_150, abs=60)
    assert "geometry" not in placed


def test_points_without_a_crs_are_refused_with_the_mend() -> None:
    shapes = gpd.GeoDataFrame({"name": ["A"]}, geometry=[Point(-3.2, 55.9)])
    with pytest.raises(CRSError, match="set_crs"):
        locate(shapes, postcodes=POSTCODES)


NASTY = st.sampled_from(["", "0", "-3.2", "55.9", "1e400", "=1+1", "<script>", "\u202e", "ZA1 1AA"])


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.just("A"),
                **{
                    column: NASTY | st.text(max_size=12)
                    for column in (
                        "easting",
                        "northing",
                        "latitude",
                        "longitude",
                        "grid_ref",
                        "postcode",
                        "serves",
                        "precision",
                    )
                },
            }
        ),
        max_size=8,
    )
)
def test_every_row_comes_out_once_with_one_outcome(rows: list[dict[str, str]]) -> None:
    frame = pd.DataFrame(
        rows,
        columns=[
            "name",
            "easting",
            "northing",
            "latitude",
            "longitude",
            "grid_ref",
            "postcode",
            "serves",
            "precision",
        ],
    )
    before = frame.copy()
    placed = locate(frame, postcodes=POSTCODES)
    pd.testing.assert_frame_equal(frame, before)
    assert placed.index.equals(frame.index)
    assert set(placed["outcome"]) <= {"used", "area_only", "unplaced", "rejected"}
    assert (placed["easting"].notna() == (placed["outcome"] == "used")).all()
    assert (placed["reason"][placed["outcome"] != "used"] != "").all()
