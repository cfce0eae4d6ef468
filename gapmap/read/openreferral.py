"""Open Referral UK 3.0 and HSDS 3.0: services of a page, a bulk file or a tabular package as rows.

Formats: Open Referral Human Services Data Specification 3.0 and its UK profile 3.0. Real feeds
hold wrong and missing values: each is passed on as text, for the check to report, and none stops
the reading.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from gapmap.read.values import code
from gapmap.vocabulary import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

#: Taxonomy of the attributes in which gapmap keeps what the format has no field for.
GAPMAP_TAXONOMY = "gapmap"

#: Beginning of the address of an official area, to which its code is added.
AREA_URI = "http://statistics.gov.scot/id/statistical-geography/"

#: Columns that a feed's table always has, blank where the feed does not say.
ALWAYS = ("service_id", "name", "category")

_CODE_AT_END = re.compile(r"\b([SKENW]\d{8})\s*/?$")
_COLUMNS = {column.name: column for column in TABLES["services"]}

#: Tables of a tabular package -> the files that may hold them, without ``.csv``.
_TABLES = {
    "services": ("services", "service"),
    "organizations": ("organizations", "organization"),
    "locations": ("locations", "location"),
    "addresses": ("addresses", "address", "physical_addresses"),
    "service_at_locations": ("service_at_locations", "service_at_location"),
    "service_areas": ("service_areas", "service_area"),
    "attributes": ("attributes", "attribute", "service_attributes"),
    "taxonomy_terms": ("taxonomy_terms", "taxonomy_term"),
    "phones": ("phones", "phone"),
    "funding": ("funding", "fundings"),
}


def services_of(content: Any) -> list[Any] | None:
    """The services in a piece of JSON of these formats; None if it is not of them.

    A page (``contents``), a bulk file (a list, or ``services``), or one service.

    Examples
    --------
    >>> services_of({"total_items": 1, "contents": [{"id": "1", "name": "Tea Club"}]})
    [{'id': '1', 'name': 'Tea Club'}]
    >>> services_of({"type": "FeatureCollection"}) is None
    True
    """
    if isinstance(content, dict):
        for key in ("contents", "content", "services"):
            if isinstance(content.get(key), list):
                return list(content[key])
        if "name" in content and ({"status", "organization", "organization_id"} & set(content)):
            return [content]
        return None
    if isinstance(content, list):
        services = [item for item in content if isinstance(item, dict)]
        marks = {"status", "organization", "organization_id", "service_at_locations", "locations"}
        if services and any(marks & set(item) and "name" in item for item in services):
            return list(content)
    return None


def frame_of_services(services: Iterable[Any]) -> pd.DataFrame:
    """Services as rows: one per service and location, in their order.

    Parameters
    ----------
    services
        Objects of the format; what is no object becomes a row without a name.

    Returns
    -------
    pandas.DataFrame
        Text, "" for blank, our names of columns. ``maximum_age`` is the last age that may come, so
        that 4 years become an ``age_to_months`` of 60. What gapmap itself wrote as attributes goes
        back into its columns. Further columns: description, email, phone, taxonomy_terms,
        last_modified, catchment (a GeoJSON extent), unreadable (what was no object).

    Examples
    --------
    >>> page = [{"id": "1", "name": "Tea Club", "status": "active", "maximum_age": 4}]
    >>> frame_of_services(page)[["service_id", "status", "age_to_months"]].values.tolist()
    [['1', 'active', '60']]
    """
    import pandas as pd

    rows: list[dict[str, str]] = []
    for service in services:
        rows += _rows(service) if isinstance(service, dict) else [{"unreadable": text_of(service)}]
    names = list(dict.fromkeys(name for row in rows for name in row))
    order = [name for name in _COLUMNS if name in names or name in ALWAYS]
    order += [name for name in names if name not in _COLUMNS]
    index = pd.RangeIndex(2, len(rows) + 2, name="row")
    return pd.DataFrame(
        {
            name: pd.Series([row.get(name, "") for row in rows], index=index, dtype="str")
            for name in order
        },
        index=index,
    )


def text_of(value: Any) -> str:
    """A JSON value as text: whole numbers without a point, nested ones as JSON.

    Examples
    --------
    >>> text_of(4.0), text_of(None), text_of({"a": 1})
    ('4', '', '{"a": 1}')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        # JSON can hold half of a character pair, which no text can.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value) if abs(value) < 1e300 else "out of range"
    return json.dumps(value, ensure_ascii=False)[:10_000]


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a single object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _rows(service: dict[str, Any]) -> list[dict[str, str]]:
    own = _gapmap_values(service)
    if "name" in own:
        # gapmap itself wrote this service: its columns are all there, exactly.
        return [own]
    base = _of_service(service)
    places = [
        _of_location(place, link)
        for link in objects(service.get("service_at_locations"))
        for place in objects(link.get("location"))
    ]
    places += [_of_location(place, {}) for place in objects(service.get("locations"))]
    if len(places) == 1:
        places[0].pop("location_id")
    return [
        {**base, **{name: text for name, text in place.items() if text}} for place in places
    ] or [base]


