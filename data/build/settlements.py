"""Finds Scotland's settlements: which postcodes form one, and how many people it has.

Used by ``people.py``. The method follows that of National Records of Scotland (adjoining
high-density postcodes) with what is open: live postcodes for density, and the people of named
localities for size. Built-up postcodes are shared among the localities by growing every locality
from its centre through neighbouring postcodes until each has about its people; localities whose
postcodes lie cheek by jowl are then one settlement.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

# Built up: at least this many addresses (distinct points) within this distance.
BUILT_UP_POINTS, BUILT_UP_METRES = 4, 250.0
# Growth passes gaps up to this long; a gap costs more than its length beyond 200 m.
REACH_METRES, GAP_METRES = 400.0, 200.0
# Localities are one settlement when at least so many pairs of their addresses are this near.
JOIN_PAIRS, JOIN_METRES = 4, 200.0
# A postcode outside the built-up ones joins a settlement with an address this near.
FRINGE_METRES = 150.0
# People of a square kilometre of a town, for the size of its first seeds.
TOWN_DENSITY = 3000.0
ROUNDS = 60
SMALLEST = 500

# Rows of GeoNames that are no locality, or not with that population.
NOT_LOCALITIES = {
    "Meikle Earnock": "part of Hamilton, listed with all of Hamilton's people",
    "Dalserf": "a parish, not a locality",
    "Nigg": "a parish of Aberdeen",
    "High Blantyre": "part of Blantyre, listed apart and unrounded",
    "Mossend": "part of Bellshill",
    "Bowertower": "scattered houses, listed with the people of a parish",
    "Benbecula": "an island",
    "Barra": "an island",
    "Cairnryan": "a hamlet, listed with the people of a parish",
}
OTHER_POPULATION = {
    # The 2011 census has about 10,500 with Caol and Corpach; 15,757 is a wider area.
    "Fort William": 10_340,
    # 10,190 in 2020, but under 10,000 (9,773 at the census of 2011) when the classes were drawn
    # whose council totals the people follow: Highland's towns add up only without it.
    "Nairn": 9_773,
    # Moray's official people in towns of 10,000 (34,843) are Elgin's and Forres's; with its
    # edges Forres passes the mark.
    "Forres": 10_000,
}

# English towns that Scots drive to: people (2011 census), the place where the road crosses the
# border, and about how many minutes lie beyond it, since the bundled network ends there.
OVER_THE_BORDER = pd.DataFrame(
    [
        ("Berwick-upon-Tweed", 12_043, 397_500, 657_300, 8.0),
        ("Carlisle", 75_306, 332_200, 567_600, 15.0),
    ],
    columns=["settlement", "population", "easting", "northing", "minutes_beyond"],
)


def localities(places: pd.DataFrame) -> pd.DataFrame:
    """GeoNames' places that are localities, with corrected populations."""
    island = places["name"].str.match(r"Isle (of|Of) ")
    kept = places[~island & ~places["name"].isin(NOT_LOCALITIES)].reset_index(drop=True)
    kept["population"] = kept["name"].map(OTHER_POPULATION).fillna(kept["population"]).astype(int)
    kept["name"] = kept["name"].str.replace(r"^Saint ", "St ", regex=True)
    return kept


