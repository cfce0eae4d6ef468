"""Measure the bundled network and write data/travel/accuracy.csv, which products print.

Errors are those of trips held aside from calibration. With three files of official figures, which
are not part of the project, ranks against official drive times are measured too; without them
those rows stay as they are. A register of early years (name, provider_type, postcode) gives the
places of primary schools.

    python data/build/measure_travel.py [--drive-times FILE --zones FILE --classes FILE
        [--register FILE]]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from build_travel import DATA, POSTCODES, build_bundled
from calibrate_travel import FOLDS, REPEATS, SEED, Roads, errors, grid, held_aside, summary, trips
from measure import nearest_zone
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from gapmap.travel.indicative import indicative_network

ACCURACY = DATA / "travel" / "accuracy.csv"
PEOPLE = DATA / "people" / "people.parquet"
NEAR_SITE = 2.0  # official minutes: a zone this near stands for a place with a practice or school
SCHOOL = "primary|school|class"  # names of nursery classes in primary schools, small letters
NO_SCHOOL = "nursery school|out of school|after school|breakfast|holiday|academy|high school"
SCHOOL_REACH = 1000.0  # metres from the centre of a zone that near to a school known to be there
COVERED = 0.85  # at least so many of a council's such zones: its schools are nearly all known
DRAWS = 200
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


def official(drive_times: Path, zones: Path, classes: Path) -> pd.DataFrame:
    """Zones with their official minutes and classes."""
    table = pd.read_csv(zones).merge(pd.read_csv(drive_times), on=["data_zone", "council_code"])
    table = table.merge(pd.read_csv(classes), on=["data_zone", "council_code"])
    return table.astype({"easting": float, "northing": float}).reset_index(drop=True)


def schools(register: Path) -> pd.DataFrame:
    """Places of the primary schools that a register of early years lists a nursery class of."""
    rows = pd.read_csv(register)
    name = rows["name"].str.lower()
    named = name.str.contains(SCHOOL) & ~name.str.contains(NO_SCHOOL)
    rows = rows[named & rows["provider_type"].eq("Local Authority")]
    postcodes = pd.read_parquet(POSTCODES).set_index("postcode")[["easting", "northing"]]
    found = postcodes[postcodes.index.isin(rows["postcode"])]
    return found.astype(float).drop_duplicates().reset_index(drop=True)


def covered(table: pd.DataFrame, places: pd.DataFrame) -> np.ndarray:
    """Tell of each zone whether nearly all primary schools of its council are among `places`.

    A council's zones that officially have a school very near must have one of the places near.
    """
    close = table[table["drive_primary"] <= NEAR_SITE]
    metres = cKDTree(places).query(close[["easting", "northing"]])[0]
    share = pd.Series(metres < SCHOOL_REACH, close.index).groupby(close["council_code"]).mean()
    return table["council_code"].isin(share.index[share >= COVERED]).to_numpy()


def asked_from(table: pd.DataFrame, sites: pd.DataFrame) -> dict[str, np.ndarray]:
    """Minutes and straight metres of each zone to its nearest site, two columns.

    Once from the zone's centre, and once from all its homes, weighted by the people there: the
    official figures are such means, and the centre of a zone may stand where nobody lives.
    """
    network = indicative_network()
    people = pd.read_parquet(PEOPLE)
    people = people[people["council_code"].isin(table["council_code"])].reset_index(drop=True)
    zone = nearest_zone(people, table)
    out = {}
    for name, points in (("centres", table), ("homes", people)):
        places = points[["easting", "northing"]].astype(float)
        minutes = network.nearest(places, sites)["minutes"].to_numpy()
        out[name] = np.column_stack([minutes, cKDTree(sites).query(places)[0]])
    weight = people["population"].to_numpy(float) * np.isfinite(out["homes"][:, 0])
    total = np.bincount(zone, weights=weight, minlength=len(table))
    sums = [
        np.bincount(zone, weights=weight * np.nan_to_num(column), minlength=len(table))
        for column in out["homes"].T
    ]
    means = np.full((len(table), 2), np.nan)
    np.divide(np.column_stack(sums), total[:, None], out=means, where=total[:, None] > 0)
    out["homes"] = means
    return out


def ranks(ours: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Rank correlation with the official minutes, of the network and of the straight line."""
    return np.array([spearmanr(column, known)[0] for column in ours.T])


def chance(ours: np.ndarray, known: np.ndarray, block: np.ndarray) -> float:
    """Standard error of the network's lead, whole neighbourhoods drawn with replacement."""
    generator = np.random.default_rng(SEED)
    members = [rows.to_numpy() for rows in pd.Series(block).groupby(block).groups.values()]
    leads = []
    for _ in range(DRAWS):
        rows = np.concatenate(
            [members[k] for k in generator.integers(len(members), size=len(members))]
        )
        ours_, theirs = ranks(ours[rows], known[rows])
        leads.append(ours_ - theirs)
    return float(np.std(leads))


def rank_rows(table: pd.DataFrame, register: Path | None) -> list[Row]:
    """Rank correlation with official minutes, of the network and of the straight line.

    The places of practices are not published with the minutes: zones very near stand in for them.
    Primary schools have real places, where a register tells of a nursery class.
    """
    remote = table["urban_rural_6fold_2016"].isin(REMOTE).to_numpy()
    near = (table["drive_GP"] <= NEAR_SITE).to_numpy()
    stand_in = f"practices stand in by the centres of zones within {NEAR_SITE:g} official minutes"
    practices = table.loc[near, ["easting", "northing"]]
    asked = [("a GP", "drive_GP", practices, {"all": ~near, "remote": ~near & remote}, stand_in)]
    if register:
        real = schools(register)
        whole = covered(table, real)
        note = (
            f"{len(real):,} schools with a nursery class, at their postcodes; "
            f"{table.loc[whole, 'council_code'].nunique()} councils where they are nearly all"
        )
        asked.append(("a primary school", "drive_primary", real, {"primary": whole}, note))
    rows: list[Row] = []
    for what, column, sites, groups, note in asked:
        known = table[column].to_numpy(float)
        for point, ours in asked_from(table, sites).items():
            for name, chosen in groups.items():
                judged = chosen & (known < CENSORED) & np.isfinite(ours).all(axis=1)
                block = table["intermediate_zone"].to_numpy()[judged]
                network, line = ranks(ours[judged], known[judged])
                error = chance(ours[judged], known[judged], block)
                rows.append(
                    (
                        f"rank_correlation_{name}" + ("_homes" if point == "homes" else ""),
                        round(float(network), 3),
                        "Spearman",
                        f"official minutes to {what}, {int(judged.sum()):,} zones, from "
                        f"{'their homes' if point == 'homes' else 'their centres'}; {note}; "
                        f"straight line {line:.3f}, lead {network - line:+.4f} "
                        f"(standard error {error:.4f})",
                    )
                )
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--drive-times", "--zones", "--classes", "--register"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    rows = pd.DataFrame(trip_rows(), columns=["measure", "value", "unit", "note"])
    if options.drive_times:
        table = official(options.drive_times, options.zones, options.classes)
        kept = pd.DataFrame(rank_rows(table, options.register), columns=rows.columns)
    else:
        before = pd.read_csv(ACCURACY)
        kept = before[before["measure"].str.startswith("rank_")]
    out = pd.concat([rows, kept], ignore_index=True)
    out.to_csv(ACCURACY, index=False, lineterminator="\n")
    print(out.to_string(index=False))


if __name__ == "__main__":
    main()
