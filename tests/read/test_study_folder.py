from __future__ import annotations

import shutil

import pandas as pd
import pytest

from gapmap.errors import FaultsError, FileError
from gapmap.read.study_folder import open_study


@pytest.fixture
def folder(tmp_path, toy):
    """The toy town written out as a study's folder."""
    home = tmp_path / "study"
    home.mkdir()
    for level in ("council", "board"):
        toy.level(level)[["code", "name", "geometry"]].to_file(home / f"{level}.geojson")
    toy.people.reset_index().to_csv(home / "people.csv", index=False)
    toy.services.to_csv(home / "services.csv", index=False)
    toy.table("searches").to_csv(home / "searches.csv", index=False)
    (home / "study.toml").write_text(STUDY, encoding="utf-8")
    return home


STUDY = """
[study]
name = "Toy town"
as_of = 2020-02-01

[limits]
stale_years = 5

[inputs]
areas = [{level = "council", file = "council.geojson"}, {level = "board", file = "board.geojson"}]
services = "services.csv"
people = "people.csv"
tables = {searches = "searches.csv"}

[people]
weight = "under_3"

[travel]
method = "straight"

[products]
approximate = ["Roughly."]

[[rules]]
id = "none"
table = "coverage"
measure = "state"
test = "is"
values = ["none_found"]
level = "board"
where = {dimension = "category"}
reason = "{area_name}: none."
"""


def change(folder, old, new):
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_study_is_read_whole(folder, toy):
    study = open_study(folder)
    assert study.settings.name == "Toy town"
    assert str(study.settings.as_of) == "2020-02-01"
    assert study.settings.stale_years == 5
    assert study.settings.search_months == 36
    assert study.settings.weight == "under_3"
    assert study.settings.approximate == ("Roughly.",)
    assert study.settings.rules[0].where == {"dimension": ("category",)}
    assert len(study.areas) == 6
    # The council file does not say which board; where it lies does.
    assert study.areas["board_code"].loc["S12000901"] == "S08000901"
    assert study.areas["board_code"].loc["S12000904"] == "S08000902"
    assert study.services["service_id"].tolist() == toy.services["service_id"].tolist()
    assert study.services["latitude"].dtype == float
    assert study.people["under_5"].sum() == 1000
    assert len(study.table("searches")) == 4
    assert set(study.inputs) == {
        "study", "areas_council", "areas_board", "services", "people", "searches",
    }  # fmt: skip
    assert open_study(folder / "study.toml").settings == study.settings


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("stale_years", "stale_yers", 'Did you mean "stale_years"?'),
        ("[travel]", "[travl]", 'Did you mean "travel"?'),
        ("as_of = 2020-02-01", "", "has no date"),
        ("2020-02-01", '"soon"', "no date"),
        ("stale_years = 5", 'stale_years = "five"', "no number"),
        ('"services.csv"', '"../services.csv"', "outside the study's folder"),
        ('"services.csv"', '"/etc/passwd"', "outside the study's folder"),
        ('"services.csv"', '"service.csv"', 'the nearest name is "services.csv"'),
        ('"under_3"', '"under_33"', 'Did you mean "under_3"?'),
        ('"coverage"', '"coverge"', 'Did you mean "coverage"?'),
        ('"state"', '"sate"', 'Did you mean "state"?'),
        ('test = "is"', 'test = "equals"', "No such test"),
        ('values = ["none_found"]', "", "No values"),
        ('reason = "{area_name}: none."', "", "lacks this"),
        ('method = "straight"', 'method = "helicopter"', "no such file"),
        ('name = "Toy town"', "", "no name"),
        ('level = "board", file = "board', 'level = "council", file = "board', "named twice"),
    ],
)
def test_each_fault_is_told(folder, old, new, says):
    change(folder, old, new)
    with pytest.raises(FaultsError) as caught:
        open_study(folder)
    assert says in str(caught.value)
    assert len(caught.value.faults) >= 1


def test_all_faults_at_once(folder):
    change(folder, "stale_years = 5", "stale_yers = 5\nsnap_metres = -1")
    change(folder, '"people.csv"', '"people.xls"')
    with pytest.raises(FaultsError) as caught:
        open_study(folder)
    assert caught.value.faults["column"].tolist() == [
        "limits.stale_yers", "limits.snap_metres", "inputs.people",
    ]  # fmt: skip


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    secret = tmp_path / "secret.csv"
    shutil.copy(folder / "services.csv", secret)
    (folder / "services.csv").unlink()
    (folder / "services.csv").symlink_to(secret)
    with pytest.raises(FaultsError, match="outside"):
        open_study(folder)


def test_faults_of_files_are_told_together(folder):
    (folder / "people.csv").write_text("postcode,easting\nA,1\n")
    (folder / "council.geojson").write_text("{}")
    with pytest.raises(FaultsError) as caught:
        open_study(folder)
    assert caught.value.faults["column"].tolist() == ["inputs.areas_council", "inputs.people"]


