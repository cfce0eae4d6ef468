"""Speed of the nearest k of 200 sites, everything included, against what others offer.

    python benchmarks/travel.py [--nodes 100000 1000000 3300000] [--origins near|random]
                                [--pandana PYTHON]

The town is a street grid with jitter, a quarter of its links removed, four classes of speed. Each
figure is the best of three, warm; the three rounds take every contestant in turn, so that other
work on the machine falls on all of them. The yardstick is SciPy's bare multi-source Dijkstra (no
k, no names, no kilometres) plus one look-up of the origins in a k-d tree by one worker; the ratio
is gapmap's whole answer (snapping, search, kilometres, ferries, the frame) over that. networkx is
measured where it is installed, at 100,000 nodes only. pandana is under the AGPL and no dependency:
--pandana names the interpreter of an environment of its own that has it, and the graph goes there
by file. It has no distances of its own from a home to the network, so its answer is less.

What is printed is the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

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


def best(work: Mapping[str, Callable[[], object]], times: int = 3) -> dict[str, float]:
    """Seconds of the quickest of several rounds, in each of which every work is done once."""
    taken: dict[str, float] = {}
    for _ in range(times):
        for name, do in work.items():
            begun = time.perf_counter()
            do()
            seconds = time.perf_counter() - begun
            taken[name] = min(taken.get(name, seconds), seconds)
    return taken


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def compare(size: int, order: str, pandana: str | None) -> list[tuple[str, float, float | None]]:
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
    begun = time.perf_counter()
    network = Network(nodes, edges)
    network.nearest(origins[:1], sites, k=1)
    first = time.perf_counter() - begun
    network.nearest(origins, sites, k=3)
    taken = best(
        {
            "SciPy Dijkstra, min_only": lambda: dijkstra(graph, indices=start, min_only=True),
            "cKDTree look-up, one worker": lambda: tree.query(at),
            "gapmap nearest, k=1": lambda: network.nearest(origins, sites, k=1),
            "gapmap nearest, k=3": lambda: network.nearest(origins, sites, k=3),
        }
    )
    bare, look, one, three = taken
    base = taken[bare] + taken[look]
    rows: list[tuple[str, float, float | None]] = [
        (bare, taken[bare], None),
        (look, taken[look], None),
        ("yardstick: both", base, 1.0),
        ("gapmap: build, first question", first, None),
        (one, taken[one], taken[one] / base),
        (three, taken[three], taken[three] / base),
    ]
    plain = Network(nodes, edges, engine="scipy")
    plain.nearest(origins[:1], sites)
    name = "gapmap nearest, k=1, without numba"
    slow = best({name: lambda: plain.nearest(origins, sites)}, times=1)[name]
    rows.append((name, slow, slow / base))
    if pandana:
        rows += _pandana(pandana, nodes, edges, origins, sites, base)
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
    name = "networkx, search only, k=1"
    work = {name: lambda: nx.multi_source_dijkstra_path_length(graph, start)}
    taken = best(work, times=1)[name]
    return name, taken, taken / base


PANDANA = """
import json, sys, time
from importlib.metadata import version
import numpy as np, pandana, pandas as pd
town = np.load(sys.argv[1])
begun = time.perf_counter()
network = pandana.Network(
    pd.Series(town["x"]), pd.Series(town["y"]), pd.Series(town["a"]), pd.Series(town["b"]),
    pd.DataFrame({"minutes": town["minutes"]}))
built = time.perf_counter()
network.set_pois("sites", float(sys.argv[2]), 3, pd.Series(town["sx"]), pd.Series(town["sy"]))
ready = time.perf_counter()
found = network.nearest_pois(float(sys.argv[2]), "sites", num_pois=3, include_poi_ids=True)
found.loc[network.get_node_ids(pd.Series(town["ox"]), pd.Series(town["oy"]))]
asked = time.perf_counter()
with open(sys.argv[3], "w") as told:  # it prints lines of its own
    json.dump({"version": version("pandana"), "build": built - begun,
               "prepare": ready - built, "ask": asked - ready}, told)
"""
REACH = 60.0
"""Minutes that pandana looks; it has no search without a limit."""


def _pandana(
    python: str, nodes: pd.DataFrame, edges: pd.DataFrame, origins: pd.DataFrame,
    sites: pd.DataFrame, base: float,
) -> list[tuple[str, float, float | None]]:  # fmt: skip
    """pandana's nearest three points of interest, its building and preparing told apart."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "town.npz"
        np.savez(
            file, x=nodes["x"], y=nodes["y"], a=edges["from"], b=edges["to"],
            minutes=edges["minutes"], sx=sites["easting"], sy=sites["northing"],
            ox=origins["easting"], oy=origins["northing"],
        )  # fmt: skip
        figures = Path(folder) / "figures.json"
        command = [python, "-c", PANDANA, str(file), str(REACH), str(figures)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"pandana was not measured: {reason}", file=sys.stderr)
            return []
        told = json.loads(figures.read_text())
    return [
        (f"pandana {told['version']}: build", told["build"], None),
        ("pandana: prepare", told["prepare"], None),
        ("pandana nearest, k=3", told["ask"], told["ask"] / base),
    ]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--nodes", type=int, nargs="+", default=[100_000, 1_000_000, 3_300_000])
    options.add_argument("--origins", choices=["near", "random"], default="random")
    options.add_argument("--pandana", help="interpreter of an environment that has pandana")
    given = options.parse_args()
    names = [n for n in ("numpy", "scipy", "numba", "pandas", "networkx") if installed(n)]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          + ", ".join(f"{name} {version(name)}" for name in names))  # fmt: skip
    print(f"{SITES} sites, as many origins as nodes ({given.origins}), best of three, warm")
    print("" if given.pandana else "pandana: not asked for (--pandana PYTHON)\n")
    for size in given.nodes:
        print(f"| {size:,} nodes | seconds | ratio |\n|---|---|---|")
        for what, seconds, ratio in compare(size, given.origins, given.pandana):
            print(f"| {what} | {seconds:.3f} | {'' if ratio is None else f'{ratio:.2f}'} |")
        print(flush=True)


if __name__ == "__main__":
    main()
