from __future__ import annotations

import json
import zipfile

import pytest

from gapmap.check.services import bundled_areas, check_services
from gapmap.errors import FileError
from gapmap.read.services import read_services
from gapmap.read.values import typed

VALID = {
    "id": "ac148810-d857-441c-9679-408f346de14b",
    "name": "Bumps and Babies",
    "description": "A group.",
    "url": "https://example.org/bumps",
    "status": "active",
    "minimum_age": 0,
    "maximum_age": 4,
    "assured_date": "2025-01-05",
    "organization": {"id": "o", "name": "The Toy Trust", "description": "A charity"},
    "funding": [{"id": "f", "source": "The Toy Fund"}],
    "phones": [{"id": "p", "number": "0131 496 0000"}],
    "service_areas": [
        {"id": "1", "uri": "http://statistics.gov.scot/id/statistical-geography/S12000036"},
        {"id": "2", "name": "Fife"},
        {"id": "3", "service_area": "West Lothian"},
        {"id": "4", "extent": '{"type": "Polygon"}', "extent_type": "geojson"},
    ],
    "service_at_locations": [
        {
            "id": "l1",
            "location": {
                "id": "one",
                "location_type": "physical",
                "latitude": 55.953,
                "longitude": -3.19,
                "external_identifier": "906700000001",
                "external_identifier_type": "UPRN",
                "addresses": [
                    {"address_1": "1 Hill Street", "city": "Edinburgh", "postal_code": "EH1 3DG"}
                ],
            },
        },
        {"id": "l2", "location": {"id": "two", "location_type": "virtual"}},
    ],
    "attributes": [{"id": "a", "taxonomy_term": {"id": "t", "name": "Befriending"}}],
}

INVALID = [
    {
        "id": "b",
        "name": "Latitude",
        "status": "active",
        "locations": [{"latitude": 100, "longitude": 3}],
    },
    {"id": "c", "status": "open for business"},
    {"name": 12, "minimum_age": "wee", "maximum_age": [], "service_areas": "Fife"},
    {"id": None, "name": None, "organization": [], "service_at_locations": {"location": 3}},
    "not a service",
    None,
    {"id": "d", "name": "D", "maximum_age": 1e400, "minimum_age": True, "attributes": [[]]},
]


def page(*services: object) -> dict[str, object]:
    return {"total_items": len(services), "total_pages": 1, "contents": list(services)}


def write(tmp_path, content: object):
    file = tmp_path / "page.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_valid_service(tmp_path):
    frame = read_services(write(tmp_path, page(VALID)))
    assert frame.attrs["format"] == "open referral"
    assert len(frame) == 2
    first, second = frame.to_dict("records")
    assert first["name"] == second["name"] == "Bumps and Babies"
    assert first["service_id"] == VALID["id"]
    assert (first["location_id"], second["location_id"]) == ("one", "two")
    assert first["organisation"] == "The Toy Trust"
    assert first["serves"] == "S12000036;Fife;West Lothian"
    assert first["catchment"] == '{"type": "Polygon"}'
    assert first["postcode"] == "EH1 3DG"
    assert (first["latitude"], first["longitude"]) == ("55.953", "-3.19")
    assert first["uprn"] == "906700000001"
    assert first["funder"] == "The Toy Fund"
    assert first["category"] == "befriending"
    assert second["delivery"] == "online"
    understood = typed(frame).iloc[0]
    assert understood["status"] == "open"
    # Four-year-olds may come, five-year-olds may not.
    assert (understood["age_from_months"], understood["age_to_months"]) == (0, 60)


@pytest.mark.parametrize(
    "content",
    [page(VALID), [VALID], {"services": [VALID]}, VALID],
    ids=["page", "list", "bulk", "service"],
)
def test_every_shape_of_file(tmp_path, content):
    assert read_services(write(tmp_path, content))["name"].iloc[0] == "Bumps and Babies"


def test_invalid_values_are_all_reported_and_stop_nothing(tmp_path):
    frame = read_services(write(tmp_path, page(*INVALID, VALID)))
    assert len(frame) == len(INVALID) + 2
    faults = check_services(frame, areas=bundled_areas())
    by_row = faults[faults["severity"] == "error"].groupby("row")["column"].agg(set)
    # A feed without our categories wants them row by row; no whole file is refused for it.
    assert 0 not in by_row.index
    assert {"latitude", "category"} <= by_row[2]
    assert {"name", "status"} <= by_row[3]
    assert {"age_from", "age_to_months"} <= by_row[4]
    for row in (5, 6, 7):
        assert "name" in by_row[row]
    assert frame["unreadable"].tolist()[4] == "not a service"
    assert set(range(2, 2 + len(INVALID))) <= set(faults["row"])


