"""What we write as Open Referral against what its published schemas ask.

The schemas are not copied. Their facts are told here in our own form, as read in November 2026: of
the UK profile (OpenReferralUK/uk-profile, schema/compiled: service.json, service_list.json) and of
HSDS 3.0 (openreferral/specification, schema/*.json): which properties each object must have, their
types, formats and enumerations. Neither forbids further properties.
"""

from __future__ import annotations

import json
import re

import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gapmap as gm
from gapmap.read.services import read_services
from gapmap.read.values import typed
from gapmap.report.services_out import _web, write_services
from gapmap.vocabulary import columns

TEXT, NUMBER = {"type": "string"}, {"type": "number"}
UUID, URI = {"type": "string", "format": "uuid"}, {"type": "string", "format": "uri"}
EMAIL = {"type": "string", "format": "email"}
PLACES = {"type": "string", "enum": ["physical", "postal", "virtual"]}


def thing(*required: str, **properties: object) -> dict[str, object]:
    return {"type": "object", "required": list(required), "properties": properties}


def many(item: dict[str, object]) -> dict[str, object]:
    return {"type": "array", "items": item}


TERM = {
    "uk": thing("id", "taxonomy", id=UUID, parent_id=UUID, taxonomy=TEXT, taxonomy_id=UUID,
                term_uri=URI, term=TEXT),
    "hsds": thing("id", "name", "description", id=UUID, code=TEXT, name=TEXT, description=TEXT,
                  taxonomy=TEXT, language=TEXT, term_uri=URI),
}  # fmt: skip


def service(profile: str, *, listed: bool) -> dict[str, object]:
    attribute = thing("id", id=UUID, link_id=UUID, taxonomy_term_id=UUID, link_type=TEXT,
                      link_entity=TEXT, value=TEXT, label=TEXT,
                      taxonomy_term=TERM[profile])  # fmt: skip
    address = thing(
        "id", "address_1", "city", "state_province", "postal_code", "country", "address_type",
        id=UUID, location_id=UUID, attention=TEXT, address_1=TEXT, city=TEXT, region=TEXT,
        state_province=TEXT, postal_code=TEXT, country=TEXT, address_type=PLACES,
        attributes=many(attribute),
    )  # fmt: skip
    location = thing(
        *(["id"] if profile == "uk" else ["id", "location_type"]), id=UUID, location_type=PLACES,
        name=TEXT, description=TEXT, latitude=NUMBER, longitude=NUMBER, url=URI,
        external_identifier=TEXT, external_identifier_type=TEXT, addresses=many(address),
    )  # fmt: skip
    body = thing("id", "name", "description", id=UUID, name=TEXT, description=TEXT, email=EMAIL,
                 website=URI, uri=URI, parent_organization_id=UUID)  # fmt: skip
    return thing(
        *["id", "name", "status", *(["url"] if listed and profile == "uk" else [])],
        id=UUID, organization_id=UUID, name=TEXT, description=TEXT, url=URI, email=EMAIL,
        status={"enum": ["active", "inactive", "defunct", "temporarily closed"]}, fees=TEXT,
        minimum_age=NUMBER, maximum_age=NUMBER, assured_date=TEXT, assurer_email=EMAIL,
        alert=TEXT, last_modified={"type": "string", "format": "date-time"},
        eligibility_description=TEXT, organization=body,
        funding=many(thing("id", id=UUID, service_id=UUID, organization_id=UUID, source=TEXT)),
        service_areas=many(thing("id", id=UUID, service_id=UUID, name=TEXT, extent=TEXT,
                                 extent_type=TEXT, uri=TEXT, service_area=TEXT)),
        service_at_locations=many(thing("id", id=UUID, service_id=UUID, location_id=UUID,
                                        location=location)),
        attributes=many(attribute),
    )  # fmt: skip


def page(profile: str) -> dict[str, object]:
    whole, yes = {"type": "integer"}, {"type": "boolean"}
    names = {"total_items": whole, "total_pages": whole, "page_number": whole, "size": whole,
             "first_page": yes, "last_page": yes, "empty": yes}  # fmt: skip
    return thing(*names, "contents", **names, contents=many(service(profile, listed=True)))


CHECKER = jsonschema.FormatChecker(formats=())
_URI = re.compile(
    r"[a-z][a-z0-9+.-]*:(//[\w.~%!$&'()*+,;=:@-]*)?([\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*"
    r"(\?([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?(#([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?",
    re.IGNORECASE | re.ASCII,
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHECKER.checks("uuid")(lambda text: bool(_UUID.fullmatch(text)))
CHECKER.checks("uri")(lambda text: bool(_URI.fullmatch(text)))
CHECKER.checks("email")(lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text)))
CHECKER.checks("date-time")(lambda text: bool(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text)))


def violations(content: object, profile: str) -> list[str]:
    check = jsonschema.Draft202012Validator(page(profile), format_checker=CHECKER)
    return [f"{error.json_path}: {error.message}"[:200] for error in check.iter_errors(content)]


def written(services: pd.DataFrame, folder) -> dict[str, object]:
    write_services(services, folder / "a.json")
    return json.loads((folder / "a.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("profile", ["uk", "hsds"])
def test_the_bundled_directory_passes_whole(tmp_path, profile):
    services = gm.scotland().services
    content = written(services, tmp_path)
    assert len(content["contents"]) == len(services)
    assert violations(content, profile) == []
    ids = [one["id"] for one in content["contents"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("profile", ["uk", "hsds"])
def test_a_page_that_breaks_the_rules_is_seen(tmp_path, profile):
    content = written(gm.scotland().services.head(3), tmp_path)
    content["contents"][0]["id"] = "1"
    content["contents"][1]["status"] = "open"
    content["contents"][2]["url"] = "http://a b"
    del content["contents"][2]["name"]
    content["empty"] = "no"
    assert len(violations(content, profile)) == 5


ODD = st.sampled_from(
    ["", "=cmd()", "\u202eevil", "http://a b/ü?x=1#y#z", "http://", "HTTPS://A.org",
     "https://a.org; https://b.org", "100", "-9", "nan", "S12000036", "Scotland", "IV27, IV28",
     "2019", "31/02/2019", "closed", "active", "x" * 300, "\u0000"]
)  # fmt: skip
_ROW = st.fixed_dictionaries({}, optional=dict.fromkeys(columns("services"), ODD))


@settings(max_examples=40)
@given(st.lists(_ROW, min_size=1, max_size=3))
def test_whatever_the_cells_hold_the_page_passes_and_comes_back(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("odd")
    blank = dict.fromkeys(columns("services"), "")
    services = typed(pd.DataFrame([{**blank, **row} for row in rows]))
    content = written(services, folder)
    for profile in ("uk", "hsds"):
        assert violations(content, profile) == []
    again = typed(read_services(folder / "a.json"))
    assert again["name"].tolist() == services["name"].tolist()
    assert again["url"].tolist() == services["url"].tolist()


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("https://a.org/b?c=1#d", "https://a.org/b?c=1#d"),
        ("https://a.org/ü b", "https://a.org/%C3%BC"),
        ("https://a.org/100%", "https://a.org/100%25"),
        ("https://a.org/[x]", "https://a.org/%5Bx%5D"),
        ("https://a.org; https://b.org", "https://a.org"),
        ("a.org", ""),
        ("http://", ""),
        ("", ""),
    ],
)
def test_addresses_are_escaped_or_none(cell, address):
    assert _web(cell) == address
