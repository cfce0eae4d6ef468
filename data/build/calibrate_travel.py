"""Choose the few numbers of build_travel.Settings, and tell how they do on trips held aside.

The trips are those of data/travel/road_distances.csv. Every setting of a small grid is tried on
all trips once; then, many times over, the setting that is best on four fifths of the trips is
judged on the last fifth.

    python data/build/calibrate_travel.py
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from build_travel import DATA, Settings, build_bundled, project, weigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

GRID = {
    "factor_single": (1.06, 1.09, 1.12),
    "factor_track": (1.10, 1.15),
    "speed": (0.90, 0.93, 0.96),
    "urban_delay": (0.7, 0.85, 1.0),
}
ACCESS_KMH = 25.0  # as gapmap.travel.indicative: between a place and its node
FOLDS = 5
REPEATS = 20
SEED = 1


def trips() -> pd.DataFrame:
    """Trips of known length, in metres; one is left out, being quicker by the Arran ferries."""
    table = pd.read_csv(DATA / "travel" / "road_distances.csv")
    by_arran = table["from_name"].eq("Ardrossan") & table["to_name"].eq("Campbeltown")
    table = table[~by_arran].reset_index(drop=True)
    for end in ("from", "to"):
        xy = project(table[f"{end}_lat"], table[f"{end}_lon"])
        table[f"{end}_x"], table[f"{end}_y"] = xy[:, 0], xy[:, 1]
    return table


class Roads:
    """The network as drawn, on which any setting can be tried."""

    def __init__(self, nodes: pd.DataFrame, edges: pd.DataFrame, table: pd.DataFrame) -> None:
        self.edges = edges[edges["class"] != "ferry"]
        self.size = len(nodes)
        usable = np.flatnonzero(nodes["kind"] != "junctionless")
        tree = cKDTree(nodes[["x", "y"]].to_numpy(float)[usable])
        near_a, a = tree.query(table[["from_x", "from_y"]].to_numpy())
        near_b, b = tree.query(table[["to_x", "to_y"]].to_numpy())
        self.start, self.end = usable[a], usable[b]
        self.access_km = (near_a + near_b) / 1000

    def travel(self, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
        """Kilometres and minutes of every trip, by the quickest way."""
        edges = weigh(self.edges, settings)
        a, b = edges["from"].to_numpy(), edges["to"].to_numpy()
        graph = csr_array(
            (np.tile(edges["minutes"], 2), (np.r_[a, b], np.r_[b, a])), shape=(self.size,) * 2
        )
        length = dict(zip(zip(a.tolist(), b.tolist(), strict=True), edges["km"], strict=True))
        starts, row = np.unique(self.start, return_inverse=True)
        minutes, before = dijkstra(graph, indices=starts, return_predecessors=True)
        km = np.zeros(len(row))
        for k, (r, at) in enumerate(zip(row, self.end.tolist(), strict=True)):
            while at != starts[r]:
                last = int(before[r, at])
                km[k] += length[min(at, last), max(at, last)]
                at = last
        access = self.access_km / ACCESS_KMH * 60
        return km + self.access_km, minutes[row, self.end] + access


def grid() -> list[Settings]:
    """Every combination of the values tried."""
    return [replace(Settings(), **dict(zip(GRID, v, strict=True))) for v in product(*GRID.values())]


def errors(roads: Roads, table: pd.DataFrame, tried: list[Settings]) -> np.ndarray:
    """Relative errors, [setting, trip, (km, minutes)]; blank where the trip has no minutes."""
    out = np.empty((len(tried), len(table), 2))
    for k, settings in enumerate(tried):
        km, minutes = roads.travel(settings)
        out[k, :, 0] = km / table["road_km"] - 1
        out[k, :, 1] = minutes / table["drive_minutes"] - 1
    return out


def loss(error: np.ndarray) -> np.ndarray:
    """What is made small: the mean absolute error of km and of minutes, added; per setting."""
    return np.nanmean(np.abs(error), axis=1).sum(axis=-1)


def held_aside(error: np.ndarray) -> list[np.ndarray]:
    """Errors of each repeat, every trip judged by the setting that the other folds chose."""
    generator = np.random.default_rng(SEED)
    trips_ = error.shape[1]
    out = []
    for _ in range(REPEATS):
        fold = generator.permutation(trips_) % FOLDS
        judged = np.empty((trips_, 2))
        for k in range(FOLDS):
            best = int(np.argmin(loss(error[:, fold != k])))
            judged[fold == k] = error[best, fold == k]
        out.append(judged)
    return out


def summary(error: np.ndarray) -> dict[str, float]:
    """Median and 90th percentile of the size of the error, and its median, for km and minutes."""
    out = {}
    for k, name in enumerate(("km", "minutes")):
        e = error[:, k][~np.isnan(error[:, k])]
        out[f"{name}_median"] = float(np.median(np.abs(e)))
        out[f"{name}_p90"] = float(np.quantile(np.abs(e), 0.9))
        out[f"{name}_bias"] = float(np.median(e))
    return out


def main() -> None:
    """Print the best setting, and how far off it is on all trips and on trips held aside."""
    table = trips()
    roads = Roads(*build_bundled(), table)
    tried = grid()
    error = errors(roads, table, tried)
    order = np.argsort(loss(error), kind="stable")
    for k in order[:5]:
        print(round(float(loss(error)[k]), 4), {n: getattr(tried[k], n) for n in GRID})
    rows = {"best, all trips": summary(error[order[0]])}
    rows["as built, all trips"] = summary(errors(roads, table, [Settings()])[0])
    repeats = pd.DataFrame([summary(e) for e in held_aside(error)])
    rows["held aside, mean"] = repeats.mean().to_dict()
    rows["held aside, lowest"] = repeats.min().to_dict()
    rows["held aside, highest"] = repeats.max().to_dict()
    print((pd.DataFrame(rows).T * 100).round(1).to_string())


if __name__ == "__main__":
    main()
