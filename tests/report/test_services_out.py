from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import openpyxl
import pandas as pd
import pytest

from gapmap.errors import InputError
from gapmap.read.services import read_services
from gapmap.read.synonyms import SHORT_NAMES
from gapmap.read.values import typed
from gapmap.report.services_out import FORMATS, PLACE_COLUMNS, write_services
from gapmap.vocabulary import TABLES, columns

ENDINGS = list(FORMATS)


def nasty() -> pd.DataFrame:
    """Rows that a careless writer would change."""
    rows = [
        {"name": '=HYPERLINK("http://x")', "eligibility": "-quoted"},
        {"name": "Ceòl & <b>Craic</b>; “it”", "category": "peer_support", "notes": "one\ntwo"},
        {"name": "'Tis fine", "serves": "Edinburgh, City of;Fife"},
        {"name": "+44 club", "category": "toy_library", "latitude": "55.9533", "longitude": "-3.2"},
        {"name": "@home", "postcode": "EH1 3DG", "capacity": "007"},
        {"name": "No", "age_from_months": "-9", "waiting_weeks": "2.5"},
        {"name": "x" * 5000, "easting": "325750", "northing": "673650"},
        {"name": "1234567890123456", "uprn": "000012345678", "opened": "2019-10"},
    ]
    rows = [{"category": "family_support", **row} for row in rows]
    frame = typed(pd.DataFrame(rows).fillna(""))
    frame["Favourite colour"] = ["blue", "", "", "", "", "", "", ""]
    return frame


def compared(frame: pd.DataFrame) -> pd.DataFrame:
    names = [*columns("services"), *(n for n in frame.columns if n == "Favourite colour")]
    return frame[names].reset_index(drop=True)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_goes_out_comes_back_equal(tmp_path, ending):
    frame = nasty()
    file = tmp_path / f"out{ending}"
    lost = write_services(frame, file)
    again = typed(read_services(file))
    if ending == ".topojson":
        assert lost[["column", "rows"]].values.tolist() == [["every column", 5]]
        frame = frame[frame["service_id"].isin(again["service_id"])]
        assert len(frame) == 3
    else:
        assert set(lost["column"]) <= {"url"}
    expected = compared(frame)[[n for n in compared(frame) if n in again]]
    pd.testing.assert_frame_equal(compared(again), expected)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_toy_town_comes_back_equal(tmp_path, toy, ending):
    file = tmp_path / f"out{ending}"
    write_services(toy.services, file, confidential=True)
    again = typed(read_services(file))
    ours = toy.services
    if ending == ".topojson":
        ours = ours[ours["easting"].notna()]
    pd.testing.assert_frame_equal(
        again[columns("services")].reset_index(drop=True),
        ours[columns("services")].reset_index(drop=True),
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_services_give_the_same_bytes(tmp_path, toy, ending):
    for name in ("a", "b"):
        write_services(toy.services, tmp_path / f"{name}{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("ending", [e for e in ENDINGS if e != ".topojson"])
def test_a_confidential_place_is_written_to_no_file(tmp_path, ending):
    frame = typed(
        pd.DataFrame(
            {
                "name": ["Refuge", "Club"],
                "category": "other",
                "location_confidential": ["yes", "no"],
                "address": ["7 Hidden Wynd", "1 Open Street"],
                "postcode": ["EH1 3DG", "KY2 6LH"],
                "easting": [325999.0, 326000.0],
                "northing": [673999.0, 674000.0],
                "serves": "Fife",
            }
        )
    )
    file = tmp_path / f"out{ending}"
    lost = write_services(frame, file)
    assert set(lost[lost["why"] == "the place is confidential"]["column"]) == {
        "address", "postcode", "easting", "northing",
    }  # fmt: skip
    again = typed(read_services(file))
    for name in PLACE_COLUMNS:
        value = again[name].iloc[0]
        assert value == "" or pd.isna(value)
    assert again["serves"].tolist() == ["Fife", "Fife"]
    assert b"Hidden" not in file.read_bytes()
    assert again["address"].iloc[1] == "1 Open Street"


def test_csv_is_for_excel(tmp_path):
    file = tmp_path / "a.csv"
    write_services(nasty(), file)
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfservice_id,")
    assert b"'=HYPERLINK" in content


def test_workbook_holds_text_as_text(tmp_path):
    file = tmp_path / "a.xlsx"
    write_services(nasty(), file)
    page = openpyxl.load_workbook(file)["services"]
    name = [cell.value for cell in page[1]].index("name") + 1
    assert page.cell(2, name).data_type == "s"
    assert page.cell(2, name).value.startswith("=HYPERLINK")
    kinds = {cell.data_type for row in page.iter_rows(min_row=2) for cell in row}
    assert "f" not in kinds
    assert len(page.data_validations.dataValidation) >= 10


def test_a_cell_longer_than_excel_holds_is_told(tmp_path):
    frame = pd.DataFrame({"name": ["A"], "notes": ["x" * 40_000]})
    lost = write_services(frame, tmp_path / "a.xlsx")
    assert lost.to_dict("records") == [
        {"column": "notes", "rows": 1, "why": "longer than a cell of Excel can be; cut there"}
    ]


def test_short_names_are_short_and_each_its_own():
    short = [SHORT_NAMES.get(column.name, column.name) for column in TABLES["services"]]
    assert max(map(len, short)) <= 10
    assert len(set(short)) == len(short)


def test_geopackage_opens_in_colour(tmp_path, toy):
    file = tmp_path / "a.gpkg"
    write_services(toy.services, file)
    with closing(sqlite3.connect(file)) as base:
        styles = base.execute("SELECT f_table_name, useAsDefault, styleQML FROM layer_styles")
        layer, default, style = styles.fetchone()
    assert (layer, default) == ("services", 1)
    assert 'attr="tier"' in style


def test_geojson_is_wgs84(tmp_path, toy):
    file = tmp_path / "a.geojson"
    write_services(toy.services, file)
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    first = features[0]["geometry"]["coordinates"]
    assert first == pytest.approx([-3.53, 56.23], abs=0.02)
    # The one that is known by its area only, and the confidential one, have no point.
    assert [feature["geometry"] is None for feature in features].count(True) >= 2


def test_open_referral_has_every_service_with_its_areas_and_ages(tmp_path, toy):
    file = tmp_path / "a.json"
    write_services(toy.services, file)
    page = json.loads(file.read_text(encoding="utf-8"))
    assert page["total_items"] == len(page["contents"]) == len(toy.services)
    first = page["contents"][0]
    assert first["service_areas"][0]["uri"].endswith("/S08000901")
    assert first["maximum_age"] == pytest.approx(4.92)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not end in a format"):
        write_services(nasty(), tmp_path / "a.doc")
