"""Small multiples, points, travel by postcode, tiles, and the set that a run writes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Text

import gapmap as gm
from gapmap.bundled import data_folder
from gapmap.errors import InputError
from gapmap.show.figure import save_map
from gapmap.show.multiples import small_multiples
from gapmap.show.points import points_map, travel_map
from gapmap.show.standard import standard_maps
from gapmap.show.tiles import tile_grid


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def test_multiples_draw_every_area_on_every_map(toy):
    coverage = gm.coverage(toy, level="council", by="tier")
    maps = {tier: coverage[coverage["value"] == tier] for tier in ("universal", "specialist")}
    figure = small_multiples(toy.level("council"), maps, title="Two tiers")
    drawn = [p for p in figure.findobj(PathPatch) if str(p.get_gid()).startswith("area-")]
    assert len(drawn) == 8
    assert list(figure.gapmap_data.columns) == ["name", "universal", "specialist"]
    assert figure.gapmap_alt.startswith("2 small maps. Two tiers")
    with pytest.raises(InputError, match="empty"):
        small_multiples(toy.level("council"), {}, title="None")


def test_points_without_a_place_or_confidential_are_counted_not_drawn(toy):
    figure = points_map(toy.level("council"), toy.services, title="Services")
    hidden = toy.services["location_confidential"].eq("yes")
    assert hidden.any()
    drawn = figure.gapmap_data
    assert "T10" not in set(drawn["service_id"])
    said = " ".join(texts(figure))
    assert "Universal (3)" in said
    assert f"{len(toy.services) - len(drawn)} more have no place to show" in said
    unsaid = points_map(toy.level("council"), toy.services.assign(tier=""), title="Services")
    assert f"Tier not known ({len(drawn)})" in texts(unsaid)
    away = toy.services.assign(easting=toy.services["easting"] + 900_000)
    outside = points_map(toy.level("council"), away, title="Services")
    assert len(outside.gapmap_data) == 0
    assert f"{len(drawn)} more stand outside" in " ".join(texts(outside))
    one_spot = toy.services.assign(
        easting=drawn["easting"].iloc[0], northing=drawn["northing"].iloc[0]
    )
    together = points_map(toy.level("council"), one_spot, title="Services")
    marks = [line for line in together.axes[0].lines if line.get_linestyle() == "None"]
    seen = [xy for line in marks for xy in map(tuple, line.get_xydata())]
    assert len(seen) == len(set(seen)) > 3
    with pytest.raises(InputError, match="lack the column"):
        points_map(toy.level("council"), toy.services[["name"]], title="Services")


def test_travel_by_postcode_keeps_every_child(toy):
    minutes = np.array([5.0, 20.0, 45.0, 90.0, 200.0] * 20)
    status = np.array(["reachable"] * 60 + ["by_ferry"] * 20 + ["no_known_service"] * 20)
    nearest = pd.DataFrame(
        {
            "postcode": toy.people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": np.where(status == "no_known_service", np.nan, minutes),
            "status": status,
        }
    )
    figure = travel_map(toy.level("board"), toy.people, nearest, category="maternity_unit")
    assert figure.gapmap_data["under_5"].sum() == toy.people["under_5"].sum()
    assert figure.gapmap_data["share"].sum() == pytest.approx(1)
    assert figure.gapmap_data.set_index("class")["postcodes"].to_dict() == {
        "Up to 15 minutes": 16,
        "15 to 30 minutes": 16,
        "30 to 60 minutes": 16,
        "60 to 120 minutes": 16,
        "Over 120 minutes": 16,
        "No service known": 20,
    }
    with pytest.raises(InputError, match="It has: maternity_unit"):
        travel_map(toy.level("board"), toy.people, nearest, category="befriending")


def test_a_straight_line_has_no_minutes_to_map(toy):
    nearest = pd.DataFrame(
        {
            "postcode": toy.people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": np.nan,
            "km": 3.0,
            "status": "reachable",
        }
    )
    with pytest.raises(InputError, match="straight lines have none"):
        travel_map(toy.level("council"), toy.people, nearest, category="maternity_unit")


def test_tiles_are_one_size_and_say_that_they_are_no_map():
    positions = pd.read_csv(data_folder() / "people" / "councils.csv")
    states = pd.Series({"S12000049": "provided", "S12000027": "none_found"})
    figure = tile_grid(states, positions, title="Councils", subtitle="As of today")
    assert any("Not geographic" in text for text in texts(figure))
    tiles = [r for r in figure.findobj(Rectangle) if str(r.get_gid()).startswith("tile-")]
    assert len(tiles) == 32
    assert len({(round(t.get_width(), 6), round(t.get_height(), 6)) for t in tiles}) == 1
    assert len({(t.get_x(), t.get_y()) for t in tiles}) == 32
    assert "Not yet known (30)" in texts(figure)
    with pytest.raises(InputError, match="No tile"):
        tile_grid(pd.Series({"S99": "provided"}), positions, title="Councils")
    with pytest.raises(InputError, match="is no state"):
        tile_grid(pd.Series({"S12000049": "maybe"}), positions, title="Councils")


def test_the_set_of_a_run_is_named_safely_and_each_has_alt_text(toy, tmp_path):
    coverage = pd.concat(
        [
            gm.coverage(toy, level=level, by=by)
            for level in ("board", "council")
            for by in ("category", "tier")
        ]
    )
    services = toy.services.assign(counts_at_as_of="yes")
    maps = standard_maps(toy, {"coverage": coverage, "services": services})
    assert {"infant-mental-health-by-board", "tiers-by-council", "services"} <= set(maps)
    for name, figure in maps.items():
        assert name == name.lower()
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert figure.gapmap_alt
        assert len(save_map(figure, tmp_path / name, dpi=60)) == 2


def test_no_table_no_map(toy):
    assert standard_maps(toy, {}) == {}
