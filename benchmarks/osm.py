"""Time and memory of `gm.read_osm` on a made-up extract as large as Scotland's.

    python benchmarks/osm.py [--nodes 25000000] [--ways 700000] [--file made.osm.pbf]

Geofabrik's extract of Scotland is about 250 MB: some 25 million nodes, of which 4 million lie on
700,000 ways with a highway tag; most of the others are corners of buildings. The made-up one has
as many of each: streets of 5 to 10 nodes between junctions, winding, some 150 m long; the classes,
surfaces, limits and names that are common; barriers, one-way streets, a few ferries; buildings
between them; ids with gaps, as far apart as OpenStreetMap's. What it lacks is Scotland's shape:
its streets are a country-wide town.

The extract is written once (some minutes) and kept where --file says. Each reading has a process
of its own, so that the peak of memory is its own. What is printed is the table of
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = {
    "residential": 0.28, "service": 0.26, "footway": 0.13, "track": 0.08, "unclassified": 0.07,
    "path": 0.05, "tertiary": 0.045, "secondary": 0.025, "primary": 0.025, "trunk": 0.015,
    "cycleway": 0.01, "steps": 0.005, "motorway": 0.005,
}  # fmt: skip
"""Shares of the ways with a highway tag, about as in Scotland."""

SPACING = 150.0
WEST, SOUTH = -4.5, 55.6
METRES_NORTH, METRES_EAST = 111_320.0, 62_300.0


@dataclass(frozen=True)
class Plan:
    """Where everything is: things (junctions, ways, buildings) with runs of new node ids."""

    ids: Any
    lon: Any
    lat: Any
    first: Any
    size: Any
    side: int
    ways: int


def plan(nodes: int, ways: int) -> Plan:
    """Lay out a grid of bent streets with buildings between them."""
    rng = np.random.default_rng(1)
    side = round((ways / 2) ** 0.5)
    at = np.cumsum(rng.lognormal(np.log(SPACING) - 0.32, 0.8, (2, side)), axis=1)
    column, row = (grid.ravel() for grid in np.meshgrid(at[0], at[1]))
    cell = np.arange(side * side).reshape(side, side)
    tail = np.concatenate((cell[:, :-1].ravel(), cell[:-1].ravel()))
    head = np.concatenate((cell[:, 1:].ravel(), cell[1:].ravel()))
    inner = rng.integers(3, 9, len(tail))
    corners = rng.integers(4, 11, int(max(nodes - side * side - inner.sum(), 0) / 7))
    here = rng.integers(0, len(tail), len(corners))
    size = np.concatenate((np.ones(side * side, dtype=np.int64), inner, corners))
    place_x = np.concatenate((column, column[tail], column[tail][here]))
    place_y = np.concatenate((row, row[tail], row[tail][here]))
    # Ids go by place, square by square, as they do where people drew street after street.
    order = np.lexsort((rng.random(len(size)), place_x // 1000, place_y // 1000))
    first = np.empty(len(size), dtype=np.int64)
    first[order] = np.cumsum(size[order]) - size[order]
    total = int(size.sum())
    x, y = np.empty(total), np.empty(total)
    x[first[: side * side]], y[first[: side * side]] = column, row
    own = np.arange(side * side, side * side + len(tail))
    step = np.arange(inner.sum()) - np.repeat(np.cumsum(inner) - inner, inner)
    share = (step + 1) / np.repeat(inner + 1, inner)
    spot = np.repeat(first[own], inner) + step
    for value, ends in ((x, column), (y, row)):
        line = ends[tail].repeat(inner) * (1 - share) + ends[head].repeat(inner) * share
        value[spot] = line + rng.normal(0, 3, len(spot))
    step = np.arange(corners.sum()) - np.repeat(np.cumsum(corners) - corners, corners)
    spot = np.repeat(first[side * side + len(tail) :], corners) + step
    angle = 2 * np.pi * step / np.repeat(corners, corners)
    for value, ends, turn in ((x, column, np.cos), (y, row, np.sin)):
        middle = ends[tail[here]] + rng.uniform(15, 120, len(corners))
        value[spot] = np.repeat(middle, corners) + 7 * turn(angle)
    ids = 200_000 + np.cumsum(rng.geometric(1 / 440, total))
    return Plan(ids, WEST + x / METRES_EAST, SOUTH + y / METRES_NORTH, first, size, side, len(tail))


def tags_of(kind: str, number: int, draw: float) -> dict[str, str]:
    """Tags as common ways have them."""
    tags = {"highway": kind}
    if kind in ("residential", "tertiary", "secondary", "primary", "trunk", "unclassified"):
        tags |= {"name": f"Made-up Street {number % 50_000}", "surface": "asphalt"}
        tags["maxspeed"] = "30 mph" if draw < 0.6 else "20 mph" if draw < 0.8 else "60 mph"
        if draw < 0.5:
            tags |= {"lit": "yes", "sidewalk": "both"}
        if 0.5 < draw < 0.58:
            tags["oneway"] = "yes"
    elif kind == "service" and draw < 0.6:
        tags["service"] = "driveway" if draw < 0.4 else "parking_aisle"
    elif kind == "track" and draw < 0.7:
        tags |= {"tracktype": "grade3", "surface": "gravel"}
    if draw > 0.97:
        tags["access"] = "private"
    return tags


def write(file: Path, nodes: int, ways: int) -> None:
    """Write the extract, nodes before ways before relations, each in the order of ids."""
    import osmium
    from osmium.osm.mutable import Node, Relation, Way

    made = plan(nodes, ways)
    rng = np.random.default_rng(2)
    barriers = set(rng.choice(made.first[made.side**2 : made.side**2 + made.ways], ways // 50))
    junctions, streets = made.side**2, made.side**2 + made.ways
    with osmium.SimpleWriter(str(file)) as out:
        for begin in range(0, len(made.ids), 1_000_000):
            part = slice(begin, begin + 1_000_000)
            spots = zip(made.ids[part].tolist(), made.lon[part].tolist(), made.lat[part].tolist(),
                        strict=True)  # fmt: skip
            for number, (ref, lon, lat) in enumerate(spots, begin):
                tags = {"barrier": "gate"} if number in barriers else None
                out.add_node(Node(id=ref, location=(lon, lat), version=1, tags=tags))
        cell = np.arange(junctions).reshape(made.side, made.side)
        tail = np.concatenate((cell[:, :-1].ravel(), cell[:-1].ravel()))
        head = np.concatenate((cell[:, 1:].ravel(), cell[1:].ravel()))
        kinds = rng.choice(list(CLASSES), made.ways, p=np.array(list(CLASSES.values())))
        draws = rng.random(made.ways)
        sea = set(rng.choice(made.ways, 90, replace=False).tolist())
        crossings = []
        # Ways and buildings take their ids in turn, as they were drawn in turn.
        for number, thing in enumerate(rng.permutation(np.arange(junctions, len(made.size)))):
            start = made.first[thing]
            refs = made.ids[start : start + made.size[thing]].tolist()
            way = int(thing) - junctions
            if thing >= streets:
                refs.append(refs[0])
                tags = {"building": "yes"}
            else:
                refs = [
                    int(made.ids[made.first[tail[way]]]), *refs,
                    int(made.ids[made.first[head[way]]]),
                ]  # fmt: skip
                tags = tags_of(str(kinds[way]), way, float(draws[way]))
                if way in sea:
                    tags = {"route": "ferry", "motor_vehicle": "yes"}
                    crossings.append(1000 + number * 300)
            out.add_way(Way(id=1000 + number * 300, version=1, nodes=refs, tags=tags))
        for number in range(0, len(made.size) - junctions, 400):
            members = [("w", 1000 + (number + i) * 300, "outer") for i in range(3)]
            tags = {"type": "multipolygon", "building": "yes"}
            out.add_relation(Relation(id=number + 1, version=1, members=members, tags=tags))
        for number, way in enumerate(crossings):
            tags = {"type": "route", "route": "ferry", "duration": "00:20"}
            route = 10_000_000 + number
            out.add_relation(Relation(id=route, version=1, members=[("w", way, "")], tags=tags))


def peak() -> float:
    """Gigabytes of memory that this process held at most (on Linux)."""
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.split("VmHWM:")[1].split()[0]) * 1024 / 1e9


def read(file: Path, mode: str) -> None:
    """Read the extract, as its own process, and print what it took."""
    import gapmap as gm

    begun, used = time.perf_counter(), time.process_time()
    network = gm.read_osm(file, mode=mode)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - begun,
                "processor": time.process_time() - used,
                "gigabytes": peak(),
                "nodes": len(network.nodes),
                "edges": len(network.edges),
            }
        )
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--nodes", type=int, default=25_000_000)
    ask.add_argument("--ways", type=int, default=700_000)
    ask.add_argument("--file", type=Path, help="where the extract is kept (nowhere by default)")
    ask.add_argument("--mode", choices=("car", "foot"), nargs="+", default=["car", "foot"])
    ask.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    told = ask.parse_args()
    if told.read:
        read(told.file, told.mode[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        file = told.file or Path(folder) / "made.osm.pbf"
        if not file.exists():
            begun = time.perf_counter()
            half = file.with_name("half." + file.name)
            write(half, told.nodes, told.ways)
            half.rename(file)
            print(f"written in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        print(
            f"{platform.machine()}, {os.cpu_count()} processors, Python "
            f"{platform.python_version()}, osmium {version('osmium')}, numpy "
            f"{version('numpy')}, pandas {version('pandas')}; {file.stat().st_size / 1e6:.0f} MB\n"
        )
        print("| | clock, s | processor, s | peak, GB | nodes | edges |\n|---|---|---|---|---|---|")
        shutil.rmtree(file.with_name(file.name + ".gapmap"), ignore_errors=True)
        for mode in told.mode:
            for what in ("first", "again"):
                command = [sys.executable, __file__, "--read", "--file", str(file), "--mode", mode]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                took = json.loads(out)
                print(
                    f"| {mode}, {what} | {took['seconds']:.1f} | {took['processor']:.1f} | "
                    f"{took['gigabytes']:.2f} | {took['nodes']:,} | {took['edges']:,} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
