from __future__ import annotations

import pandas as pd
import pytest

from gapmap.errors import InputError
from gapmap.report.content import Facts, Name, Value, plain, say

TABLE = pd.DataFrame(
    {
        "level": ["board", "board", "council"],
        "area_code": ["A", "B", "C"],
        "people": [10.0, float("nan"), 30.0],
    }
)


@pytest.fixture
def facts():
    return Facts({"t": TABLE})


def test_a_number_remembers_where_it_is_from(facts):
    value = facts.value("t", "people", level="board", area_code="A")
    assert value == Value(
        "10", 10.0, "t", (("level", "board"), ("area_code", "A")), "people", "value"
    )


def test_what_is_blank_absent_or_many_is_no_number(facts):
    assert facts.value("t", "people", area_code="B") is None
    assert facts.value("t", "people", area_code="Z") is None
    assert facts.value("t", "people", level="board") is None
    assert facts.value("none", "people") is None
    assert facts.value("t", "no such column", area_code="A") is None


def test_counts_sums_and_distinct_values(facts):
    assert facts.count("t").number == 3
    assert facts.count("t", level="board").number == 2
    assert facts.count("t", no_such_column="x").number == 0
    assert facts.count("none").number == 0
    assert facts.total("t", "people", area_code=("A", "C")).number == 40
    assert facts.distinct("t", "level").number == 2


def test_rows_keep_their_order_and_stay_the_callers(facts):
    assert facts.rows("t", area_code=("C", "A"))["area_code"].tolist() == ["A", "C"]
    assert facts.rows("none").empty


def test_sentences_keep_names_apart_from_words():
    text = say("{who} has {none}.", who="<b>Fife</b>", none=Name("none"))
    assert text == (Name("<b>Fife</b>"), " has ", Name("none"), ".")
    assert plain(text) == "<b>Fife</b> has none."


def test_a_sentence_with_a_hole_is_refused():
    with pytest.raises(InputError, match=r"no value for \{who\}"):
        say("{who} has none.")


@pytest.mark.parametrize(("exact", "told"), [(False, "roughly 500"), (True, "500")])
def test_people_below_council_level_are_rough_unless_they_are_counts(toy, tables, exact, told):
    from gapmap.report.passages import people

    study = toy.with_settings(exact_people=exact)
    value = people(Facts(tables), study, "hscp", "S37000903")
    assert value is not None
    assert value.text == told