def test_no_study(tmp_path):
    with pytest.raises(FileError, match="no study"):
        open_study(tmp_path)
    (tmp_path / "study.toml").write_text("[study")
    with pytest.raises(FileError, match="no TOML"):
        open_study(tmp_path)


def test_people_of_official_zones(folder):
    people = pd.DataFrame(
        {
            "data_zone": ["S01000001", "S01000002"],
            "easting": [301000, 311000],
            "northing": [701000, 701000],
            "council_code": ["S12000901", "S12000902"],
            "population": [500, 600],
            **{f"age_{year}": [year, 1] for year in range(5)},
        }
    )
    people.to_csv(folder / "people.csv", index=False)
    study = open_study(folder)
    assert study.people["under_3"].tolist() == [3, 3]
    assert study.people["under_5"].tolist() == [10, 5]
    assert study.people.index.tolist() == ["S01000001", "S01000002"]


def as_zones(folder, **more):
    """The toy town's people as data zones of an official table, their centres apart."""
    people = pd.read_csv(folder / "people.csv")
    zones = [f"S010000{n:02d}" for n in range(len(people))]
    ages = {f"Age{age}": people["under_5"] / 5 for age in range(5)}
    table = pd.DataFrame({"Year": 2021, "DataZone": zones, "Sex": "All", **ages, "AllAges": 100})
    table.to_csv(folder / "zones.csv", index=False)
    pd.DataFrame(
        {"DataZone": zones, "Easting": people["easting"], "Northing": people["northing"]}
    ).to_csv(folder / "centres.csv", index=False)
    text = STUDY.replace("people.csv", "zones.csv").replace(
        'weight = "under_3"',
        'weight = "under_5"\ncentres = "centres.csv"\napproximate = ["Children are estimates."]\n'
        + "\n".join(f"{name} = {value}" for name, value in more.items()),
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")


def test_the_old_line_on_times_of_a_study_is_not_taken(folder):
    """Every study made by `gapmap new` had it, whatever its method: products tell the method."""
    change(
        folder,
        'approximate = ["Roughly."]',
        'approximate = ["Roughly.", "Times are by car, roughly: no traffic, no wait for a ferry."]',
    )
    assert open_study(folder).settings.approximate == ("Roughly.",)


def test_official_data_zones_take_the_label_off_children(folder, toy):
    as_zones(folder)
    study = open_study(folder)
    assert study.settings.exact_people
    assert study.settings.approximate == ("Roughly.",)
    assert study.people["under_5"].sum() == toy.people["under_5"].sum()
    assert study.people["council_code"].tolist() == toy.people["council_code"].tolist()


def test_estimates_keep_what_is_approximate_about_them(folder):
    as_zones(folder, exact="false")
    settings = open_study(folder).settings
    assert not settings.exact_people
    assert settings.approximate == ("Roughly.", "Children are estimates.")
    assert not open_study_of_postcodes(folder).settings.exact_people


def open_study_of_postcodes(folder):
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return open_study(folder)


@pytest.mark.parametrize("more", [{"exact": '"yes"'}, {"year": '"2021"'}, {"year": 1999}])
def test_a_wrong_word_about_people_is_a_fault(folder, more):
    as_zones(folder, **more)
    with pytest.raises(FaultsError):
        open_study(folder)


WARDS = 'areas = [{level = "ward", lookup = "wards.csv"}, {level = "council"'


def with_wards(folder, table, **more):
    table.to_csv(folder / "wards.csv", index=False)
    given = "".join(f', {name} = "{value}"' for name, value in more.items())
    text = STUDY.replace(
        'areas = [{level = "council"', WARDS.replace('"wards.csv"', f'"wards.csv"{given}')
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")


def wards_of(toy):
    codes = toy.people["council_code"].str.replace("S12", "S13")
    return pd.DataFrame(
        {"Postcode": codes.index.str.replace(" ", ""), "Ward2022Code": codes, "Ward2022Name": "W"}
    )


def test_a_lookup_of_postcodes_is_a_level_of_areas(folder, toy):
    with_wards(folder, wards_of(toy), code="Ward2022Code", name="Ward2022Name")
    study = open_study(folder)
    assert study.level("ward")["code"].tolist() == [
        code.replace("S12", "S13") for code in toy.level("council")["code"]
    ]
    assert (study.people["ward_code"].str[3:] == study.people["council_code"].str[3:]).all()
    assert study.outlined().areas["level"].unique().tolist() == ["council", "board"]
    assert any("maps do not draw them" in line for line in study.settings.approximate)


def test_postcodes_that_a_lookup_lacks_or_has_twice_are_told(folder, toy):
    table = wards_of(toy)
    more = table.iloc[:2].assign(Ward2022Code="S13000999")
    with_wards(folder, pd.concat([table.iloc[:-3], more]), code="Ward2022Code")
    study = open_study(folder)
    said = " ".join(study.settings.approximate)
    assert "2 postcodes or data zones stand in two areas" in said
    assert "3 of 100 places where people live are in no area" in said
    assert (study.people["ward_code"] == "").sum() == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda table: table.drop(columns="Ward2022Code"), "no column of codes"),
        (lambda table: table.drop(columns="Postcode"), "no column of postcodes"),
        (lambda table: table.assign(Postcode="EH1 1AA"), "none of its"),
    ],
)
def test_a_lookup_that_does_not_fit_is_a_fault_of_the_study(folder, toy, change, says):
    with_wards(folder, change(wards_of(toy)), code="Ward2022Code")
    with pytest.raises(FaultsError, match=says):
        open_study(folder)


