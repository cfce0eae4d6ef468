"""Ground by nearest service and by minutes: every family in one catchment, each dot in one band."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

import gapmap as gm
from gapmap.errors import InputError
from gapmap.show.catchment import catchment_map, reach_map
from gapmap.show.figure import save_map
from gapmap.travel.network import Network


@pytest.fixture
def nearest(toy):
    """West is nearest to W, east to E; the last ten families have no way."""
    x = toy.people["easting"].to_numpy()
    middle = np.median(x)
    status = np.array(["reachable"] * (len(x) - 10) + ["unreachable"] * 10)
    return pd.DataFrame(
        {
            "postcode": toy.people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": np.where(status == "reachable", np.abs(x - middle) / 100, np.nan),
            "status": status,
            "service_id": np.where(status == "reachable", np.where(x < middle, "W", "E"), None),
        }
    )


@pytest.fixture
def services(toy):
    left, bottom, right, top = toy.level("council").total_bounds
    return pd.DataFrame(
        {
            "service_id": ["W", "E", "S"],
            "name": ["West maternity unit", "East (maternity unit), Port", "Hidden"],
            "easting": [left + 2000, right - 2000, left],
            "northing": [(bottom + top) / 2] * 3,
            "location_confidential": ["no", "no", "yes"],
        }
    )


def draw(toy, nearest, services, **options):
    return catchment_map(
        toy.level("council"), toy.people, nearest, services, category="maternity_unit", **options
    )


def picture(figure):
    return figure.findobj(AxesImage)[0].get_array()


def test_every_family_with_a_way_is_in_one_catchment(toy, nearest, services):
    figure = draw(toy, nearest, services)
    table = figure.gapmap_data.set_index("service_id")
    assert table["postcodes"].sum() == len(toy.people) - 10
    reached = toy.people["under_5"].iloc[:-10].sum() / toy.people["under_5"].sum()
    assert table["share"].sum() == pytest.approx(reached)
    said = [text.get_text() for text in figure.findobj(Text)]
    assert "West" in said
    assert "No known service, or no way there by car or ferry" in " ".join(said).replace("\n", " ")


def test_west_and_east_have_two_colours_and_a_line_between(toy, nearest, services):
    ground = picture(draw(toy, nearest, services))
    row = ground[ground.shape[0] // 2]
    colours = [tuple(int(v) for v in dot) for dot in row if dot[3]]
    assert (61, 61, 61, 255) in colours
    assert len(set(colours) - {(61, 61, 61, 255)}) == 2


def test_minutes_shade_by_band(toy, nearest, services):
    figure = draw(toy, nearest, services, shade="minutes")
    said = " ".join(text.get_text() for text in figure.findobj(Text))
    assert "Up to 15 minutes" in said
    with pytest.raises(InputError, match='"service" or "minutes"'):
        draw(toy, nearest, services, shade="people")


def test_nothing_known_is_said(toy, nearest, services):
    with pytest.raises(InputError, match="It has: maternity_unit"):
        catchment_map(toy.level("council"), toy.people, nearest, services, category="befriending")
    none = nearest.assign(status="no_known_service", service_id=None)
    with pytest.raises(InputError, match="whose place is known"):
        draw(toy, none, services)


def test_the_same_ground_gives_the_same_bytes(toy, nearest, services, tmp_path):
    one = save_map(draw(toy, nearest, services), tmp_path / "one", dpi=60)
    other = save_map(gm.catchment_map(
        toy.level("council"), toy.people, nearest, services, category="maternity_unit"
    ), tmp_path / "other", dpi=60)  # fmt: skip
    for first, second in zip(one, other, strict=True):
        assert first.read_bytes() == second.read_bytes()


# -- reach -----------------------------------------------------------------------------------------


@pytest.fixture
def road(toy):
    """One straight road through the town from west to east, a point each kilometre and minute."""
    left, bottom, right, top = toy.level("council").total_bounds
    x = np.arange(left, right, 1000.0)
    nodes = pd.DataFrame({"x": x, "y": (bottom + top) / 2})
    edges = pd.DataFrame(
        {"from": range(len(x) - 1), "to": range(1, len(x)), "minutes": 1.0, "km": 1.0}
    )
    return Network(nodes, edges), pd.DataFrame(
        {"easting": [x[0]], "northing": [(bottom + top) / 2]}
    )


def test_bands_count_people_once(toy, road):
    network, clinic = road
    figure = reach_map(
        toy.level("council"), network, clinic, minutes=(3, 10_000), people=toy.people
    )
    within = network.nearest(toy.people, clinic)["minutes"].notna().to_numpy()
    assert figure.gapmap_data["people"].sum() == pytest.approx(toy.people["under_5"][within].sum())
    assert figure.gapmap_data["share"].between(0, 1).all()


def test_ground_far_from_the_road_is_not_reached(toy, road):
    network, clinic = road
    figure = reach_map(toy.level("council"), network, clinic, minutes=(2, 5), name="Clinic")
    ground = picture(figure)
    painted = (ground[..., 3] > 0).any(axis=1)
    assert painted.any()
    assert not painted[0]
    assert not painted[-1]
    assert figure.gapmap_data["people"].isna().all()
    assert figure.gapmap_title == "Within 5 minutes of Clinic"


def said(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")


def test_a_reach_map_says_what_its_own_network_is(toy, road):
    network, clinic = road
    study = toy.with_settings(travel_method="indicative")
    told = said(reach_map(study, network, clinic, minutes=(30,), name="Clinic"))
    assert "How: By road and ferry." in told
    assert "roughly: no traffic" not in told


def test_nothing_is_said_of_cars_where_distance_is_in_a_straight_line(toy, nearest, services):
    straight = nearest.assign(minutes=np.nan)
    told = said(catchment_map(toy, toy.people, straight, services, category="maternity_unit"))
    assert "nearest in a straight line" in told
    assert "Distances are in a straight line, without roads." in told
    with pytest.raises(InputError, match="no minutes to shade by"):
        draw(toy, straight, services, shade="minutes")


def test_bands_must_rise(toy, road):
    network, clinic = road
    for wrong in ((), (30, 15), (1, 2, 3, 4, 5), (0, 5)):
        with pytest.raises(InputError, match="bands that rise"):
            reach_map(toy.level("council"), network, clinic, minutes=wrong)
