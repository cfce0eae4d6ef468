from __future__ import annotations

import pytest

from gapmap.errors import FileError
from gapmap.read.services import read_services

pytest.importorskip("osmium")

EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="55.95" lon="-3.19" version="1" timestamp="2024-05-06T00:00:00Z">
    <tag k="amenity" v="kindergarten"/><tag k="name" v="Wee Ones"/>
    <tag k="addr:postcode" v="EH1 3DG"/><tag k="operator" v="The Toy Trust"/>
  </node>
  <node id="2" lat="55.96" lon="-3.20" version="1" timestamp="2024-05-06T00:00:00Z">
    <tag k="amenity" v="pub"/><tag k="name" v="The Sheep Heid"/>
  </node>
  <node id="3" lat="56.0" lon="-3.0" version="1" timestamp="2024-05-06T00:00:00Z"/>
  <node id="4" lat="56.2" lon="-3.0" version="1" timestamp="2024-05-06T00:00:00Z"/>
  <node id="5" lat="56.1" lon="-3.3" version="1" timestamp="2024-05-06T00:00:00Z"/>
  <way id="7" version="1" timestamp="2024-05-06T00:00:00Z">
    <nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="3"/>
    <tag k="healthcare" v="birthing_centre"/><tag k="operator" v="NHS Fife"/>
  </way>
</osm>
"""


def test_places_with_the_tags(tmp_path):
    file = tmp_path / "a.osm"
    file.write_text(EXTRACT, encoding="utf-8")
    frame = read_services(file)
    assert frame["service_id"].tolist() == ["node/1", "way/7"]
    assert frame["name"].tolist() == ["Wee Ones", "NHS Fife"]
    assert frame["category"].tolist() == ["early_years_centre", "maternity_unit"]
    assert frame["latitude"].astype(float).tolist() == pytest.approx([55.95, 56.1])
    assert frame["longitude"].astype(float).tolist() == pytest.approx([-3.19, -3.1])
    assert frame["source_date"].tolist() == ["2024-05-06", "2024-05-06"]
    assert frame.attrs["attribution"] == ["© OpenStreetMap contributors (ODbL)"]


def test_damaged_and_missing(tmp_path):
    (tmp_path / "a.osm.pbf").write_bytes(b"not a pbf at all")
    with pytest.raises(FileError, match="OpenStreetMap"):
        read_services(tmp_path / "a.osm.pbf")
    with pytest.raises(FileError, match="no file"):
        read_services(tmp_path / "b.osm.pbf")