def test_a_study_of_lookups_alone_is_refused(folder, toy):
    with_wards(folder, wards_of(toy))
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start, end = text.index(", {level"), text.index("]\nservices")
    (folder / "study.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(FaultsError, match="outlines"):
        open_study(folder)


def with_classes(folder, table, *, more=""):
    """The study with an official lookup of urban-rural classes."""
    table.to_csv(folder / "ur.csv", index=False)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    line = f'[people]\nurban_rural = "ur.csv"\n{more}'
    (folder / "study.toml").write_text(text.replace("[people]\n", line), encoding="utf-8")


def test_official_classes_by_postcode_win(folder, toy):
    postcodes = toy.people.index.str.lower().str.replace(" ", "")
    table = pd.DataFrame({"Postcode": postcodes, "UR6_Code": 3, "UR8_Code": 5})
    table.loc[1, "UR6_Code"] = None
    with_classes(folder, table.iloc[:-2])
    study = open_study(folder)
    assert study.settings.official_classes == "ur.csv"
    assert study.inputs["urban_rural"].name == "ur.csv"
    official = study.people["official_class"]
    assert official.sum() == 97
    assert (study.people["urban_rural"][official] == 3).all()
    # What the lookup lacks keeps the class of the people's file.
    kept = study.people["urban_rural"][~official]
    assert kept.tolist() == toy.people["urban_rural"][~official.to_numpy()].tolist()


def test_official_classes_of_people_who_are_data_zones(folder):
    as_zones(folder)
    zones = pd.read_csv(folder / "zones.csv")["DataZone"]
    with_classes(folder, pd.DataFrame({"DZ_CODE": zones[:99], "UR6FOLD": 4, "UR8FOLD": 5}))
    study = open_study(folder)
    assert (study.people["urban_rural"][:99] == 4).all()
    assert study.people["urban_rural"].isna().tolist()[-1]  # gapmap works it out
    assert study.settings.exact_people


def test_official_classes_by_the_data_zone_of_a_postcode(folder, toy):
    zones = [f"S010000{n:02d}" for n in range(len(toy.people))]
    with_wards(
        folder,
        pd.DataFrame({"Postcode": toy.people.index, "DataZone2011Code": zones}),
        code="DataZone2011Code",
    )
    change(folder, 'level = "ward"', 'level = "data_zone"')
    with_classes(folder, pd.DataFrame({"DataZone": zones, "UrbanRural6fold2020": 5}))
    assert (open_study(folder).people["urban_rural"] == 5).all()


@pytest.mark.parametrize(
    ("table", "column", "row", "says"),
    [
        ({"Postcode": ["ZA0 0AA", "ZA0 1AA"], "UR6": [1, 9]}, "people.urban_rural", 3, "no class"),
        ({"Postcode": ["ZA0 0AA"], "a": [1], "b": [1]}, "people.urban_rural", 0, "named|a name"),
        ({"DataZone": ["S01000001"], "UR6": [1]}, "people.urban_rural", 0, "or a data zone each"),
    ],
)
def test_a_lookup_of_classes_that_does_not_fit_is_a_fault(folder, table, column, row, says):
    with_classes(folder, pd.DataFrame(table))
    with pytest.raises(FaultsError, match=says) as caught:
        open_study(folder)
    fault = caught.value.faults.iloc[0]
    assert (fault["column"], fault["row"]) == (column, row)
    assert "ur.csv" in fault["problem"]
    assert fault["found"]
    assert fault["remedy"]


def test_a_lookup_of_classes_stays_in_the_folder(folder):
    change(folder, "[people]", '[people]\nurban_rural = "../ur.csv"')
    with pytest.raises(FaultsError, match=r"people\.urban_rural: .*outside"):
        open_study(folder)


def test_catchments_are_read_with_their_services(folder, toy):
    import geopandas as gpd

    square = toy.level("council").geometry.iloc[[0]].to_crs("EPSG:4326")
    frame = gpd.GeoDataFrame({"service_id": ["T3"]}, geometry=square.to_numpy(), crs="EPSG:4326")
    frame.to_file(folder / "catchments.geojson")
    text = STUDY.replace("tables = {", 'catchments = "catchments.geojson"\ntables = {')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    table = open_study(folder).table("catchments")
    assert table["service_id"].tolist() == ["T3"]
    assert table["geometry"].iloc[0].startswith("POLYGON ((3")
    frame.rename(columns={"service_id": "whose"}).to_file(folder / "catchments.geojson")
    with pytest.raises(FaultsError, match="service_id"):
        open_study(folder)
