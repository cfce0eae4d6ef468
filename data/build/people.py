"""Builds the table of people: each council's official children over its live postcodes.

    python data/build/people.py CACHE [--data data]

Reads people/postcodes.parquet, people/councils.csv and people/council_urban_rural.csv of the data
folder, GeoNames' places, and the bundled network (through gapmap, which must be installed); writes
people/people.parquet and people/settlements.csv.

How many live at a postcode is nowhere open. What is known: official numbers per council (mid-2022),
per council and urban-rural class (mid-2020), and per locality; and what the pattern of postcodes
tells. The pattern gives a first guess, localities correct it, and the class totals settle it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import inputs
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import settlements
from scipy.spatial import cKDTree

DATA = Path(__file__).resolve().parent.parent
# The weights of the package, and the single years of age that each sums.
AGES = {
    "under_1": ["age_0"],
    "under_2": ["age_0", "age_1"],
    "under_3": ["age_0", "age_1", "age_2"],
    "under_5": ["age_0", "age_1", "age_2", "age_3", "age_4"],
    "population": ["population"],
}
# Exponents of the first guess, fitted to official data zones (data/README.md, "People"). Of
# postcodes at one point (flats share, and past four they are post boxes and offices); of live
# postcodes within 120 m, between 4 and 10 and beyond (small postcodes, then town centres); of
# live postcodes within 6 km (towns have more to a postcode than the country).
PATTERN = {
    "population": {"same": -0.14, "boxes": -2.9, "close": -0.72, "crowded": -0.13, "around": 0.165},
    "children": {"same": -0.36, "boxes": -1.5, "close": -0.81, "crowded": -1.0, "around": 0.226},
}
# A locality's people may correct the guess by no more than this factor either way: beyond it the
# locality's boundary is more in doubt than the guess.
MOST_GROWTH = 1.25
# Weights are rounded to steps of 4% before they are scaled, which keeps the file small.
STEP = 0.04
# What a class found in a council becomes if officially nobody there lives in it, likest first.
LIKE = {1: (2, 3, 5), 2: (1, 3, 5), 3: (4, 5, 2), 4: (3, 6, 5), 5: (6, 3, 2, 1), 6: (5, 4, 3)}
# Where a council has more rural people than it officially has, postcodes this near a town's go to
# the town: whole data zones are classed, and one at a town's edge goes with the town.
EDGE_METRES = 500.0
# The cut-off between accessible and remote may move this far, in minutes, for a council's official
# shares.
CUTOFF_SLACK = 10.0
EIGHT = {1: (1, 1), 2: (2, 2), 3: (3, 3), 4: (4, 5), 5: (6, 6), 6: (7, 8)}


def totals(councils: pd.DataFrame) -> pd.DataFrame:
    """Official people per council (index: code) in each of `AGES`."""
    table = councils.set_index("council_code")
    return pd.DataFrame({name: table[ages].sum(axis=1) for name, ages in AGES.items()})


def pattern(xy: np.ndarray, kind: str) -> np.ndarray:
    """First guess of people or children per postcode, on any scale, from the places of all."""
    tree = cKDTree(xy)
    _, at, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    same = count[at.ravel()]
    near = tree.query_ball_point(xy, 120, return_length=True) + 1
    around = tree.query_ball_point(xy, 6000, return_length=True) + 1
    use = PATTERN[kind]
    return np.exp(
        use["same"] * np.log(np.minimum(same, 4))
        + use["boxes"] * np.log(np.maximum(same / 4, 1))
        + use["close"] * np.log(np.clip(near, 4, 10) / 4)
        + use["crowded"] * np.log(np.maximum(near / 10, 1))
        + use["around"] * np.log(around)
    )


def spread(group: pd.Series, share: np.ndarray, official: pd.DataFrame) -> pd.DataFrame:
    """Each group's official numbers shared out in proportion to `share`.

    `group` gives the group of each row (any label of `official`'s index); `share`, on any positive
    scale, how much of its group's people a row has. Sums per group equal `official` to rounding.
    """
    weights = pd.Series(np.asarray(share, dtype=float), index=group.index)
    part = weights / weights.groupby(group).transform("sum")
    return pd.DataFrame({name: group.map(official[name]) * part for name in official.columns})


def edges_of_towns(
    here: pd.DataFrame, gap: np.ndarray, town: np.ndarray, official: pd.Series
) -> np.ndarray:
    """Bands (1, 2, 3, 5) of one council's postcodes, rural ones near a town given to the town.

    `here` has band and people; `gap` is the distance to the nearest postcode of a settlement of
    3,000 people and `town` its band; `official` the people by 6-fold class. The nearest go first,
    until no more people are rural than officially are.
    """
    band, people = here["band"].to_numpy().copy(), here["people"].to_numpy()
    rural = official.reindex([5, 6]).sum() / official.sum() * people.sum()
    near = np.flatnonzero((band == 5) & (gap <= EDGE_METRES))
    near = near[np.argsort(gap[near], kind="stable")]
    excess = people[band == 5].sum() - rural
    moved = near[: np.searchsorted(np.cumsum(people[near]), excess, side="right")]
    band[moved] = town[moved]
    return band


def remoteness(here: pd.DataFrame, official: pd.Series, cutoff: float) -> np.ndarray:
    """Which of one council's postcodes are remote: by drive time, in the official shares.

    The cut-off in open country is moved, by `CUTOFF_SLACK` at most, until the official share is
    remote; small towns turn remote as wholes, farthest first, as comes nearest to theirs.
    """
    minutes, people = here["minutes"].to_numpy(), here["people"].to_numpy()
    share = {
        band: official.reindex([near, far]).fillna(0).to_numpy()
        for band, near, far in ((3, 3, 4), (5, 5, 6))
    }
    far = minutes > cutoff
    rural = np.flatnonzero(here["band"] == 5)
    if len(rural) and share[5].sum():
        order = rural[np.argsort(minutes[rural], kind="stable")]
        reached = np.cumsum(people[order])
        last = np.searchsorted(reached, reached[-1] * share[5][0] / share[5].sum() * (1 - 1e-9))
        own = minutes[order[min(last, len(order) - 1)]]
        far[rural] = minutes[rural] > np.clip(own, cutoff - CUTOFF_SLACK, cutoff + CUTOFF_SLACK)
    towns = here[here["band"] == 3]
    if len(towns) and share[3].sum():
        each = towns.groupby("settlement").agg(
            people=("people", "sum"), minutes=("minutes", "median")
        )
        each = each.sort_values("minutes", kind="stable")
        reached = np.concatenate([[0], each["people"].cumsum()])
        count = np.abs(reached - reached[-1] * share[3][0] / share[3].sum()).argmin()
        near = towns["settlement"].isin(each.index[:count]).to_numpy()
        far[here["band"] == 3] = ~near
    return far


def completed(
    here: pd.DataFrame, found: np.ndarray, city: np.ndarray, official: pd.Series
) -> np.ndarray:
    """One council's classes, changed so that they are exactly its official ones.

    A class that officially nobody lives in becomes the likest official one. For one that was not
    found, the likeliest places change: those nearest to a city for class 1 (`city`: metres to the
    nearest postcode of class 1), the largest settlements for 2 to 4, the least remote country
    for 5 and the most remote for 6, until its people are reached.
    """
    answer, people = found.copy(), here["people"].to_numpy()
    scale = people.sum() / official.sum()
    for extra in np.setdiff1d(answer, official.index):
        answer[answer == extra] = next(k for k in LIKE[extra] if k in official.index)
    for missing in np.setdiff1d(official.index, answer):
        if missing in (2, 3, 4):
            donors = {2: (3, 4, 5, 6), 3: (5, 4, 2), 4: (6, 3, 2)}[missing]
            donor = next(k for k in donors if ((answer == k) & (here["settlement"] != "")).any())
            pool = np.flatnonzero((answer == donor) & (here["settlement"] != ""))
            unit = here["settlement"].to_numpy()[pool]
            size = pd.Series(people[pool]).groupby(unit).sum().sort_values(ascending=False)
        else:
            pool = np.arange(len(here)) if missing == 1 else np.flatnonzero(np.isin(answer, [5, 6]))
            rank = {1: city, 5: here["minutes"].to_numpy(), 6: -here["minutes"].to_numpy()}[missing]
            unit = pool = pool[np.argsort(rank[pool], kind="stable")]
            size = pd.Series(people[pool], index=unit)
        # As many places as come nearest to the official number: one at least, never all.
        best = (size.cumsum() - official[missing] * scale).abs().to_numpy()
        count = best[: max(len(size) - 1, 1)].argmin() + 1
        answer[pool[np.isin(unit, size.index[:count])]] = missing
    return answer


def aligned(places: pd.DataFrame, official: pd.Series, cutoff: float) -> np.ndarray:
    """6-fold classes of postcodes, brought into line with official totals per council.

    `places`: council, easting, northing, settlement ("" in open country), size (people of the
    settlement), minutes (to the nearest town), people (estimate). `official`: people by council
    and class. Every council ends with exactly the classes that it officially has.
    """
    from gapmap.travel.rural import CITY, SMALL_TOWN, TOWN

    size = places["size"].to_numpy()
    band = np.select([size >= CITY, size >= TOWN, size >= SMALL_TOWN], [1, 2, 3], 5)
    places = places.assign(band=band)
    xy = places[["easting", "northing"]].to_numpy(float)
    urban = np.flatnonzero(band < 5)
    gap, nearest = cKDTree(xy[urban]).query(xy)
    city = cKDTree(xy[band == 1]).query(xy)[0]
    town, name = band[urban[nearest]], places["settlement"].to_numpy()[urban[nearest]]
    answer = np.zeros(len(places), dtype=np.int64)
    for code in np.unique(places["council"]):
        rows = np.flatnonzero(places["council"] == code)
        wanted, here = official[code], places.iloc[rows]
        bands = edges_of_towns(here, gap[rows], town[rows], wanted)
        home = np.where(bands < here["band"], name[rows], here["settlement"])
        here = here.assign(band=bands, settlement=home)
        far = remoteness(here, wanted, cutoff)
        # 1, 2; 3 or 4; 5 or 6.
        six = bands + ((bands >= 3) & far)
        answer[rows] = completed(here, six, city[rows], wanted)
    return answer


def class_totals(by_class: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    """Official mid-2022 numbers per council and class: mid-2020 shares of mid-2022 totals."""
    table = by_class.set_index(["council_code", "urban_rural_6fold"])
    # There is no count of the under-twos by class: they lie between the under-ones and threes.
    shares = {
        name: table[name] / table.groupby(level=0)[name].transform("sum")
        for name in ("under_1", "under_3", "under_5", "population")
    }
    shares["under_2"] = (shares["under_1"] + shares["under_3"]) / 2
    council = table.index.get_level_values(0)
    return pd.DataFrame(
        {name: shares[name] * official[name].reindex(council).to_numpy() for name in AGES}
    )


def write(path: Path, rows: pd.DataFrame) -> None:
    """Parquet with dictionaries: within a council and class many postcodes weigh the same."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    places = {"postcode": "DELTA_BYTE_ARRAY"} | dict.fromkeys(
        ["easting", "northing"], "DELTA_BINARY_PACKED"
    )
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=22,
        use_dictionary=[c for c in rows.columns if c not in places],
        column_encoding=places,
        row_group_size=len(rows),
        data_page_size=1 << 24,
    )


