"""A four-square toy town whose answers are visible by eye, shared by all tests.

    C | D     north: board S08000902
    --+--
    A | B     south: board S08000901

Each square is a council of 10 km by 10 km with 25 people points, 2 km apart, ten under-fives each:
250 under-fives a council, 500 a board, 1,000 in all. C and D share a partnership.
"""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import subprocess
import time
from datetime import date

import geopandas as gpd
import hypothesis
import pandas as pd
import pytest
from shapely.geometry import box

import gapmap as gm

# Millions of objects stay through the suite: looking for rubbish less often saves a tenth of it.
gc.set_threshold(100_000, 20, 100)

# A busy machine is no fault of the code: examples are counted, not timed.
hypothesis.settings.register_profile("gapmap", deadline=None)
hypothesis.settings.load_profile("gapmap")

WEST, SOUTH, SIDE = 300_000, 700_000, 10_000
COUNCILS = {
    "S12000901": ("Aldertown", "S08000901", "S37000901", 0, 0),
    "S12000902": ("Birchfield", "S08000901", "S37000902", 1, 0),
    "S12000903": ("Cedarholm", "S08000902", "S37000903", 0, 1),
    "S12000904": ("Dunmore", "S08000902", "S37000903", 1, 1),
}
BOARDS = {"S08000901": "South Board", "S08000902": "North Board"}
HSCPS = {"S37000901": "Aldertown", "S37000902": "Birchfield", "S37000903": "Cedarholm and Dunmore"}


def toy_areas() -> gpd.GeoDataFrame:
    rows = [
        {
            "code": code,
            "name": name,
            "level": "council",
            "board_code": board,
            "hscp_code": hscp,
            "geometry": box(
                WEST + x * SIDE, SOUTH + y * SIDE, WEST + (x + 1) * SIDE, SOUTH + (y + 1) * SIDE
            ),
        }
        for code, (name, board, hscp, x, y) in COUNCILS.items()
    ]
    councils = gpd.GeoDataFrame(rows, crs="EPSG:27700")
    parts = [councils]
    for level, names in (("board", BOARDS), ("hscp", HSCPS)):
        union = councils.dissolve(f"{level}_code")
        parts.append(
            gpd.GeoDataFrame(
                {
                    "code": union.index,
                    "name": [names[code] for code in union.index],
                    "level": level,
                    "board_code": "",
                    "hscp_code": "",
                },
                geometry=union.geometry.to_numpy(),
                crs="EPSG:27700",
            )
        )
    areas = gpd.GeoDataFrame(pd.concat(parts), crs="EPSG:27700")
    areas.index = areas["code"].rename("area_code")
    return areas.sort_index()


