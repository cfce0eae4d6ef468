"""Build the indicative network of Scotland, data/travel/nodes.parquet and edges.parquet.

The facts are the CSV files of data/travel (main-road waypoints, classes and speeds, ferries,
fixed links, barriers), the live postcodes of data/people and the coast of data/boundaries.
docs/indicative-network.md says how, and measure_travel.py how well.

    python data/build/build_travel.py
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

DATA = Path(__file__).resolve().parents[1]
POSTCODES = DATA / "people" / "postcodes.parquet"
COAST = DATA / "boundaries" / "councils.geojson"

ROAD_STEP = 400.0  # a main road is split at most this far apart, metres
CELL = 200.0  # live postcodes of one cell of this side are one local node, metres
NEAR = 2 * CELL  # clusters so close are all joined: in a town one can go in any direction, metres
LOCAL_REACH = 1200.0  # a local edge is at most this long, unless it alone joins a hamlet, metres
HAMLET_REACH = 8000.0  # ... and then at most this long
LONGEST = 1.25  # a stated length over the drawn line is taken for an error beyond this
TILE = 5000.0  # land is cut into squares of this side, metres
SHORE = 100.0  # an edge may leave the land for so much: coastlines are simplified, metres
TRACK_REACH = 15000.0  # a lodge that no street reaches has a track at most this long
ROUND_THE_BAY = 1.5  # on the straight line from a pier to a house when water lies between
DENSITY_RADIUS = 800.0  # around a node, for the number of live postcodes that slows traffic


@dataclass(frozen=True)
class Settings:
    """The few numbers that calibrate_travel.py chose; everything else is read from the facts."""

    factor_fast: float = 1.05  # true length over the drawn line, motorway and dual carriageway
    factor_single: float = 1.09
    factor_track: float = 1.15
    factor_local: float = 1.30  # local edges are straight lines between clusters of postcodes
    speed: float = 0.93  # on the typical speeds of single carriageways; the faster are as they are
    urban_delay: float = 0.85  # minutes a km on a main road through the densest streets
    local_open: float = 50.0  # km/h on a local edge in open country
    local_dense: float = 36.0  # ... and in the densest streets


def project(lat: pd.Series, lon: pd.Series) -> np.ndarray:
    """Give metres (EPSG:27700), to the metre, for latitudes and longitudes."""
    points = gpd.GeoSeries.from_xy(lon, lat, crs=4326).to_crs(27700)
    return np.column_stack([points.x.round(), points.y.round()])


def read_land(boundaries: Path) -> np.ndarray:
    """Give the parts of land, largest first; the coast of the bundled councils."""
    councils = gpd.read_file(boundaries).to_crs(27700)
    parts = shapely.get_parts(shapely.union_all(shapely.buffer(councils.geometry.values, 1.0)))
    return parts[np.argsort(-shapely.area(parts), kind="stable")]


class Land:
    """Answers which part of the land a point is on, and whether a line leaves it."""

    def __init__(self, parts: np.ndarray, barriers: np.ndarray) -> None:
        # Small tiles make the length of a line on land quick to find.
        x0, y0, x1, y1 = shapely.total_bounds(parts)
        grid = [
            shapely.box(x, y, x + TILE, y + TILE)
            for x in np.arange(x0, x1, TILE)
            for y in np.arange(y0, y1, TILE)
        ]
        tiles = np.array(grid)
        which, tile = shapely.STRtree(tiles).query(parts, predicate="intersects")
        self.pieces = shapely.intersection(parts[which], tiles[tile])
        self.piece_part = which
        self.piece_tree = shapely.STRtree(self.pieces)
        self.barriers = shapely.STRtree(barriers)

    def part_of(self, xy: np.ndarray) -> np.ndarray:
        """Number of the nearest part, for each point."""
        which, piece = self.piece_tree.query_nearest(shapely.points(xy), all_matches=False)
        out = np.empty(len(xy), int)
        out[which] = self.piece_part[piece]
        return out

    def off_shore(self, xy: np.ndarray) -> np.ndarray:
        """Metres from each point to the nearest land, 0 on it."""
        (which, _), metres = self.piece_tree.query_nearest(
            shapely.points(xy), all_matches=False, return_distance=True
        )
        out = np.empty(len(xy))
        out[which] = metres
        return out

    def clear(self, a: np.ndarray, b: np.ndarray, part: np.ndarray) -> np.ndarray:
        """Tell of each straight line a-b whether it stays on its part of land and off barriers.

        The coast is simplified, so the ends may stand a little off it, and the line may leave
        the land for SHORE metres more than they do.
        """
        if not len(a):
            return np.zeros(0, bool)
        lines = shapely.linestrings(np.stack([a, b], axis=1))
        line, piece = self.piece_tree.query(lines, predicate="intersects")
        same = self.piece_part[piece] == part[line]
        line, piece = line[same], piece[same]
        on = shapely.length(shapely.intersection(lines[line], self.pieces[piece]))
        out = shapely.length(lines) - np.bincount(line, weights=on, minlength=len(lines))
        ok = out <= SHORE
        wet = np.flatnonzero(~ok)
        if len(wet):
            ok[wet] = out[wet] <= SHORE + 1.5 * (self.off_shore(a[wet]) + self.off_shore(b[wet]))
        crossed, _ = self.barriers.query(lines, predicate="intersects")
        ok[crossed] = False
        return ok


def road_edges(corridors: pd.DataFrame, roads: pd.DataFrame) -> pd.DataFrame:
    """One row per stretch between neighbouring waypoints: ends in metres, class, speed, km."""
    corridors = corridors.sort_values(["road", "seq"], kind="stable").reset_index(drop=True)
    xy = project(corridors["lat"], corridors["lon"])
    same = (corridors["road"].values[1:] == corridors["road"].values[:-1]).nonzero()[0]
    part = pd.DataFrame(
        {
            "road": corridors["road"].values[same],
            "seq": corridors["seq"].values[same],
            "ax": xy[same, 0],
            "ay": xy[same, 1],
            "bx": xy[same + 1, 0],
            "by": xy[same + 1, 1],
        }
    )
    part = part.merge(roads, on="road", how="left", validate="many_to_many")
    part = part[(part["seq"] >= part["from_seq"]) & (part["seq"] < part["to_seq"])]
    if len(part) != len(same):
        raise ValueError("roads.csv must give exactly one class to each stretch of corridors.csv")
    part = part[(part["ax"] != part["bx"]) | (part["ay"] != part["by"])].reset_index(drop=True)
    # Where the length of the whole road is known, it says how much the drawn line falls short.
    line_km = np.hypot(part["ax"] - part["bx"], part["ay"] - part["by"]) / 1000
    whole = line_km.groupby(part["road"]).transform("sum")
    part["known_factor"] = (part["stated_length_km"] / whole).clip(1.0, LONGEST)
    # The same stretch under two road numbers is one road: the faster stays.
    flip = (part["ax"] > part["bx"]) | ((part["ax"] == part["bx"]) & (part["ay"] > part["by"]))
    part.loc[flip, ["ax", "ay", "bx", "by"]] = part.loc[flip, ["bx", "by", "ax", "ay"]].values
    part = part.sort_values(["ax", "ay", "bx", "by", "speed_kmh"], kind="stable")
    part = part.drop_duplicates(["ax", "ay", "bx", "by"], keep="last")
    return part.sort_values(["road", "seq"], kind="stable").reset_index(drop=True)


def crossings(part: pd.DataFrame) -> pd.DataFrame:
    """Where two roads cross without sharing a waypoint: row of `part`, and the place."""
    a = part[["ax", "ay"]].to_numpy()
    b = part[["bx", "by"]].to_numpy()
    lines = shapely.linestrings(np.stack([a, b], axis=1))
    i, j = shapely.STRtree(lines).query(lines, predicate="crosses")
    meet = shapely.intersection(lines[i], lines[j])
    xy = np.column_stack([shapely.get_x(meet), shapely.get_y(meet)]).round()
    return pd.DataFrame({"row": part.index[i], "x": xy[:, 0], "y": xy[:, 1]}).dropna()


def split_roads(part: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut every stretch at crossings and at ROAD_STEP; give nodes and edges.

    A node is `open` when local streets may join it: anywhere but between the junctions of a
    motorway.
    """
    cuts = crossings(part)
    by_row: dict[int, list[tuple[float, float]]] = {}
    for row, x, y in cuts.itertuples(index=False):
        by_row.setdefault(int(row), []).append((x, y))
    rows: list[tuple[float, float, float, float, bool, bool, int]] = []
    for k, (ax, ay, bx, by, kind) in enumerate(
        part[["ax", "ay", "bx", "by", "class"]].itertuples(index=False)
    ):
        inner = sorted(by_row.get(k, []), key=lambda p: np.hypot(p[0] - ax, p[1] - ay))
        chain = [(ax, ay, True)]
        for p, q in pairwise([(ax, ay), *inner, (bx, by)]):
            n = max(int(np.ceil(np.hypot(p[0] - q[0], p[1] - q[1]) / ROAD_STEP)), 1)
            between = np.arange(1, n)[:, None] / n * np.subtract(q, p) + p
            chain += [(round(x), round(y), kind != "motorway") for x, y in between]
            chain.append((*q, True))
        for (px, py, p_open), (qx, qy, q_open) in pairwise(chain):
            if (px, py) != (qx, qy):
                rows.append((px, py, qx, qy, p_open, q_open, k))
    edges = pd.DataFrame(rows, columns=["ax", "ay", "bx", "by", "aopen", "bopen", "row"])
    ends = pd.concat(
        [
            edges[["ax", "ay", "aopen"]].set_axis(["x", "y", "open"], axis=1),
            edges[["bx", "by", "bopen"]].set_axis(["x", "y", "open"], axis=1),
        ]
    )
    nodes = ends.groupby(["x", "y"], sort=True)["open"].any().reset_index()
    number = pd.MultiIndex.from_frame(nodes[["x", "y"]])
    edges["from"] = number.get_indexer(pd.MultiIndex.from_frame(edges[["ax", "ay"]]))
    edges["to"] = number.get_indexer(pd.MultiIndex.from_frame(edges[["bx", "by"]]))
    edges["line_km"] = np.hypot(edges["ax"] - edges["bx"], edges["ay"] - edges["by"]) / 1000
    source = part.iloc[edges["row"].to_numpy()].reset_index(drop=True)
    edges["kmh"] = source["speed_kmh"].astype(float)
    edges["class"] = source["class"]
    edges["known_factor"] = source["known_factor"]
    return nodes, edges[["from", "to", "line_km", "kmh", "class", "known_factor"]]


