"""Codes, names, successors, and what lies in what."""

from __future__ import annotations

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

import gapmap as gm
from gapmap.errors import CRSError, InputError
from gapmap.place.geography import (
    SUCCESSORS,
    check_areas,
    containers,
    councils_within,
    plain,
    resolve,
)
from gapmap.vocabulary import SCOTLAND


@pytest.fixture(scope="module")
def scotland():
    return gm.scotland().areas


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("S12000047", "S12000047"),
        ("s12000047", "S12000047"),
        ("S12000015", "S12000047"),  # Fife before 2018
        ("S08000021", "S08000031"),
        ("Fife", "S12000047"),
        ("NHS Fife", "S08000029"),
        ("Highland", "S12000017"),
        ("NHS Highland", "S08000022"),
        ("Grampian", "S08000020"),
        ("Forth Valley", "S08000019"),
        ("Western Isles", "S12000013"),
        ("Na h-Eileanan an Iar", "S12000013"),
        ("Comhairle nan Eilean Siar", "S12000013"),
        ("NHS Western Isles", "S08000028"),
        ("Edinburgh, City of", "S12000036"),
        ("City of Edinburgh Council", "S12000036"),
        ("Argyll & Bute", "S12000035"),
        ("dumfries & galloway", "S12000006"),
        ("NHS Dumfries & Galloway", "S08000017"),
        ("Orkney", "S12000023"),
        ("Zetland", "S12000027"),
        ("Perth & Kinross", "S12000048"),
        ("Scotland", SCOTLAND),
        ("national", SCOTLAND),
    ],
)
def test_every_usual_name_and_code_is_understood(scotland, claim: str, code: str) -> None:
    assert resolve([claim], scotland)["area_code"].tolist() == [code]


def test_every_official_name_and_code_means_itself(scotland) -> None:
    by_code = resolve(scotland["code"], scotland)
    assert (by_code["area_code"] == by_code.index).all()
    for level in ("council", "board"):
        areas = scotland[scotland["level"] == level]
        assert resolve(areas["name"], scotland)["area_code"].tolist() == areas["code"].tolist()


def test_an_old_code_says_so(scotland) -> None:
    note = resolve(["S12000046"], scotland)["note"].iat[0]
    assert "S12000046" in note
    assert "S12000049" in note


def test_every_successor_is_an_area_of_today(scotland) -> None:
    assert set(SUCCESSORS.values()) <= set(scotland["code"])
    assert not set(SUCCESSORS) & set(scotland["code"])


@pytest.mark.parametrize(
    ("claim", "meant"),
    [("Aberdeenshite", "Aberdeenshire"), ("Clackmananshire", "Clackmannanshire")],
)
def test_a_misspelt_name_is_not_guessed_but_suggested(scotland, claim: str, meant: str) -> None:
    found = resolve([claim], scotland)
    assert found["area_code"].tolist() == [""]
    assert meant in found["note"].iat[0]


@given(st.text(max_size=40))
def test_any_text_is_answered_and_none_raises(claim: str) -> None:
    areas = _squares()
    found = resolve([claim], areas)
    assert set(found["how"]) <= {"code", "successor", "name", "country", "not_found"}


@given(st.text(max_size=60))
def test_plain_twice_is_plain_once(name: str) -> None:
    assert plain(plain(name)) == plain(name)


def _squares() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": ["S12000901", "S12000902"],
            "name": ["Aldertown", "Birchfield"],
            "level": "council",
        },
        geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        crs="EPSG:27700",
    )


def test_boards_are_made_of_their_councils(toy) -> None:
    within = councils_within(toy.areas)
    assert within["S08000901"] == {"S12000901", "S12000902"}
    assert within["S37000903"] == {"S12000903", "S12000904"}
    assert within["S12000901"] == {"S12000901"}
    assert len(within[SCOTLAND]) == 4


def test_an_area_lies_in_itself_its_unions_and_scotland(toy) -> None:
    around = containers(toy.areas)
    assert around["S12000901"] == {"S12000901", "S08000901", "S37000901", SCOTLAND}
    # North Board and its partnership are the same two councils, so each contains the other.
    assert around["S08000902"] == {"S08000902", "S37000903", SCOTLAND}


def test_a_small_area_lies_where_its_middle_is(toy) -> None:
    import pandas as pd

    zone = gpd.GeoDataFrame(
        {"code": ["Z1"], "name": ["Zone"], "level": ["zone"]},
        geometry=[box(301_000, 701_000, 302_000, 702_000)],
        crs=toy.areas.crs,
    )
    areas = gpd.GeoDataFrame(pd.concat([toy.areas, zone]), crs=toy.areas.crs)
    assert containers(areas)["Z1"] == {"Z1", "S12000901", "S08000901", "S37000901", SCOTLAND}


def test_areas_in_degrees_are_refused_with_the_mend() -> None:
    with pytest.raises(CRSError, match=r"to_crs\(\"EPSG:27700\"\)"):
        check_areas(_squares().set_crs("EPSG:4326", allow_override=True))


def test_areas_without_a_crs_are_refused_with_the_mend() -> None:
    bare = gpd.GeoDataFrame(_squares().drop(columns="geometry"), geometry=list(_squares().geometry))
    with pytest.raises(CRSError, match=r"set_crs\(\"EPSG:27700\"\)"):
        check_areas(bare)


def test_missing_columns_and_double_codes_are_named() -> None:
    with pytest.raises(InputError, match="level"):
        check_areas(_squares().drop(columns="level"))
    with pytest.raises(InputError, match="S12000901"):
        check_areas(_squares().assign(code="S12000901"))
