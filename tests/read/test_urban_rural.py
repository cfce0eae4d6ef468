"""Official urban-rural lookups, in every shape that publishers give them."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import FaultsError, InputError
from gapmap.read.urban_rural import official_classes, read_urban_rural
from gapmap.vocabulary import URBAN_RURAL

SIX = {1: "Large Urban Areas", 2: "Other Urban Areas", 6: "Remote Rural Areas"}
EIGHT = {1: "Large Urban Areas", 2: "Other Urban Areas", 8: "Very Remote Rural Areas"}
ZONES = ("S01000001", "S01000002", "S01000003")
CODES = ("ZA1 1AA", "za11ab", "ZA1  1AC")

#: Columns as they are published: key, then what they hold ("6", "8": numbers; "6n": names...).
SHAPES = {
    "statistics.gov.scot": {
        "DZ2011_Code": "key", "DZ2011_Name": "?", "UR2_Code": "2", "UR2_Name": "2n",
        "UR3_Code": "3", "UR3_Name": "3n", "UR6_Code": "6", "UR6_Name": "6n", "UR8_Code": "8",
        "UR8_Name": "8n",
    },
    "of 2022": {"DZ22_Code": "key", "DZ22_Name": "?", "UR6_Code": "6", "UR8_Code": "8"},
    "of 2016": {"DZ_CODE": "key", "UR2FOLD": "2", "UR3FOLD": "3", "UR6FOLD": "6", "UR8FOLD": "8"},
    "open data": {
        "DataZone": "key", "UrbanRural2fold2020": "2", "UrbanRural3fold2020": "3",
        "UrbanRural6fold2020": "6", "UrbanRural8fold2020": "8",
    },
    "open data with names": {
        "DataZone2022": "key", "DataZone2022_Name": "?", "UrbanRural6fold2022": "6",
        "UrbanRural6fold2022_Name": "6n", "UrbanRural8fold2022": "8",
        "UrbanRural8fold2022_Name": "8n",
    },
    "postcode directory": {
        "Postcode": "key", "PostcodeSector": "?", "DataZone2011Code": "?", "IslandCode": "?",
        "UrbanRural6Fold2016Code": "6", "UrbanRural8Fold2016Code": "8",
    },
    "postcode directory, small letters": {
        "pc7": "key", "pc8": "key", "ur6_2016": "6", "ur6_2016_name": "6b", "ur8_2016": "8",
        "ur8_2016_name": "8b",
    },
    "names alone": {"DataZone2011": "key", "UR6_Name": "6n", "UR8_Name": "8n"},
    "numbers and names in one": {"pcds": "key", "6-fold class": "6b", "8-fold class": "8b"},
    "by hand": {"POSTCODE": "key", "urban_rural_6fold": "6", "urban_rural_8fold": "8"},
}  # fmt: skip


def lookup_of(shape):
    """Three places of the 1st, 2nd and last class, in a published shape."""
    postcodes = any(name.lower() in ("postcode", "pcds", "pc7") for name in shape)
    six, eight = list(SIX), list(EIGHT)
    cells = {
        "key": CODES if postcodes else ZONES,
        "?": ("x", "y", "z"),
        "2": (1, 1, 2), "2n": ("Urban", "Urban", "Rural"),
        "3": (1, 1, 3), "3n": ("Rest of Scotland", "Rest of Scotland", "Remote Rural"),
        "6": six, "6n": list(SIX.values()), "6b": [f"{n} {SIX[n]}" for n in six],
        "8": eight, "8n": list(EIGHT.values()), "8b": [f"{n} {EIGHT[n]}" for n in eight],
    }  # fmt: skip
    return pd.DataFrame({name: cells[what] for name, what in shape.items()})


def places(*, zones):
    index = pd.Index(ZONES if zones else ["ZA1 1AA", "ZA1 1AB", "ZA1 1AC"], name="postcode")
    return pd.DataFrame(index=index)


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_published_shape_is_understood(shape, as_text):
    lookup = lookup_of(shape)
    if as_text:
        lookup = lookup.astype(str)
    points = places(zones=lookup.iloc[0, 0] in ZONES)
    assert official_classes(points, lookup).classes.tolist() == [1, 2, 6]
    assert official_classes(points, lookup, folds=8).classes.tolist() == [1, 2, 8]
    shouted = lookup.rename(columns=str.upper)
    assert official_classes(points, shouted).classes.tolist() == [1, 2, 6]


@given(
    st.sampled_from([6, 8]).flatmap(
        lambda folds: st.tuples(st.just(folds), st.integers(1, folds), st.booleans())
    ),
    st.sampled_from(["{name}", "{n} {name}", "{n}. {name}", "{n} - {name}", "{n}", "{n}.0"]),
    st.sampled_from([str, str.upper, str.title]),
)
def test_a_class_is_known_by_its_number_its_name_or_both(which, form, case):
    folds, number, plural = which
    name = URBAN_RURAL[folds][number]
    if plural:
        name = name.replace("town", "towns") + " areas" * (not name.endswith("town"))
    lookup = pd.DataFrame({"DZ": ["S01000001"], "class": [case(form.format(n=number, name=name))]})
    got = official_classes(pd.DataFrame(index=["S01000001"]), lookup, folds=folds)
    assert got.classes.tolist() == [number]


def test_places_without_a_class_have_none():
    lookup = lookup_of(SHAPES["of 2016"]).astype(str).iloc[:2]
    lookup.loc[0, "UR6FOLD"] = " "
    got = official_classes(places(zones=True), lookup)
    assert got.classes.isna().tolist() == [True, False, True]
    assert (got.key, got.column) == ("DZ_CODE", "UR6FOLD")


def test_the_newest_classes_are_read():
    lookup = lookup_of(SHAPES["open data"]).assign(UrbanRural6fold2022=[3, 4, 5])
    got = official_classes(places(zones=True), lookup)
    assert (got.column, got.classes.tolist()) == ("UrbanRural6fold2022", [3, 4, 5])


def test_the_key_is_the_one_that_knows_most_places():
    lookup = lookup_of(SHAPES["postcode directory"]).assign(
        DataZone2001Code="S01999999", DataZone2011Code=ZONES
    )
    by_zone = pd.DataFrame({"data_zone_code": ZONES}, index=["p", "q", "r"])
    assert official_classes(by_zone, lookup).key == "DataZone2011Code"
    assert official_classes(places(zones=False), lookup).key == "Postcode"


def test_a_deleted_postcode_gives_way_to_the_live_one():
    lookup = pd.DataFrame(
        {
            "Postcode": ["ZA1 1AA", "ZA1 1AA", "ZA1 1AB"],
            "DateOfDeletion": ["01/02/1998", "", "01/02/1998"],
            "UrbanRural6Fold2022Code": ["1", "6", "2"],
        }
    )
    assert official_classes(places(zones=False), lookup).classes.tolist()[:2] == [6, 2]


def test_faults_have_their_row_and_remedy():
    lookup = lookup_of(SHAPES["of 2016"]).astype(str)
    lookup["UR6FOLD"] = ["7", "7", "6 Accessible Rural"]
    more = pd.DataFrame({"DZ_CODE": ["S01999999"], "UR6FOLD": ["no place of ours"]})
    both = pd.concat([lookup, more])
    said = r"row 2 \(S01000001\) and 1 more row hold no class"
    with pytest.raises(FaultsError, match=said) as caught:
        official_classes(places(zones=True), both, name="ur.csv")
    faults = caught.value.faults
    assert faults["row"].tolist() == [2, 4]
    assert faults["found"].tolist() == ["7", "6 Accessible Rural"]
    assert faults["problem"].str.startswith("ur.csv").all()


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (["zone", "UR6_Code"], "Both need one key in common"),
        (["DZ", "UR8_Code"], "the columns UR8_Code; none of them is the column of 6 classes"),
        (["DZ", "a", "b"], "looked for by a name such as UR6_Code"),
        (["DZ", "UR6", "UR6_Code"], "both UR6 and UR6_Code could be"),
        (["Postcode", "UR6"], "none of its 1 rows, by Postcode"),
    ],
)
def test_the_error_says_what_it_found_and_what_it_looked_for(columns, says):
    key = "ZA9 9ZZ" if columns[0] == "Postcode" else "S01000001"
    lookup = pd.DataFrame([[key, *["1"] * (len(columns) - 1)]], columns=columns)
    with pytest.raises(InputError, match=says):
        official_classes(places(zones=True), lookup)


def test_a_year_is_no_number_of_classes():
    lookup = pd.DataFrame({"DZ": ZONES, "UR 2016": [1, 2, 6], "UR8_2016": [1, 2, 8]})
    assert official_classes(places(zones=True), lookup).column == "UR 2016"


def test_files_are_read_zipped_and_with_semicolons(tmp_path):
    lookup = lookup_of(SHAPES["postcode directory"])
    lookup.to_csv(tmp_path / "ur.csv", sep=";", index=False)
    with zipfile.ZipFile(tmp_path / "ur.zip", "w") as archive:
        archive.write(tmp_path / "ur.csv", "SmallUser.csv")
        archive.writestr("LargeUser.csv", "Postcode,UrbanRural6Fold2016Code\n")
    lookup.to_excel(tmp_path / "ur.xlsx", index=False)
    for file in ("ur.csv", "ur.zip", "ur.xlsx"):
        got = read_urban_rural(tmp_path / file, places(zones=False))
        assert got.classes.tolist() == [1, 2, 6]
