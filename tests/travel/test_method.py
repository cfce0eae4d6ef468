"""How distance was measured is said by one function; the measured error is read, never written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gapmap
from gapmap.travel import method
from gapmap.travel.indicative import indicative_accuracy
from gapmap.travel.method import by_what, how_far_off, how_measured, travel_notes


@pytest.mark.parametrize(
    ("setting", "told", "short"),
    [
        ("indicative", "By car, roughly: no traffic, no wait for a ferry.", "by car, roughly"),
        ("straight", "Distances are in a straight line, without roads.", "in a straight line"),
        (
            "/home/me/study/roads.osm.pbf",
            "By car over the roads of roads.osm.pbf: the fastest trip; no traffic, no wait for a "
            "ferry.",
            "by car",
        ),
        (
            "/home/me/study/oproad_gb.gpkg",
            "By car over the roads of oproad_gb.gpkg: the fastest trip; no traffic, no ferries, no "
            "one-way streets.",
            "by car",
        ),
    ],
)
def test_each_method_has_its_own_words(toy, setting: str, told: str, short: str) -> None:
    settings = toy.with_settings(travel_method=setting).settings
    assert how_measured(settings) == told
    assert by_what(settings) == short
    # Only the bundled network was measured.
    assert bool(how_far_off(settings)) == (setting == "indicative")
    noted = travel_notes(settings)[0]
    assert noted == (told if setting == "straight" else f"Times are b{told[1:]}")


def test_the_error_is_that_of_the_bundled_file(toy, monkeypatch) -> None:
    table = indicative_accuracy()
    settings = toy.with_settings(travel_method="indicative").settings
    value = table.set_index("measure")["value"]
    of = ("km_error_median", "minutes_error_median", "km_error_p90", "minutes_error_p90")
    assert re.findall(r"(\d+)%", how_far_off(settings)) == [f"{value[one]:.0f}" for one in of]
    # Other figures in the file are other figures in the sentence.
    method._measured_error.cache_clear()
    monkeypatch.setattr(method, "indicative_accuracy", lambda: table.assign(value=41.0))
    assert how_far_off(settings).count("41%") == 4
    method._measured_error.cache_clear()


def test_nobody_else_says_it() -> None:
    package = Path(gapmap.__file__).parent
    for path in (*package.rglob("*.py"), *package.rglob("*.js"), *package.rglob("*.toml")):
        if path.name in ("method.py", "osm.py", "study_folder.py") or "data" in path.parts[-3:-1]:
            continue
        assert "no wait for a ferry" not in path.read_text(encoding="utf-8"), path