def toy_people() -> pd.DataFrame:
    rows = []
    for row in range(10):
        for column in range(10):
            council = next(
                code for code, (*_, x, y) in COUNCILS.items() if (x, y) == (column // 5, row // 5)
            )
            rows.append(
                {
                    "postcode": f"ZA{column} {row}AA",
                    "easting": WEST + 1000.0 + 2000 * column,
                    "northing": SOUTH + 1000.0 + 2000 * row,
                    "council_code": council,
                    "board_code": COUNCILS[council][1],
                    "hscp_code": COUNCILS[council][2],
                    "under_1": 2.0,
                    "under_2": 4.0,
                    "under_3": 6.0,
                    "under_5": 10.0,
                    "population": 100.0,
                    "urban_rural": {"S12000901": 1, "S12000902": 2}.get(council, 6),
                }
            )
    return pd.DataFrame(rows).set_index("postcode")


#: One or two services of each kind that matters; what is not given is unknown.
SERVICES = [
    {  # stands in A, serves the whole southern board
        "service_id": "T1",
        "name": "Infant Mental Health South",
        "category": "infant_mental_health",
        "organisation": "NHS South",
        "sector": "nhs",
        "easting": "305000",
        "northing": "705000",
        "precision": "site",
        "serves": "S08000901",
        "coverage_of_area": "whole",
        "age_from_months": "-9",
        "age_to_months": "60",
        "delivery": "centre;home_visit",
        "funding": "permanent",
        "status": "open",
        "source": "Survey",
        "source_type": "survey_telephone",
        "source_date": "2019-11",
    },
    {  # stands in D, serves the nation
        "service_id": "T2",
        "name": "Mother and Baby Unit",
        "category": "mother_baby_unit",
        "organisation": "NHS North",
        "sector": "nhs",
        "easting": "315000",
        "northing": "715000",
        "precision": "site",
        "serves": "Scotland",
        "age_from_months": "0",
        "age_to_months": "12",
        "delivery": "inpatient",
        "funding": "permanent",
        "status": "open",
        "source": "Paper",
        "source_type": "desk",
        "source_date": "2019-03",
    },
    {  # in A, comes to the family, its money ends
        "service_id": "T3",
        "name": "Alder Families",
        "category": "family_support",
        "organisation": "Alder Trust",
        "sector": "third_sector",
        "easting": "301000",
        "northing": "701000",
        "precision": "site",
        "serves": "S12000901",
        "coverage_of_area": "whole",
        "age_from_months": "0",
        "age_to_months": "60",
        "delivery": "home_visit",
        "funding": "fixed_term",
        "funding_ends": "2020-12-31",
        "status": "open",
        "source": "Survey",
        "source_type": "survey_self",
        "source_date": "2019-12",
    },
    {  # in C, placed by postcode, does not say whom it serves, opens in 2021
        "service_id": "T4",
        "name": "Cedar Families",
        "category": "family_support",
        "organisation": "Cedar Trust",
        "sector": "third_sector",
        "postcode": "ZA2 7AA",
        "delivery": "group",
        "funding": "unknown",
        "opened": "2021-04",
        "status": "open",
        "source": "Web page",
        "source_type": "desk",
        "source_date": "2021-06",
    },
    {  # in B, serves a part of it
        "service_id": "T5",
        "name": "Birch Parenting",
        "category": "parenting_programme",
        "organisation": "Birchfield Council",
        "sector": "council",
        "easting": "315000",
        "northing": "705000",
        "precision": "site",
        "serves": "S12000902",
        "coverage_of_area": "part",
        "age_from_months": "24",
        "age_to_months": "60",
        "delivery": "group",
        "funding": "permanent",
        "status": "open",
        "source": "Survey",
        "source_type": "survey_self",
        "source_date": "2019-12",
    },
    {  # in B, whoever comes
        "service_id": "T6",
        "name": "Birch Maternity Unit",
        "category": "maternity_unit",
        "organisation": "NHS South",
        "sector": "nhs",
        "easting": "311000",
        "northing": "701000",
        "precision": "site",
        "status": "open",
        "source": "Register",
        "source_type": "register",
        "source_date": "2019-09",
    },
    {  # in D, for few only
        "service_id": "T7",
        "name": "Dunmore Early Years Centre",
        "category": "early_years_centre",
        "organisation": "Dunmore Council",
        "sector": "council",
        "easting": "319000",
        "northing": "719000",
        "precision": "site",
        "serves": "S12000904",
        "eligibility": "Referred by a court",
        "eligibility_narrow": "yes",
        "status": "open",
        "source": "Survey",
        "source_type": "survey_self",
        "source_date": "2019-12",
    },
    {  # its area only
        "service_id": "T8",
        "name": "North Befrienders",
        "category": "befriending",
        "organisation": "North Friends",
        "sector": "third_sector",
        "serves": "S08000902",
        "coverage_of_area": "unknown",
        "delivery": "home_visit;telephone",
        "funding": "mixed",
        "status": "open",
        "source": "Survey",
        "source_type": "survey_self",
        "source_date": "2012",
    },
    {  # closed
        "service_id": "T9",
        "name": "Alder Play",
        "category": "play_therapy",
        "organisation": "Alder Trust",
        "sector": "third_sector",
        "easting": "309000",
        "northing": "709000",
        "precision": "site",
        "serves": "S12000901",
        "status": "closed",
        "opened": "2010",
        "closed": "2018-06-30",
        "source": "Web page",
        "source_type": "desk",
        "source_date": "2018-07",
    },
    {  # confidential
        "service_id": "T10",
        "name": "Cedar House",
        "category": "mother_child_recovery",
        "organisation": "Cedar Trust",
        "sector": "third_sector",
        "easting": "303000",
        "northing": "713000",
        "precision": "site",
        "location_confidential": "yes",
        "serves": "Scotland",
        "status": "open",
        "source": "Survey",
        "source_type": "survey_self",
        "source_date": "2019-12",
    },
]


def toy_services() -> pd.DataFrame:
    from gapmap.read.values import typed

    found = pd.DataFrame(SERVICES).fillna("")
    found.index = pd.RangeIndex(2, len(found) + 2, name="row")
    return typed(found)


def toy_tables() -> dict[str, pd.DataFrame]:
    searches = [
        (area, category, "2019-12", "The mapping exercise", found, "", "2020 report", "")
        for area, category, found in (
            ("S08000901", "infant_mental_health", "yes"),
            ("S08000902", "infant_mental_health", "no"),
            ("S08000901", "mother_baby_unit", "no"),
            ("S08000902", "mother_baby_unit", "yes"),
        )
    ]
    names = ["area_code", "category", "date", "by_whom", "found", "terms", "source", "note"]
    return {
        "searches": pd.DataFrame(searches, columns=names, dtype="str"),
    }


def toy_study():
    """The toy town as a Study at 1 February 2020."""
    from types import MappingProxyType

    from gapmap.study import Settings, Study

    return Study(
        settings=Settings(name="Toy town", as_of=date(2020, 2, 1), travel_method="straight"),
        services=toy_services(),
        areas=toy_areas(),
        people=toy_people(),
        tables=MappingProxyType(toy_tables()),
    )


@pytest.fixture
def toy():
    """The toy town, new for each test."""
    return toy_study()


@pytest.fixture(scope="session")
def toy_to_read():
    """The toy town, for what is worked out once and only read."""
    return toy_study()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """axe-core's own text, by npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so axe-core cannot be fetched")
    folder = tmp_path_factory.mktemp("axe")
    told = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if told.returncode or not script.is_file():
        pytest.skip("axe-core could not be fetched")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def bundled_run(tmp_path_factory: pytest.TempPathFactory) -> gm.Results:
    """A whole run of the bundled study, web and Word; made once for all processes of the suite."""
    home = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        home = home.parent
    told, claimed = home / "bundled.pickle", home / "bundled"
    try:
        claimed.mkdir()
    except FileExistsError:
        while not told.exists():
            time.sleep(0.2)
        results = pickle.loads(told.read_bytes())
        assert results is not None, (
            "the run failed in another process of the suite, which tells why"
        )
        return results
    results = None
    try:
        results = gm.run(gm.scotland(), claimed / "out", formats=("html", "docx"))
        return results
    finally:
        # Under another name first, so that nobody reads half of it.
        part = told.with_suffix(".part")
        part.write_bytes(pickle.dumps(results))
        part.rename(told)
