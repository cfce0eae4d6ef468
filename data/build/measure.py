"""Measures the bundled people and urban-rural classes against official data zones.

    python data/build/measure.py ZONES.csv CLASSES.csv [--write]

ZONES: data_zone, easting, northing (population-weighted centre), council_code, population, age_0
to age_4. CLASSES: data_zone and one column of 6-fold classes; it may cover some councils only.
Neither file ships: the first is National Records of Scotland's small area estimates for the data
zones of 2011, the second the Scottish Government's classification. With --write the figures go to
data/people/accuracy.csv, which products print.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

DATA = Path(__file__).resolve().parent.parent
AGES = [f"age_{i}" for i in range(5)]
REMOTE = (4, 6)


def nearest_zone(people: pd.DataFrame, zones: pd.DataFrame) -> np.ndarray:
    """Row of `zones` for each postcode: the nearest centre in its own council."""
    row = np.full(len(people), -1)
    council = people["council_code"].astype(str).to_numpy()
    for code in np.unique(council):
        mine = np.flatnonzero(council == code)
        theirs = np.flatnonzero((zones["council_code"] == code).to_numpy())
        centres = zones[["easting", "northing"]].to_numpy(float)[theirs]
        places = people[["easting", "northing"]].to_numpy(float)[mine]
        row[mine] = theirs[cKDTree(centres).query(places)[1]]
    return row


def misplaced(found: pd.Series, official: pd.Series) -> float:
    """Share of people in the wrong place: half the sum of differences over the total."""
    return float((found - official).abs().sum() / 2 / official.sum())


def scaled(zones: pd.DataFrame, column: str, people: pd.DataFrame) -> pd.Series:
    """Official zone numbers on the scale of today's council totals."""
    now = people[column].groupby(people["council_code"].astype(str)).sum()
    then = zones.groupby("council_code")[column].sum()
    return zones[column] * zones["council_code"].map(now / then)


def children(
    people: pd.DataFrame, zones: pd.DataFrame, classes: pd.Series
) -> list[tuple[str, float, str]]:
    """How far the spread of people is off, as (measure, value, note)."""
    zones = zones.assign(under_5=zones[AGES].sum(axis=1))
    row = nearest_zone(people, zones)
    council = people["council_code"].astype(str)
    even = people.groupby(council)["under_5"].transform("mean")
    official = scaled(zones, "under_5", people)
    found = {
        name: pd.Series(np.bincount(row, weights, minlength=len(zones)), index=zones.index)
        for name, weights in (("weighted", people["under_5"]), ("even", even))
    }
    residents = scaled(zones, "population", people)
    living = pd.Series(
        np.bincount(row, people["population"], minlength=len(zones)), index=zones.index
    )
    exact = residents * zones["council_code"].map(
        official.groupby(zones["council_code"]).sum()
        / residents.groupby(zones["council_code"]).sum()
    )
    lines = [
        ("under_5_wrong_data_zone", misplaced(found["weighted"], official), "share of under-fives"),
        ("under_5_wrong_data_zone_if_even", misplaced(found["even"], official), "spread evenly"),
        (
            "under_5_wrong_data_zone_at_best",
            misplaced(exact, official),
            "if every zone's residents were known exactly, but not their ages",
        ),
        ("population_wrong_data_zone", misplaced(living, residents), "share of residents"),
    ]
    if "intermediate_zone" in zones:
        key = zones["intermediate_zone"]
        lines += [
            (
                f"under_5_wrong_intermediate_zone{tail}",
                misplaced(found[name].groupby(key).sum(), official.groupby(key).sum()),
                f"{key.nunique():,} zones of about 4,000 people",
            )
            for name, tail in (("weighted", ""), ("even", "_if_even"))
        ]
    kind = zones["data_zone"].map(classes)
    known = kind.notna()
    by = [zones["council_code"][known], kind[known].astype(int)]
    true = official[known].groupby(by).sum()
    for name, tail in (("weighted", ""), ("even", "_if_even")):
        mine = found[name][known].groupby(by).sum()
        remote = true.index.get_level_values(1).isin(REMOTE)
        councils = true.index.get_level_values(0)
        ratio = (
            mine[remote].groupby(councils[remote]).sum()
            / true[remote].groupby(councils[remote]).sum()
        )
        lines += [
            (
                f"under_5_wrong_class{tail}",
                misplaced(mine, true),
                f"by council and official 6-fold class, {len(set(councils))} councils",
            ),
            (
                f"remote_under_5_ratio{tail}",
                float(mine[remote].sum() / true[remote].sum()),
                "children in officially remote zones, found over official",
            ),
            (f"remote_under_5_ratio_lowest{tail}", float(ratio.min()), f"council {ratio.idxmin()}"),
            (
                f"remote_under_5_ratio_highest{tail}",
                float(ratio.max()),
                f"council {ratio.idxmax()}",
            ),
        ]
    return lines


