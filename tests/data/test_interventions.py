"""The catalogue of interventions, and what is delivered where."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gapmap import vocabulary

DATA = Path(__file__).parents[2] / "data"


def table(name: str) -> pd.DataFrame:
    """A table of the directory, every cell as text."""
    return pd.read_csv(DATA / "services" / f"{name}.csv", dtype=str, keep_default_na=False)


CATALOGUE = table("interventions")
DELIVERED = table("service_interventions")
SERVICES = table("services")
COUNCILS = pd.read_csv(DATA / "people" / "councils.csv", dtype=str)
AREAS = {*COUNCILS["council_code"], *COUNCILS["board_code"], vocabulary.SCOTLAND}

delivered = pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row, id=f"{row['service_id'] or row['area_code']}-{row['intervention']}-{number}"
        )
        for number, row in enumerate(DELIVERED.to_dict("records"))
    ],
)


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row["intervention"]) for row in CATALOGUE.to_dict("records")]
)
def test_catalogue_row(row: dict[str, str]) -> None:
    assert row["name"]
    assert row["what_it_is"]
    assert row["source"]
    assert row["tier_basis"]
    assert row["usual_tier"] in {*vocabulary.TIERS, ""}
    # a tier that is not told is not settled, and says why
    assert bool(row["usual_tier"]) == (not row["tier_basis"].startswith("not settled"))


def test_catalogue_codes_are_unique_slugs() -> None:
    codes = CATALOGUE["intervention"]
    assert codes.is_unique
    assert codes.str.fullmatch(r"[a-z][a-z_]*").all()


@delivered
def test_delivered_row(row: dict[str, str]) -> None:
    assert row["intervention"] in set(CATALOGUE["intervention"])
    assert bool(row["service_id"]) != bool(row["category"] and row["area_code"])
    if row["service_id"]:
        assert row["service_id"] in set(SERVICES["service_id"])
    else:
        assert row["category"] in vocabulary.CATEGORIES
        assert row["area_code"] in AREAS
    assert row["source"]
    assert row["read_on"] == "2026-11"


def test_no_row_twice() -> None:
    keys = ["service_id", "category", "area_code", "intervention", "source"]
    assert not DELIVERED.duplicated(keys).any()


@pytest.mark.parametrize("service", sorted(set(DELIVERED["service_id"]) - {""}))
def test_services_name_their_interventions(service: str) -> None:
    listed = set(SERVICES.set_index("service_id").loc[[service], "interventions"])
    linked = set(DELIVERED.loc[DELIVERED["service_id"] == service, "intervention"])
    assert {frozenset(cell.split(";")) for cell in listed} == {frozenset(linked)}


def test_no_service_names_an_intervention_without_its_source() -> None:
    named = set(SERVICES.loc[SERVICES["interventions"] != "", "service_id"])
    assert named == set(DELIVERED["service_id"]) - {""}


def test_those_the_exercise_of_2020_named_are_all_there() -> None:
    named = {
        "bookbug",
        "peep",
        "stay_and_play",
        "infant_massage",
        "baby_first_aid",
        "weaning_workshop",
        "sleep_workshop",
        "triple_p",
        "incredible_years",
        "pipe",
        "dance",
        "solihull_approach",
        "parent_infant_psychotherapy",
        "video_interaction_guidance",
        "circle_of_security",
        "mellow_parenting",
        "play_therapy",
        "befriending",
    }
    assert named <= set(CATALOGUE["intervention"])
    tiers = CATALOGUE.set_index("intervention")["usual_tier"]
    assert tiers["video_interaction_guidance"] == "specialist"
