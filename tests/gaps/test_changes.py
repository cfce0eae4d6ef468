"""What has changed, area by area: what a date says, what only evidence says, and nothing lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gapmap.gaps.changes import changes
from gapmap.gaps.compare import side
from gapmap.vocabulary import SCOTLAND, columns

SOUTH, NORTH = "S08000901", "S08000902"
C = "S12000903"


@pytest.fixture
def made(toy):
    """The toy town in which T4 opens in C, in April 2021, where a search had found none."""

    def make(**cells):
        services = toy.services.copy()
        for column, value in {"serves": C, "category": "infant_mental_health", **cells}.items():
            services.loc[services["service_id"] == "T4", column] = value
        study = replace(toy, services=services)
        later = study.at("2021-06-30")
        return changes(later, side(study), side(later))[0]

    return make


def test_every_area_has_its_rows_and_the_whole_study_too(made, toy) -> None:
    table = made()
    assert list(table.columns) == columns("changes")
    assert set(table["area_code"]) == {SCOTLAND, *toy.areas["code"]}
    assert set(table["since"]) == {"2020-02-01"}
    assert (table["reason"].str.len() > 10).all()


def test_what_opened_is_told_with_its_date_and_the_children_who_gained(made) -> None:
    table = made()
    north = table[table["area_code"] == NORTH].set_index("change")
    assert north.loc["opened", "reason"].endswith("(infant mental health) opened in April 2021.")
    better = north.loc["better"]
    assert better["people"] == 250
    assert better["because"] == "services"
    assert "looked for and not found then" in better["reason"]
    assert "250 under-fives live where there was none then and is some now." in better["reason"]
    south = table[table["area_code"] == SOUTH]
    assert not south["change"].isin(["opened", "better"]).any()


def test_without_a_date_only_what_we_know_has_changed(made) -> None:
    table = made(opened="")
    north = table[table["area_code"] == NORTH].set_index("change")
    assert north.loc["newly_known", "count"] == 1
    assert "may be no change at all" in north.loc["newly_known", "reason"]
    assert north.loc["better", "because"] == "evidence"
    assert "No date is known" in north.loc["better", "reason"]


def test_an_area_where_nothing_changed_says_so(toy) -> None:
    table, _ = changes(toy, side(toy), side(toy))
    own = table[table["level"] != "country"]
    assert set(own["change"]) == {"none"}
    assert len(own) == len(toy.areas)