def agreement(
    found: np.ndarray, official: np.ndarray, weights: np.ndarray
) -> tuple[float, float, float, float]:
    """People-weighted: right class, right on remoteness, recall and precision of remote."""
    mine, true = np.isin(found, REMOTE), np.isin(official, REMOTE)
    both = weights[mine & true].sum()
    return (
        weights[found == official].sum() / weights.sum(),
        weights[mine == true].sum() / weights.sum(),
        both / weights[true].sum(),
        both / weights[mine].sum(),
    )


def urban_rural(
    zones: pd.DataFrame, classes: pd.Series, cutoffs: np.ndarray
) -> list[tuple[str, float, str]]:
    """How far the classes are off at the zones' centres, as (measure, value, note).

    Held out: the cut-off is chosen on half of the councils and judged on the other half, both
    ways round.
    """
    import gapmap as gm
    from gapmap.travel.rural import CUTOFF_MINUTES, urban_rural

    here = zones[zones["data_zone"].isin(classes.index)].reset_index(drop=True)
    true = here["data_zone"].map(classes).to_numpy(int)
    people = here["population"].to_numpy(float)
    network = gm.indicative_network()
    tried = {
        float(c): urban_rural(here, network=network, cutoff=float(c)).to_numpy() for c in cutoffs
    }
    codes = np.sort(here["council_code"].unique())
    held, chosen = np.zeros(len(here), dtype=int), []
    for part in (0, 1):
        test = here["council_code"].isin(codes[part::2]).to_numpy()
        best = max(tried, key=lambda c: agreement(tried[c][~test], true[~test], people[~test])[0:2])
        held[test] = tried[best][test]
        chosen.append(best)
    names = ("right_6_fold", "right_remote_or_not", "remote_recall", "remote_precision")
    count = f"{len(codes)} councils, {len(here):,} zone centres, people-weighted"
    lines = [
        (f"{name}_held_out", value, f"cut-off {chosen[0]:g} and {chosen[1]:g} min; {count}")
        for name, value in zip(names, agreement(held, true, people), strict=True)
    ]
    for tail, found in (
        ("computed", urban_rural(here, network=network, cutoff=CUTOFF_MINUTES).to_numpy()),
        ("bundled", urban_rural(here).to_numpy()),
    ):
        lines += [
            (f"{name}_{tail}", value, f"cut-off {CUTOFF_MINUTES:g} min; {count}")
            for name, value in zip(names, agreement(found, true, people), strict=True)
        ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("zones", type=Path)
    parser.add_argument("classes", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    zones = pd.read_csv(options.zones)
    table = pd.read_csv(options.classes)
    column = next(c for c in table.columns if "6" in c)
    classes = table.set_index("data_zone")[column]
    people = pd.read_parquet(DATA / "people" / "people.parquet")
    lines = children(people, zones, classes)
    lines += urban_rural(zones, classes, np.arange(18, 35))
    frame = pd.DataFrame(lines, columns=["measure", "value", "note"]).round({"value": 4})
    print(frame.to_string(index=False))
    if options.write:
        frame.to_csv(DATA / "people" / "accuracy.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
