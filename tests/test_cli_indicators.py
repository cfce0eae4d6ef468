"""Commands explain, compare and calls, and the road that near tells, as a person meets them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from gapmap.cli import app

RUN = CliRunner()


@pytest.fixture
def results(tmp_path):
    """A folder of results as small as explain needs."""
    tables = tmp_path / "tables"
    tables.mkdir()
    (tmp_path / "run.json").write_text(json.dumps({"settings": {}}), encoding="utf-8")
    pd.DataFrame(
        {
            "number": [1],
            "theme_name": ["Specialist services"],
            "sentence": ["1 of 2 boards has none."],
            "sureness": ["Settled."],
            "rows_of": ["gaps"],
            "rows_where": ["area_code=B"],
        }
    ).to_csv(tables / "findings.csv", index=False)
    pd.DataFrame(
        {
            "number": [1, 2],
            "area_code": ["A", "B"],
            "area_name": ["Alder", "Birch"],
            "category": "befriending",
            "reason": ["None in A.", "None in B."],
            "evidence": "Searched.",
            "certainty": ["settled", "could_change"],
            "settled_by": ["", "Look there."],
        }
    ).to_csv(tables / "gaps.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("command", ["explain", "compare", "calls"])
def test_help_has_an_example(command: str) -> None:
    told = RUN.invoke(app, [command, "--help"])
    assert told.exit_code == 0
    assert f"Example: gapmap {command}" in told.output


def test_explain_shows_a_sentence_with_its_rows(results) -> None:
    told = RUN.invoke(app, ["explain", "1", "--results", str(results)])
    assert told.exit_code == 0
    assert "1 of 2 boards has none." in told.output
    assert "1 row of gaps:" in told.output
    assert "None in B." in told.output
    assert "None in A." not in told.output


def test_explain_shows_a_gap_and_what_would_settle_it(results) -> None:
    told = RUN.invoke(app, ["explain", "gap 2", "--results", str(results)])
    assert "Could change. Look there." in told.output


def test_explain_of_a_folder_without_a_run_says_how_to_make_one(tmp_path) -> None:
    from gapmap.errors import FileError

    told = RUN.invoke(app, ["explain", "1", "--results", str(tmp_path)])
    assert isinstance(told.exception, FileError)
    assert "gapmap run --out" in str(told.exception)


def test_calls_of_a_kind_that_is_not_there_names_those_that_are() -> None:
    told = RUN.invoke(app, ["calls", "--category", "befrending"])
    assert told.exit_code == 2
    assert "befriending" in told.output


def test_calls_are_ranked_with_what_they_settle() -> None:
    told = RUN.invoke(app, ["calls", "--category", "infant_mental_health", "--first", "3"])
    assert told.exit_code == 0
    assert "would settle" in told.output.splitlines()[-1]


def test_compare_of_two_dates_and_its_tables(tmp_path) -> None:
    out = tmp_path / "change"
    told = RUN.invoke(app, ["compare", "2020-02-01", "2026-11-22", "--out", str(out)])
    assert told.exit_code == 0
    assert told.output.count("Infant mental health: of 9 health boards") == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "changed_cells.csv",
        "changed_people.csv",
        "changed_services.csv",
    ]


def test_near_tells_the_road_from_an_age_on() -> None:
    told = RUN.invoke(app, ["near", "KW15 1AX", "--age", "12"])
    assert told.exit_code == 0
    assert "KW15 1AX, from 12 months to 5 years" in told.output
    assert "no specialist service is known to be open to any family there" in told.output
