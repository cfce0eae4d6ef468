"""The bundled network: it loads, is whole, and answers for places whose way is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

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


# ---- every inhabited island -------------------------------------------------------------------


@pytest.fixture(scope="module")
def land() -> np.ndarray:
    """The parts of land, the mainland first."""
    councils = gpd.read_file(data_folder() / "boundaries" / "councils.geojson").to_crs(27700)
    parts = shapely.get_parts(shapely.union_all(shapely.buffer(councils.geometry.values, 1.0)))
    return parts[np.argsort(-shapely.area(parts), kind="stable")]


def part_of(land: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Number of the land part on which, or nearest to which, each point is."""
    out = np.full(len(x), -1)
    for number, (part, (west, south, east, north)) in enumerate(
        zip(land, shapely.bounds(land), strict=True)
    ):
        near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north) & (out < 0))
        shapely.prepare(part)
        out[near[shapely.contains_xy(part, x[near], y[near])]] = number
    off = np.flatnonzero(out < 0)
    tree = shapely.STRtree(land)
    out[off] = tree.query_nearest(shapely.points(x[off], y[off]), all_matches=False)[1]
    return out


@pytest.fixture(scope="module")
def node_part(network: Network, land: np.ndarray) -> np.ndarray:
    return part_of(land, *network.nodes[["x", "y"]].to_numpy(float).T)


def fixed_links() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Bridges, tunnels and causeways that cars use, and their two ends in metres."""
    links = pd.read_csv(data_folder() / "travel" / "fixed_links.csv")
    links = links[links["used"] == "yes"].reset_index(drop=True)
    ends = (
        gpd.GeoSeries.from_xy(links[f"{end}_lon"], links[f"{end}_lat"], crs=4326).to_crs(27700)
        for end in ("from", "to")
    )
    start, end = (np.column_stack((points.x, points.y)) for points in ends)
    return links, start, end


def test_a_road_goes_from_land_to_land_only_at_a_bridge(
    network: Network, node_part: np.ndarray
) -> None:
    roads = network.edges[~network.edges["ferry"]]
    a, b = roads["from"].to_numpy(), roads["to"].to_numpy()
    over = node_part[a] != node_part[b]
    xy = network.nodes[["x", "y"]].to_numpy(float)
    middle = (xy[a[over]] + xy[b[over]]) / 2
    _, start, end = fixed_links()
    near = np.hypot(*(middle[:, None] - (start + end)[None] / 2).transpose(2, 0, 1)).min(axis=1)
    # A waypoint that the simplified coast leaves in the sea may count to the other shore.
    drawn = network.nodes["kind"].eq("road").to_numpy()
    by_main_road = drawn[a[over]] & drawn[b[over]]
    assert (near[~by_main_road] < 1600).all()


@pytest.mark.slow
def test_over_every_bridge_the_way_is_short(network: Network) -> None:
    links, start, end = fixed_links()
    frames = [pd.DataFrame(xy, columns=["easting", "northing"]) for xy in (start, end)]
    answer = network.pairs(*frames)
    straight = np.hypot(*(start - end).T) / 1000
    assert (answer["status"] == "reachable").all()
    far = links["name"][answer["km"].to_numpy() > 2 * straight + 4]
    assert far.tolist() == []


def test_every_home_of_every_inhabited_island_is_reached_as_it_should_be(
    network: Network, homes: pd.DataFrame, land: np.ndarray, node_part: np.ndarray
) -> None:
    home_part = part_of(land, *homes.to_numpy(float).T)
    roads = network.edges[~network.edges["ferry"]]
    a, b = (node_part[roads[end].to_numpy()] for end in ("from", "to"))
    joined = csr_array((np.ones(len(a)), (a, b)), shape=(len(land), len(land)))
    group = connected_components(joined, directed=False)[1]
    inhabited = np.unique(home_part[home_part > 0])
    assert len(inhabited) > 80
    status = network.nearest(homes, homes.loc[["EH1 1YZ"]])["status"].astype(str).to_numpy()
    by_road = group[home_part] == group[0]
    # An island with a road to the mainland, and the mainland itself, need no ferry (but may take
    # one); any other island has no way but by ferry.
    lost = homes.index.isin(UNREACHABLE)
    assert set(status[by_road & ~lost]) <= {"reachable", "by_ferry"}
    assert set(status[~by_road & ~lost]) == {"by_ferry"}
    assert set(status[lost]) == {"unreachable"}


@pytest.mark.slow
def test_no_leg_to_the_network_crosses_a_loch_but_beside_a_bridge(
    network: Network, homes: pd.DataFrame
) -> None:
    lochs = pd.read_csv(data_folder() / "travel" / "barriers.csv")
    xy = gpd.GeoSeries.from_xy(lochs["lon"], lochs["lat"], crs=4326).to_crs(27700)
    lines = [
        shapely.LineString(np.column_stack((part.x, part.y)))
        for _, part in xy.groupby(lochs["name"])
    ]
    tree = shapely.STRtree(lines)
    places = network.place(homes)
    joins = network._around(leaving=True).joins(places)
    home = np.column_stack((places.x, places.y))[joins.row]
    node = np.column_stack((network._x, network._y))
    nearest = places.node[joins.row]
    legs = shapely.linestrings(np.stack((home, node[joins.node]), 1))
    wet, loch = tree.query(legs, "intersects")
    beside = joins.node[wet] != nearest[wet]
    wet, loch = wet[beside], np.array(lines)[loch[beside]]
    stretch = shapely.linestrings(np.stack((node[nearest[wet]], node[joins.node[wet]]), 1))
    # The axes of lochs and of the Clyde are placed by hand.
    assert (shapely.distance(stretch, loch) < 10).all()


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
