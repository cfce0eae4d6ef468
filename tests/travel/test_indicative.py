"""The bundled network: it loads, is whole, and answers for places whose way is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gapmap.bundled import data_folder
from gapmap.errors import FileError
from gapmap.travel import indicative
from gapmap.travel.indicative import indicative_accuracy, indicative_network
from gapmap.travel.network import Network


@pytest.fixture(scope="module")
def network() -> Network:
    return indicative_network()


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    postcodes = pd.read_parquet(data_folder() / "people" / "postcodes.parquet")
    return postcodes[postcodes["live"]].set_index("postcode")[["easting", "northing"]]


def trip(network: Network, homes: pd.DataFrame, start: str, end: str) -> pd.Series:
    return network.pairs(homes.loc[[start]], homes.loc[[end]]).iloc[0]


def test_it_is_scotland_in_metres(network: Network) -> None:
    assert network.nodes["x"].between(50_000, 480_000).all()
    assert network.nodes["y"].between(520_000, 1_225_000).all()


def test_an_edge_is_never_shorter_than_the_straight_line(network: Network) -> None:
    roads = network.edges[~network.edges["ferry"]]
    xy = network.nodes[["x", "y"]].to_numpy(float)
    straight = np.hypot(*(xy[roads["from"]] - xy[roads["to"]]).T) / 1000
    assert (roads["km"] >= straight - 0.002).all()


# ---- bridges, tunnels and causeways are used --------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "most_km"),
    [
        pytest.param("KY11 1JZ", "EH30 9LN", 10, id="Queensferry Crossing"),
        pytest.param("IV1 3XN", "IV1 1LU", 6, id="Kessock Bridge"),
        pytest.param("IV40 8AA", "IV41 8PL", 4, id="Skye Bridge"),
        pytest.param("G60 5JQ", "PA8 6FF", 6, id="Erskine Bridge"),
        pytest.param("DD1 1SG", "DD6 8AA", 6, id="Tay Road Bridge"),
        pytest.param("PA4 8PG", "G14 0PL", 5, id="Renfrew Bridge"),
        pytest.param("G51 2YL", "G11 6DB", 6, id="Clyde Tunnel"),
        pytest.param("KW17 2SR", "KW15 1DH", 30, id="Churchill Barriers"),
        pytest.param("HS8 5JH", "HS7 5LN", 60, id="Eriskay, Uist and Benbecula causeways"),
        pytest.param("HS6 5BF", "HS6 5AD", 25, id="Berneray causeway"),
    ],
)
def test_where_a_bridge_is_nobody_goes_round(
    network: Network, homes: pd.DataFrame, start: str, end: str, most_km: float
) -> None:
    answer = trip(network, homes, start, end)
    assert answer["status"] == "reachable"
    assert answer["km"] < most_km


# ---- water without a bridge is not crossed ----------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "least_km"),
    [
        pytest.param("IV12 4AX", "IV10 8TH", 40, id="Nairn to Fortrose, Moray Firth"),
        pytest.param("IV11 8XA", "IV19 1QY", 50, id="Cromarty to Nigg, summer ferry only"),
        pytest.param("IV40 8JS", "IV42 8NH", 50, id="Glenelg to Kylerhea, summer ferry only"),
        pytest.param("KY3 0BQ", "EH5 1HL", 30, id="Burntisland to Granton, Forth"),
        pytest.param("G63 0JQ", "G83 8TU", 20, id="Balmaha to Luss, Loch Lomond"),
        pytest.param("IV2 6XU", "IV63 7YF", 20, id="Foyers to Invermoriston, Loch Ness"),
        pytest.param("PH15 2PA", "PH15 2HX", 15, id="Lawers to Ardtalnaig, Loch Tay"),
        pytest.param("G84 8AR", "G84 0JL", 20, id="Helensburgh to Kilcreggan, Gare Loch"),
        pytest.param("PA19 1PP", "G84 0JL", 60, id="Gourock to Kilcreggan: the boat takes no cars"),
    ],
)
def test_where_no_bridge_is_the_way_goes_round(
    network: Network, homes: pd.DataFrame, start: str, end: str, least_km: float
) -> None:
    answer = trip(network, homes, start, end)
    assert answer["status"] == "reachable"
    assert answer["km"] > least_km


# ---- ferries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "aboard", "most_km"),
    [
        pytest.param("PH33 7BF", "PH33 6SJ", 5, 3, id="Corran, not 71 km round Loch Eil"),
        pytest.param("PA19 1PP", "PA23 7DJ", 20, 10, id="Gourock to Dunoon"),
        pytest.param("PA29 6UB", "PA21 2DA", 25, 6, id="Tarbert to Portavadie"),
        pytest.param("KA30 8DA", "KA28 0AB", 10, 10, id="Largs to Cumbrae"),
        pytest.param("PA34 4GH", "PA34 4TY", 5, 12, id="Cuan to Luing"),
        pytest.param("PA60 7XU", "PA46 7RD", 5, 20, id="Jura to Islay"),
        pytest.param("PA20 0AH", "PA22 3AP", 5, 25, id="Rhubodach to Colintraive"),
    ],
)
def test_car_ferries_are_used(
    network: Network, homes: pd.DataFrame, start: str, end: str, aboard: float, most_km: float
) -> None:
    answer = trip(network, homes, start, end)
    assert answer["status"] == "by_ferry"
    assert answer["ferry_minutes"] == aboard
    assert not answer["foot_ferry"]
    assert answer["km"] < most_km


@pytest.mark.parametrize(
    "home",
    [
        pytest.param("PA76 6SG", id="Iona"),
        pytest.param("PH42 4RL", id="Eigg"),
        pytest.param("PH41 2RP", id="Muck"),
        pytest.param("PH43 4RR", id="Rum"),
        pytest.param("PH44 4RS", id="Canna"),
        pytest.param("ZE2 9JU", id="Fair Isle"),
        pytest.param("ZE2 9PN", id="Foula"),
        pytest.param("KW16 3NG", id="Graemsay"),
        pytest.param("PA34 4SX", id="Kerrera"),
        pytest.param("PA34 4TB", id="Easdale"),
        pytest.param("PA73 6LZ", id="Ulva"),
        pytest.param("PH41 4PL", id="Inverie, Knoydart"),
        pytest.param("KW17 2BE", id="North Ronaldsay"),
        pytest.param("KW17 2BU", id="Papa Westray"),
    ],
)
def test_where_no_car_goes_the_boat_is_taken_on_foot(
    network: Network, homes: pd.DataFrame, home: str
) -> None:
    answer = trip(network, homes, home, "EH1 1YZ")
    assert answer["status"] == "by_ferry"
    assert answer["foot_ferry"]


def test_ferries_say_what_is_boarding_and_which_take_no_cars(network: Network) -> None:
    ferries = network.edges[network.edges["ferry"]]
    assert ferries["boarding_minutes"].isin([10, 30]).all()
    assert (ferries["minutes"] > ferries["boarding_minutes"]).all()
    assert 10 <= ferries["foot_only"].sum() < len(ferries)


# ---- every home has a status ------------------------------------------------------------------


def test_every_live_postcode_has_a_status(network: Network, homes: pd.DataFrame) -> None:
    edinburgh = homes.loc[["EH1 1YZ"]]
    status = network.nearest(homes, edinburgh)["status"].astype(str).to_numpy()
    counts = pd.Series(status).value_counts()
    assert set(counts.index) <= {"reachable", "by_ferry", "unreachable"}
    assert counts["by_ferry"] > 3_500
    lost = homes.index[status == "unreachable"]
    # Islands with no public boat, and shores with no road: each is known by name.
    assert set(lost) == UNREACHABLE


UNREACHABLE = {
    "HS6 5AJ",  # Boreray, North Uist
    "HS9 5UZ",  # Kisimul castle
    "IV21 2AD",  # Isle of Ewe
    "IV22 2JW",  # Gruinard bay
    "IV23 2RE",  # Scoraig
    "IV27 4QQ",  # Cape Wrath side of the Kyle of Durness
    "IV27 4RB",  # Ardmore
    "IV40 8JJ",  # Li
    "IV41 8PG",  # Eilean Ban
    "IV45 8RW",  # Point of Sleat
    "IV49 9BS",  # Pabay
    "IV51 9RA",  # Rona
    "KA27 8GB",  # Holy Isle: summer boat only
    "KW17 2AU",  # Auskerry
    "KW17 2TY",  # Gairsay
    "PA28 6RS",  # Sanda
    "PA28 6SL",  # Davaar
    "PA34 4SZ",  # Shuna, Luing
    "PA38 4DH",  # Shuna, Appin
    "PA61 7YS",  # Oronsay: over the sand at low tide
    "PA68 6EL",  # Inch Kenneth
    "PA73 6NA",  # Gometra
    "PH35 4JN",  # Barrisdale
    "PH36 4LR",  # Eilean Shona
    "PH41 4AB",  # Stoul, Loch Nevis
    "PH41 4PH",  # Finiskaig, Loch Nevis
    "PH41 4PP",  # Tarbet, Loch Nevis
    "PH41 4PS",  # Soay
    "ZE2 9PA",  # Vaila
}


# ---- its own accuracy -------------------------------------------------------------------------


def test_accuracy_is_told_in_plain_figures() -> None:
    told = indicative_accuracy()
    assert list(told.columns) == ["measure", "value", "unit", "note"]
    assert told["measure"].is_unique
    assert {"km_error_median", "minutes_error_p90", "minutes_bias"} <= set(told["measure"])


def test_a_broken_installation_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(indicative, "data_folder", lambda: tmp_path)
    with pytest.raises(FileError, match="Install gapmap again"):
        indicative_network()
    with pytest.raises(FileError, match=r"accuracy\.csv"):
        indicative_accuracy()
