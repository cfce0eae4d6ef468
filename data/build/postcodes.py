"""Builds the table of all Scottish postcodes, the offline geocoder of the package.

python data/build/postcodes.py CACHE [--out data/people/postcodes.parquet]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import inputs
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(__file__).resolve().parent.parent


def table(postcodes: pd.DataFrame) -> pa.Table:
    """The table as stored: postcode, easting, northing, council, live; sorted by postcode."""
    return pa.table(
        {
            "postcode": pa.array(postcodes["postcode"], pa.string()),
            "easting": pa.array(postcodes["easting"], pa.int32()),
            "northing": pa.array(postcodes["northing"], pa.int32()),
            "council": pa.array(postcodes["council"], pa.string()).dictionary_encode(),
            "live": pa.array(postcodes["live"], pa.bool_()),
        }
    )


def write(path: Path, rows: pa.Table) -> None:
    """Parquet as small as it gets: a postcode shares its front with the one before it."""
    pq.write_table(
        rows,
        path,
        compression="zstd",
        compression_level=22,
        use_dictionary=["council"],
        column_encoding={
            "postcode": "DELTA_BYTE_ARRAY",
            "easting": "DELTA_BINARY_PACKED",
            "northing": "DELTA_BINARY_PACKED",
        },
        row_group_size=len(rows),
        data_page_size=1 << 24,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cache", type=Path)
    parser.add_argument("--out", type=Path, default=DATA / "people" / "postcodes.parquet")
    options = parser.parse_args()
    write(options.out, table(inputs.read_scottish_postcodes(options.cache)))


if __name__ == "__main__":
    main()