def clusters(postcodes: pd.DataFrame, land: Land) -> pd.DataFrame:
    """Local nodes: the mean place of the live postcodes of a cell, apart by part of the land."""
    live = postcodes.loc[postcodes["live"], ["easting", "northing"]].astype(float)
    xy = live.to_numpy()
    live = live.assign(
        part=land.part_of(xy), cx=np.floor(xy[:, 0] / CELL), cy=np.floor(xy[:, 1] / CELL)
    )
    groups = live.groupby(["part", "cx", "cy"], sort=True)
    out = groups[["easting", "northing"]].mean().round().reset_index()
    out["postcodes"] = groups.size().to_numpy()
    return out.rename(columns={"easting": "x", "northing": "y"})[["x", "y", "part", "postcodes"]]


def near_roadless(xy: np.ndarray, roadless: pd.DataFrame) -> np.ndarray:
    """Tell of each point whether it belongs to a place that no public road reaches."""
    out = np.zeros(len(xy), bool)
    for r in roadless.itertuples(index=False):
        out |= np.hypot(xy[:, 0] - r.easting, xy[:, 1] - r.northing) <= r.radius_m
    return out


def density(xy: np.ndarray, postcodes: pd.DataFrame) -> np.ndarray:
    """From 0 in open country to 1 in the densest streets, by live postcodes within 800 m."""
    live = postcodes.loc[postcodes["live"], ["easting", "northing"]].to_numpy(float)
    count = cKDTree(live).query_ball_point(xy, DENSITY_RADIUS, return_length=True)
    return np.clip(np.log1p(count) / np.log1p(400.0), 0.0, 1.0)


