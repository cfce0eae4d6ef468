"""What the page needs to find a place: packed so that a plain reading gives it back."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pandas as pd
import pytest

import gapmap as gm
from gapmap.errors import InputError
from gapmap.show import interactive
from gapmap.show.search import _names, packed
from gapmap.vocabulary import columns


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
    ).reindex(columns=columns("nearest"))


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


def test_times_aboard_a_ferry_come_back(toy):
    table = nearest_of(toy, np.full(100, 90.0), ["by_ferry"] * 100, ["T6"] * 100)
    table["ferry_minutes"] = [1.0, 12.0, 41.0, 0.0] * 25
    words = interactive._Words()
    found = packed(table, toy, words.number, services={"T6": 0})
    (kind,) = found["kinds"]
    assert kind["ferry"]
    order = {code: n for n, code in enumerate(codes_of(columns_of(found)[0]))}
    aboard = np.frombuffer(columns_of(found)[8], "u1") * found["aboard"]
    wanted = [5, 10, 40, 0]
    for n, postcode in enumerate(toy.people.index):
        assert aboard[order[postcode]] == wanted[n % 4]


def test_kilometres_where_distance_is_in_a_straight_line(toy):
    table = nearest_of(toy, np.full(100, np.nan), ["reachable"] * 100, ["T6"] * 100)
    table["km"] = 3.04
    words = interactive._Words()
    found = packed(table, toy, words.number, services={"T6": 0})
    rows = unpacked(found, words.all, ["T6"])
    assert set(rows.values()) == {("3.0 km", "In a straight line", "T6")}


def test_every_place_lies_in_its_areas_smallest_first(toy):
    table = nearest_of(toy, np.arange(100.0), ["reachable"] * 100, ["T6"] * 100)
    found = packed(table, toy, interactive._Words().number)
    home = np.frombuffer(columns_of(found)[3], "<u2")
    for n, postcode in enumerate(codes_of(columns_of(found)[0])):
        row = toy.people.loc[postcode]
        codes = found["homes"][home[n]]
        assert codes[0] == row["council_code"]
        assert set(codes) == {row["council_code"], row["board_code"], row["hscp_code"]}


def test_a_town_that_is_not_scottish_has_no_retired_postcodes(toy):
    table = nearest_of(toy, np.arange(100.0), ["reachable"] * 100, ["T6"] * 100)
    found = packed(table, toy, interactive._Words().number)
    assert not found["scottish"]
    assert columns_of(found)[4] == b""


def test_islands_and_retired_postcodes_of_scotland():
    import gapmap as gm

    study = gm.scotland()
    here = [
        code for code in study.people.index if code.startswith(("ZE2 9", "ZE1 0", "AB13 0", "AB14"))
    ]
    table = pd.DataFrame(
        {
            "postcode": here,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": 30.0,
            "km": 20.0,
            "ferry_minutes": 0.0,
            "status": "reachable",
            "service_id": "",
            "comes_to_family": "no",
        }
    )
    found = packed(table, study, interactive._Words().number)
    assert found["scottish"]
    codes = codes_of(columns_of(found)[0])
    names = {name: (codes[n], kind, *at) for name, n, kind, *at in found["names"]}
    assert names["Unst"][0].startswith("ZE2 9")
    assert names["Unst"][1:] == (1, "Baltasound")
    assert names["Lerwick"][1] == 0
    assert "Kirkwall" not in names
    retired = codes_of(columns_of(found)[4])
    instead = np.cumsum(np.frombuffer(columns_of(found)[5], "<i4"))
    assert codes[instead[retired.index("AB1 0AA")]].startswith(("AB13", "AB14"))


def test_a_boat_that_takes_no_cars_is_told_where_it_is_on_the_way(toy):
    table = nearest_of(toy, np.full(100, 90.0), ["by_ferry"] * 100, ["T6"] * 100)
    table["foot_ferry"] = [True, False] * 50
    found = packed(table, toy, interactive._Words().number, services={"T6": 0})
    (kind,) = found["kinds"]
    parts = columns_of(found)
    answer = np.frombuffer(parts[6], "u1")
    order = {code: n for n, code in enumerate(codes_of(parts[0]))}
    for n, postcode in enumerate(toy.people.index):
        foot = kind["answers"][answer[order[postcode]]][4:]
        assert foot == ([1] if n % 2 == 0 else [])


def test_islands_and_piers_are_found_by_name():
    scotland = gm.scotland()
    names = {row[0]: row for row in _names(scotland.people, scotland)}
    assert names["Foula"][2:] == [1, "Foula (Ham Voe)"]
    assert {"Iona", "Unst", "Fair Isle", "Lochmaddy"} <= set(names)
