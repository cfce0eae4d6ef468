"""The bundled children: they add up to the official numbers, council by council."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

WEIGHTS = ["under_1", "under_2", "under_3", "under_5", "population"]


@pytest.fixture(scope="module")
def people(data):
    return pd.read_parquet(data / "people" / "people.parquet")


@pytest.fixture(scope="module")
def councils(data):
    return pd.read_csv(data / "people" / "councils.csv")


def test_one_row_per_live_postcode(people, data):
    postcodes = pd.read_parquet(data / "people" / "postcodes.parquet")
    live = postcodes[postcodes["live"]].reset_index(drop=True)
    assert people["postcode"].tolist() == live["postcode"].tolist()
    for column in ("easting", "northing"):
        assert np.array_equal(people[column], live[column])
    assert (people["council_code"].astype(str) == live["council"].astype(str)).all()


def test_council_sums_are_the_official_numbers(people, councils):
    official = councils.set_index("council_code")
    found = people.groupby(people["council_code"].astype(str))[WEIGHTS].sum()
    years = {"under_1": 1, "under_2": 2, "under_3": 3, "under_5": 5}
    for weight, count in years.items():
        total = official[[f"age_{i}" for i in range(count)]].sum(axis=1)
        np.testing.assert_allclose(found[weight], total[found.index], rtol=1e-6)
    np.testing.assert_allclose(found["population"], official["population"][found.index], rtol=1e-6)


def test_weights_are_positive_and_nested(people):
    assert (people[WEIGHTS] >= 0).all(axis=None)
    ordered = people[WEIGHTS].to_numpy()
    assert (np.diff(ordered, axis=1) >= -1e-9).all()


def test_scotland_in_mid_2022(councils):
    assert councils["population"].sum() == 5_447_700
    assert councils[[f"age_{i}" for i in range(5)]].to_numpy().sum() == 247_737
    assert len(councils) == 32
    assert councils["source"].str.contains("National Records of Scotland").all()


def test_tile_and_hexagon_places_are_unique(councils):
    assert not councils.duplicated(["tile_row", "tile_col"]).any()
    assert not councils.duplicated(["hex_q", "hex_r"]).any()


def test_spread_keeps_totals_and_proportions(script):
    build = script("people")
    council = pd.Series(["a", "a", "b"])
    official = pd.DataFrame({"under_5": [40, 9]}, index=["a", "b"])
    got = build.spread(council, np.array([1, 3, 7]), official)
    assert got["under_5"].tolist() == [10, 30, 9]


def test_children_by_class_are_the_official_shares(people, data):
    """Mid-2020 shares by 6-fold class of each council's mid-2022 children."""
    table = pd.read_csv(data / "people" / "council_urban_rural.csv")
    keys = ["council_code", "urban_rural_6fold"]
    official = table.set_index(keys)[["under_1", "under_3", "under_5", "population"]]
    share = official / official.groupby(level=0).transform("sum")
    found = people.groupby([people["council_code"].astype(str), "urban_rural"])[
        list(official.columns)
    ].sum()
    assert found.index.tolist() == official.index.tolist()
    mine = found / found.groupby(level=0).transform("sum")
    np.testing.assert_allclose(mine, share, atol=1e-9)


def test_eight_classes_agree_with_six(people):
    pairs = set(zip(people["urban_rural"], people["urban_rural_8"], strict=True))
    assert pairs == {(1, 1), (2, 2), (3, 3), (4, 4), (4, 5), (5, 6), (6, 7), (6, 8)}


def test_towns_of_every_island_council_are_remote(people):
    islands = people["council_code"].astype(str).isin(["S12000013", "S12000023", "S12000027"])
    assert people.loc[islands, "urban_rural"].isin([4, 6]).all()


def test_what_shipped_was_measured(data):
    found = pd.read_csv(data / "people" / "accuracy.csv").set_index("measure")["value"]
    assert found["under_5_wrong_data_zone"] < 0.24
    assert found["under_5_wrong_class"] < 0.04
    assert 0.9 < found["remote_under_5_ratio"] < 1.1
    assert found["right_6_fold_held_out"] > 0.85
    assert found["right_remote_or_not_held_out"] > 0.96
    assert found["remote_recall_held_out"] > 0.65
    assert found["remote_precision_held_out"] > 0.85
