"""A run's tables of the toy town: real coverage, travel written by hand so that it can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gapmap import vocabulary
from gapmap.place.confidential import protect
from gapmap.provision.coverage import coverage, provision
from gapmap.provision.evidence import evidence
from gapmap.report.about import with_about

#: Minutes and shares of two kinds: the maternity unit is by road, nobody knows of befriending.
TIMED = {"mean_minutes": 41.26, "median_minutes": 38.04, "p90_minutes": 75.5, "mean_km": 30.123}


def toy_travel(areas, people=250.0):
    rows = []
    for area in areas.itertuples():
        rows.append(
            {
                "level": area.level,
                "area_code": area.code,
                "area_name": area.name,
                "category": "maternity_unit",
                "people": people,
                **TIMED,
                "share_within_15": 0.1,
                "share_within_30": 0.25,
                "share_within_60": 0.624,
                "share_within_120": 0.7,
                "share_reachable": 0.7,
                "share_by_ferry": 0.1,
                "share_comes_to_family": 0.002,
                "share_site_not_known": 0.198,
            }
        )
        rows.append(
            {
                "level": area.level,
                "area_code": area.code,
                "area_name": area.name,
                "category": "befriending",
                "people": people,
                "share_no_known_service": 1.0,
            }
        )
    travel = pd.DataFrame(rows, columns=vocabulary.columns("travel"))
    shares = [c for c in travel if c.startswith("share_")]
    travel[shares] = travel[shares].fillna(0.0)
    return travel


def run_tables(study):
    """The tables that a run of a study would write."""
    known = provision(study)
    placed = protect(known.placed)
    placed["counts_at_as_of"] = np.where(known.counting["counts"], "yes", "no")
    placed["counts_reason"] = known.counting["reason"]
    placed["last_known"] = known.counting["last_known"]
    levels = list(dict.fromkeys(study.areas["level"]))
    cover = pd.concat(
        [
            coverage(study, level=lv, by=by, known=known)
            for lv in levels
            for by in ("tier", "category")
        ],
        ignore_index=True,
    )
    absent = cover[(cover["state"] == "none_found") & (cover["level"] == "board")]
    gaps = pd.DataFrame(
        {
            "level": absent["level"],
            "area_code": absent["area_code"],
            "area_name": absent["area_name"],
            "rule": "none_found",
            "category": absent["value"].where(absent["dimension"] == "category", ""),
            "value": np.nan,
            "threshold": np.nan,
            "reason": absent["area_name"] + ": somebody looked and found none.",
            "evidence": absent["why"],
        }
    ).reset_index(drop=True)
    tables = {
        "services": placed.reindex(columns=vocabulary.columns("placed_services")).reset_index(
            drop=True
        ),
        "coverage": cover,
        "evidence": pd.concat([evidence(study, level=lv) for lv in levels], ignore_index=True),
        "travel": toy_travel(study.areas),
        "nearest": pd.DataFrame(
            {
                "postcode": ["ZA0 0AA"],
                "category": ["maternity_unit"],
                "rank": [1],
                "minutes": [12.345],
                "km": [9.87],
                "ferry_minutes": [0.0],
                "boarding_minutes": [0.0],
                "status": ["reachable"],
                "service_id": ["T6"],
                "comes_to_family": ["no"],
                "foot_ferry": ["no"],
            }
        ).reindex(columns=vocabulary.columns("nearest")),
        "gaps": gaps,
        "links": known.links.drop(columns="row").reset_index(drop=True),
    }
    return with_about(study, tables)


HOSTILE = {
    "T1": "<script>alert(1)</script>",
    "T2": "=cmd()",
    "T3": "../../x",
    "T5": "N" * 10_000,
    "T6": "‮Birch ‏Maternity\x00\x1b Unit",
}


#: The toy town is always the same, and no writer changes a table: once is enough.
_ONCE = {}


@pytest.fixture
def tables(toy):
    if "toy" not in _ONCE:
        _ONCE["toy"] = run_tables(toy)
    return dict(_ONCE["toy"])


@pytest.fixture
def hostile(toy):
    """The toy town with names that mean harm, and what a run makes of it."""
    from dataclasses import replace

    services = toy.services.copy()
    services["name"] = [
        HOSTILE.get(one, name)
        for one, name in zip(services["service_id"], services["name"], strict=True)
    ]
    services["notes"] = "An internal note"
    services["funder"] = "A funder by name"
    areas = toy.areas.copy()
    areas.loc["S08000901", "name"] = '<img src=x onerror="alert(2)">'
    study = replace(toy, services=services, areas=areas)
    if "hostile" not in _ONCE:
        _ONCE["hostile"] = run_tables(study)
    return study, dict(_ONCE["hostile"])