def grow(
    points: np.ndarray, people: np.ndarray, centres: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Locality of each built-up point, or -1 where none can be reached.

    Every locality spreads from its centre along neighbouring points; a head start, adjusted
    round by round, lets it reach about as many people as it should have (`wanted`).
    """
    tree = cKDTree(points)
    pairs = tree.query_pairs(REACH_METRES, output_type="ndarray")
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    cost = length * (1 + (length / GAP_METRES) ** 2)
    count, towns = len(points), len(centres)

    # First seeds: the middle of the place, or whatever is built up near its stated centre.
    radius = np.clip(300 * np.sqrt(wanted / TOWN_DENSITY / np.pi), 200, 2000)
    nearest = tree.query(centres)[0]
    radius = np.maximum(radius, np.where(nearest < 1500, nearest + 150, 0))
    near = tree.query_ball_point(centres, radius)
    seed_town = np.repeat(np.arange(towns), [len(n) for n in near])
    seed_point = np.concatenate([np.sort(n).astype(int) for n in near])
    seed_cost = np.hypot(*(points[seed_point] - centres[seed_town]).T) + 1e-3

    # One shortest-path search from a root: root -> locality (head start) -> seeds -> points.
    root = count + towns
    rows = np.concatenate([pairs[:, 0], pairs[:, 1], count + seed_town, np.full(towns, root)])
    columns = np.concatenate([pairs[:, 1], pairs[:, 0], seed_point, count + np.arange(towns)])
    delay = np.full(towns, 3000.0)
    scale = 250 * np.sqrt(wanted / TOWN_DENSITY)
    for turn in range(ROUNDS):
        values = np.concatenate([cost, cost, seed_cost, delay])
        graph = coo_matrix((values, (rows, columns)), shape=(root + 1, root + 1)).tocsr()
        before = dijkstra(graph, indices=root, return_predecessors=True)[1]
        owner = before.copy()
        owner[count:] = np.arange(count, root + 1)
        owner[owner < 0] = root
        while not (owner[:count] >= count).all():
            owner = owner[owner]
        town = np.where(owner[:count] < root, owner[:count] - count, -1)
        got = np.bincount(town[town >= 0], people[town >= 0], minlength=towns)
        step = 0.6 if turn < ROUNDS * 2 // 3 else 0.25
        delay += step * scale * np.log(np.clip(got / wanted, 0.3, 3))
        delay -= delay.min() - 1
    return town


def joined(points: np.ndarray, town: np.ndarray, towns: int) -> np.ndarray:
    """Settlement of each locality: localities that adjoin are one."""
    pairs = cKDTree(points).query_pairs(JOIN_METRES, output_type="ndarray")
    left, right = town[pairs[:, 0]], town[pairs[:, 1]]
    across = (left != right) & (left >= 0) & (right >= 0)
    low, high = np.minimum(left, right)[across], np.maximum(left, right)[across]
    contacts = coo_matrix((np.ones(len(low)), (low, high)), shape=(towns, towns)).tocsr()
    contacts.data[contacts.data < JOIN_PAIRS] = 0
    contacts.eliminate_zeros()
    return connected_components(contacts, directed=False)[1]


def fringe(points: np.ndarray, town: np.ndarray) -> np.ndarray:
    """`town`, with points outside it given to that of a point within `FRINGE_METRES`."""
    inside = np.flatnonzero(town >= 0)
    gap, nearest = cKDTree(points[inside]).query(points)
    return np.where((town < 0) & (gap <= FRINGE_METRES), town[inside[nearest]], town)


def find(
    live: pd.DataFrame, people: np.ndarray, places: pd.DataFrame, councils: pd.Series
) -> tuple[pd.Series, pd.DataFrame, np.ndarray]:
    """Settlement name per live postcode, the table of settlements, and locality factors.

    `live`: postcode, easting, northing, council_code. `people`: estimate per postcode.
    `councils`: name by code, told where two settlements share a name. The last result says how
    much each postcode's estimate must grow for its locality to have its people.
    """
    towns = localities(places)
    wanted = towns["population"].to_numpy(float)
    points, at = np.unique(
        live[["easting", "northing"]].to_numpy(float), axis=0, return_inverse=True
    )
    at = at.ravel()
    at_point = np.bincount(at, people, minlength=len(points))
    around = cKDTree(points).query_ball_point(points, BUILT_UP_METRES, return_length=True)
    core = np.flatnonzero(around >= BUILT_UP_POINTS)

    town = np.full(len(points), -1)
    town[core] = grow(
        points[core], at_point[core], towns[["easting", "northing"]].to_numpy(float), wanted
    )
    settlement = joined(points, town, len(towns))
    town = fringe(points, town)
    mine = town[at]

    got = np.bincount(mine[mine >= 0], people[mine >= 0], minlength=len(towns))
    factor = np.where(got > 0, wanted / np.maximum(got, 1), 1.0)
    growth = np.where(mine >= 0, factor[mine], 1.0)

    # The largest locality names a settlement and is its centre; the table is sorted by size.
    towns["settlement"] = settlement
    towns["council_code"] = live["council_code"].to_numpy()[
        cKDTree(live[["easting", "northing"]]).query(towns[["easting", "northing"]])[1]
    ]
    towns = towns[got > 0]
    table = towns.groupby("settlement", sort=False).agg(
        name=("name", "first"),
        population=("population", "sum"),
        easting=("easting", "first"),
        northing=("northing", "first"),
        council_code=("council_code", "first"),
        localities=("name", ";".join),
    )
    table = table.sort_values(["population", "name", "easting"], ascending=[False, True, True])
    names = table["name"]
    repeated = names.duplicated(keep=False)
    table["name"] = names.where(~repeated, names + " (" + table["council_code"].map(councils) + ")")
    if table["name"].duplicated().any():
        raise SystemExit(
            f"two settlements named {table['name'][table['name'].duplicated()].iloc[0]}"
        )
    code = np.where(mine >= 0, settlement[mine], -1)
    label = pd.Series(code, index=live.index).map(table["name"]).fillna("")
    table = table.rename(columns={"name": "settlement"}).assign(minutes_beyond=0.0)
    english = OVER_THE_BORDER.assign(council_code="", localities="")
    table = pd.concat([table, english[table.columns]], ignore_index=True)
    return label, table, growth
