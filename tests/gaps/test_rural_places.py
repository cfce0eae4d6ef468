"""The rural gap list: who is on it, who is not, in what order, and why."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import InputError
from gapmap.gaps.rural_places import RURAL_COLUMNS, rural_places

#: postcode: (class, settlement, minutes, status, comes)
PLACES = {
    "IV27 4AA": (6, "", 130.0, "reachable", False),
    "IV27 4AB": (6, "", 90.0, "reachable", False),
    "IV27 5AA": (6, "", 59.0, "reachable", False),  # near enough
    "KW17 2AA": (6, "", 200.0, "by_ferry", False),
    "KW17 3AA": (6, "", math.nan, "unreachable", False),
    "ZE1 0AA": (4, "Lerwick", 150.0, "by_ferry", True),  # help comes
    "EH1 1AA": (1, "Edinburgh", 300.0, "reachable", False),  # far, but no remote place
    "PH41 4AA": (6, "", math.nan, "no_known_service", False),  # nobody knows how far
}


def frames(places=PLACES):
    people = pd.DataFrame(
        {
            "easting": [1000.0 * n for n in range(len(places))],
            "northing": 0.0,
            "council_code": "C1",
            "board_code": "B1",
            "under_5": 8.0,
            "urban_rural": [row[0] for row in places.values()],
            "settlement": [row[1] for row in places.values()],
        },
        index=list(places),
    )
    nearest = pd.DataFrame(
        {
            "postcode": list(places),
            "category": "maternity_unit",
            "rank": 1,
            "minutes": [row[2] for row in places.values()],
            "ferry_minutes": [60.0 if row[3] == "by_ferry" else 0.0 for row in places.values()],
            "status": [row[3] for row in places.values()],
            "service_id": ["U" if row[2] == row[2] else "" for row in places.values()],
            "comes_to_family": [row[4] for row in places.values()],
        }
    )
    return people, nearest


def test_only_remote_places_beyond_the_threshold_with_no_help_that_comes_are_listed() -> None:
    table = rural_places(*frames())
    assert list(table.columns) == list(RURAL_COLUMNS)
    assert table["place"].tolist() == ["KW17 3", "KW17 2", "IV27 4"]


def test_no_way_comes_first_then_the_longest_and_neither_by_children() -> None:
    table = rural_places(*frames())
    assert math.isnan(table["minutes"].iat[0])
    assert table["minutes"].iloc[1:].tolist() == [200.0, 90.0]
    assert table["status"].tolist() == ["unreachable", "beyond", "beyond"]
    assert table["by_ferry"].tolist() == ["no", "yes", "no"]
    assert "no way by car or ferry" in table["reason"].iat[0]
    assert "ferry included" in table["reason"].iat[1]


def test_a_place_is_listed_when_half_of_its_people_are_beyond() -> None:
    places = dict(PLACES)
    places["IV27 4AC"] = (6, "", 10.0, "reachable", False)
    assert "IV27 4" in rural_places(*frames(places))["place"].tolist()  # two of three
    places["IV27 4AD"] = (6, "", 10.0, "reachable", False)
    places["IV27 4AE"] = (6, "", 10.0, "reachable", False)
    assert "IV27 4" not in rural_places(*frames(places))["place"].tolist()  # two of five


def test_a_known_place_nearby_names_a_sector() -> None:
    names = pd.DataFrame({"name": ["Lochinver"], "easting": [0.0], "northing": [0.0]})
    table = rural_places(*frames(), place_names=names).set_index("place")
    assert table.loc["IV27 4", "near"] == "Lochinver"
    assert table.loc["IV27 4", "reason"].startswith("Around Lochinver (IV27 4):")


def test_a_place_has_a_point_of_its_people_nearest_to_their_middle() -> None:
    table = rural_places(*frames()).set_index("place")
    assert table.loc["IV27 4", "easting"] in (0.0, 1000.0)  # 500 is nobody's
    assert table.loc["KW17 2", "easting"] == 3000.0
    assert (table["northing"] == 0).all()


def test_children_are_told_roughly() -> None:
    assert "A few under-fives" in rural_places(*frames())["reason"].iat[0]


def test_people_without_classes_are_refused_with_the_mend() -> None:
    people, nearest = frames()
    with pytest.raises(InputError, match="urban_rural"):
        rural_places(people.drop(columns="urban_rural"), nearest)


@given(st.floats(1, 250), st.floats(1, 250))
def test_a_longer_threshold_never_adds_a_place(one: float, other: float) -> None:
    low, high = sorted((one, other))
    many, few = (set(rural_places(*frames(), threshold=t)["place"]) for t in (low, high))
    assert few <= many


def test_official_counts_are_told_as_they_are() -> None:
    people, nearest = frames()
    said = rural_places(people, nearest, exact_people=True)["reason"]
    assert not said.str.contains("oughly|few under-fives").any()
    numbers = said.str.extract(r"\. ([\d,]+|No) under-fives? live", expand=False)
    assert numbers.notna().all()


def test_data_zones_are_told_by_their_neighbourhood() -> None:
    people, nearest = frames()
    zones = {code: f"S010000{n:02d}" for n, code in enumerate(people.index)}
    named = people.assign(place="Sutherland North").rename(index=zones)
    table = rural_places(named, nearest.assign(postcode=nearest["postcode"].map(zones)))
    assert set(table["place"]) == {"Sutherland North"}