def components(n: int, edges: pd.DataFrame) -> np.ndarray:
    """Component of each of n nodes."""
    graph = coo_array((np.ones(len(edges)), (edges["from"], edges["to"])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def local_edges(
    nodes: pd.DataFrame, roads: pd.DataFrame, land: Land, roadless: np.ndarray
) -> pd.DataFrame:
    """Join neighbouring clusters with one another and with the roads, over land only.

    Neighbours are those of a Delaunay triangulation, and all clusters within NEAR: of a
    triangulation alone, the ways would be longer in some directions than in others for no reason
    but where the clusters happen to lie. Longer edges than LOCAL_REACH serve only to bring in a
    hamlet that has no main road of its own, shortest first, so that two places with roads are
    never joined across a hill where no road is known.
    """
    usable = np.flatnonzero(nodes["open"].to_numpy())
    xy = nodes[["x", "y"]].to_numpy(float)
    part = nodes["part"].to_numpy()
    is_road = nodes["postcodes"].to_numpy() == 0
    triangles = usable[Delaunay(xy[usable]).simplices]
    houses = np.flatnonzero(~is_road)
    near = houses[cKDTree(xy[houses]).query_pairs(NEAR, output_type="ndarray")]
    pairs = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]], near])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    a, b = pairs.T
    metres = np.hypot(*(xy[a] - xy[b]).T)
    degree = np.bincount(roads[["from", "to"]].to_numpy().ravel(), minlength=len(nodes))
    ends = (degree[a] == 1) | (degree[b] == 1)  # where a road stops short of the next
    on_road = components(len(nodes), roads)
    both = is_road[a] & is_road[b]
    keep = (part[a] == part[b]) & (metres <= HAMLET_REACH)
    keep &= roadless[a] == roadless[b]
    keep &= ~both | (ends & (metres <= ROAD_STEP)) | (on_road[a] != on_road[b])
    a, b, metres, both = a[keep], b[keep], metres[keep], both[keep]
    ok = land.clear(xy[a], xy[b], part[a])
    a, b, metres, both = a[ok], b[ok], metres[ok], both[ok]
    short = metres <= np.where(both, ROAD_STEP, LOCAL_REACH)
    chosen = [pd.DataFrame({"from": a[short], "to": b[short], "metres": metres[short]})]
    # Hamlets: Kruskal over the longer edges.
    group = components(len(nodes), pd.concat([roads[["from", "to"]], chosen[0]]))
    has_road = np.bincount(group, weights=is_road, minlength=group.max() + 1) > 0
    parent = np.arange(group.max() + 1)

    def root(g: int) -> int:
        while parent[g] != g:
            parent[g] = parent[parent[g]]
            g = parent[g]
        return g

    extra = []
    order = np.lexsort((b, a, metres))
    for k in order[~short[order] & ~both[order]]:
        g, h = root(group[a[k]]), root(group[b[k]])
        if g != h and not (has_road[g] and has_road[h]):
            parent[g] = h
            has_road[h] |= has_road[g]
            extra.append((a[k], b[k], metres[k]))
    chosen.append(pd.DataFrame(extra, columns=["from", "to", "metres"]))
    out = pd.concat(chosen, ignore_index=True).astype({"from": int, "to": int})
    return pd.concat([out, tracks(nodes, pd.concat([roads, out]), land, roadless)])


