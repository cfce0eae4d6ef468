"""Builds the table of people: each council's official children, spread over live postcodes.

    python data/build/people.py [--data data]

Reads people/postcodes.parquet and people/councils.csv of the data folder and writes
people/people.parquet.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(__file__).resolve().parent.parent
# The weights of the package, and the single years of age that each sums.
AGES = {
    "under_1": ["age_0"],
    "under_2": ["age_0", "age_1"],
    "under_3": ["age_0", "age_1", "age_2"],
    "under_5": ["age_0", "age_1", "age_2", "age_3", "age_4"],
    "population": ["population"],
}


def totals(councils: pd.DataFrame) -> pd.DataFrame:
    """Official people per council (index: code) in each of `AGES`."""
    table = councils.set_index("council_code")
    return pd.DataFrame({name: table[ages].sum(axis=1) for name, ages in AGES.items()})


def spread(council: pd.Series, share: np.ndarray, official: pd.DataFrame) -> pd.DataFrame:
    """Each council's official numbers shared out in proportion to `share`.

    `council` gives the code of each row; `share` (any positive scale) how much of its
    council's children a row has. Sums per council equal `official` to rounding.
    """
    weights = pd.Series(np.asarray(share, dtype=float), index=council.index)
    part = weights / weights.groupby(council).transform("sum")
    return pd.DataFrame({name: council.map(official[name]) * part for name in official.columns})


def write(path: Path, rows: pd.DataFrame) -> None:
    """Parquet with dictionaries: within a council many postcodes have the same weights."""
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    folder = parser.parse_args().data / "people"
    postcodes = pd.read_parquet(folder / "postcodes.parquet")
    live = postcodes[postcodes["live"]].drop(columns="live").reset_index(drop=True)
    live = live.rename(columns={"council": "council_code"})
    official = totals(pd.read_csv(folder / "councils.csv"))
    children = spread(live["council_code"].astype(str), np.ones(len(live)), official)
    write(folder / "people.parquet", pd.concat([live, children], axis=1))


if __name__ == "__main__":
    main()
