"""Measure the bundled network and write data/travel/accuracy.csv, which products print.

Errors are those of trips held aside from calibration. With three files of official figures, which
are not part of the project, ranks against official drive times are measured too; without them
those rows stay as they are.

    python data/build/measure_travel.py [--drive-times FILE --zones FILE --classes FILE]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from build_travel import DATA, build_bundled
from calibrate_travel import FOLDS, REPEATS, Roads, errors, grid, held_aside, summary, trips
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from gapmap.travel.indicative import indicative_network

ACCURACY = DATA / "travel" / "accuracy.csv"
NEAR_GP = 2.0  # official minutes: a zone nearer than this stands for a place with a practice
CENSORED = 180.0  # official times from here on stand for "no way by car"
REMOTE = (4, 6)  # classes of the 6-fold urban-rural classification

Row = tuple[str, float, str, str]


def straight(table: pd.DataFrame) -> np.ndarray:
    """Errors of the best straight line: one factor for km and one speed, chosen on all trips."""
    line = np.hypot(table["from_x"] - table["to_x"], table["from_y"] - table["to_y"]) / 1000
    out = []
    for known in (table["road_km"], table["drive_minutes"]):
        ratio = known / line
        out.append(line * ratio.median() / known - 1)
    return np.column_stack(out)


def trip_rows() -> list[Row]:
    """Errors in percent: held aside, as built, and of the straight line."""
    table = trips()
    error = errors(Roads(*build_bundled(), table), table, grid())
    repeats = pd.DataFrame([summary(e) for e in held_aside(error)]) * 100
    network = indicative_network()
    ends = [
        table[[f"{end}_x", f"{end}_y"]].set_axis(["easting", "northing"], axis=1)
        for end in ("from", "to")
    ]
    found = network.pairs(*ends)
    built = np.column_stack(
        [
            found["km"].to_numpy() / table["road_km"] - 1,
            found["minutes"].to_numpy() / table["drive_minutes"] - 1,
        ]
    )
    as_built = summary(built)
    line = summary(straight(table))
    counts = {"km": len(table), "minutes": int(table["drive_minutes"].notna().sum())}
    rows: list[Row] = []
    for name, percent in repeats.mean().items():
        kind, what = str(name).rsplit("_", 1)
        label = f"{kind}_bias" if what == "bias" else f"{kind}_error_{what}"
        low, high = repeats[name].min(), repeats[name].max()
        rows.append(
            (
                label,
                round(percent, 1),
                "percent",
                f"{counts[kind]} trips, {FOLDS} folds held aside, {REPEATS} times: "
                f"{low:.1f} to {high:.1f}; as built {100 * as_built[str(name)]:.1f}; "
                f"best straight line {100 * line[str(name)]:.1f}",
            )
        )
    return rows


def rank_rows(drive_times: Path, zones: Path, classes: Path) -> list[Row]:
    """Rank correlation with official minutes to a GP, the practices standing in by near zones."""
    table = pd.read_csv(zones).merge(pd.read_csv(drive_times), on="data_zone")
    table = table.merge(pd.read_csv(classes), on="data_zone")
    places = table[["easting", "northing"]].astype(float)
    near = table["drive_GP"] <= NEAR_GP
    sites = places[near]
    minutes = indicative_network().nearest(places, sites)["minutes"].to_numpy()
    line = cKDTree(sites).query(places)[0]
    judged = (~near & (table["drive_GP"] < CENSORED)).to_numpy() & np.isfinite(minutes)
    remote = table["urban_rural_6fold_2016"].isin(REMOTE).to_numpy()
    rows: list[Row] = []
    for name, chosen in (("all", judged), ("remote", judged & remote)):
        known = table["drive_GP"].to_numpy()[chosen]
        ours, theirs = (spearmanr(x[chosen], known)[0] for x in (minutes, line))
        rows.append(
            (
                f"rank_correlation_{name}",
                round(float(ours), 3),
                "Spearman",
                f"official minutes to a GP, {int(chosen.sum()):,} zones ({name}); practices stand "
                f"in by the centres of zones within {NEAR_GP:g} official minutes; "
                f"straight line {theirs:.3f}",
            )
        )
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--drive-times", "--zones", "--classes"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    rows = pd.DataFrame(trip_rows(), columns=["measure", "value", "unit", "note"])
    if options.drive_times:
        ranks = rank_rows(options.drive_times, options.zones, options.classes)
        kept = pd.DataFrame(ranks, columns=rows.columns)
    else:
        before = pd.read_csv(ACCURACY)
        kept = before[before["measure"].str.startswith("rank_")]
    out = pd.concat([rows, kept], ignore_index=True)
    out.to_csv(ACCURACY, index=False, lineterminator="\n")
    print(out.to_string(index=False))


if __name__ == "__main__":
    main()
