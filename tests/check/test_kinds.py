from __future__ import annotations

from datetime import date
from pathlib import Path

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
        "other_sheets", "off_the_shore",
    }  # fmt: skip
    assert len(KINDS) >= 40


def test_documentation_is_this_table():
    page = Path(__file__).parents[2] / "docs" / "faults.md"
    assert page.read_text(encoding="utf-8") == as_markdown()
