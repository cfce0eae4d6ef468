from __future__ import annotations

import sqlite3
from contextlib import closing

import geopandas as gpd
import pyogrio
import pytest

from gapmap.errors import FileError
from gapmap.report.geopackage import write_geopackage


@pytest.fixture
def package(toy, tables, tmp_path):
    return write_geopackage(tmp_path / "gapmap.gpkg", toy, tables)


def test_layers_are_levels_services_and_gaps_in_the_national_grid(package):
    layers = [str(name) for name, _ in pyogrio.list_layers(package)]
    assert set(layers) >= {"board", "council", "hscp", "services", "gaps"}
    for name in ("board", "services", "gaps"):
        assert pyogrio.read_info(package, layer=name)["crs"] == "EPSG:27700"


def test_areas_carry_states_counts_and_travel_wide(package, tables):
    boards = gpd.read_file(package, layer="board").set_index("code")
    assert boards.at["S08000902", "state_infant_mental_health"] == "none_found"
    assert boards.at["S08000901", "services_infant_mental_health"] == 1
    assert boards.at["S08000901", "minutes_maternity_unit"] == 38.0
    assert boards["minutes_befriending"].isna().all()
    assert boards.geometry.area.to_list() == [2e8, 2e8]


def test_services_without_a_point_have_none_and_a_confidential_one_is_not_there(package):
    points = gpd.read_file(package, layer="services")
    assert "T6" in set(points["service_id"])
    assert not {"T8", "T10"} & set(points["service_id"])
    here = points.set_index("service_id").geometry["T6"]
    assert (here.x, here.y) == (311_000, 701_000)


def test_every_gap_is_a_row_with_its_areas_shape(package, tables):
    gaps = gpd.read_file(package, layer="gaps")
    assert len(gaps) == len(tables["gaps"])
    assert gaps.geometry.notna().all()


def test_same_tables_give_the_same_bytes(toy, tables, package, tmp_path):
    again = write_geopackage(tmp_path / "again.gpkg", toy, tables)
    assert again.read_bytes() == package.read_bytes()


def test_qgis_finds_a_default_style_with_all_states(package):
    with closing(sqlite3.connect(package)) as base:
        styles = dict(
            base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
        )
    assert set(styles) == {"board", "council", "hscp", "services"}
    assert "Looked, found none" in styles["board"]


def test_hostile_names_are_only_text(hostile, tmp_path):
    study, tables = hostile
    path = write_geopackage(tmp_path / "gapmap.gpkg", study, tables)
    names = set(gpd.read_file(path, layer="services")["name"])
    assert "<script>alert(1)</script>" in names


def test_a_folder_in_the_way_is_named(toy, tables, tmp_path):
    (tmp_path / "gapmap.gpkg").mkdir()
    with pytest.raises(FileError, match=r"gapmap\.gpkg could not be replaced"):
        write_geopackage(tmp_path / "gapmap.gpkg", toy, tables)
