from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapmap.dates import first_day
from gapmap.read.values import age, iso_date, number, parts, typed, unconverted, yes_no
from gapmap.vocabulary import CATEGORIES, TABLES, columns

KIND = {column.name: column for column in TABLES["services"]}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2019", "2019"),
        ("2019-10", "2019-10"),
        ("3/10/2019", "2019-10-03"),
        ("03.10.19", "2019-10-03"),
        ("3 October 2019", "2019-10-03"),
        ("3rd Oct 2019", "2019-10-03"),
        ("Oct 2019", "2019-10"),
        ("Oct-19", "2019-10"),
        ("10/2019", "2019-10"),
        ("2019/10/3", "2019-10-03"),
        ("20191003", "2019-10-03"),
        ("2019-10-03T09:30:00Z", "2019-10-03"),
        ("2019-10-03 00:00:00", "2019-10-03"),
        ("43741", "2019-10-03"),
        ("12/31/2019", ""),
        ("31/02/2019", ""),
        ("autumn", ""),
        ("99999", ""),
        ("2019-13", ""),
        ("0/0/2019", ""),
    ],
)
def test_dates(text, meant):
    assert iso_date(text) == meant


@settings(deadline=None)
@given(st.text(max_size=30))
def test_whatever_is_a_date_is_one(text):
    meant = iso_date(text)
    assert meant == "" or first_day(meant) is not None


@settings(deadline=None)
@given(st.dates())
def test_british_order_is_understood(day):
    assert iso_date(f"{day.day}/{day.month}/{day.year:04d}") == day.isoformat()


def test_ages():
    assert [age(t, 1) for t in ("-9", "18 months", "2 years", "conception", "birth")] == [
        -9, 18, 24, -9, 0,
    ]  # fmt: skip
    assert age("1.5", 12) == 18
    assert math.isnan(age("two", 1))


def test_numbers():
    assert number(" 1,250.5 ") == 1250.5
    for text in ("1,25", "inf", "nan", "", "12 beds", "--3"):
        assert math.isnan(number(text)), text


def test_yes_and_no_and_neither():
    assert [yes_no(t) for t in ("Yes", "n", "1", "FALSE", "", "maybe")] == [
        "yes", "no", "yes", "no", "", "",
    ]  # fmt: skip


def test_parts():
    assert parts("home visit, group/online", KIND["delivery"]) == ["home visit", "group", "online"]
    assert parts("Edinburgh, City of; Fife", KIND["serves"]) == ["Edinburgh, City of", "Fife"]


def row(**cells: object) -> pd.DataFrame:
    return pd.DataFrame({name: [value] for name, value in cells.items()})


def test_typed_has_our_columns_in_order_then_the_rest():
    frame = typed(row(extra="x", name=" Tea ", latitude="55.9"))
    assert frame.columns.tolist() == [*columns("services"), "extra"]
    assert frame["name"].tolist() == ["Tea"]
    for column in TABLES["services"]:
        assert (frame[column.name].dtype == float) == (column.kind == "number"), column.name


def test_unknown_is_not_zero_and_not_no():
    frame = typed(row(name="A", capacity="", eligibility_narrow="", status="n/k"))
    assert math.isnan(frame["capacity"].iloc[0])
    assert frame["eligibility_narrow"].iloc[0] == ""
    assert frame["status"].iloc[0] == ""


def test_a_place_is_confidential_unless_it_clearly_is_not():
    said = ["yes", "Y", "perhaps", "unknown", "?", "no", "N", ""]
    frame = typed(pd.DataFrame({"name": "A", "location_confidential": said}))
    assert frame["location_confidential"].tolist() == ["yes"] * 5 + ["no", "no", ""]
    assert unconverted(frame[["name"]].assign(location_confidential=said))["found"].tolist() == [
        "perhaps"
    ]


def test_words_become_codes():
    frame = typed(
        row(
            name="A",
            category="Mother and Baby Unit",
            sector="Charity",
            funding="short-term",
            delivery="Home visits; one to one, Group",
            status="ACTIVE",
            postcode="eh13dg",
        )
    )
    first = frame.iloc[0]
    assert first["category"] == "mother_baby_unit"
    assert first["sector"] == "third_sector"
    assert first["funding"] == "fixed_term"
    assert first["delivery"] == "home_visit;one_to_one;group"
    assert first["status"] == "open"
    assert first["postcode"] == "EH1 3DG"
    assert (first["tier"], first["tier_basis"]) == ("specialist", "default")


@pytest.mark.parametrize("code", CATEGORIES)
def test_every_category_is_known_by_code_and_label(code):
    label = CATEGORIES[code].label
    for text in (code, label, label.upper(), code.replace("_", "-")):
        assert typed(row(name="A", category=text))["category"].tolist() == [code]


def test_a_category_of_ones_own_is_kept_and_told():
    frame = row(name="A", category="Toy library")
    assert typed(frame)["category"].tolist() == ["toy_library"]
    assert unconverted(frame)["found"].tolist() == ["Toy library"]


def test_a_stated_tier_is_kept():
    frame = typed(row(name="A", category="befriending", tier="Universal"))
    assert frame[["tier", "tier_basis"]].iloc[0].tolist() == ["universal", ""]


def test_years_fill_months_where_these_are_blank():
    frame = typed(
        pd.DataFrame({"name": ["A", "B"], "age_to": ["5", "5"], "age_to_months": ["", "12"]})
    )
    assert frame["age_to_months"].tolist() == [60, 12]


def test_ids_from_names_are_unique_and_stay_clear_of_given_ones():
    frame = typed(
        pd.DataFrame({"name": ["Tea", "Tea", "Tea", ""], "service_id": ["", "tea", "", ""]})
    )
    assert frame["service_id"].tolist() == ["tea-2", "tea", "tea-3", "row-3"]


def test_the_callers_frame_is_not_changed():
    frame = row(name=" A ", category="FNP")
    before = frame.copy(deep=True)
    typed(frame)
    unconverted(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_typed_twice_is_typed_once():
    once = typed(row(name="Tea", category="FNP", capacity="12", latitude="55.9", opened="Oct 2019"))
    pd.testing.assert_frame_equal(typed(once), once)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.sampled_from(columns("services")))
def test_any_text_in_any_column_is_understood_or_listed(cells, column):
    frame = pd.DataFrame({"name": "A", column: cells})
    understood = typed(frame)
    assert len(understood) == len(frame)
    listed = set(unconverted(frame)["place"])
    allowed = KIND[column].allowed
    for place, value in enumerate(understood[column]):
        if allowed is not None and KIND[column].kind != "list" and place not in listed:
            assert value in allowed or value == ""