def _of_service(service: dict[str, Any]) -> dict[str, str]:
    organisations = objects(service.get("organization"))
    terms = _terms(service)
    row = {
        "service_id": text_of(service.get("id")),
        "name": text_of(service.get("name")),
        "organisation": text_of(organisations[0].get("name")) if organisations else "",
        "category": category_of(terms),
        "status": text_of(service.get("status")),
        "serves": ";".join(_areas(service)),
        "age_from": text_of(service.get("minimum_age")),
        "age_to_months": _after_last_age(service.get("maximum_age")),
        "eligibility": text_of(service.get("eligibility_description")),
        "funder": "; ".join(
            text_of(entry.get("source")) for entry in objects(service.get("funding"))
        ),
        # An identifier in place of an address is what writers put where the format wants one.
        "url": "" if (url := text_of(service.get("url"))).startswith("urn:") else url,
        "source_type": "feed",
        "source_date": text_of(service.get("assured_date"))[:10],
        "description": text_of(service.get("description")),
        "email": text_of(service.get("email")),
        "phone": "; ".join(
            text_of(entry.get("number")) for entry in objects(service.get("phones"))
        ),
        "taxonomy_terms": ";".join(terms),
        "last_modified": text_of(service.get("last_modified")),
        "catchment": ";".join(
            text_of(area.get("extent")) for area in objects(service.get("service_areas"))
        ).strip(";"),
    }
    return {**{name: text for name, text in row.items() if text}, **_gapmap_values(service)}


def _of_location(place: dict[str, Any], link: dict[str, Any]) -> dict[str, str]:
    addresses = objects(place.get("addresses")) or objects(place.get("physical_addresses"))
    address = addresses[0] if addresses else {}
    identifier = text_of(place.get("external_identifier"))
    scheme = text_of(place.get("external_identifier_type")).upper()
    lines = [text_of(address.get("address_1")), text_of(address.get("address_2"))]
    return {
        "location_id": text_of(place.get("id") or link.get("id")),
        "address": ", ".join(line for line in lines if line),
        "town": text_of(address.get("city")),
        "postcode": text_of(address.get("postal_code")),
        "latitude": text_of(place.get("latitude")),
        "longitude": text_of(place.get("longitude")),
        "uprn": identifier if "UPRN" in scheme else "",
        "delivery": "online" if place.get("location_type") == "virtual" else "",
    }


