"""Speed of the nearest k of 200 sites, everything included, against what others offer.

    python benchmarks/travel.py [--nodes 100000 1000000 3300000] [--origins near|random]

The town is a street grid with jitter, a quarter of its links removed, four classes of speed. Each
figure is the best of three, warm. The yardstick is SciPy's bare multi-source Dijkstra (no k, no
names, no kilometres) plus one look-up of the origins in a k-d tree by one worker; the ratio is
gapmap's whole answer (snapping, search, kilometres, ferries, the frame) over that. pandana and
networkx are measured where they are installed, networkx at 100,000 nodes only.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from gapmap.travel.network import Network

SITES = 200
SPACING_M = 200.0


def town(nodes: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay out about as many nodes as asked for."""
    rng = np.random.default_rng(1)
    side = round(nodes**0.5)
    column, row = np.meshgrid(np.arange(side) * SPACING_M, np.arange(side) * SPACING_M)
    x, y = ((v + rng.uniform(-60, 60, v.shape)).ravel() for v in (column, row))
    cell = np.arange(side * side).reshape(side, side)
    east = np.column_stack((cell[:, :-1].ravel(), cell[:, 1:].ravel()))
    north = np.column_stack((cell[:-1].ravel(), cell[1:].ravel()))
    ends = np.vstack((east, north))
    ends = ends[rng.random(len(ends)) < 0.75]
    a, b = ends.T
    km = np.hypot(x[a] - x[b], y[a] - y[b]) / 1000
    minutes = km / rng.choice([30, 48, 64, 96], len(ends)) * 60
    edges = pd.DataFrame({"from": a, "to": b, "minutes": minutes, "km": km})
    return pd.DataFrame({"x": x, "y": y}), edges


def best(work: Callable[[], object], times: int = 3) -> float:
    """Seconds of the quickest of several goes."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def compare(size: int, order: str) -> list[tuple[str, float, float | None]]:
    """Return (what, seconds, ratio to the yardstick) for one size."""
    nodes, edges = town(size)
    rng = np.random.default_rng(2)
    n, wide = len(nodes), float(nodes["x"].max())
    if order == "near":
        at = nodes.to_numpy() + rng.uniform(-50, 50, (n, 2))
    else:
        at = rng.uniform(0, wide, (n, 2))
    origins = pd.DataFrame(at, columns=["easting", "northing"])
    sites = pd.DataFrame(rng.uniform(0, wide, (SITES, 2)), columns=["easting", "northing"],
                         index=[f"s{i:03d}" for i in range(SITES)])  # fmt: skip

    a, b, w = (edges[c].to_numpy() for c in ("from", "to", "minutes"))
    graph = csr_array((np.tile(w, 2), (np.append(a, b), np.append(b, a))), shape=(n, n))
    tree = cKDTree(nodes.to_numpy())
    start = tree.query(sites.to_numpy())[1]
    bare = best(lambda: dijkstra(graph, indices=start, min_only=True))
    look = best(lambda: tree.query(at))
    base = bare + look
    rows: list[tuple[str, float, float | None]] = [
        ("SciPy Dijkstra, min_only", bare, None),
        ("cKDTree look-up, one worker", look, None),
        ("yardstick: both", base, 1.0),
    ]
    begun = time.perf_counter()
    network = Network(nodes, edges)
    network.nearest(origins[:1], sites, k=1)
    rows.append(("gapmap: build, first question", time.perf_counter() - begun, None))
    network.nearest(origins[:1], sites, k=3)
    for k in (1, 3):
        taken = best(lambda k=k: network.nearest(origins, sites, k=k))
        rows.append((f"gapmap nearest, k={k}", taken, taken / base))
    plain = Network(nodes, edges, engine="scipy")
    plain.nearest(origins[:1], sites)
    taken = best(lambda: plain.nearest(origins, sites), times=1)
    rows.append(("gapmap nearest, k=1, without numba", taken, taken / base))
    if installed("pandana"):
        rows += _pandana(nodes, edges, origins, sites, base)
    if installed("networkx") and n <= 150_000:
        rows.append(_networkx(n, edges, set(start.tolist()), base))
    return rows


def _networkx(
    n: int, edges: pd.DataFrame, start: set[int], base: float
) -> tuple[str, float, float]:
    """The search alone, k=1."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(edges[["from", "to", "minutes"]].itertuples(index=False))
    taken = best(lambda: nx.multi_source_dijkstra_path_length(graph, start), times=1)
    return "networkx, search only, k=1", taken, taken / base


def _pandana(
    nodes: pd.DataFrame, edges: pd.DataFrame, origins: pd.DataFrame, sites: pd.DataFrame,
    base: float,
) -> list[tuple[str, float, float | None]]:  # fmt: skip
    """pandana's nearest points of interest, its building and preparing told apart."""
    import pandana

    begun = time.perf_counter()
    network = pandana.Network(
        nodes["x"], nodes["y"], edges["from"], edges["to"], edges[["minutes"]]
    )
    built = time.perf_counter() - begun
    begun = time.perf_counter()
    network.set_pois("sites", 600, 3, sites["easting"], sites["northing"])
    prepared = time.perf_counter() - begun
    ask = best(
        lambda: network.nearest_pois(600, "sites", num_pois=3).loc[
            network.get_node_ids(origins["easting"], origins["northing"])
        ],
        times=1,
    )
    return [
        ("pandana: build", built, None),
        ("pandana: prepare", prepared, None),
        ("pandana nearest, k=3", ask, ask / base),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nodes", type=int, nargs="+", default=[100_000, 1_000_000, 3_300_000])
    options.add_argument("--origins", choices=["near", "random"], default="random")
    given = options.parse_args()
    names = [
        n for n in ("numpy", "scipy", "numba", "pandas", "pandana", "networkx") if installed(n)
    ]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          + ", ".join(f"{name} {version(name)}" for name in names))  # fmt: skip
    print(f"{SITES} sites, as many origins as nodes ({given.origins}), best of three, warm\n")
    for size in given.nodes:
        print(f"| {size:,} nodes | seconds | ratio |\n|---|---|---|")
        for what, seconds, ratio in compare(size, given.origins):
            print(f"| {what} | {seconds:.3f} | {'' if ratio is None else f'{ratio:.2f}'} |")
        print(flush=True)


if __name__ == "__main__":
    main()
