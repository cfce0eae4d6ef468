"""The table of synonyms: which column of a stranger's sheet is which of ours."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from gapmap.vocabulary import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Our column -> what others call it, written plainly (small letters, single spaces).
SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "service_id": (
            "id",
            "service code",
            "serviceid",
            "csnumber",
            "cs number",
            "service ref",
            "service reference",
            "unique id",
            "reference",
            "hospitalcode",
            "hospital code",
            "practicecode",
            "practice code",
        ),
        "location_id": ("location code", "site id", "site code", "locationid"),
        "team_id": ("team", "team code"),
        "name": (
            "service name",
            "servicename",
            "name of service",
            "title",
            "service title",
            "service",
            "project",
            "project name",
            "hospitalname",
            "hospital name",
            "gppracticename",
            "gp practice name",
            "practice name",
            "name of project",
            "what is the service called",
            "name of your service",
        ),
        "category": (
            "service type",
            "servicetype",
            "type of service",
            "kind of service",
            "service category",
            "careservice",
            "care service",
            "type",
            "kind",
            "service kind",
        ),
        "tier": ("level of need", "service tier", "universal targeted specialist"),
        "organisation": (
            "organization",
            "organisation name",
            "organization name",
            "provider",
            "provider name",
            "lead organisation",
            "run by",
            "agency",
            "charity",
            "serviceprovider",
            "service provider",
            "delivered by",
            "name of organisation",
        ),
        "partners": ("partner", "partner organisations", "partner agencies", "in partnership with"),
        "sector": (
            "sector of organisation",
            "provider type",
            "organisation type",
            "statutory or third",
        ),
        "address": (
            "full address",
            "postal address",
            "address line 1",
            "addressline1",
            "street",
            "street address",
            "venue",
            "venue address",
        ),
        "town": (
            "city",
            "town city",
            "service town",
            "post town",
            "place",
            "locality",
            "town or city",
        ),
        "postcode": (
            "post code",
            "postal code",
            "postcodes",
            "service postcode",
            "zip",
            "zip code",
            "pcd",
            "venue postcode",
            "postcode of venue",
        ),
        "easting": ("eastings", "east", "x coordinate", "xcoord", "grid easting", "oseast1m"),
        "northing": ("northings", "north", "y coordinate", "ycoord", "grid northing", "osnrth1m"),
        "latitude": ("lat", "latitude wgs84", "lat wgs84"),
        "longitude": ("lon", "lng", "long", "longitude wgs84", "lon wgs84"),
        "grid_ref": ("grid reference", "os grid reference", "gridref", "os grid ref", "ngr"),
        "uprn": ("unique property reference number", "property reference"),
        "precision": ("location precision", "how precise"),
        "location_confidential": (
            "confidential",
            "confidential address",
            "address confidential",
            "confidential location",
        ),
        "serves": (
            "area served",
            "areas served",
            "area",
            "areas",
            "area covered",
            "areas covered",
            "catchment",
            "catchment area",
            "coverage area",
            "geographical area",
            "service area",
            "where do you work",
            "geographic coverage",
        ),
        "coverage_of_area": ("coverage", "whole or part", "how much of the area"),
        "age_from_months": (
            "minimum age months",
            "age from in months",
            "min age months",
            "from months",
        ),
        "age_to_months": ("maximum age months", "age to in months", "max age months", "to months"),
        "age_from": (
            "minimum age",
            "min age",
            "age from years",
            "age min",
            "youngest age",
            "age from in years",
            "from age",
        ),
        "age_to": (
            "maximum age",
            "max age",
            "age to years",
            "age max",
            "oldest age",
            "age to in years",
            "to age",
        ),
        "eligibility": (
            "who is eligible",
            "eligibility criteria",
            "criteria",
            "eligible",
            "who can use it",
            "who is it for",
            "who can come",
            "target group",
            "eligibility description",
        ),
        "eligibility_narrow": ("narrow", "narrow eligibility"),
        "interventions": (
            "intervention",
            "programmes",
            "programmes offered",
            "what is delivered",
            "approaches",
        ),
        "delivery": (
            "how delivered",
            "mode of delivery",
            "delivery mode",
            "format",
            "delivery method",
            "how is it delivered",
            "setting",
        ),
        "duration": ("length of help", "short or longer"),
        "practical_help": ("practical support", "practical help offered"),
        "taking_referrals": ("accepting referrals", "open to referrals", "taking referrals now"),
        "waiting_weeks": (
            "waiting time weeks",
            "wait weeks",
            "waiting time in weeks",
            "waiting list weeks",
        ),
        "schedule": ("when it runs", "timetable"),
        "funding": ("funding type", "funding status", "type of funding", "permanence of funding"),
        "funder": ("funded by", "funders", "who funds it", "source of funding"),
        "funding_ends": (
            "funding end",
            "funding end date",
            "funded until",
            "funding until",
            "end of funding",
        ),
        "opened": (
            "open date",
            "date opened",
            "start date",
            "opening date",
            "started",
            "date started",
        ),
        "closed": ("close date", "date closed", "end date", "closing date", "closure date"),
        "open_by": ("known open by",),
        "status": ("service status", "servicestatus", "current status", "open or closed"),
        "capacity": (
            "places",
            "registered places",
            "total beds",
            "totalbeds",
            "number of places",
            "caseload",
            "beds",
        ),
        "capacity_unit": ("capacity units", "unit of capacity"),
        "designed_for_relationship": (
            "parent infant relationship",
            "designed for the parent infant relationship",
            "designed for parent infant relationship",
        ),
        "url": ("website", "web site", "web page", "web address", "link", "webpage"),
        "source": ("data source", "where from", "source of information"),
        "source_type": ("type of source", "source kind"),
        "source_date": ("date of source", "assured date", "last reviewed", "last updated", "as at"),
        "read_on": ("date read", "accessed", "date accessed", "retrieved"),
        "doubt": ("doubts", "uncertainty", "queries"),
        "consent_to_publish": ("consent", "may we publish", "agrees to publication"),
        "notes": ("note", "comments", "comment", "remarks", "other information", "internal notes"),
    }
)

#: Names that could be ours but mean other things as often: proposed, never taken.
PROPOSALS: Mapping[str, str] = MappingProxyType(
    {
        "x": "easting",
        "y": "northing",
        "council": "serves",
        "council area": "serves",
        "councilarea": "serves",
        "council area name": "serves",
        "local authority": "serves",
        "health board": "serves",
        "health board name": "serves",
        "healthboard": "serves",
        "hb": "serves",
        "board": "serves",
        "region": "serves",
        "age": "age_from",
        "ages": "age_from",
        "age range": "age_from",
        "description": "eligibility",
        "date": "source_date",
        "subtype": "category",
        "phone": "notes",
    }
)

#: Columns in years, which ``gapmap.read.values`` turns into months.
YEAR_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"age_from": "age_from_months", "age_to": "age_to_months"}
)

#: Names of at most ten letters, for formats and programs that cut longer ones (ArcGIS, Power BI).
SHORT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "location_id": "loc_id",
        "tier_basis": "tier_basis",
        "organisation": "org",
        "location_confidential": "confid",
        "coverage_of_area": "cover_area",
        "age_from_months": "age_from_m",
        "age_to_months": "age_to_m",
        "eligibility": "eligible",
        "eligibility_narrow": "elig_narr",
        "interventions": "intervent",
        "practical_help": "pract_help",
        "taking_referrals": "takes_ref",
        "waiting_weeks": "wait_weeks",
        "funding_ends": "fund_ends",
        "capacity_unit": "cap_unit",
        "designed_for_relationship": "rel_design",
        "source_type": "src_type",
        "source_date": "src_date",
        "consent_to_publish": "consent",
    }
)

_GAPS = re.compile(r"[^a-z0-9]+")


def plain(name: str) -> str:
    """A column name without capitals, accents, marks and doubled spaces.

    Examples
    --------
    >>> plain("  Post-Code* ")
    'post code'
    """
    letters = unicodedata.normalize("NFKD", str(name)[:200]).encode("ascii", "ignore").decode()
    return _GAPS.sub(" ", letters.lower()).strip()


@cache
def _known() -> dict[str, str]:
    known = {plain(name): name for name in (*columns("services"), *YEAR_COLUMNS)}
    for ours, theirs in SYNONYMS.items():
        for name in theirs:
            known.setdefault(plain(name), ours)
    for ours, short in SHORT_NAMES.items():
        known.setdefault(plain(short), ours)
    return known


def canonical(name: str) -> str | None:
    """Our name of a column, if the table of synonyms has it for certain.

    Examples
    --------
    >>> canonical("Area served"), canonical("Favourite colour")
    ('serves', None)
    """
    return _known().get(plain(name))


def proposal(name: str) -> str | None:
    """Our column that a name may mean, though it is not certain enough to be taken.

    Examples
    --------
    >>> proposal("Postcod"), proposal("x"), proposal("Favourite colour")
    ('postcode', 'easting', None)
    """
    from rapidfuzz import fuzz, process

    key = plain(name)
    if key in PROPOSALS:
        return PROPOSALS[key]
    if len(key) < 3:
        return None
    best = process.extractOne(key, list(_known()), scorer=fuzz.ratio, score_cutoff=82)
    return _known()[best[0]] if best is not None else None


def rename(names: Iterable[str]) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Sort out the columns of a sheet.

    Parameters
    ----------
    names
        The columns as found, each once.

    Returns
    -------
    tuple
        Found name -> our name, for those that are certain; found name -> our name, for those
        that are only likely; the names that nothing is known of. Where two columns are the same
        one of ours, the one that is spelt as ours wins, else the first; the other is only likely.

    Examples
    --------
    >>> rename(["Service name", "Postcod", "Colour"])
    ({'Service name': 'name'}, {'Postcod': 'postcode'}, ['Colour'])
    """
    names = list(names)
    ours = {name: canonical(name) for name in names}
    taken: dict[str, str] = {}
    for name in sorted(names, key=lambda name: plain(name) != plain(ours[name] or "")):
        target = ours[name]
        if target is not None:
            taken.setdefault(target, name)
    certain = {name: ours_name for ours_name, name in taken.items()}
    certain = {name: certain[name] for name in names if name in certain}
    likely: dict[str, str] = {}
    strange: list[str] = []
    for name in names:
        if name in certain:
            continue
        guess = ours[name] or proposal(name)
        if guess is None:
            strange.append(name)
        else:
            likely[name] = guess
    return certain, likely, strange