def tracks(
    nodes: pd.DataFrame, edges: pd.DataFrame, land: Land, roadless: np.ndarray
) -> pd.DataFrame:
    """Join what is still apart on land that has roads: lodges up a glen, houses on a far shore.

    Each goes to the nearest node that it reaches over land within TRACK_REACH; failing that, to
    the nearest within HAMLET_REACH, with something added for the way round.
    """
    group = components(len(nodes), edges)
    xy = nodes[["x", "y"]].to_numpy(float)
    part = nodes["part"].to_numpy()
    is_road = nodes["postcodes"].to_numpy() == 0
    has_road = np.bincount(group, weights=is_road, minlength=group.max() + 1) > 0
    reached = has_road[group] & nodes["open"].to_numpy() & ~roadless
    rows = []
    for lone in np.unique(group[~has_road[group] & ~roadless]):
        members = np.flatnonzero(group == lone)
        targets = np.flatnonzero(reached & (part == part[members[0]]))
        if not len(targets):
            continue
        distance, near = cKDTree(xy[targets]).query(
            xy[members], k=min(300, len(targets)), distance_upper_bound=TRACK_REACH
        )
        member, rank = np.nonzero(np.isfinite(distance))
        order = np.lexsort((rank, member, distance[member, rank]))
        member, rank = member[order], rank[order]
        a, b = members[member], targets[near[member, rank]]
        metres = distance[member, rank]
        ok = np.flatnonzero(land.clear(xy[a], xy[b], part[a]))
        if len(ok):
            rows.append((a[ok[0]], b[ok[0]], metres[ok[0]]))
        elif len(metres) and metres[0] <= HAMLET_REACH:
            rows.append((a[0], b[0], metres[0] * ROUND_THE_BAY))
    return pd.DataFrame(rows, columns=["from", "to", "metres"]).astype({"from": int, "to": int})


