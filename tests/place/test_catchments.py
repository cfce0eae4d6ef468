"""Areas served by postcodes and polygons: what they touch, what they leave out, and for whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gapmap.place.catchments import points_of, postcode_parts, shape_of, touched, with_catchments
from gapmap.place.join import claims, join, named_polygons, people_with_areas
from gapmap.provision.coverage import coverage, provision
from gapmap.run import work_out

WEST, SOUTH = 300_000, 700_000


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        ("IV27, IV28", ("IV27", "IV28")),
        ("AB1-AB3", ("AB1", "AB2", "AB3")),
        ("kw1 to kw3 and IV27 4", ("KW1", "KW2", "KW3", "IV27 4")),
        ("G1-4", ("G1", "G2", "G3", "G4")),
        ("Postcodes: EH1 / EH2", ("EH1", "EH2")),
        ("ZE", ("ZE",)),
        ("HS postcodes", ("HS",)),
        ("IV27,IV27", ("IV27",)),
        ("", ()),
        ("G", ()),
        ("Highland", ()),
        ("IV27, Moray", ()),
        ("AB3-AB1", ()),
        ("AB1-IV3", ()),
        ("S12000036", ()),
        ("EH1 3DG", ()),
        ("NHS", ()),
        ("XX", ()),
    ],
)
def test_lists_of_postcodes_are_understood_and_nothing_else(claim, parts):
    assert postcode_parts(claim) == parts


def of(toy, serves="", **more):
    rows = pd.DataFrame(
        [{"service_id": "X", "easting": np.nan, "northing": np.nan, "serves": serves, **more}]
    )
    return claims(rows, toy.areas, people=toy.people)


def test_districts_serve_the_areas_in_which_their_postcodes_lie(toy):
    # ZA0 is the western column of points: five of A's twenty-five, five of C's.
    found = of(toy, "ZA0")
    assert found[["area_code", "coverage", "within"]].values.tolist() == [
        ["S12000901", "part", "ZA0"],
        ["S12000903", "part", "ZA0"],
    ]
    assert found["note"].iloc[0] == "By ZA0: 5 of the 25 live postcodes there."


def test_all_the_districts_of_an_area_are_the_whole_of_it(toy):
    # ZA0 to ZA4 are the western half: A and C whole.
    found = of(toy, "ZA0-ZA4")
    assert found[["area_code", "coverage"]].values.tolist() == [
        ["S12000901", ""],
        ["S12000903", ""],
    ]


def test_districts_inside_an_area_that_is_claimed_too_add_nothing(toy):
    found = of(toy, "ZA0; Aldertown")
    assert found[["area_code", "within"]].values.tolist() == [
        ["S12000901", ""],
        ["S12000903", "ZA0"],
    ]
    assert of(toy, "ZA0; Scotland")["area_code"].tolist() == ["S92000003"]


def test_a_district_that_is_none_is_told_and_the_rest_kept(toy):
    found = of(toy, "ZA0, ZA77")
    lost = found[found["area_code"] == ""]
    assert lost["claim"].tolist() == ["ZA77"]
    assert "No live postcode begins" in lost["note"].iloc[0]
    assert len(found) == 3


def test_a_claim_of_nothing_known_does_not_widen(toy):
    rows = pd.DataFrame(
        [{"service_id": "X", "easting": 305_000.0, "northing": 705_000.0, "placed_by": "grid",
          "serves": "ZA77"}]
    )  # fmt: skip
    assert set(join(rows, toy.areas, people=toy.people)["basis"]) == {"located"}


@settings(max_examples=30)
@given(st.sets(st.integers(0, 9), min_size=1), st.sets(st.integers(0, 9)))
def test_what_is_touched_is_what_a_plain_count_gives(toy_to_read, districts, rows):
    """Oracle: postcodes one by one; every postcode of the catchment is in just one council."""
    people = toy_to_read.people
    parts = tuple(f"ZA{n}" for n in sorted(districts))
    shapes = {}
    if rows:
        low, high = min(rows), max(rows)
        shapes = {"r": box(WEST, SOUTH + 2000 * low, WEST + 20_000, SOUTH + 2000 * (high + 1))}
    inside = {
        code
        for code, x, y in zip(people.index, people["easting"], people["northing"], strict=True)
        if code.split()[0] in parts
        or (rows and SOUTH + 2000 * low <= y <= SOUTH + 2000 * (high + 1) and x >= WEST)
    }
    table = touched({"r": parts}, shapes, toy_to_read.areas, points_of(people))
    assert set(table["level"]) == {"council"}  # boards and partnerships follow from these
    assert table["here"].sum() == len(inside)
    plain = people.loc[sorted(inside), "council_code"].value_counts()
    assert dict(zip(table["area_code"], table["here"], strict=True)) == plain.to_dict()


# -- polygons -------------------------------------------------------------------------------------

WESTERN = box(WEST, SOUTH, WEST + 10_000, SOUTH + 20_000)


@pytest.mark.parametrize("form", ["wkt", "geojson", "degrees"])
def test_a_polygon_serves_what_lies_in_it(toy, form):
    import geopandas as gpd
    import shapely

    degrees = gpd.GeoSeries([WESTERN.buffer(300)], crs="EPSG:27700").to_crs("EPSG:4326").iloc[0]
    text = {
        "wkt": WESTERN.wkt,
        "geojson": shapely.to_geojson(WESTERN),
        "degrees": '{"type": "Feature", "geometry": ' + shapely.to_geojson(degrees) + "}",
    }[form]
    found = of(toy, "Scotland", catchment=text)
    assert found[["area_code", "coverage", "within"]].values.tolist() == [
        ["S12000901", "", "polygon X"],
        ["S12000903", "", "polygon X"],
    ]


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "POINT (1 2)", '{"type": 3}', "[1", "POLYGON EMPTY"]
)
def test_what_is_no_polygon_is_none(text):
    assert shape_of(text) is None


def test_a_polygon_in_the_sea_is_told(toy):
    found = of(toy, geometry=box(0, 0, 1000, 1000).wkt)
    assert found["area_code"].tolist() == [""]
    assert "sea" in found["note"].iloc[0]


def test_a_table_of_polygons_is_joined_by_id_and_wins(toy):
    table = pd.DataFrame({"service_id": ["T3", "nobody"], "geometry": [WESTERN.wkt] * 2})
    study = toy.with_table("catchments", table)
    links = provision(study, postcodes=toy.people.reset_index()).links
    served = links[(links["service_id"] == "T3") & (links["basis"] == "served")]
    assert served["area_code"].tolist() == ["S12000901", "S12000903"]
    cells = coverage(study, level="board", by="category").set_index(["area_code", "value"])
    # The western half is half of either board's councils.
    assert cells.loc[("S08000901", "family_support"), "state"] == "partly"
    assert cells.loc[("S08000902", "family_support"), "state"] == "partly"


def test_a_part_of_a_council_is_a_part_of_it_and_nothing_else(toy):
    services = toy.services.copy()
    services.loc[services["service_id"] == "T3", "serves"] = "ZA0"
    study = replace(toy, services=services)
    cells = coverage(study, level="council", by="category").set_index(["area_code", "value"])
    assert cells.loc[("S12000901", "family_support"), "state"] == "partly"
    assert cells.loc[("S12000903", "family_support"), "state"] == "partly"
    assert cells.loc[("S12000902", "family_support"), "state"] == "not_known"


@pytest.mark.slow
def test_only_families_in_the_catchment_may_use_the_service(toy):
    services = toy.services.copy()
    at = services["service_id"] == "T6"  # the maternity unit, for anyone till now
    services.loc[at, "serves"] = "ZA0, ZA1 0"
    tables = work_out(replace(toy, services=services)).tables
    nearest = tables["nearest"]
    mine = nearest[(nearest["category"] == "maternity_unit") & (nearest["rank"] == 1)]
    may = set(mine.loc[mine["status"] == "reachable", "postcode"].astype(str))
    assert may == {code for code in toy.people.index if code.startswith(("ZA0 ", "ZA1 0"))}
    shares = tables["travel"].query("level == 'council' and category == 'maternity_unit'")
    assert shares.set_index("area_code").loc["S12000901", "share_reachable"] == pytest.approx(
        6 / 25
    )


def test_people_by_data_zone_take_the_nearest_postcode(toy):
    links = pd.DataFrame({"within": ["KW15", ""]})
    kirkwall = pd.DataFrame(
        {"easting": [344_900.0], "northing": [1_010_900.0]}, index=["S01011234"]
    )
    told = with_catchments(kirkwall, links, {})
    assert told["served_district_code"].tolist() == ["KW15"]
    assert with_catchments(kirkwall, links.iloc[1:], {}) is kirkwall


def test_named_polygons_are_those_that_links_name(toy):
    study = toy.with_table(
        "catchments", pd.DataFrame({"service_id": ["T3"], "geometry": [WESTERN.wkt]})
    )
    named = named_polygons(study)
    links = provision(study, postcodes=toy.people.reset_index()).links
    assert set(named) == {"polygon T3"} == set(links["within"]) - {""}
    among = with_catchments(toy.people, links, named)
    inside = among["served_polygon_0_code"] == "polygon T3"
    assert inside.sum() == 50
    assert (among.loc[inside, "easting"] < WEST + 10_000).all()


# -- levels without outlines ----------------------------------------------------------------------


def with_wards(toy, tmp_path):
    """Two wards a council, told by a lookup of postcodes: the even rows of points and the odd."""
    from gapmap.read.lookup import read_lookup

    rows = [
        {"PCDS": code.replace(" ", ""), "WD22CD": f"S13{council[-3:]}00{int(code[4]) % 2}",
         "WD22NM": f"Ward {council[-1]}{int(code[4]) % 2}"}
        for code, council in toy.people["council_code"].items()
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "wards.csv", index=False)
    found = read_lookup(tmp_path / "wards.csv", toy.people, level="ward")
    import geopandas as gpd

    areas = gpd.GeoDataFrame(pd.concat([toy.areas, found.areas]), crs=toy.areas.crs)
    return replace(toy, areas=areas, people=toy.people.assign(ward_code=found.codes)), found


@pytest.mark.slow
def test_a_lookup_is_a_level_in_every_table_and_on_no_map(toy, tmp_path):
    from gapmap.errors import InputError
    from gapmap.show.choropleth import choropleth

    study, found = with_wards(toy, tmp_path)
    assert len(found.areas) == 8
    assert "maps do not draw them" in found.remarks[0]
    tables = work_out(study).tables
    for name in ("coverage", "travel"):
        rows = tables[name][tables[name]["level"] == "ward"]
        assert rows["area_code"].nunique() == 8, name
    people = tables["coverage"].query("level == 'ward' and value == 'befriending'")["people"]
    assert people.sum() == toy.people["under_5"].sum()
    whole = tables["coverage"].query("level == 'ward' and value == 'mother_baby_unit'")
    assert set(whole["state"]) == {"provided"}
    assert study.outlined().areas.equals(toy.areas)
    with pytest.raises(InputError, match="known by their postcodes"):
        choropleth(study.level("ward"), pd.Series(1.0, index=study.level("ward").index))


def test_a_claim_to_a_ward_and_a_district_in_it(toy, tmp_path):
    study, _ = with_wards(toy, tmp_path)
    services = study.services.copy()
    services.loc[services["service_id"] == "T3", "serves"] = "S13901000"
    cells = coverage(replace(study, services=services), level="ward", by="category")
    state = cells.set_index(["area_code", "value"])["state"]
    assert state["S13901000", "family_support"] == "provided"
    assert state["S13901001", "family_support"] == "not_known"
    services.loc[services["service_id"] == "T3", "serves"] = "ZA0"
    cells = coverage(replace(study, services=services), level="ward", by="category")
    state = cells.set_index(["area_code", "value"])["state"]
    assert state["S13901000", "family_support"] == "partly"
    assert state["S13902000", "family_support"] == "not_known"


def test_a_service_stands_in_the_ward_of_the_nearest_postcode(toy, tmp_path):
    study, _ = with_wards(toy, tmp_path)
    links = provision(study, postcodes=toy.people.reset_index()).links
    located = links[(links["basis"] == "located") & (links["level"] == "ward")]
    assert located.set_index("service_id").loc["T6", "area_code"] == "S13902000"
    assert people_with_areas(study.people, study.areas)["ward_code"].ne("").all()
