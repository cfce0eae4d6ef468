"""The interactive page as text: nothing from outside, the same bytes, nothing confidential."""

from __future__ import annotations

import base64
import json
import re
import zlib

import folium
import numpy as np
import pandas as pd
import pytest

from gapmap.errors import FileError, InputError
from gapmap.show import interactive
from gapmap.show.interactive import interactive_map, save_interactive
from gapmap.show.search import packed
from gapmap.vocabulary import columns


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


# -- the packed search -----------------------------------------------------------------------------


def nearest_of(toy, minutes, statuses, services):
    return pd.DataFrame(
        {
            "postcode": toy.people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": minutes,
            "km": 1.0,
            "ferry_minutes": 0.0,
            "status": statuses,
            "service_id": services,
            "comes_to_family": "no",
        }
    )[columns("nearest")]


def columns_of(found):
    """The packed columns, as bytes."""
    raw = zlib.decompress(base64.b64decode(found["packed"]))
    parts, at = [], 0
    for size in found["sizes"]:
        parts.append(raw[at : at + size])
        at += size
    assert at == len(raw)
    return parts


def codes_of(part):
    codes = []
    for group in filter(None, part.decode().split("|")):
        sector, ends = group.split(":")
        codes += [sector + ends[n : n + 2] for n in range(0, len(ends), 2)]
    return codes


def unpacked(found, texts, services):
    """A plain reading of the packed table: postcode to (minutes, status, service), in words."""
    parts = columns_of(found)
    (kind,) = found["kinds"]
    answer = np.frombuffer(parts[6], "<u2" if kind["wide"] else "u1")
    minutes = np.frombuffer(parts[7], "<i2") if kind["told"] else np.full(len(answer), -1)
    rows = {}
    for n, postcode in enumerate(codes_of(parts[0])):
        status, service, *_ = kind["answers"][answer[n]]
        said = texts[found["times"][str(minutes[n])]] if minutes[n] >= 0 else ""
        rows[postcode] = (said, texts[status], services[service] if service >= 0 else "")
    return rows


def test_every_postcode_comes_back_as_it_went_in(toy):
    minutes = np.array([0.4, 7.2, 73.8, 118.0, np.nan] * 20)
    statuses = ["reachable", "by_ferry", "reachable", "reachable", "unreachable"] * 20
    words = interactive._Words()
    table = nearest_of(toy, minutes, statuses, ["T6", "T1"] * 50)
    found = packed(table, toy, words.number, services={"T1": 0, "T6": 1})
    rows = unpacked(found, words.all, ["T1", "T6"])
    assert sorted(rows) == sorted(toy.people.index)
    said = ["under a minute", "about 7 minutes", "about 1 hour 15", "about 2 hours", ""]
    told = ["By car", "By car and ferry", "By car", "By car", "No way there by car or ferry"]
    for n, postcode in enumerate(toy.people.index):
        assert rows[postcode][:2] == (said[n % 5], told[n % 5])
        assert rows[postcode][2] == ("T6" if n % 2 == 0 else "T1")


def test_row_order_does_not_matter(toy):
    table = nearest_of(toy, np.arange(100.0), ["reachable"] * 100, ["T6"] * 100)
    one = packed(table, toy, interactive._Words().number)
    other = packed(table.sample(frac=1, random_state=3), toy, interactive._Words().number)
    assert one["packed"] == other["packed"]


def test_a_postcode_missing_or_twice_is_said(toy):
    table = nearest_of(toy, np.arange(100.0), ["reachable"] * 100, ["T6"] * 100)
    other = table.assign(category="play_therapy")
    for broken in (pd.concat([table, other.head(99)]), pd.concat([table, table.head(1)])):
        with pytest.raises(InputError, match="one row of rank 1"):
            packed(broken, toy, interactive._Words().number)


def test_nobody_lives_there_no_search(toy):
    table = nearest_of(toy, np.arange(100.0), ["reachable"] * 100, ["T6"] * 100)
    assert (
        packed(table.assign(postcode="ZZ9 9ZZ").head(1), toy, interactive._Words().number) is None
    )
