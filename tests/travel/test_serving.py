"""Whom services may serve, as travel is told of it."""

from __future__ import annotations

import pandas as pd

from gapmap.travel.access import nearest_services
from gapmap.travel.serving import serving
from gapmap.travel.straight import StraightLine


def frames(serves: list[str], served: list[tuple[int, str]]):
    placed = pd.DataFrame(
        {
            "service_id": [f"s{n}" for n in range(len(serves))],
            "location_id": "1",
            "category": "befriending",
            "delivery": "clinic",
            "easting": [100.0 * n for n in range(len(serves))],
            "northing": 0.0,
            "precision": "site",
            "outcome": "used",
            "location_confidential": "no",
            "serves": serves,
        }
    )
    links = pd.DataFrame(served, columns=["row", "area_code"]).assign(basis="served")
    return placed, links, pd.DataFrame({"counts": True}, index=placed.index)


def test_a_claim_to_an_area_that_the_study_does_not_have_is_no_leave_for_everybody():
    serves = ["", "S12000005", "Atlantis; Lyonesse"]
    sites, services = serving(*frames(serves, [(1, "S12000005")]))
    assert services["serves_codes"].tolist() == [(), ("S12000005",), ("Atlantis", "Lyonesse")]
    people = pd.DataFrame(
        {"easting": [0.0, 100.0, 200.0], "northing": 0.0, "council_code": "S12000006"},
        index=["P0", "P1", "P2"],
    )
    found = nearest_services(people, sites, services, StraightLine())
    assert found["service_id"].tolist() == ["s0", "s0", "s0"]


def test_without_the_claims_as_they_were_written_links_alone_count():
    placed, links, counting = frames(["", "x"], [(1, "S12000005")])
    _, services = serving(placed.drop(columns="serves"), links, counting)
    assert services["serves_codes"].tolist() == [(), ("S12000005",)]
