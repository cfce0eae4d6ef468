"""The gallery: its code runs as it is printed, and its pictures are what the code draws."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gapmap as gm
from gapmap.run import work_out

from .test_rural_map import listed

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "maps.md"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_pictures", DOCS / "make_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tables_of(toy):
    """A run's tables of the toy town, with maternity units that are near and far."""
    tables = work_out(toy).tables
    count = len(toy.people)
    services = tables["services"].assign(category="maternity_unit", counts_at_as_of="yes")
    code = services["service_id"].iloc[0]
    tables["nearest"] = pd.DataFrame(
        {
            "postcode": toy.people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": np.arange(float(count)),
            "status": "reachable",
            "service_id": code,
        }
    )
    councils = toy.level("council").index
    tables["travel"] = pd.DataFrame(
        {
            "level": "council",
            "area_code": councils,
            "category": "maternity_unit",
            "median_minutes": [5.0, 20.0, 40.0, 90.0][: len(councils)],
        }
    )
    bounds = tables["bounds"]
    board = bounds[bounds["level"] == "board"].drop_duplicates("area_code")
    tables["bounds"] = board.assign(value="perinatal_mental_health")
    return tables | {"services": services, "rural": listed()}


def with_routes(toy):
    routes = pd.DataFrame(
        {
            "from_role": ["self", "gp"],
            "service_id": "",
            "category": "infant_mental_health",
            "accepted": ["yes", "no"],
        }
    )
    return replace(toy, tables={**toy.tables, "referrals": routes})


def test_every_block_runs(toy, tmp_path, monkeypatch):
    first, *blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert "gm.scotland" in first
    assert len(blocks) >= 17
    monkeypatch.chdir(tmp_path)
    # The tiles are of the real councils; everything else is the toy town.
    left, bottom, *_ = toy.level("council").total_bounds
    ends = pd.DataFrame({"x": [268_600, left + 5_000], "y": [844_700, bottom + 5_000]})
    road = pd.DataFrame({"from": [0], "to": [1], "minutes": [50.0], "km": [150.0]})
    monkeypatch.setattr(gm, "indicative_network", lambda: gm.Network(ends, road), raising=False)
    space = {"gm": gm, "study": with_routes(toy), "tables": tables_of(toy)}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), space)
    assert (tmp_path / "infant-mental-health.png").stat().st_size > 10_000
    assert (tmp_path / "infant-mental-health.svg").read_text("utf-8").startswith("<?xml")
    assert "page" in space


def test_every_picture_is_there_small_and_told():
    named = re.findall(r"!\[([^\]]+)\]\(pictures/([\w-]+)\.png\)", PAGE.read_text("utf-8"))
    record = json.loads((DOCS / "pictures" / "pictures.json").read_text("utf-8"))
    assert {name for _, name in named} - {"interactive-map"} == set(record)
    for words, name in named:
        assert len(words) > 20
        assert (DOCS / "pictures" / f"{name}.png").stat().st_size < 150_000
    assert {path.stem for path in (DOCS / "pictures").glob("*.png")} == {n for _, n in named}


@pytest.mark.slow
def test_the_pictures_are_what_the_code_draws(script, tmp_path, monkeypatch):
    """If this fails: python docs/make_pictures.py"""
    monkeypatch.chdir(tmp_path)
    made = script.figures(PAGE.read_text("utf-8"), script.bundled())
    record = json.loads(script.RECORD.read_text("utf-8"))
    assert {name: script.told(figure) for name, figure in made.items()} == record
