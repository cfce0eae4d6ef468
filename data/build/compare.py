"""Compares a rebuilt folder of bundled geography with the one that ships, within tolerance.

    python data/build/compare.py NEW [OLD]

NEW and OLD are folders with boundaries/ and people/ (OLD: data/ beside this folder). Other
versions of the geometry library may move a vertex or two, so polygons are compared by overlap
and area, tables by their counts and sums. Exits 1 and lists every difference if there is any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd

DATA = Path(__file__).resolve().parent.parent
LEVELS = ("councils", "boards", "hscps")


def overlap(new: gpd.GeoDataFrame, old: gpd.GeoDataFrame) -> pd.DataFrame:
    """Per code: area (km2) of both, and their overlap as intersection over union (iou)."""
    new, old = (frame.set_index("code").geometry.to_crs(27700) for frame in (new, old))
    both = new.index.intersection(old.index)
    new, old = new[both], old[both]
    shared, whole = new.intersection(old).area, new.union(old).area
    return pd.DataFrame(
        {"new_km2": new.area / 1e6, "old_km2": old.area / 1e6, "iou": shared / whole}
    )


def compare_areas(
    new: gpd.GeoDataFrame, old: gpd.GeoDataFrame, *, min_iou: float = 0.999, name: str = "areas"
) -> list[str]:
    """Differences of two sets of polygons, in words; empty if they agree."""
    faults = []
    missing, extra = set(old["code"]) - set(new["code"]), set(new["code"]) - set(old["code"])
    if missing or extra:
        faults.append(f"{name}: missing {sorted(missing)}, not expected {sorted(extra)}")
    for code, row in overlap(new, old).iterrows():
        if row["iou"] < min_iou:
            faults.append(
                f"{name}: {code} overlaps the old one by {row['iou']:.5f}, under {min_iou}: "
                f"{row['new_km2']:.2f} km2 against {row['old_km2']:.2f}"
            )
    parts_new, parts_old = (len(frame.explode()) for frame in (new, old))
    if abs(parts_new - parts_old) > 5:
        faults.append(f"{name}: {parts_new} land parts against {parts_old}")
    return faults


def compare_tables(
    new: pd.DataFrame, old: pd.DataFrame, *, key: str, tolerance: float = 1e-6, name: str = "table"
) -> list[str]:
    """Differences of two tables: columns, keys, sums of numbers, values of anything else."""
    faults = []
    if list(new.columns) != list(old.columns):
        return [f"{name}: columns {list(new.columns)} against {list(old.columns)}"]
    new, old = new.set_index(key), old.set_index(key)
    if not new.index.equals(old.index):
        changed = len(new.index.symmetric_difference(old.index))
        return [f"{name}: {len(new)} rows against {len(old)}; {changed} keys differ"]
    for column in new.columns:
        left, right = new[column], old[column]
        if pd.api.types.is_float_dtype(left):
            far = (left - right).abs() > tolerance * right.abs().clip(lower=1)
        else:
            far = left.astype(str) != right.astype(str)
        if far.any():
            first = far.idxmax()
            faults.append(
                f"{name}: {int(far.sum())} rows of {column} differ, first {first}: "
                f"{left[first]} against {right[first]}"
            )
    return faults


def compare(new: Path, old: Path) -> list[str]:
    """All differences of two folders, in words."""
    faults = []
    for level in LEVELS:
        file = Path("boundaries") / f"{level}.geojson"
        faults += compare_areas(gpd.read_file(new / file), gpd.read_file(old / file), name=level)
    for file in ("postcodes.parquet", "people.parquet"):
        path = Path("people") / file
        faults += compare_tables(
            pd.read_parquet(new / path), pd.read_parquet(old / path), key="postcode", name=file
        )
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("new", type=Path)
    parser.add_argument("old", type=Path, nargs="?", default=DATA)
    options = parser.parse_args()
    faults = compare(options.new, options.old)
    if faults:
        sys.exit("\n".join(faults))
    print("The rebuilt files agree with those that ship.")


if __name__ == "__main__":
    main()
