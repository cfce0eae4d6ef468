"""Barriers in the toy town, and presence that rules nothing out too early."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pandas as pd
import pytest

from gapmap.provision.barriers import barriers, beside_need
from gapmap.provision.coverage import coverage
from gapmap.provision.presence import presence

SOUTH, NORTH = "S08000901", "S08000902"
A = "S12000901"


def test_groups_only_and_what_comes_to_none(toy) -> None:
    table = barriers(toy).set_index(["area_code", "category"])
    assert table.loc[(SOUTH, "parenting_programme"), ["groups_only", "comes_to_none"]].tolist() == [
        "yes",
        "yes",
    ]
    assert table.loc[(SOUTH, "infant_mental_health"), "comes_to_none"] == "no"
    unknown = table.loc[(NORTH, "early_years_centre")]  # how it works is not recorded
    assert unknown[["groups_only", "comes_to_none"]].tolist() == ["unknown", "unknown"]


def test_waits_closed_doors_and_what_people_told(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T3", ["waiting_weeks", "taking_referrals"]] = [20, "no"]
    told = pd.DataFrame(
        {
            "area_code": ["", SOUTH, NORTH],
            "service_id": ["T3", "", ""],
            "category": ["family_support", "", ""],
            "type": ["waiting", "transport", "cost"],
            "what": ["20 weeks", "no bus", "fees"],
        }
    )
    study = replace(toy, services=services, tables=MappingProxyType({"barriers": told}))
    row = barriers(study).set_index(["area_code", "category"]).loc[(SOUTH, "family_support")]
    assert row[["long_waits", "not_taking_referrals", "longest_wait_weeks"]].tolist() == [1, 1, 20]
    assert row["said"] == "Waiting: 20 weeks; Transport: no bus"


def test_what_is_told_where_no_such_service_is_known_or_of_a_council_is_not_lost(toy) -> None:
    told = pd.DataFrame(
        {
            "area_code": [NORTH, A, SOUTH],
            "category": ["play_therapy", "family_support", "family_support"],
            "type": ["stigma", "cost", "hours"],
            "what": ["", "fees", "of a later day"],
            "date": ["2019", "", "2024"],
        }
    )
    study = replace(toy, tables=MappingProxyType({"barriers": told}))
    table = barriers(study).set_index(["area_code", "category"])
    assert table.loc[(NORTH, "play_therapy"), ["services", "said"]].tolist() == [0, "Stigma"]
    assert table.loc[(NORTH, "play_therapy"), "groups_only"] == "unknown"
    assert table.loc[(SOUTH, "family_support"), "said"] == "Cost: fees"


def test_need_stands_beside_provision_and_unknown_need_is_blank(toy) -> None:
    facts = pd.DataFrame(
        {
            "area_code": [A],
            "indicator": ["child_poverty_ahc_pct"],
            "value": ["25.5"],
            "as_of": ["2019"],
        }
    )
    study = replace(toy, tables=MappingProxyType({"area_facts": facts}))
    table = beside_need(study, coverage(study, level="council", by="tier")).set_index("area_code")
    assert table.loc[A, ["poverty", "targeted"]].tolist() == [25.5, "provided"]
    assert table["poverty"].isna().sum() == 3
    assert table["concern"].isna().all()


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"status": "open", "source_date": "2019"}, "sure"),
        ({"status": "unknown", "source_date": "2019"}, "possible"),
        ({"status": "open", "source_date": "2010"}, "possible"),  # stale
        ({"status": "open", "opened": "2021"}, "no"),
        ({"status": "open", "source_date": "2022"}, "possible"),  # may have been open before
        ({"status": "closed", "closed": "2018"}, "no"),
        ({"status": "closed", "source_date": "2019"}, "possible"),  # nobody knows when
        ({"status": "planned", "source_date": "2021"}, "no"),
        ({"status": "planned", "source_date": "2019"}, "possible"),  # may have come true
        ({"status": "open"}, "possible"),
    ],
)
def test_presence_rules_out_only_what_a_date_rules_out(cells, found) -> None:
    assert presence(pd.DataFrame([cells]), date(2020, 2, 1)).tolist() == [found]