def join_terminal(
    xy: np.ndarray, nodes: pd.DataFrame, land: Land, tree: cKDTree, *, reach: float = 3000.0
) -> tuple[int, float]:
    """The node that a terminal joins, and the metres between: the nearest on its own land."""
    distance, near = tree.query(xy, k=60, distance_upper_bound=reach)
    found = np.isfinite(distance)
    distance, near = distance[found], near[found]
    if len(near) and distance[0] <= 1.0:
        return int(near[0]), 0.0
    part = land.part_of(xy[None, :])[0]
    own = nodes["part"].to_numpy()[near] == part
    distance, near = distance[own], near[own]
    if not len(near):
        raise LookupError(f"no node on the land of the terminal at {xy} within {reach:.0f} m")
    there = nodes[["x", "y"]].to_numpy(float)[near]
    ok = land.clear(np.tile(xy, (len(near), 1)), there, np.full(len(near), part))
    if ok.any():
        k = int(np.argmax(ok))
        return int(near[k]), float(distance[k])
    # On a small island the few houses may stand across a bay: the way round it is guessed.
    return int(near[0]), float(distance[0]) * ROUND_THE_BAY


def ferry_edges(
    ferries: pd.DataFrame,
    nodes: pd.DataFrame,
    land: Land,
    tree: cKDTree,
    roads: pd.DataFrame,
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Ferries that sail all year, and the piers (new nodes) that they need.

    A ferry that takes no cars is used only where no car route joins its two ends: everywhere
    else a driver would step off without a car.
    """
    ferries = ferries[ferries["season"] == "all_year"]
    starts = project(ferries["from_lat"], ferries["from_lon"])
    ends = project(ferries["to_lat"], ferries["to_lon"])
    piers: list[np.ndarray] = []
    known: dict[tuple[float, float], int] = {}
    rows: list[tuple[int, int, str, float, float, float, bool]] = []

    def pier(xy: np.ndarray) -> int:
        key = (float(xy[0]), float(xy[1]))
        if key not in known:
            node, metres = join_terminal(xy, nodes, land, tree)
            known[key] = node
            if metres > 0:
                known[key] = len(nodes) + len(piers)
                piers.append(xy)
                rows.append((node, known[key], "street", metres / 1000, 0.0, 0.0, False))
        return known[key]

    for r, start, end in zip(ferries.itertuples(index=False), starts, ends, strict=True):
        at = pier(start), pier(end)
        crossing, boarding = float(r.crossing_minutes), float(r.boarding_minutes)
        rows.append((*at, "ferry", 0.0, crossing, boarding, r.vehicles == "no"))
    columns = ["from", "to", "class", "line_km", "crossing_minutes", "boarding_minutes"]
    columns = [*columns, "foot_only"]
    out = pd.DataFrame(rows, columns=columns)
    by_car = pd.concat([roads[["from", "to"]], out.loc[~out["foot_only"], ["from", "to"]]])
    group = components(len(nodes) + len(piers), by_car)
    idle = out["foot_only"] & (group[out["from"]] == group[out["to"]])
    return out[~idle].reset_index(drop=True), piers


def build(
    corridors: pd.DataFrame,
    roads: pd.DataFrame,
    ferries: pd.DataFrame,
    links: pd.DataFrame,
    roadless: pd.DataFrame,
    postcodes: pd.DataFrame,
    land: Land,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give nodes (x, y, kind) and edges as drawn: straight kilometres, class, speed, busyness."""
    road_nodes, road = split_roads(road_edges(corridors, roads))
    road_nodes["part"] = land.part_of(road_nodes[["x", "y"]].to_numpy())
    road_nodes["postcodes"] = 0
    local_nodes = clusters(postcodes, land).assign(open=True)
    nodes = pd.concat([road_nodes, local_nodes], ignore_index=True)
    nodes = nodes[["x", "y", "open", "part", "postcodes"]]
    xy = nodes[["x", "y"]].to_numpy(float)
    local_only = nodes["postcodes"].to_numpy() > 0

    local = local_edges(nodes, road, land, near_roadless(xy, roadless) & local_only)
    tree = cKDTree(xy)
    fixed = []
    for r in links[links["used"] == "yes"].itertuples(index=False):
        ends = project(pd.Series([r.from_lat, r.to_lat]), pd.Series([r.from_lon, r.to_lon]))
        (a, da), (b, db) = (join_terminal(p, nodes, land, tree) for p in ends)
        metres = da + db + float(np.hypot(*(ends[0] - ends[1])))
        if a != b:
            fixed.append((a, b, metres))
    fixed_edges = pd.DataFrame(fixed, columns=["from", "to", "metres"])

    street = pd.concat([local, fixed_edges], ignore_index=True)
    street["line_km"] = street["metres"] / 1000
    street["class"] = "street"
    land_edges = pd.concat([road, street.drop(columns="metres")], ignore_index=True)
    sea, piers = ferry_edges(ferries, nodes, land, tree, land_edges)
    edges = pd.concat([land_edges, sea], ignore_index=True)
    edges = edges.assign(
        ferry=edges["class"].eq("ferry"),
        foot_only=edges["foot_only"].eq(True),
        crossing_minutes=edges["crossing_minutes"].fillna(0.0),
        boarding_minutes=edges["boarding_minutes"].fillna(0.0),
    )
    all_xy = np.vstack([xy, *piers])
    kind = np.where(nodes["postcodes"] > 0, "local", "road").astype(object)
    kind[~nodes["open"].to_numpy()] = "junctionless"
    kind = np.r_[kind, np.repeat("pier", len(piers))]
    out = pd.DataFrame({"x": all_xy[:, 0], "y": all_xy[:, 1], "kind": kind})
    busy = density(all_xy, postcodes)
    edges["busy"] = (busy[edges["from"]] + busy[edges["to"]]) / 2
    return tidy(out, edges)


def tidy(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Number nodes along a space-filling order so that the files are small, and sort edges."""
    cell = 2000.0
    cx = np.floor(nodes["x"] / cell).astype(int)
    cy = np.floor(nodes["y"] / cell).astype(int)
    snake = np.where(cx % 2 == 0, cy, -cy)
    order = np.lexsort((nodes["y"], nodes["x"], snake, cx))
    label = np.empty(len(nodes), int)
    label[order] = np.arange(len(nodes))
    nodes = nodes.iloc[order].reset_index(drop=True)
    nodes.index.name = "label"
    a = label[edges["from"].to_numpy()]
    b = label[edges["to"].to_numpy()]
    edges = edges.assign(**{"from": np.minimum(a, b), "to": np.maximum(a, b)})
    edges = edges.sort_values(["from", "to", "class", "line_km"], kind="stable")
    return nodes, edges.reset_index(drop=True)


def weigh(edges: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Give true kilometres and minutes for edges as drawn; of doubled edges, the quickest."""
    kind = edges["class"]
    fast, track = kind.isin(["motorway", "dual"]), kind.eq("single_track")
    street, ferry = kind.eq("street"), kind.eq("ferry")
    factor = np.select(
        [fast, track, street],
        [settings.factor_fast, settings.factor_track, settings.factor_local],
        settings.factor_single,
    )
    km = edges["line_km"] * edges["known_factor"].fillna(pd.Series(factor, edges.index))
    local = settings.local_open + (settings.local_dense - settings.local_open) * edges["busy"]
    kmh = np.where(street | ferry, local, edges["kmh"] * np.where(fast, 1.0, settings.speed))
    delay = np.where(street | kind.eq("motorway"), 0.0, settings.urban_delay * edges["busy"] ** 2)
    minutes = np.where(
        ferry, edges["crossing_minutes"] + edges["boarding_minutes"], km * (60 / kmh + delay)
    )
    out = edges[["from", "to", "ferry", "boarding_minutes", "foot_only"]].assign(
        minutes=minutes, km=np.where(ferry, 0.0, km)
    )
    out = out.sort_values(["from", "to", "ferry", "minutes"], kind="stable")
    out = out.drop_duplicates(["from", "to", "ferry", "foot_only"])
    columns = ["from", "to", "minutes", "km", "ferry", "boarding_minutes", "foot_only"]
    return out[columns].reset_index(drop=True)


def write(nodes: pd.DataFrame, edges: pd.DataFrame, folder: Path) -> None:
    """Write both files small: whole metres, hundredths of a minute, differences, zstd."""
    table = pa.table(
        {
            "x": pa.array(nodes["x"].astype(np.int32)),
            "y": pa.array(nodes["y"].astype(np.int32)),
            "kind": pa.array(nodes["kind"]).dictionary_encode(),
        }
    )
    delta = "DELTA_BINARY_PACKED"
    pq.write_table(
        table,
        folder / "nodes.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=["kind"],
        column_encoding={"x": delta, "y": delta},
    )
    table = pa.table(
        {
            "from": pa.array(edges["from"].astype(np.int32)),
            "to": pa.array(edges["to"].astype(np.int32)),
            "minutes": pa.array(edges["minutes"].round(2).astype(np.float32)),
            "km": pa.array(edges["km"].round(3).astype(np.float32)),
            "ferry": pa.array(edges["ferry"]),
            "boarding_minutes": pa.array(edges["boarding_minutes"].astype(np.float32)),
            "foot_only": pa.array(edges["foot_only"]),
        }
    )
    pq.write_table(
        table,
        folder / "edges.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=["minutes", "km", "boarding_minutes"],
        column_encoding={"from": delta, "to": delta},
    )


def read_barriers(path: Path) -> np.ndarray:
    """Lines that no local edge may cross: lochs and rivers that the coast does not show."""
    rows = pd.read_csv(path).sort_values(["name", "seq"], kind="stable")
    xy = project(rows["lat"], rows["lon"])
    starts = np.flatnonzero(np.r_[True, rows["name"].values[1:] != rows["name"].values[:-1]])
    return np.array([shapely.LineString(p) for p in np.split(xy, starts[1:])])


def read_facts(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the CSV files of data/travel."""
    names = ["corridors", "roads", "ferries", "fixed_links", "roadless"]
    return {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=True) for name in names}


def build_bundled(
    postcodes: Path = POSTCODES, land: Path = COAST
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build from the files of data/: nodes, and edges as drawn."""
    facts = read_facts(DATA / "travel")
    return build(
        facts["corridors"],
        facts["roads"],
        facts["ferries"],
        facts["fixed_links"],
        facts["roadless"],
        pd.read_parquet(postcodes),
        Land(read_land(land), read_barriers(DATA / "travel" / "barriers.csv")),
    )


def main() -> None:
    """Build from the files of data/ and write into data/travel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postcodes", type=Path, default=POSTCODES)
    parser.add_argument("--land", type=Path, default=COAST)
    parser.add_argument("--out", type=Path, default=DATA / "travel")
    options = parser.parse_args()
    nodes, edges = build_bundled(options.postcodes, options.land)
    edges = weigh(edges, Settings())
    options.out.mkdir(parents=True, exist_ok=True)
    write(nodes, edges, options.out)
    print(f"{len(nodes):,} nodes, {len(edges):,} edges")


if __name__ == "__main__":
    main()
