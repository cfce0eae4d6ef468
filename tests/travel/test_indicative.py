"""The bundled network: it loads, is whole, and answers for places whose way is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gapmap.travel.indicative import indicative_network
from gapmap.travel.network import Network

PLACES = {
    "Nether Lochaber": (202000, 763500),
    "Ardgour": (201500, 763900),
    "South Queensferry": (313000, 678300),
    "North Queensferry": (313200, 680400),
}


@pytest.fixture(scope="module")
def network() -> Network:
    return indicative_network()


def trip(network: Network, start: str, end: str) -> pd.Series:
    frame = pd.DataFrame([PLACES[start], PLACES[end]], columns=["easting", "northing"])
    return network.pairs(frame[:1], frame[1:]).iloc[0]


def test_it_is_scotland_in_metres(network: Network) -> None:
    assert network.nodes["x"].between(50_000, 480_000).all()
    assert network.nodes["y"].between(520_000, 1_225_000).all()


def test_an_edge_is_never_shorter_than_the_straight_line(network: Network) -> None:
    roads = network.edges[~network.edges["ferry"]]
    xy = network.nodes[["x", "y"]].to_numpy(float)
    straight = np.hypot(*(xy[roads["from"]] - xy[roads["to"]]).T) / 1000
    assert (roads["km"] >= straight - 0.002).all()


def test_corran_ferry_is_used_not_the_road_round_loch_eil(network: Network) -> None:
    answer = trip(network, "Nether Lochaber", "Ardgour")
    assert answer["status"] == "by_ferry"
    assert answer["km"] < 5


def test_the_forth_is_crossed_by_the_crossing(network: Network) -> None:
    answer = trip(network, "North Queensferry", "South Queensferry")
    assert answer["status"] == "reachable"
    assert 3 < answer["km"] < 15
