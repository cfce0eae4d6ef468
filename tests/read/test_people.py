from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import FileError, InputError
from gapmap.read.people import read_centres, read_people

ZONES = [f"S010065{n:02d}" for n in range(6, 10)]


def ckan() -> pd.DataFrame:
    """Two years, three rows of sex a zone, the nation's too, as the NHS publishes it."""
    rows = []
    for year in (2020, 2021):
        for number, zone in enumerate(["S92000003", *ZONES]):
            zones = [number] if number else range(1, 5)
            ages = {
                f"Age{age}": sum(2 * (n + age) + year - 2020 for n in zones) for age in range(6)
            }
            for sex in ("All", "Female", "Male"):
                share = {name: n if sex == "All" else n // 2 for name, n in ages.items()}
                rows.append(
                    {"Year": year, "DataZone": zone, "DataZoneQF": "d" if number == 0 else "",
                     "Sex": sex, "SexQF": "", "AllAges": 100 * len(zones), **share}
                )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture
def files(tmp_path):
    """The official table and its centres, a zipped shapefile."""
    ckan().to_csv(tmp_path / "pop.csv", index=False)
    centres = gpd.GeoDataFrame(
        {"DataZone": ZONES, "Name": [f"Culter - 0{n}" for n in range(1, 5)], "TotPop2011": 1},
        geometry=gpd.points_from_xy([383000, 384000, 385000, 386000], [800000] * 4),
        crs="EPSG:27700",
    )
    centres.to_file(tmp_path / "SG_DataZone_Cent_2011.shp")
    import zipfile

    with zipfile.ZipFile(tmp_path / "centres.zip", "w") as archive:
        for part in tmp_path.glob("SG_DataZone_Cent_2011.*"):
            archive.write(part, part.name)
    return tmp_path


def test_the_official_table_and_its_centres_become_people(files):
    people = read_people(files / "pop.csv", centres=files / "centres.zip")
    assert people.index.tolist() == ZONES
    assert people.attrs == {"exact": True, "year": 2021}
    # zone n of four: ages a have 2 * (n + a) + 1 in 2021
    assert people["under_1"].tolist() == [2 * n + 1 for n in range(1, 5)]
    assert people["under_5"].tolist() == [
        sum(2 * (n + a) + 1 for a in range(5)) for n in range(1, 5)
    ]
    assert people["easting"].tolist() == [383000, 384000, 385000, 386000]
    assert set(people["place"]) == {"Culter"}
    assert (people["council_code"] == "").all()


def test_a_year_can_be_chosen_and_one_that_is_not_there_is_told(files):
    people = read_people(files / "pop.csv", centres=files / "centres.zip", year=2020)
    assert people["under_1"].tolist() == [2 * n for n in range(1, 5)]
    with pytest.raises(InputError, match="It has the years 2020, 2021"):
        read_people(files / "pop.csv", centres=files / "centres.zip", year=1999)


def test_a_table_of_women_and_men_alone_is_added_up(files):
    apart = ckan()
    apart[apart["Sex"] != "All"].to_csv(files / "apart.csv", index=False)
    people = read_people(files / "apart.csv", centres=files / "centres.zip", year=2020)
    assert people["under_1"].tolist() == [2 * n for n in range(1, 5)]


def test_a_workbook_of_the_same_shape_is_read_too(files):
    ckan().to_excel(files / "pop.xlsx", index=False)
    people = read_people(files / "pop.xlsx", centres=files / "centres.zip")
    assert people["under_1"].tolist() == [2 * n + 1 for n in range(1, 5)]


def test_zones_without_centres_say_where_the_centres_are(files):
    with pytest.raises(InputError, match="data-zone-centres"):
        read_people(files / "pop.csv")


def test_centres_of_another_census_are_told(files):
    other = read_centres(files / "centres.zip").reset_index()
    other["code"] = "S010138" + other["code"].str[-2:]
    other.to_csv(files / "other.csv", index=False)
    with pytest.raises(InputError, match="no centre for 4 of 4"):
        read_people(files / "pop.csv", centres=files / "other.csv")


@pytest.mark.parametrize("rows", [2, 12, 25, 28])
def test_a_cut_official_table_is_a_clear_error(files, rows):
    ckan().iloc[:rows].to_csv(files / "cut.csv", index=False)
    with pytest.raises(InputError, match=r"not whole|no people"):
        read_people(files / "cut.csv", centres=files / "centres.zip")


def test_a_row_that_broke_off_is_a_clear_error(files):
    (files / "cut.csv").write_bytes((files / "pop.csv").read_bytes()[:-20] + b'"\n1,2,3,"')
    with pytest.raises((FileError, InputError)):
        read_people(files / "cut.csv", centres=files / "centres.zip")


@pytest.mark.parametrize("cell", ["", "x", "-1", "nan", "inf"])
def test_a_number_that_is_none_is_told_with_its_point(tmp_path, cell):
    (tmp_path / "p.csv").write_text(
        f"postcode,easting,northing,council_code,under_5\nEH1 1AA,1,2,S12000036,{cell}\n"
    )
    with pytest.raises(InputError, match="EH1 1AA"):
        read_people(tmp_path / "p.csv")


def test_old_codes_of_councils_are_carried_forward(tmp_path):
    (tmp_path / "p.csv").write_text(
        "postcode,easting,northing,council_code,under_5\nKY1 1AA,1,2,S12000015,3\n"
    )
    assert read_people(tmp_path / "p.csv")["council_code"].tolist() == ["S12000047"]


def test_postcodes_are_no_official_counts(tmp_path):
    (tmp_path / "p.csv").write_text(
        "postcode,easting,northing,council_code,under_5\nKY1 1AA,1,2,S12000047,3\n"
    )
    assert read_people(tmp_path / "p.csv").attrs["exact"] is False


@given(ages=st.lists(st.integers(0, 500), min_size=5, max_size=5))
def test_weights_are_the_sums_of_their_years(tmp_path_factory, ages):
    folder = tmp_path_factory.mktemp("ages")
    row = {"data_zone": ZONES[0], "easting": 1, "northing": 2, "council_code": "S12000033"}
    row |= {f"age_{age}": n for age, n in enumerate(ages)}
    pd.DataFrame([row]).to_csv(folder / "p.csv", index=False)
    people = read_people(folder / "p.csv").iloc[0]
    for weight, years in {"under_1": 1, "under_2": 2, "under_3": 3, "under_5": 5}.items():
        if weight in people:
            assert people[weight] == np.sum(ages[:years])


def test_classes_of_a_text_file_are_numbers(tmp_path):
    """Text would match no class, and the rural list would be empty."""
    table = pd.DataFrame(
        {"postcode": ["ZA1 1AA", "ZA1 1AB", "ZA1 1AC"], "easting": 300_000, "northing": 700_000}
    )
    table.assign(urban_rural=["6", "Remote rural", ""]).to_csv(tmp_path / "p.csv", index=False)
    classes = read_people(tmp_path / "p.csv")["urban_rural"]
    assert classes.tolist()[:2] == [6, 6]
    assert classes.isna().tolist() == [False, False, True]
    table.assign(urban_rural=["6", "9", "1"]).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(InputError, match=r'the first is ZA1 1AB \("9"\)'):
        read_people(tmp_path / "p.csv")
