from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import Point, Polygon, box

from gapmap.errors import CRSError, InputError
from gapmap.read.areas import read_areas

SQUARES = [box(300_000, 700_000, 310_000, 710_000), box(310_000, 700_000, 320_000, 710_000)]


@pytest.mark.parametrize(
    ("columns", "codes", "level"),
    [
        (("HBCode", "HBName"), ("S08000015", "S08000016"), "board"),
        (("LAD24CD", "LAD24NM"), ("S12000033", "S12000034"), "council"),
        (("CODE", "NAME"), ("S12000033", "S12000034"), "council"),
        (("DataZone", "Name"), ("S01006506", "S01006507"), "data_zone"),
        (("CA", "CAName"), ("S12000033", "S12000034"), "council"),
        (("HSCP", "HSCPName"), ("S37000001", "S37000002"), "hscp"),
        (("WD22CD", "WD22NM"), ("S13002608", "S13002609"), "area"),
    ],
)
def test_columns_of_every_publisher(tmp_path, columns, codes, level):
    frame = gpd.GeoDataFrame(
        {columns[0]: codes, columns[1]: ["One", "Two"], "Shape_Leng": [1.0, 2.0]},
        geometry=SQUARES,
        crs="EPSG:27700",
    )
    file = tmp_path / "areas.gpkg"
    frame.to_file(file)
    areas = read_areas(file)
    assert areas["code"].tolist() == list(codes)
    assert areas["name"].tolist() == ["One", "Two"]
    assert set(areas["level"]) == {level}
    assert areas.crs.to_epsg() == 27700


def test_degrees_become_metres(tmp_path):
    frame = gpd.GeoDataFrame({"code": ["a", "b"], "name": ["A", "B"]}, geometry=SQUARES, crs=27700)
    frame.to_crs(4326).to_file(tmp_path / "a.geojson")
    areas = read_areas(tmp_path / "a.geojson", level="locality")
    assert areas.geometry.area.round(-4).tolist() == pytest.approx([1e8, 1e8], rel=1e-3)


def test_an_invalid_polygon_is_mended_and_told(tmp_path):
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "name": ["A", "B"]}, geometry=[bow_tie, SQUARES[0]], crs=27700
    )
    frame.to_file(tmp_path / "a.gpkg")
    areas = read_areas(tmp_path / "a.gpkg")
    assert areas.geometry.is_valid.all()
    assert areas.attrs["mended"] == ["a"]


def test_faults_of_an_area_file(tmp_path):
    frame = gpd.GeoDataFrame(
        {"code": ["a", "a", None], "name": "x"}, geometry=[SQUARES[0], Point(1, 1), SQUARES[1]]
    )
    frame.set_crs(27700).iloc[:1].to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(CRSError, match="27700"):
        read_areas(tmp_path / "a.shp")
    frame.set_crs(27700).to_file(tmp_path / "b.gpkg")
    with pytest.raises(InputError, match="row 3: no code; a appears more than once; a is a Point"):
        read_areas(tmp_path / "b.gpkg")
    frame.set_crs(27700).rename(columns={"code": "colour"}).to_file(tmp_path / "c.gpkg")
    with pytest.raises(InputError, match="no column of area codes"):
        read_areas(tmp_path / "c.gpkg")