def test_what_is_inactive_is_not_taken_as_open(tmp_path):
    services = [
        {"id": s, "name": s, "status": s}
        for s in ("active", "inactive", "defunct", "temporarily closed")
    ]
    understood = typed(read_services(write(tmp_path, page(*services))))
    assert understood["status"].tolist() == ["open", "likely_closed", "closed", "likely_closed"]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_tabular_package(tmp_path, zipped):
    services = "s1,o1,Tea Club,active,4\ns2,,Lost,active,\n"
    tables = {
        "services.csv": "id,organization_id,name,status,maximum_age\n" + services,
        "organizations.csv": "id,name\no1,The Toy Trust\n",
        "locations.csv": "id,latitude,longitude,location_type\nl1,55.9,-3.2,physical\n",
        "service_at_location.csv": "id,service_id,location_id\nx,s1,l1\ny,s2,nowhere\n",
        "addresses.csv": "id,location_id,address_1,postal_code\na,l1,1 Hill Street,EH1 3DG\n",
        "service_areas.csv": "id,service_id,name\nb,s1,Fife\n",
        "datapackage.json": "{}",
    }
    home = tmp_path / "package"
    home.mkdir()
    for name, text in tables.items():
        (home / name).write_text(text, encoding="utf-8")
    source = home
    if zipped:
        source = tmp_path / "package.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name, text in tables.items():
                archive.writestr(f"data/{name}", text)
    frame = read_services(source)
    assert frame["name"].tolist() == ["Tea Club", "Lost"]
    first = frame.iloc[0]
    assert (first["organisation"], first["postcode"], first["serves"]) == (
        "The Toy Trust", "EH1 3DG", "Fife",
    )  # fmt: skip
    assert first["age_to_months"] == "60"


def test_other_json_is_refused(tmp_path):
    with pytest.raises(FileError, match="no format that is known"):
        read_services(write(tmp_path, {"weather": "dreich"}))


def test_aliss(tmp_path):
    service = {
        "id": "a1",
        "name": "Tea Club",
        "description": "Tea.",
        "url": "https://example.org",
        "organisation": {"id": "o", "name": "The Toy Trust", "slug": "toy"},
        "categories": [{"name": "Befriending", "slug": "befriending"}],
        "service_areas": [
            {"code": "S12000036", "type": "Local Authority", "name": "City of Edinburgh"},
            {"code": "S13002919", "type": "Ward", "name": "Leith"},
        ],
        "locations": [
            {"id": "1", "postal_code": "EH1 3DG", "latitude": 55.95, "longitude": -3.19},
            {"id": "2", "postal_code": "KY2 6LH", "latitude": 56.12, "longitude": -3.18},
        ],
        "last_updated": "2025-01-05T10:00:00Z",
    }
    content = {
        "meta": {
            "licence": "CC BY 4.0",
            "attribution": [{"text": "Contains ALISS data", "url": "https://www.aliss.org"}],
        },
        "count": 2,
        "next": None,
        "data": [service, {"id": "a2", "name": "No areas", "service_areas": []}, "broken"],
    }
    frame = read_services(write(tmp_path, content))
    assert frame["name"].tolist() == ["Tea Club", "Tea Club", "No areas", ""]
    assert frame["serves"].tolist() == ["S12000036", "S12000036", "", ""]
    assert frame["small_areas"].iloc[0] == "Leith"
    assert frame["location_id"].tolist()[:2] == ["1", "2"]
    assert frame["category"].tolist() == ["befriending", "befriending", "", ""]
    assert frame["source_date"].iloc[0] == "2025-01-05"
    assert frame.attrs["attribution"] == ["Contains ALISS data (https://www.aliss.org)"]
    assert frame.attrs["format"] == "aliss"


def test_a_ckan_answer(tmp_path):
    records = [
        {
            "_id": 1,
            "HospitalCode": "A101H",
            "HospitalName": "Arran War Memorial",
            "Postcode": "KA278LF",
        }
    ]
    frame = read_services(write(tmp_path, {"success": True, "result": {"records": records}}))
    assert frame[["service_id", "name", "postcode"]].iloc[0].tolist() == [
        "A101H", "Arran War Memorial", "KA278LF",
    ]  # fmt: skip
    assert "Public Health Scotland" in frame.attrs["attribution"][0]


def test_a_register_by_its_columns(tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(
        "CSNumber,ServiceName,CareService,ServiceStatus,Service_Postcode,TotalBeds\n"
        "CS1,Wee Ones,Day Care of Children,Active,EH1 3DG,12\n",
        encoding="utf-8",
    )
    frame = read_services(file)
    understood = typed(frame).iloc[0]
    assert understood["category"] == "early_years_centre"
    assert understood["status"] == "open"
    assert understood["postcode"] == "EH1 3DG"
    assert frame.attrs["register"] == "Care Inspectorate datastore"
