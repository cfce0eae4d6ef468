"""Key themes from data: those of 2020 come out of the data of 2020, each with its rows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import gapmap as gm
from gapmap.errors import FileError, InputError
from gapmap.gaps.explain import chosen, explain, tables_of
from gapmap.gaps.findings import THEMES
from gapmap.gaps.indicators import indicator_tables, springs
from gapmap.provision.coverage import provision
from gapmap.provision.tables import coverage_table, evidence_table, service_tables
from gapmap.travel.straight import StraightLine
from gapmap.vocabulary import TABLES, columns

SOUTH, NORTH = "S08000901", "S08000902"
SHARES = [
    "reachable",
    "by_ferry",
    "comes_to_family",
    "site_not_known",
    "no_known_service",
    "unreachable",
    "off_network",
]


def tables_before(study) -> tuple[dict[str, pd.DataFrame], object]:
    """What a run has when the indicators begin, without the time that travel takes."""
    known = provision(study)
    tables = {}
    tables["services"], tables["locations"] = service_tables(known)
    tables["evidence"] = evidence_table(study)
    tables["coverage"] = coverage_table(study, known, tables["evidence"])
    cells = tables["coverage"][tables["coverage"]["dimension"] == "category"]
    travel = cells[["level", "area_code", "area_name", "value", "people"]].rename(
        columns={"value": "category"}
    )
    tables["travel"] = travel.assign(
        share_within_60=0.5,
        median_minutes=30.0,
        **{f"share_{s}": float(s == "reachable") for s in SHARES},
    )
    tables["nearest"] = pd.DataFrame(columns=["postcode", "category", "rank", "minutes", "status"])
    tables["links"] = known.links.drop(columns="row")
    return tables, known


@pytest.fixture(scope="module")
def made_2020() -> dict[str, pd.DataFrame]:
    study = gm.scotland(as_of="2020-02-01")
    tables, known = tables_before(study)
    return tables | indicator_tables(study, tables, known)


def said(tables: dict[str, pd.DataFrame], theme: int) -> list[str]:
    rows = tables["findings"]
    return rows.loc[rows["theme"] == theme, "sentence"].tolist()


def test_the_themes_of_2020_come_out_of_the_data_of_2020(made_2020) -> None:
    first = said(made_2020, 1)
    assert first[0].startswith(
        "13 of 14 health boards have no infant mental health service: somebody looked and found "
        "none; 1 of 14 health boards has an infant mental health service for some families only "
        "(NHS Greater Glasgow and Clyde)"
    )
    assert "Glasgow Infant and Family Team" in first[1]
    assert any("Mother and baby unit: we know of 2 services in all" in line for line in first)
    assert "3 are known in all 32 councils" in said(made_2020, 2)[0]
    assert "for children under three only" in said(made_2020, 3)[0]
    assert "made for the parent-infant relationship" in said(made_2020, 3)[1]
    assert "none is known to offer a specialist intervention" in said(made_2020, 4)[0]
    assert "run on money that ends" in said(made_2020, 5)[0]
    assert "within an hour of a maternity unit" in said(made_2020, 6)[0]
    assert "of 32 councils have a plan that names infants" in said(made_2020, 7)[0]
    assert "A specialist service says that it takes families from these" in said(made_2020, 8)[0]
    assert "are not yet known on 1 February 2020" in said(made_2020, 9)[0]


def test_sentences_are_numbered_in_the_order_of_the_themes(made_2020) -> None:
    rows = made_2020["findings"]
    assert rows["number"].tolist() == list(range(1, len(rows) + 1))
    assert rows["theme"].is_monotonic_increasing
    assert set(rows["theme"]) == set(THEMES)
    assert rows["sureness"].str.len().min() > 0


def test_every_sentence_leads_to_its_rows(made_2020) -> None:
    for number in made_2020["findings"]["number"]:
        told = explain(int(number), made_2020)
        assert sum(len(rows) for rows in told.rows.values()) > 0, told.title


def test_the_rows_of_the_first_sentence_are_its_fourteen_boards(made_2020) -> None:
    rows = explain("1", made_2020).rows["bounds"]
    assert rows["state"].value_counts().to_dict() == {"none_found": 13, "partly": 1}


def test_thirteen_gaps_of_2020_are_settled(made_2020) -> None:
    gaps = made_2020["gaps"]
    mine = gaps[(gaps["rule"] == "none_found") & (gaps["category"] == "infant_mental_health")]
    assert mine["certainty"].tolist() == ["settled"] * 13
    told = explain(f"gap {mine['number'].iloc[0]}", made_2020)
    assert told.words[-1] == "Settled: it stands whatever is not known."


def test_every_table_has_the_columns_of_the_vocabulary(made_2020) -> None:
    for name, table in made_2020.items():
        if name in TABLES and name not in ("travel", "nearest", "services", "locations"):
            assert list(table.columns) == columns(name), name


def test_a_cell_is_explained_by_name_or_code(made_2020) -> None:
    for what in ("NHS Fife: infant mental health", "S08000029 infant_mental_health"):
        told = explain(what, made_2020)
        assert told.title == "NHS Fife: infant mental health"
        assert told.words[0].startswith("Infant mental health: looked, found none.")
        assert told.words[1].startswith("Whatever is not known, between looked, found none and")
    whole = explain("NHS Fife", made_2020)
    assert len(whole.rows["coverage"]) == len(whole.words)


@pytest.mark.parametrize(
    ("what", "message"),
    [("99", "1 to "), ("gap 9999", "numbers 1 to"), ("Atlantis", "was not understood")],
)
def test_what_is_not_there_is_refused_with_what_is(made_2020, what, message) -> None:
    with pytest.raises(InputError, match=message):
        explain(what, made_2020)


def test_rows_are_chosen_by_columns_that_are_there() -> None:
    table = pd.DataFrame({"level": ["board", "council", "hscp"], "n": [1, 2, 3]})
    assert chosen(table, "level=board|hscp")["n"].tolist() == [1, 3]
    assert chosen(table, "")["n"].tolist() == [1, 2, 3]
    with pytest.raises(InputError, match="colour"):
        chosen(table, "colour=red")


def test_a_folder_without_a_run_is_refused(tmp_path) -> None:
    with pytest.raises(FileError, match="gapmap run"):
        tables_of(tmp_path)


def test_the_toy_town_has_every_table(toy) -> None:
    tables, known = tables_before(toy)
    before = {name: table.copy() for name, table in tables.items()}
    made = indicator_tables(toy, tables, known, network=StraightLine())
    assert {"bounds", "calls", "calendar", "pathways", "journeys", "findings"} <= set(made)
    assert made["findings"]["sentence"].iloc[0].startswith("1 of 2 health boards has no infant")
    for name, table in before.items():
        pd.testing.assert_frame_equal(tables[name], table)


def test_a_straight_line_says_of_nobody_that_they_live_within_an_hour(toy) -> None:
    tables, known = tables_before(toy)
    timed = said(indicator_tables(toy, tables, known), 6)
    assert timed[0].startswith("50% of under-fives live within an hour of a maternity unit")
    tables["travel"] = tables["travel"].assign(
        share_within_60=float("nan"), median_minutes=float("nan")
    )
    assert not any("within an hour" in one for one in said(indicator_tables(toy, tables, known), 6))


def test_striking_out_a_search_takes_the_claim_of_nothing_back(toy) -> None:
    from types import MappingProxyType

    dumb = replace(toy, tables=MappingProxyType({}))
    tables, known = tables_before(dumb)
    first = indicator_tables(dumb, tables, known)["findings"]["sentence"].iloc[0]
    assert "looked and found none" not in first
    assert "of 1 more it is not yet known" in first


def test_springs_begin_with_the_next_one() -> None:
    from datetime import date

    assert springs(date(2020, 4, 1))[0] == date(2021, 3, 31)
    assert springs(date(2020, 3, 31))[0] == date(2020, 3, 31)
