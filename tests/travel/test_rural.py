"""Urban-rural classes: the definitions, the bundled answers, an official lookup."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.bundled import data_folder
from gapmap.errors import CRSError, InputError
from gapmap.travel import rural
from gapmap.travel.rural import (
    class_accuracy,
    classes_in_words,
    classify,
    minutes_to_town,
    settlements,
    urban_rural,
    with_classes,
)
from gapmap.travel.straight import StraightLine

# Places whose class nobody doubts: easting, northing, 6-fold, 8-fold.
KNOWN = pd.DataFrame(
    [
        ("Princes Street, Edinburgh", 325_400, 673_900, 1, 1),
        ("Sauchiehall Street, Glasgow", 258_300, 665_900, 1, 1),
        ("Paisley, part of Glasgow's settlement", 248_300, 664_000, 1, 1),
        ("Perth", 311_700, 723_500, 2, 2),
        ("Inverness", 266_700, 845_300, 2, 2),
        ("Lerwick", 447_600, 1_141_400, 4, 5),
        ("Stornoway", 142_300, 932_900, 4, 5),
        ("Oban", 186_000, 730_000, 4, 5),
        ("Gifford, East Lothian", 353_300, 668_100, 5, 6),
        ("Durness", 240_300, 967_700, 6, 8),
        ("Foula, which no car reaches", 396_300, 1_138_900, 6, 8),
        ("Tiree", 99_700, 744_700, 6, 8),
    ],
    columns=["place", "easting", "northing", "six", "eight"],
).set_index("place")


def by_hand(people, minutes, folds, cutoff):
    """The definitions, one place at a time."""
    if people >= 125_000:
        return 1
    if people >= 10_000:
        return 2
    reached = not np.isnan(minutes)
    if reached and minutes <= cutoff:
        far = 0
    elif folds == 6 or (reached and minutes <= 2 * cutoff):
        far = 1
    else:
        far = 2
    first = 3 if people >= 3_000 else (5 if folds == 6 else 6)
    return first + far


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 2_999, 3_000, 9_999, 10_000, 124_999, 125_000, 600_000]),
            st.one_of(st.sampled_from([28.0, 56.0, np.nan]), st.floats(0, 200)),
        ),
        min_size=1,
    ),
    st.sampled_from([6, 8]),
    st.sampled_from([28.0, 30.0]),
)
def test_classify_is_the_definition(places, folds, cutoff):
    people, minutes = zip(*places, strict=True)
    got = classify(people, minutes, folds=folds, cutoff=cutoff)
    assert got.tolist() == [by_hand(p, m, folds, cutoff) for p, m in places]


def test_eight_classes_refine_six():
    people = np.repeat([0, 4_000, 20_000, 200_000], 4)
    minutes = np.tile([10, 40, 70, np.nan], 4)
    six, eight = (classify(people, minutes, folds=folds) for folds in (6, 8))
    merge = {1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 5, 7: 6, 8: 6}
    assert six.tolist() == [merge[k] for k in eight]


@pytest.mark.parametrize(("folds", "column"), [(6, "six"), (8, "eight")])
def test_known_places(folds, column):
    got = urban_rural(KNOWN, folds=folds)
    assert got.index.equals(KNOWN.index)
    assert got.to_dict() == KNOWN[column].to_dict()


def test_worked_out_anew_on_the_bundled_network_agrees():
    got = urban_rural(KNOWN, cutoff=rural.CUTOFF_MINUTES)
    assert got.to_dict() == KNOWN["six"].to_dict()


def test_bundled_classes_are_those_of_the_people_table():
    people = pd.read_parquet(data_folder() / "people" / "people.parquet").iloc[::400]
    for folds, column in ((6, "urban_rural"), (8, "urban_rural_8")):
        got = urban_rural(people, folds=folds)
        same = (got.to_numpy() == people[column].to_numpy()).mean()
        # Postcodes that share a point may differ in nothing but their settlement.
        assert same > 0.995


def test_geometry_and_columns_give_the_same():
    shapes = gpd.GeoDataFrame(
        {"place": KNOWN.index},
        geometry=gpd.points_from_xy(KNOWN["easting"], KNOWN["northing"]),
        crs=27700,
    )
    assert urban_rural(shapes).tolist() == urban_rural(KNOWN).tolist()
    with pytest.raises(CRSError):
        urban_rural(shapes.to_crs(4326))


def test_far_from_any_postcode_is_open_country():
    """A moor 3 km from Fort William's last house is no part of the town."""
    moor = pd.DataFrame({"easting": [216_600], "northing": [771_300]})  # Ben Nevis
    assert urban_rural(moor).tolist() == [5]
    assert urban_rural(moor, folds=8).tolist() == [6]


def test_a_longer_cutoff_never_makes_a_place_remoter():
    people = pd.read_parquet(data_folder() / "people" / "people.parquet").iloc[::100]
    near, far = (urban_rural(people, cutoff=minutes) for minutes in (20, 40))
    remote = [4, 6]
    assert not (far.isin(remote) & ~near.isin(remote)).any()
    assert near.isin(remote).sum() > far.isin(remote).sum()


def test_other_drive_times_are_used():
    """In a straight line at 600 km an hour nothing is far from a town but the far islands."""
    got = urban_rural(KNOWN, network=StraightLine(kmh=600))
    assert got["Durness"] == 5
    assert got["Oban"] == 3


def test_points_are_not_changed_and_order_is_kept():
    before = KNOWN.copy()
    backwards = urban_rural(KNOWN[::-1])
    assert KNOWN.equals(before)
    assert backwards.to_dict() == KNOWN["six"].to_dict()
    assert urban_rural(KNOWN[:0]).empty


