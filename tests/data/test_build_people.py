"""The scripts that place people: small towns and councils whose answers are visible by eye."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def street(x, y, count, step=50.0):
    """`count` points in a row."""
    return np.column_stack([x + step * np.arange(count), np.full(count, y)])


# -- settlements ---------------------------------------------------------------------------------


def test_two_towns_share_a_street_by_their_people(script):
    """Thirty addresses of one person each between a town of twenty and one of ten."""
    build = script("settlements")
    points = street(0, 0, 30)
    town = build.grow(points, np.ones(30), np.array([[0.0, 0], [1450, 0]]), np.array([20.0, 10.0]))
    assert set(town) == {0, 1}
    assert (np.diff(town) >= 0).all()  # one border
    assert 17 <= (town == 0).sum() <= 23


def test_growth_does_not_leap_a_wide_gap(script):
    build = script("settlements")
    points = np.vstack([street(0, 0, 10), street(2000, 0, 5)])
    town = build.grow(points, np.ones(15), np.array([[0.0, 0]]), np.array([15.0]))
    assert town.tolist() == [0] * 10 + [-1] * 5


def test_adjoining_localities_are_one_settlement(script):
    build = script("settlements")
    points = np.vstack([street(0, 0, 6), street(0, 100, 6), street(5000, 0, 6)])
    label = build.joined(points, np.repeat([0, 1, 2], 6), 3)
    assert label[0] == label[1] != label[2]


def test_one_touching_house_joins_nothing(script):
    build = script("settlements")
    points = np.vstack([street(0, 0, 6), street(400, 0, 6)])
    label = build.joined(points, np.repeat([0, 1], 6), 2)
    assert label[0] != label[1]


def test_a_house_at_the_edge_belongs_to_the_town(script):
    build = script("settlements")
    points = np.array([[0.0, 0], [100, 0], [400, 0]])
    assert build.fringe(points, np.array([3, -1, -1])).tolist() == [3, 3, -1]


def test_no_locality_twice_and_none_that_is_an_island(script):
    build = script("settlements")
    places = pd.DataFrame(
        {
            "name": ["Perth", "Isle of Skye", "Dalserf", "Saint Andrews", "Fort William"],
            "population": [47_000, 9_000, 17_985, 18_000, 15_757],
        }
    )
    kept = build.localities(places)
    assert kept["name"].tolist() == ["Perth", "St Andrews", "Fort William"]
    assert kept["population"].tolist() == [47_000, 18_000, 10_340]


# -- the first guess -----------------------------------------------------------------------------


def test_post_boxes_at_one_point_hold_few_people(script):
    build = script("people")
    boxes = np.zeros((20, 2))
    houses = street(1000, 0, 20, step=40)
    guess = build.pattern(np.vstack([boxes, houses]), "population")
    assert guess[:20].sum() < 0.2 * guess[20:].sum()


# -- classes in line with official totals --------------------------------------------------------


def council(**columns):
    """Ten postcodes of ten people each, in open country unless told otherwise."""
    frame = pd.DataFrame({"band": 5, "people": 10.0, "minutes": 0.0, "settlement": ""}, range(10))
    return frame.assign(**columns)


def test_edges_of_a_town_go_to_it_nearest_first(script):
    build = script("people")
    here = council(band=[2] * 5 + [5] * 5)
    gap = np.array([0, 0, 0, 0, 0, 400, 100, 200, 600, 300])
    official = pd.Series({2: 70, 5: 30})
    band = build.edges_of_towns(here, gap, np.full(10, 2), official)
    assert band.tolist() == [2, 2, 2, 2, 2, 5, 2, 2, 5, 5]
    # Officially half are rural, so nothing moves; nor does anything over 500 m away, ever.
    assert (
        build.edges_of_towns(here, gap, np.full(10, 2), pd.Series({2: 1, 5: 1})) == here["band"]
    ).all()
    assert build.edges_of_towns(here, gap, np.full(10, 2), pd.Series({2: 1.0, 5: 0.0}))[8] == 5


def test_the_remotest_are_remote_in_the_official_share(script):
    build = script("people")
    here = council(minutes=[20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    far = build.remoteness(here, pd.Series({5: 700, 6: 300}), 28.0)
    assert far.tolist() == [False] * 7 + [True] * 3
    # But nobody within 18 minutes of a town is remote, nor near beyond 38.
    here = council(minutes=[1, 2, 3, 4, 5, 6, 7, 8, 40, 41])
    assert build.remoteness(here, pd.Series({5: 100, 6: 900}), 28.0).sum() == 2
    assert build.remoteness(here, pd.Series({5: 900, 6: 100}), 28.0).sum() == 2


def test_small_towns_turn_remote_as_wholes(script):
    build = script("people")
    here = council(band=3, minutes=[5, 30] * 5, settlement=["Near", "Far"] * 5)
    far = build.remoteness(here, pd.Series({3: 60, 4: 40}), 28.0)
    assert far.tolist() == [False, True] * 5


def test_every_council_gets_its_official_classes(script):
    build = script("people")
    here = council(
        settlement=["Big"] * 3 + ["Small"] * 2 + [""] * 5,
        minutes=np.arange(10) * 5.0,
    )
    found = np.array([5] * 10)
    city = np.arange(10)[::-1] * 1000.0
    got = build.completed(here, found, city, pd.Series({3: 30, 5: 70}))
    assert got.tolist() == [3] * 3 + [5] * 7
    got = build.completed(here, found, city, pd.Series({5: 80, 6: 20}))
    assert got.tolist() == [5] * 8 + [6] * 2
    got = build.completed(here, found, city, pd.Series({1: 10, 5: 90}))
    assert got.tolist() == [5] * 9 + [1]
    # A class that officially is not there becomes the likest that is.
    got = build.completed(here, np.array([4] * 5 + [5] * 5), city, pd.Series({3: 50, 5: 50}))
    assert got.tolist() == [3] * 5 + [5] * 5


def test_class_totals_are_shares_of_todays_totals(script):
    build = script("people")
    table = pd.DataFrame(
        {
            "council_code": ["a", "a"],
            "urban_rural_6fold": [2, 5],
            "population": [75, 25],
            "under_1": [8, 2],
            "under_3": [6, 4],
            "under_5": [5, 5],
        }
    )
    official = pd.DataFrame(
        {"under_1": [20], "under_2": [40], "under_3": [60], "under_5": [100], "population": [1000]},
        index=["a"],
    )
    got = build.class_totals(table, official)
    assert got["under_1"].tolist() == [16, 4]
    assert got["under_2"].tolist() == pytest.approx([28, 12])
    assert got["population"].tolist() == [750, 250]


# -- measuring -----------------------------------------------------------------------------------


def test_misplaced_share(script):
    build = script("measure")
    assert build.misplaced(pd.Series([3.0, 1]), pd.Series([2.0, 2])) == 0.25
    assert build.misplaced(pd.Series([2.0, 2]), pd.Series([2.0, 2])) == 0


def test_agreement_counts_people(script):
    build = script("measure")
    found, official = np.array([1, 6, 6, 5]), np.array([1, 6, 5, 6])
    got = build.agreement(found, official, np.array([50.0, 30, 10, 10]))
    assert got == pytest.approx((0.8, 0.8, 0.75, 0.75))


def test_nearest_zone_stays_in_its_council(script):
    build = script("measure")
    zones = pd.DataFrame({"council_code": ["a", "b"], "easting": [0, 10], "northing": [0, 0]})
    people = pd.DataFrame({"council_code": ["a", "b"], "easting": [9, 1], "northing": [0, 0]})
    assert build.nearest_zone(people, zones).tolist() == [0, 1]
