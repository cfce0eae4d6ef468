"""The code of docs/maps.md runs as it is printed, on the toy town."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

import gapmap as gm

PAGE = Path(__file__).parents[2] / "docs" / "maps.md"


def test_every_block_runs(toy, tmp_path, monkeypatch):
    from gapmap.provision.bounds import bounds
    from gapmap.provision.fragility import calendar_of_all

    first, *blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert "gm.scotland" in first
    assert len(blocks) >= 7
    tables = {
        "services": toy.services,
        "coverage": gm.coverage(toy, level="council", by="category"),
        "bounds": bounds(toy, level="council"),
        "calendar_months": calendar_of_all(toy, months=12),
        "nearest": pd.DataFrame(
            {
                "postcode": toy.people.index,
                "category": "maternity_unit",
                "rank": 1,
                "minutes": np.arange(100.0),
                "status": "reachable",
            }
        ),
    }
    monkeypatch.chdir(tmp_path)
    # The tiles are of the real councils; everything else is the toy town.
    space = {"gm": gm, "study": toy, "tables": tables}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), space)
    assert (tmp_path / "infant-mental-health.png").stat().st_size > 10_000
    assert (tmp_path / "infant-mental-health.svg").read_text("utf-8").startswith("<?xml")
    assert "page" in space
