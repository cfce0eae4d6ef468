"""The interactive page as text: nothing from outside, the same bytes, nothing confidential."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import folium
import numpy as np
import pandas as pd
import pytest

from gapmap.errors import FileError, InputError
from gapmap.show import interactive
from gapmap.show.interactive import interactive_map, save_interactive


@pytest.fixture(scope="module")
def page(toy_to_read):
    return interactive_map(toy_to_read)


@pytest.fixture(scope="module")
def html(page, tmp_path_factory):
    return save_interactive(page, tmp_path_factory.mktemp("page") / "map.html").read_text("utf-8")


def data_of(html):
    found = re.search(r'<script type="application/json" id="gapmap-data">(.*?)</script>', html)
    return json.loads(found[1])


def test_it_is_a_folium_map(page):
    assert isinstance(page, folium.Map)


def test_nothing_is_fetched(html):
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=[\"']?(?!data:)[^#\"'>]", html)
    assert not re.search(r"url\((?!data:|#)[\"']?[a-z]+[/:.]", html)
    assert "default-src 'none'" in html
    assert "cdn." not in html


def test_the_same_map_gives_the_same_bytes(toy_to_read, html, tmp_path):
    again = save_interactive(interactive_map(toy_to_read), tmp_path / "again.html")
    assert again.read_text("utf-8") == html


def test_states_are_those_of_the_coverage(html):
    data = data_of(html)
    cells = data["dates"][0]["states"]["board"]["category:infant_mental_health"]
    labels = {code: data["states"][row[0]][1] for code, row in cells.items()}
    assert labels == {
        "S08000901": "Available across the area",
        "S08000902": "Looked, found none",
    }


def test_levels_and_measures_are_all_there(html):
    data = data_of(html)
    assert [level["code"] for level in data["levels"]] == ["board", "council", "hscp"]
    assert [len(level["shapes"]) for level in data["levels"]] == [2, 4, 3]
    keys = {measure["key"] for measure in data["measures"]}
    assert {"category:infant_mental_health", "tier:specialist"} <= keys
    assert data["measures"][0]["group"] == "Specialist services"


def test_a_confidential_place_has_no_point(html, toy_to_read):
    rows = {row["name"]: row for row in data_of(html)["services"]}
    assert rows["Cedar House"]["at"] == []
    assert rows["Cedar House"]["hidden"]
    assert len(rows["Mother and Baby Unit"]["at"]) == 1
    # Even where a frame has kept the point by mistake.
    careless = toy_to_read.services.assign(counts_at_as_of="yes", location_confidential="")
    tables = {"services": careless, "locations": careless, "referral_routes": pd.DataFrame()}
    made = interactive._services(toy_to_read, tables, [], interactive._Words())
    assert {row["name"]: row["at"] for row in made}["Cedar House"] == []


def test_names_cannot_end_the_script(toy, tmp_path):
    from dataclasses import replace

    services = toy.services.assign(name="</script><script>alert(1)</script>")
    text = save_interactive(
        interactive_map(replace(toy, services=services).with_settings(name="</title><b>x")),
        tmp_path / "map.html",
    ).read_text("utf-8")
    assert "alert(1)</script>" not in text
    assert "</title><b>" not in text
    assert data_of(text)["services"][0]["name"] == "</script><script>alert(1)</script>"


def test_what_is_not_known_of_a_service_is_not_said(toy):
    bare = pd.DataFrame(
        {
            "service_id": ["T1"],
            "name": ["Bare"],
            "category": ["other"],
            "tier": [None],
            "sector": [np.nan],
            "easting": [np.nan],
            "northing": [np.nan],
            "last_known": [np.nan],
        }
    )
    words = interactive._Words()
    tables = {"services": bare, "locations": pd.DataFrame(), "referral_routes": pd.DataFrame()}
    (row,) = interactive._services(toy, tables, [], words)
    assert row["at"] == []
    assert words.all[row["tier"]] == "Tier not known"
    assert words.all[row["known"]] == ""
    assert not any("nan" in text.lower().split() for text in words.all)


def test_too_big_a_page_is_refused(page, tmp_path, monkeypatch):
    monkeypatch.setattr(interactive, "LARGEST_BYTES", 1000)
    with pytest.raises(InputError, match="too much to open"):
        save_interactive(page, tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()


def test_a_folder_that_is_not_there_is_named(page, tmp_path):
    with pytest.raises(FileError, match="could not be written"):
        save_interactive(page, tmp_path / "none" / "map.html")


def test_a_frame_that_is_no_coverage_is_refused(toy_to_read):
    with pytest.raises(InputError, match="lacks the column"):
        interactive_map(toy_to_read, coverage=pd.DataFrame({"level": []}))


def test_tiles_are_named_and_only_on_request(toy_to_read, html, tmp_path):
    made = interactive_map(toy_to_read, tiles="OpenStreetMap")
    text = save_interactive(made, tmp_path / "map.html").read_text("utf-8")
    assert "openstreetmap.org/copyright" in text
    assert "img-src data: https:" in text
    assert "openstreetmap" not in html.lower().replace("© openstreetmap contributors", "")
    assert "img-src data:;" in html


def test_only_the_shown_areas_are_in_the_page(toy_to_read, tmp_path):
    from gapmap.gaps.earlier import earlier

    south = replace(
        toy_to_read,
        areas=toy_to_read.areas[toy_to_read.areas["code"].isin(["S08000901", "S12000901"])],
    )
    then = earlier(toy_to_read, "2019-06-01")
    made = interactive_map(south, also_at=[then])
    text = save_interactive(made, tmp_path / "map.html").read_text("utf-8")
    assert "S12000903" not in json.dumps(data_of(text)["dates"])
    assert "South Board only." in text