def _after_last_age(value: Any) -> str:
    """Months from which one is too old, of the last age in years that may come."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        try:
            value = float(text_of(value))
        except ValueError:
            return text_of(value)
    if not abs(value) < 1e6:
        return text_of(value)
    whole = float(value).is_integer()
    return text_of(float((value + 1) * 12 if whole else round(value * 12) + 1))


def _areas(service: dict[str, Any]) -> list[str]:
    """Areas served, by code where one of the three ways of saying them has it, else by name."""
    found: list[str] = []
    for area in objects(service.get("service_areas")):
        texts = [text_of(area.get(key)) for key in ("uri", "name", "service_area")]
        codes = [match.group(1) for text in texts if (match := _CODE_AT_END.search(text.strip()))]
        named = [text for text in texts[1:] if text]
        if codes or named:
            found.append((codes or named)[0])
    return list(dict.fromkeys(found))


def _terms(service: dict[str, Any]) -> list[str]:
    """Names of the terms of a service that are not gapmap's own."""
    terms: list[str] = []
    for attribute in objects(service.get("attributes")):
        for term in objects(attribute.get("taxonomy_term")):
            if text_of(term.get("taxonomy")) != GAPMAP_TAXONOMY:
                terms.append(text_of(term.get("name")) or text_of(term.get("term")))
    for term in objects(service.get("taxonomy_terms")):
        terms.append(text_of(term.get("name")))
    return list(dict.fromkeys(term for term in terms if term))


def category_of(terms: Iterable[str]) -> str:
    """The first of our categories that a term of a taxonomy names; "" if none does.

    Examples
    --------
    >>> category_of(["Families", "Befriending"])
    'befriending'
    """
    known = (code(term, _COLUMNS["category"]) for term in terms)
    return next((word for word in known if word), "")


def _gapmap_values(service: Mapping[str, Any]) -> dict[str, str]:
    """What gapmap wrote into attributes when it made the file."""
    values: dict[str, str] = {}
    for attribute in objects(service.get("attributes")):
        for term in objects(attribute.get("taxonomy_term")):
            name = text_of(attribute.get("link_type"))
            if text_of(term.get("taxonomy")) == GAPMAP_TAXONOMY and name:
                values[name] = text_of(attribute.get("value")) or text_of(term.get("name"))
    return values


# -- tabular packages -----------------------------------------------------------------------------


def is_package(names: Iterable[str]) -> bool:
    """Whether these file names are those of a tabular package.

    Examples
    --------
    >>> is_package(["data/services.csv", "data/organizations.csv"])
    True
    """
    stems = {name.rsplit("/", 1)[-1].lower() for name in names}
    return bool({"services.csv", "service.csv"} & stems) and bool(
        {"organizations.csv", "organization.csv", "datapackage.json"} & stems
    )


def services_of_package(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The services of a tabular package, each with what belongs to it.

    Parameters
    ----------
    tables
        File name without ``.csv`` -> frame of text.

    Returns
    -------
    list
        Objects as in the JSON form of the format; a row that refers to nothing there is left
        without what it refers to.
    """
    found = {
        name: next((_records(tables[file]) for file in files if file in tables), [])
        for name, files in _TABLES.items()
    }
    organisations = _by(found["organizations"], "id")
    terms = _by(found["taxonomy_terms"], "id")
    for address in found["addresses"]:
        address.setdefault("postal_code", "")
    addresses = _grouped(found["addresses"], "location_id")
    locations = {
        key: {**place, "addresses": addresses.get(key, [])}
        for key, place in _by(found["locations"], "id").items()
    }
    links = _grouped(found["service_at_locations"], "service_id")
    areas = _grouped(found["service_areas"], "service_id")
    phones = _grouped(found["phones"], "service_id")
    money = _grouped(found["funding"], "service_id")
    attributes = _grouped(found["attributes"], "link_id")
    services = []
    for row in found["services"]:
        key = row.get("id", "")
        services.append(
            {
                **row,
                "organization": organisations.get(row.get("organization_id", "")),
                "service_at_locations": [
                    {**link, "location": locations.get(link.get("location_id", ""))}
                    for link in links.get(key, [])
                ],
                "service_areas": areas.get(key, []),
                "phones": phones.get(key, []),
                "funding": money.get(key, []),
                "attributes": [
                    {**entry, "taxonomy_term": terms.get(entry.get("taxonomy_term_id", ""))}
                    for entry in attributes.get(key, [])
                ],
            }
        )
    return services


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): text for name, text in row.items() if text} for row in table.to_dict("records")
    ]


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows if key in row}


def _grouped(rows: list[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row.get(key, ""), []).append(row)
    return groups