def build(folder: Path, places: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of people and the table of settlements."""
    from gapmap.travel.indicative import indicative_network
    from gapmap.travel.rural import CUTOFF_MINUTES, classify, minutes_to_town

    postcodes = pd.read_parquet(folder / "postcodes.parquet")
    live = postcodes[postcodes["live"]].drop(columns="live").reset_index(drop=True)
    live = live.rename(columns={"council": "council_code"})
    council = live["council_code"].astype(str)
    councils = pd.read_csv(folder / "councils.csv")
    official = totals(councils)
    by_class = pd.read_csv(folder / "council_urban_rural.csv")

    xy = live[["easting", "northing"]].to_numpy(float)
    guess = spread(council, pattern(xy, "population"), official)["population"].to_numpy()
    home, towns, growth = settlements.find(
        live.assign(council_code=council),
        guess,
        places,
        councils.set_index("council_code")["council_name"],
    )

    by_name = towns.set_index("settlement")
    minutes = minutes_to_town(live[["easting", "northing"]], by_name, indicative_network())
    size = home.map(by_name["population"]).fillna(0).to_numpy(float)
    growth = np.clip(growth, 1 / MOST_GROWTH, MOST_GROWTH)
    places = live[["easting", "northing"]].assign(
        council=council,
        settlement=home,
        size=size,
        minutes=np.nan_to_num(minutes, nan=np.inf),
        people=guess * growth,
    )
    numbers = by_class.set_index(["council_code", "urban_rural_6fold"])["population"]
    six = aligned(places, numbers, CUTOFF_MINUTES)
    # The 8-fold class is the 6-fold one with the farthest of the remote told apart.
    very = np.isin(classify(size, minutes, folds=8), [5, 8])
    eight = np.array([EIGHT[k] for k in six])[np.arange(len(six)), very.astype(int)]

    group = pd.Series(list(zip(council, six, strict=True)), index=live.index)
    totals_by_class = class_totals(by_class, official)
    parts = []
    for kind, names in (("children", list(AGES)[:4]), ("population", ["population"])):
        share = pattern(xy, kind) * growth
        share = np.exp(np.round(np.log(share) / STEP) * STEP)
        parts.append(spread(group, share, totals_by_class[names]))
    rows = pd.concat(
        [
            live,
            *parts,
            pd.DataFrame({"urban_rural": six, "urban_rural_8": eight}).astype("int8"),
            home.astype("category").rename("settlement"),
        ],
        axis=1,
    )
    return rows, towns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cache", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    folder = options.data / "people"
    rows, towns = build(folder, inputs.read_places(options.cache))
    write(folder / "people.parquet", rows)
    towns.to_csv(folder / "settlements.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
