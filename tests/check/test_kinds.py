from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gapmap.check.kinds import FAULTLESS, KINDS, as_markdown
from gapmap.check.services import bundled_areas, check_services
from gapmap.place.locate import bundled_postcodes
from gapmap.study import Settings
from gapmap.vocabulary import SEVERITIES, columns

SETTINGS = Settings(name="Check", as_of=date(2026, 11, 22))
OF_THE_FILE = [code for code, kind in KINDS.items() if not kind.example]


@pytest.fixture(scope="module")
def found_in():
    """The check, with areas and postcodes loaded once."""
    areas, postcodes = bundled_areas(), bundled_postcodes()

    def check(services: pd.DataFrame) -> pd.DataFrame:
        return check_services(services, areas=areas, postcodes=postcodes, settings=SETTINGS)

    return check


def sheet(*rows: dict[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame([{**FAULTLESS, **row} for row in rows]).fillna("")
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return frame


def test_faultless_row_has_no_fault(found_in):
    assert found_in(sheet({})).to_dict("records") == []


@pytest.mark.parametrize("code", [code for code, kind in KINDS.items() if kind.example])
def test_example_of_each_kind_has_that_fault(code, found_in):
    first = {"service_id": "a-0", "name": "First service"}
    found = found_in(sheet(first, dict(KINDS[code].example)))
    mine = found[found["problem"] == KINDS[code].problem]
    assert len(mine), found.to_string()
    assert set(mine["row"]) == {3}
    assert set(mine["severity"]) == {KINDS[code].severity}
    assert "{" not in "".join(mine["remedy"])
    # What is faultless stays so.
    assert set(found["row"]) == {3}


def test_kinds_of_the_whole_file(found_in):
    frame = sheet({}).drop(columns=["name"]).rename(columns={"category": "categry"})
    frame["Favourite colour"] = "blue"
    found = found_in(frame)
    problems = set(found[found["row"] == 0]["problem"])
    assert KINDS["column_missing"].problem in problems
    remedies = " ".join(found["remedy"])
    assert '"categry" may be it' in remedies
    for code in ("column_proposed", "column_unknown"):
        assert KINDS[code].problem in problems
    empty = found_in(sheet({}).iloc[:0])
    assert empty["problem"].tolist() == [KINDS["no_rows"].problem]
    noted = sheet({})
    noted.attrs = {"renamed": {}, "replaced": 3, "other_sheets": ["Notes"]}
    assert set(found_in(noted)["problem"]) == {
        KINDS["characters_lost"].problem,
        KINDS["other_sheets"].problem,
    }


def test_off_the_shore_is_a_note(found_in):
    # Portobello: 150 m out to sea from the promenade.
    row = sheet({"easting": "330700", "northing": "674400", "postcode": ""})
    found = found_in(row)
    assert KINDS["off_the_shore"].problem in set(found["problem"]), found.to_string()


def test_every_kind_is_sound():
    problems = [kind.problem for kind in KINDS.values()]
    assert len(set(problems)) == len(problems)
    for code, kind in KINDS.items():
        assert kind.severity in SEVERITIES
        assert kind.remedy.endswith((".", "?", "}")), code
        assert set(kind.example) <= set(columns("services"))
    assert set(OF_THE_FILE) == {
        "no_rows", "column_missing", "column_proposed", "column_unknown", "characters_lost",
        "other_sheets", "off_the_shore", "quote_open",
    }  # fmt: skip
    assert len(KINDS) >= 40


def test_documentation_is_this_table():
    page = Path(__file__).parents[2] / "docs" / "faults.md"
    assert page.read_text(encoding="utf-8") == as_markdown()


def test_suggestions(found_in):
    rows = sheet(
        {"category": "Family Nurse Partnershp", "service_id": "a"},
        {"serves": "Edinbrugh", "service_id": "b", "name": "B"},
        {"postcode": "EHI 3DG", "service_id": "c", "name": "C"},
        {"opened": "2019-03 (page undated)", "service_id": "d", "name": "D"},
        {"status": "opne", "service_id": "e", "name": "E"},
    )
    found = found_in(rows)
    remedies = found[found["severity"] == "error"].set_index("row")["remedy"]
    assert remedies[2] == 'Did you mean "family_nurse_partnership"?'
    assert remedies[3] == 'Did you mean "Edinburgh"?'
    assert remedies[4] == "Write it like EH1 3DG; did you mean EH1 3DG?"
    assert "did you mean 2019-03?" in remedies[5]
    assert remedies[6] == 'Did you mean "open"?'


def test_the_points_of_a_geodataframe_are_checked(found_in):
    rows = sheet({"postcode": ""}, {"postcode": "", "service_id": "b", "name": "B"})
    points = gpd.GeoSeries.from_xy([-3.19, -3.19], [55.95, 57.5], crs="EPSG:4326")
    frame = gpd.GeoDataFrame(rows, geometry=points.to_numpy(), crs="EPSG:4326")
    found = found_in(frame)
    assert found["row"].tolist() == [3]
    assert found["problem"].tolist() == [KINDS["stands_elsewhere"].problem]


def test_nothing_is_changed_and_nothing_depends_on_the_order(found_in):
    examples = [{**kind.example, "service_id": code} for code, kind in KINDS.items()]
    rows = sheet(*examples)
    before = rows.copy(deep=True)
    found = found_in(rows)
    pd.testing.assert_frame_equal(rows, before)
    again = found_in(rows.iloc[::-1])
    key = ["row", "column", "problem"]
    one_sided = found["problem"].isin(
        [KINDS[k].problem for k in ("service_id_repeated", "row_repeated", "service_id_two_names")]
    )
    pd.testing.assert_frame_equal(
        found[~one_sided][key].reset_index(drop=True),
        again[~again["problem"].isin(found[one_sided]["problem"])][key].reset_index(drop=True),
    )


@pytest.mark.slow
def test_a_hundred_thousand_rows():
    import time

    codes = bundled_postcodes()["postcode"].iloc[::2].tolist()
    count = 100_000
    rows = pd.DataFrame(
        {
            **{name: [text] * count for name, text in FAULTLESS.items()},
            "service_id": [f"s{n}" for n in range(count)],
            "name": [f"Service {n}" for n in range(count)],
            "postcode": [codes[n % len(codes)] for n in range(count)],
            "serves": "Scotland",
            "opened": ["2019-10" if n % 50 else "31/02/2019" for n in range(count)],
            "category": ["befriending" if n % 40 else "befreinding" for n in range(count)],
        }
    )
    begun = time.process_time()
    found = check_services(rows, settings=SETTINGS)
    assert time.process_time() - begun < 20
    errors = found[found["severity"] == "error"]
    assert (errors["column"] == "opened").sum() == 2000
    assert (errors["column"] == "category").sum() == 2500


@pytest.mark.parametrize("serves", ["EH1", "EH1, EH2", "EH1-EH17", "EH1 3", "EH1; Scotland"])
def test_postcode_districts_are_a_claim_like_any_other(found_in, serves):
    problems = set(found_in(sheet({"serves": serves}))["problem"])
    assert KINDS["area_unknown"].problem not in problems
    assert KINDS["stands_elsewhere"].problem not in problems


def test_a_district_that_is_none_is_told(found_in):
    found = found_in(sheet({"serves": "EH1, EH99, EH77"}))
    one = found[found["problem"] == KINDS["area_unknown"].problem].iloc[0]
    assert "EH77" in one["found"] + one["remedy"]
