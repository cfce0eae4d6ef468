"""The map of one area: what stands in it, what lies far from help, and nothing confidential."""

from __future__ import annotations

import pandas as pd
import pytest

from gapmap.show.area_map import area_map
from gapmap.show.figure import save_map

SOUTH, NORTH = "S08000901", "S08000902"


@pytest.fixture
def tables(toy):
    from gapmap.provision.coverage import provision
    from gapmap.provision.tables import service_tables

    known = provision(toy)
    services, _ = service_tables(known)
    rural = pd.DataFrame(
        {
            "place": ["Farflung", "Near"],
            "area_code": ["S12000901", "S12000903"],
            "category": ["maternity_unit"] * 2,
            "minutes": [100.0, 90.0],
            "threshold": [60.0] * 2,
            "easting": [201_000.0, 201_000.0],
            "northing": [601_000.0, 601_000.0],
        }
    )
    return {"services": services, "rural": rural}


def test_services_of_the_area_are_numbered_and_named(toy, tables) -> None:
    figure = area_map(toy, tables, level="board", code=SOUTH)
    placed = tables["services"]
    inside = placed[(placed["board_code"] == SOUTH) & (placed["counts_at_as_of"] == "yes")]
    inside = inside.dropna(subset=["easting"])
    assert sorted(figure.gapmap_data["service_id"]) == sorted(inside["service_id"])
    for name in inside.drop_duplicates(["easting", "northing"])["name"]:
        assert name in figure.gapmap_alt
    assert "1 remote or island place is over 1 hour from a maternity unit" in figure.gapmap_title


def test_a_study_without_rural_places_or_coverage_is_drawn(toy, tables) -> None:
    figure = area_map(toy, {"services": tables["services"]}, level="council", code="S12000901")
    assert "remote" not in figure.gapmap_title


def test_a_place_that_must_not_be_told_is_not_drawn(toy, tables) -> None:
    services = tables["services"].assign(location_confidential="yes")
    figure = area_map(toy, {"services": services}, level="board", code=SOUTH)
    assert figure.gapmap_data.empty


def test_same_map_same_bytes(toy, tables, tmp_path) -> None:
    for name in ("one", "two"):
        save_map(area_map(toy, tables, level="board", code=NORTH), tmp_path / name)
    for ending in (".png", ".svg"):
        one, two = (tmp_path / f"{name}{ending}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