def test_official_lookup_wins_and_is_counted():
    points = KNOWN.assign(postcode=[f"AB{i} 1AA" for i in range(1, len(KNOWN) + 1)])
    official = pd.DataFrame({"Postcode": ["ab1 1aa", "AB11AA", "ZZ1 1ZZ"], "UR6_2020": [6, 6, 3]})
    got = urban_rural(points, lookup=official.rename(columns={"Postcode": "postcode"}))
    assert got.iloc[0] == 6
    assert got.iloc[1:].tolist() == KNOWN["six"].tolist()[1:]
    assert (got.attrs["official"], got.attrs["computed"]) == (1, len(points) - 1)
    assert "11 places of 12 are not in it" in got.attrs["said"]
    assert urban_rural(points, lookup=official).tolist() == got.tolist()


def test_lookup_by_data_zone_in_the_index():
    zones = pd.DataFrame(
        {"easting": [325_400, 325_400], "northing": [673_900, 673_900]},
        index=pd.Index(["S01000001", "S01000002"], name="data_zone"),
    )
    official = pd.DataFrame({"data_zone": ["S01000002"], "class8": [4], "class6": [3]})
    assert urban_rural(zones, lookup=official).tolist() == [1, 3]
    assert urban_rural(zones, folds=8, lookup=official).tolist() == [1, 4]


@pytest.mark.parametrize(
    ("lookup", "words"),
    [
        ({"postcode": ["AB1 1AA"], "class": [7]}, "from 1 to 6"),
        ({"postcode": ["AB1 1AA"], "class": ["urban"]}, "from 1 to 6"),
        ({"postcode": ["AB1 1AA", "AB1 1AA"], "class": [1, 2]}, "more than one class"),
        ({"zone": ["S01"], "class": [1]}, "key in common"),
        ({"postcode": ["AB1 1AA"], "a": [1], "b": [1]}, "exactly one column"),
        ({"postcode": ["AB1 1AB"], "class": [1]}, "none of its 1 rows"),
    ],
)
def test_a_bad_lookup_is_refused(lookup, words):
    points = KNOWN.assign(postcode="AB1 1AA")
    with pytest.raises(InputError, match=words):
        urban_rural(points, lookup=pd.DataFrame(lookup))


def test_blank_classes_are_filled_and_given_ones_kept():
    people = KNOWN.assign(urban_rural=[3.0] + [np.nan] * (len(KNOWN) - 1))
    filled = with_classes(people)["urban_rural"]
    assert filled.tolist() == [3, *KNOWN["six"].tolist()[1:]]
    assert with_classes(KNOWN)["urban_rural"].tolist() == KNOWN["six"].tolist()
    assert people["urban_rural"].isna().sum() == len(KNOWN) - 1


def test_whose_the_classes_are_is_said_with_the_measured_accuracy(toy):
    own = f"right for about {100 * class_accuracy()['right_6_fold_bundled']:.0f} in 100 people"
    assert "those of the file of people" in classes_in_words(toy)
    bare = replace(toy, people=toy.people.drop(columns="urban_rural"))
    assert "gapmap's own, not the official ones" in classes_in_words(bare)
    assert own in classes_in_words(bare)
    official = toy.with_settings(official_classes="ur.csv")
    whole = replace(official, people=toy.people.assign(official_class=True))
    assert classes_in_words(whole) == (
        "Urban-rural classes (what is remote) are the official ones of the Scottish Government, "
        "from the file ur.csv."
    )
    some = bare.people.assign(official_class=[True] * 60 + [False] * 40)
    said = classes_in_words(replace(official, people=some))
    assert "40 places of 100 are not in it" in said
    assert own in said


def test_bad_options_are_refused():
    with pytest.raises(InputError, match="folds is 7"):
        urban_rural(KNOWN, folds=7)
    for cutoff in (0, float("nan"), "30", True):
        with pytest.raises(InputError, match="cutoff must be minutes, a number above 0"):
            urban_rural(KNOWN, cutoff=cutoff)
    with pytest.raises(InputError, match="no minutes"):
        urban_rural(KNOWN, network=StraightLine())
    london = pd.DataFrame({"easting": [325_000, 530_000], "northing": [674_000, 180_000]})
    with pytest.raises(InputError, match="Outside Scotland: 1 point of 2, the first at 530000"):
        urban_rural(london)
    with pytest.raises(InputError):
        urban_rural(pd.DataFrame({"easting": [np.nan], "northing": [0.0]}))


def test_settlements_are_whole():
    towns = settlements()
    assert towns.index.is_unique
    cities = towns[towns["population"] >= 125_000]
    assert cities.index.tolist() == ["Glasgow", "Edinburgh", "Aberdeen", "Dundee"]
    assert 480 <= len(towns) <= 650
    people = pd.read_parquet(data_folder() / "people" / "people.parquet", columns=["settlement"])
    named = set(people["settlement"].astype(str)) - {""}
    scottish = set(towns.index[towns["council_code"] != ""])
    assert named <= scottish
    assert len(named) >= 0.97 * len(scottish)
    # The caller's copy is the caller's own.
    towns["population"] = 0
    assert settlements()["population"].min() > 0


def test_english_towns_lie_beyond_the_border():
    """Lamberton stands at the border: 8 minutes from Berwick, which is 4.8 km on."""
    lamberton = pd.DataFrame({"easting": [397_500], "northing": [657_300]})
    measure = StraightLine(kmh=60)
    assert minutes_to_town(lamberton, settlements(), measure)[0] == pytest.approx(8)
    scottish = settlements().query("council_code != ''")
    assert minutes_to_town(lamberton, scottish, measure)[0] > 30
