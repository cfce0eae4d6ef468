"""The rural gap list: who is on it, who is not, in what order, and why."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

import gapmap as gm
from gapmap.errors import InputError
from gapmap.gaps.distances import distances
from gapmap.gaps.rural_places import RURAL_COLUMNS, rural_places
from gapmap.provision.coverage import provision

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


def test_the_order_and_the_labels_of_the_answers_do_not_matter() -> None:
    people, nearest = frames()
    mixed = nearest.sample(frac=1, random_state=4).set_axis([f"row {n}" for n in range(8)])
    pd.testing.assert_frame_equal(rural_places(people, mixed), rural_places(people, nearest))


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


# ---- those of one place who go different ways are told apart ------------------------------------


def one_sector(*ways):
    """Frames of one sector whose postcodes each have (minutes, status)."""
    return frames(
        {f"IV23 2A{chr(65 + n)}": (6, "", far, way, False) for n, (far, way) in enumerate(ways)}
    )


def test_the_few_of_a_sector_who_have_no_way_are_listed_apart() -> None:
    table = rural_places(
        *one_sector((20.0, "reachable"), (30.0, "reachable"), (math.nan, "unreachable"))
    )
    assert table["status"].tolist() == ["unreachable"]
    assert table["people"].tolist() == [8.0]
    assert table["reason"].iat[0].startswith("Part of IV23 2, at IV23 2AC: no way by car or ferry")


def test_half_with_a_way_and_half_without_are_two_rows() -> None:
    table = rural_places(*one_sector((65.0, "reachable"), (math.nan, "unreachable")))
    assert table["status"].tolist() == ["unreachable", "beyond"]
    assert "1 hour 5" in table["reason"].iat[1]


def test_the_island_of_a_sector_is_not_hidden_by_its_mainland() -> None:
    near = [(10.0, "reachable")] * 8
    table = rural_places(*one_sector(*near, (130.0, "by_ferry"), (140.0, "by_ferry")))
    assert table[["by_ferry", "people"]].values.tolist() == [["yes", 16.0]]


def test_a_boat_that_takes_no_cars_is_told() -> None:
    people, nearest = one_sector((130.0, "by_ferry"), (130.0, "by_ferry"))
    table = rural_places(people, nearest.assign(foot_ferry=[True, False]))
    assert sorted(table["foot_ferry"]) == ["no", "yes"]
    told = table.set_index("foot_ferry")["reason"]
    assert "away, with a boat that takes no cars." in told["yes"]
    assert "away, ferry included." in told["no"]


def test_too_far_from_any_road_is_not_called_no_way() -> None:
    table = rural_places(*one_sector((math.nan, "off_network")))
    assert table["status"].tolist() == ["off_network"]
    assert "too far from any road that we hold" in table["reason"].iat[0]


def test_islands_are_told_apart_by_the_land_and_named() -> None:
    # Postcodes stand a kilometre apart: two on one island, two on another.
    people, nearest = one_sector(*[(minutes, "by_ferry") for minutes in (90.0, 95.0, 190.0, 195.0)])
    land = np.array([box(-500, -500, 1500, 500), box(1600, -500, 3500, 500), box(0, 9e5, 9e4, 9e6)])
    islands = pd.DataFrame(
        {"name": ["Eigg", "Rum"], "easting": [0.0, 3000.0], "northing": [0.0, 0.0]}
    )
    table = rural_places(people, nearest, land=land, islands=islands)
    assert table[["island", "minutes"]].values.tolist() == [["Rum", 190.0], ["Eigg", 90.0]]
    assert table["reason"].iat[0].startswith("Rum (part of IV23 2):")
    # A name is not taken from across the water.
    names = pd.DataFrame({"name": ["Cleadale"], "easting": [1450.0], "northing": [0.0]})
    named = rural_places(people, nearest, land=land, place_names=names, islands=islands)
    assert named["near"].tolist() == ["", "Cleadale"]
    assert named["reason"].iat[1].startswith("Around Cleadale, Eigg (part of IV23 2):")


def test_the_far_end_of_a_sector_is_listed_by_its_own_name() -> None:
    ways = [(20.0, "reachable")] * 6 + [(90.0, "reachable"), (95.0, "reachable")]
    names = pd.DataFrame(
        {"name": ["Near End", "Far End"], "easting": [2000.0, 6500.0], "northing": [0.0, 0.0]}
    )
    table = rural_places(*one_sector(*ways), place_names=names)
    assert table[["near", "people"]].values.tolist() == [["Far End", 16.0]]


def test_what_comes_to_a_part_of_the_area_takes_no_place_off_the_list() -> None:
    people, nearest = one_sector((90.0, "reachable"))
    nearest = nearest.assign(comes_to_family=True)
    assert rural_places(people, nearest).empty
    told = rural_places(people, nearest.assign(comes_in_part=True))
    assert told["comes_in_part"].tolist() == ["yes"]
    assert (
        told["reason"]
        .iat[0]
        .endswith("One that comes to families in a part of the area may come here: ask it.")
    )


@given(
    st.lists(
        st.tuples(
            st.floats(1, 250),
            st.sampled_from(["reachable", "by_ferry", "unreachable", "off_network"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_everyone_beyond_is_listed_once_at_most_and_the_people_add_up(ways) -> None:
    ways = [(math.nan if way.startswith(("un", "off")) else far, way) for far, way in ways]
    table = rural_places(*one_sector(*ways))
    beyond = sum(1 for far, way in ways if not far <= 60)
    assert table["people"].sum() <= 8.0 * beyond
    assert not table.duplicated(["postcode", "category"]).any()
    # Whoever has no way is always on the list.
    cut_off = sum(1 for far, _ in ways if far != far)
    assert table.loc[table["status"] != "beyond", "people"].sum() == 8.0 * cut_off


@pytest.fixture(scope="module")
def bundled():
    study = gm.scotland()
    return distances(study, provision(study), gm.indicative_network())


def test_every_far_island_of_scotland_is_on_the_list_by_name(bundled) -> None:
    births = bundled["rural"].query("category == 'maternity_unit'")
    for island in (
        "Unst", "Yell", "Fetlar", "Whalsay", "Out Skerries", "Papa Stour", "Foula", "Fair Isle",
        "Sanday", "Stronsay", "Eday", "Westray", "Papa Westray", "North Ronaldsay", "Iona", "Coll",
        "Tiree", "Colonsay", "Jura", "Islay", "Canna", "Rum", "Eigg", "Muck", "Ulva",
    ):  # fmt: skip
        assert island in set(births["island"]), island
    on_foot = births[births["foot_ferry"] == "yes"]
    assert {"Foula", "Fair Isle", "Iona", "Canna", "Papa Westray"} <= set(on_foot["island"])
    # No road leads there.
    cut_off = births[births["status"] == "unreachable"]
    assert {"Scoraig", "Barrisdale"} <= set(cut_off["near"])
    assert not bundled["rural"].duplicated(["postcode", "category"]).any()
    inverie = births[(births["place"] == "PH41 4") & (births["foot_ferry"] == "yes")]
    assert len(inverie) == 1
    named = births["near"].ne("") | births["island"].ne("") | ~births["place"].str.contains(r"\d")
    assert named.mean() > 0.94


def test_nearly_nobody_who_is_far_is_missing_from_the_list(bundled) -> None:
    study = gm.scotland()
    nearest, people = bundled["nearest"], study.people
    far = nearest[(nearest["category"] == "maternity_unit") & (nearest["rank"] == 1)]
    far = far[~far["comes_to_family"] | far["comes_in_part"]]
    far = far[(far["minutes"] > study.settings.rural_minutes) | (far["status"] == "unreachable")]
    at = people.loc[far["postcode"].astype(str)]
    wanted = at["urban_rural"].isin([4, 6]).to_numpy() | (far["status"] == "by_ferry").to_numpy()
    listed = bundled["rural"].query("category == 'maternity_unit'")["people"].sum()
    share = listed / at.loc[wanted, "under_5"].sum()
    assert 0.95 < share <= 1.001


def test_islands_that_the_coast_draws_as_one_are_told_apart_by_their_places(bundled) -> None:
    rural = bundled["rural"]
    births = rural[rural["category"] == "mother_baby_unit"]
    island = dict(zip(births["postcode"], births["island"], strict=True))
    # Postcode districts that lie on one island alone.
    for district, of in (("HS1", "Lewis"), ("HS5", "Harris"), ("HS4", "Scalpay")):
        found = {one for code, one in island.items() if code.split(" ")[0] == district}
        assert found == {of}
    sides = rural[rural["near"].isin(["Timsgarry", "Garynahine", "Mangersta"])]
    assert set(sides["island"]) == {"Lewis"}
    # Kirkwall and Stromness stand on no island of another name.
    main = births[births["place"].isin(["Kirkwall", "Stromness"])]
    assert len(main) == 2
    assert set(main["island"]) == {""}
    joined = births[births["near"].isin(["Burray Village", "St Margaret's Hope"])]
    assert set(joined["island"]) == {"Burray", "South Ronaldsay"}


def test_a_study_of_one_council_lists_its_own_places_only() -> None:
    study = gm.scotland()
    orkney = study.areas[study.areas["name"] == "Orkney Islands"]
    study = replace(study, areas=orkney)
    tables = distances(study, provision(study), gm.indicative_network())
    rural = tables["rural"]
    assert set(rural["area_name"]) == {"Orkney Islands"}
    assert {"Westray", "Hoy", "Sanday"} <= set(rural["island"])
    assert not set(rural["island"]) & {"Bute", "Skye", "Great Cumbrae", "Harris"}
    assert set(tables["travel"]["area_name"]) == {"Orkney Islands"}


def test_a_study_of_boards_alone_has_its_people_and_places() -> None:
    study = gm.scotland()
    study = replace(study, areas=study.areas[study.areas["level"] == "board"])
    tables = distances(study, provision(study), gm.indicative_network())
    people = tables["travel"].groupby("category", observed=True)["people"].sum()
    assert ((people / study.people["under_5"].sum() - 1).abs() < 1e-3).all()
    assert "NHS Orkney" in set(tables["rural"]["area_name"])


def test_roads_of_another_country_are_refused() -> None:
    study = gm.scotland()
    nodes = pd.DataFrame({"x": [1_000_000.0, 1_000_900.0], "y": 0.0})
    far = gm.Network(nodes, pd.DataFrame({"from": [0], "to": [1], "minutes": [1.0], "km": [1.0]}))
    with pytest.raises(InputError, match="Nobody of the study lives near the network"):
        distances(study, provision(study), far)


def test_a_place_is_named_by_what_is_near_its_people_not_by_their_empty_middle() -> None:
    """Forty kilometres: two thirds of the children at the west end, a house in the middle."""
    people = pd.DataFrame(
        {
            "easting": [0.0, 500.0, 40_000.0],
            "northing": 0.0,
            "council_code": "C",
            "board_code": "B",
            "urban_rural": 6,
            "under_5": [10.0, 10.0, 10.0],
        },
        index=["IV1 1AA", "IV1 1AB", "IV1 1AC"],
    )
    names = pd.DataFrame(
        {"name": ["West", "House", "East"], "easting": [0.0, 14_000.0, 40_000.0], "northing": 0.0}
    )
    nearest = pd.DataFrame(
        {
            "postcode": people.index, "category": "maternity_unit", "rank": 1, "minutes": 90.0,
            "km": 80.0, "ferry_minutes": 0.0, "status": "reachable", "service_id": "R",
            "comes_to_family": False,
        }
    )  # fmt: skip
    table = rural_places(people, nearest, place_names=names)
    assert table[["near", "people"]].values.tolist() == [["West", 30.0]]
    # Without any way there they have nothing in common but the sector.
    cut = nearest.assign(status="unreachable", minutes=float("nan"), service_id=None)
    table = rural_places(people, cut, place_names=names)
    assert sorted(table[["near", "people"]].values.tolist()) == [["East", 10.0], ["West", 20.0]]
