"""The controlled words: tiers, categories, states, statuses, and the columns of every table.

Codes are for tables and code; labels are what a person reads. Nothing else in the package spells
a code's label out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _frozen(words: dict[str, str]) -> Mapping[str, str]:
    return MappingProxyType(words)


# -- services -------------------------------------------------------------------------------------

TIERS: Mapping[str, str] = _frozen(
    {"universal": "Universal", "targeted": "Targeted", "specialist": "Specialist"}
)

SECTORS: Mapping[str, str] = _frozen(
    {
        "nhs": "NHS",
        "council": "Council",
        "hscp": "Health and social care partnership",
        "third_sector": "Third sector",
        "partnership": "Partnership",
        "private": "Private",
    }
)


@dataclass(frozen=True)
class Category:
    """A kind of service: its code, the tier that it has unless a row says otherwise, its name."""

    code: str
    tier: str
    label: str


#: The categories of the model with their default tier; a study can add its own.
CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        code: Category(code, tier, label)
        for code, tier, label in [
            ("infant_mental_health", "specialist", "Infant mental health"),
            ("perinatal_mental_health", "specialist", "Perinatal mental health"),
            ("mother_baby_unit", "specialist", "Mother and baby unit"),
            (
                "maternity_neonatal_psychology",
                "specialist",
                "Maternity and neonatal psychology",
            ),
            ("mother_child_recovery", "specialist", "Mother and child recovery"),
            ("family_nurse_partnership", "targeted", "Family Nurse Partnership"),
            ("family_support", "targeted", "Family support"),
            ("befriending", "targeted", "Befriending"),
            ("peer_support", "targeted", "Peer support"),
            ("perinatal_counselling", "targeted", "Perinatal counselling"),
            ("play_therapy", "targeted", "Play therapy"),
            ("maternity_unit", "universal", "Maternity unit"),
            ("health_visiting", "universal", "Health visiting"),
            ("early_years_centre", "universal", "Early years centre"),
            ("parenting_programme", "universal", "Parenting programme"),
            ("universal_group", "universal", "Universal group"),
            ("practical_class", "universal", "Practical class"),
            ("other", "universal", "Other"),
        ]
    }
)

DELIVERY: Mapping[str, str] = _frozen(
    {
        "centre": "At a centre",
        "group": "In a group",
        "home_visit": "At home",
        "one_to_one": "One to one",
        "online": "Online",
        "telephone": "By telephone",
        "inpatient": "Inpatient",
        "outreach": "Outreach",
    }
)

#: Ways of delivery that reach a family where it lives.
COMES_TO_FAMILY = frozenset({"home_visit", "outreach", "online", "telephone"})

FUNDING: Mapping[str, str] = _frozen(
    {
        "permanent": "Permanent",
        "fixed_term": "Fixed-term",
        "mixed": "Partly fixed-term",
        "unknown": "Not known",
    }
)

STATUSES: Mapping[str, str] = _frozen(
    {
        "open": "Open",
        "closed": "Closed",
        "planned": "Planned",
        "unknown": "Not known whether open",
        "likely_closed": "Probably closed",
    }
)

#: What the start of a service is taken from, the best first, and how a sentence says so.
STARTS: Mapping[str, str] = _frozen(
    {
        "opened": "opened",
        "open_by": "known to be open by",
        "source_date": "known from a source of",
        "read_on": "known from a page read on",
    }
)

PRECISIONS: Mapping[str, str] = _frozen(
    {
        "site": "The site itself",
        "postcode": "Its postcode",
        "town": "Its town only",
        "area": "Its area only",
    }
)

#: Precisions from which minutes may be told.
PRECISE = frozenset({"site", "postcode"})

COVERAGE_OF_AREA: Mapping[str, str] = _frozen(
    {
        "whole": "The whole area",
        "part": "Part of the area",
        "unknown": "Not known which part",
    }
)

SCHEDULES: Mapping[str, str] = _frozen(
    {
        "rolling": "Rolling",
        "fixed_programme": "Fixed programme",
        "drop_in": "Drop-in",
        "by_referral": "By referral",
    }
)

RELATIONSHIP: Mapping[str, str] = _frozen(
    {
        "core": "Made for the parent-infant relationship",
        "partial": "Partly made for it",
        "incidental": "Not made for it",
        "unknown": "Not known",
    }
)

SOURCE_TYPES: Mapping[str, str] = _frozen(
    {
        "survey_telephone": "Survey by telephone",
        "survey_self": "Survey, self-completed",
        "survey_face_to_face": "Survey, face to face",
        "desk": "Desk search",
        "prior_mapping": "An earlier mapping",
        "nomination": "Named by another service",
        "register": "A register",
        "feed": "A directory feed",
        "information_request": "Information request",
    }
)

YES_NO: Mapping[str, str] = _frozen({"yes": "Yes", "no": "No"})

DURATIONS: Mapping[str, str] = _frozen({"short": "Short", "longer": "Longer"})

ROLES: Mapping[str, str] = _frozen(
    {
        "midwife": "Midwife",
        "health_visitor": "Health visitor",
        "family_nurse": "Family nurse",
        "gp": "GP",
        "nursery": "Nursery",
        "social_work": "Social work",
        "third_sector": "Third sector",
        "self": "The family itself",
        "any_professional": "Any professional",
        "other": "Another role",
    }
)

BARRIERS: Mapping[str, str] = _frozen(
    {
        "transport": "Transport",
        "group_setting": "Groups only",
        "stigma": "Stigma",
        "waiting": "Waiting",
        "cost": "Cost",
        "hours": "Opening hours",
        "language": "Language",
        "awareness": "Not being known",
    }
)

CONTACT_OUTCOMES: Mapping[str, str] = _frozen(
    {
        "responded": "Answered",
        "partly_answered": "Answered in part",
        "central_response": "Answered centrally",
        "no_response": "No answer",
        "declined": "Declined",
        "refused": "Refused",
        "nominated": "Named by another",
    }
)

# -- areas ----------------------------------------------------------------------------------------

LEVELS: Mapping[str, str] = _frozen(
    {
        "board": "Health board",
        "council": "Council",
        "hscp": "Health and social care partnership",
    }
)

#: The code of the whole country.
SCOTLAND = "S92000003"

#: Codes that were replaced, and by which. A change of boundary changes a code, of name does not.
SUCCESSORS: Mapping[str, str] = MappingProxyType(
    {
        # 2 February 2018: Fife, Perth and Kinross, Tayside
        "S12000015": "S12000047",
        "S08000018": "S08000029",
        "S37000014": "S37000032",
        "S12000024": "S12000048",
        "S37000023": "S37000033",
        "S08000027": "S08000030",
        # 1 April 2019: Glasgow City, North Lanarkshire and their boards
        "S12000046": "S12000049",
        "S37000015": "S37000034",
        "S12000044": "S12000050",
        "S37000021": "S37000035",
        "S08000021": "S08000031",
        "S08000023": "S08000032",
    }
)

# -- what gapmap finds ----------------------------------------------------------------------------

STATES: Mapping[str, str] = _frozen(
    {
        "provided": "Available across the area",
        "partly": "Available to some",
        "none_found": "Looked, found none",
        "not_known": "Not yet known",
    }
)

TRAVEL_STATUSES: Mapping[str, str] = _frozen(
    {
        "reachable": "By car",
        "by_ferry": "By car and ferry",
        "comes_to_family": "Comes to the family",
        "site_not_known": "Serves them, base not recorded",
        "no_known_service": "No service known",
        "unreachable": "No way there by car or ferry",
        "off_network": "Too far from any road we hold",
    }
)

#: The words of a status that rests on services for some families or for a part of the area only.
FOR_SOME: Mapping[str, str] = _frozen(
    {
        "comes_to_family": "Comes to some families",
        "site_not_known": "Serves some families, base not recorded",
    }
)

#: How a ferry is told that takes foot passengers only, and what that means for the minutes.
FOOT_FERRY = "a boat that takes no cars"
FOOT_FERRY_NOTE = (
    "Minutes beyond a boat that takes no cars are by a car that meets the family there."
)

#: Statuses that carry minutes and kilometres; in all others these are blank.
MEASURED_STATUSES = frozenset({"reachable", "by_ferry"})

#: The Scottish Government's urban-rural classes, by number of classes.
URBAN_RURAL: Mapping[int, Mapping[int, str]] = MappingProxyType(
    {
        6: MappingProxyType(
            {
                1: "Large urban",
                2: "Other urban",
                3: "Accessible small town",
                4: "Remote small town",
                5: "Accessible rural",
                6: "Remote rural",
            }
        ),
        8: MappingProxyType(
            {
                1: "Large urban",
                2: "Other urban",
                3: "Accessible small town",
                4: "Remote small town",
                5: "Very remote small town",
                6: "Accessible rural",
                7: "Remote rural",
                8: "Very remote rural",
            }
        ),
    }
)

BASES: Mapping[str, str] = _frozen(
    {
        "located": "Stands in the area",
        "served": "Says that it serves the area",
        "inferred": "Taken to serve the area in which it stands",
    }
)

OUTCOMES: Mapping[str, str] = _frozen(
    {
        "used": "Placed on the map",
        "area_only": "Known by its area only",
        "unplaced": "Could not be placed",
        "rejected": "Not usable as written",
    }
)

PLACED_BY: Mapping[str, str] = _frozen(
    {
        "easting_northing": "National grid coordinates",
        "latitude_longitude": "Latitude and longitude",
        "grid_ref": "Grid reference",
        "uprn": "Property reference number",
        "postcode": "Postcode",
        "geometry": "The point in the file",
    }
)

SEVERITIES: Mapping[str, str] = _frozen({"error": "Error", "warning": "Warning", "note": "Note"})

#: Weights of the people table: the column, and how a sentence names these people.
WEIGHTS: Mapping[str, str] = _frozen(
    {
        "under_1": "under-ones",
        "under_2": "under-twos",
        "under_3": "under-threes",
        "under_5": "under-fives",
        "population": "people",
    }
)

CALLS: Mapping[str, str] = _frozen({"search": "Search", "ask": "Ask"})

#: Whether a gap stands whatever the silence hides.
CERTAINTY: Mapping[str, str] = _frozen({"settled": "Settled", "could_change": "Could change"})

DECISIONS: Mapping[str, str] = _frozen(
    {"known": "Known", "accepted": "Accepted", "acted_on": "Being acted on"}
)

#: Whose word a field is, after a person's list was laid over the directory.
WHOSE: Mapping[str, str] = _frozen(
    {
        "directory": "The directory's",
        "own": "The list's that was given",
        "both": "Both say the same",
    }
)

DIMENSIONS: Mapping[str, str] = _frozen(
    {
        "tier": "Tier",
        "category": "Kind of service",
        "sector": "Who runs it",
        "intervention": "Intervention",
        "delivery": "How it is delivered",
    }
)

# -- the columns of every table -------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        As in the file.
    kind
        text, code, number, integer, date (may be partial: 2019, 2019-10), yes_no, list (parts
        separated by ``;``), area (a code or a name).
    meaning
        In plain words.
    allowed
        The vocabulary that its values (or parts) come from, if any.
    required
        Whether a row without it is an error.
    unit
        Of a number.
    private
        Left out of a ``--public`` run.
    """

    name: str
    kind: str
    meaning: str
    allowed: Mapping[str, str] | None = None
    required: bool = False
    unit: str = ""
    private: bool = False


def category_labels() -> dict[str, str]:
    """Code and name of every category, in the order of the vocabulary.

    Examples
    --------
    >>> category_labels()["mother_baby_unit"]
    'Mother and baby unit'
    """
    return {code: category.label for code, category in CATEGORIES.items()}


_SERVICES = (
    Column("service_id", "text", "The service's own id; made from its name if absent"),
    Column("location_id", "text", "Tells the places of one service apart"),
    Column("team_id", "text", "Rows with the same team id are one team, counted once"),
    Column("name", "text", "What the service is called", required=True),
    Column(
        "category", "code", "Kind of service", allowed=_frozen(category_labels()), required=True
    ),
    Column("tier", "code", "For whom: everyone, some, or those in most need", allowed=TIERS),
    Column("tier_basis", "text", "Whether the tier was stated by the source or assigned"),
    Column("organisation", "text", "Who runs it"),
    Column("partners", "list", "Who else takes part"),
    Column("sector", "code", "Sector of the organisation", allowed=SECTORS),
    Column("address", "text", "Postal address"),
    Column("town", "text", "Town"),
    Column("postcode", "text", "Postcode, such as EH1 3DG"),
    Column("easting", "number", "National grid easting (EPSG:27700)", unit="m"),
    Column("northing", "number", "National grid northing (EPSG:27700)", unit="m"),
    Column("latitude", "number", "Latitude (EPSG:4326)", unit="degrees"),
    Column("longitude", "number", "Longitude (EPSG:4326); west is negative", unit="degrees"),
    Column("grid_ref", "text", "Grid reference, such as NT 257 736"),
    Column("uprn", "text", "Unique property reference number; needs a lookup of your own"),
    Column("precision", "code", "How closely the point is known", allowed=PRECISIONS),
    Column(
        "location_confidential",
        "yes_no",
        "Yes for a refuge: its place is shown nowhere",
        allowed=YES_NO,
    ),
    Column("serves", "list", "Areas served: codes, names, or Scotland; blank is not stated"),
    Column(
        "coverage_of_area", "code", "Whether all of the area is served", allowed=COVERAGE_OF_AREA
    ),
    Column("age_from_months", "number", "Youngest age served; conception is -9", unit="months"),
    Column("age_to_months", "number", "Up to, not including, this age", unit="months"),
    Column("eligibility", "text", "Who may come, in words"),
    Column("eligibility_narrow", "yes_no", "Yes when narrower than age and area", allowed=YES_NO),
    Column("interventions", "list", "What is offered, by name"),
    Column("delivery", "list", "How it is delivered", allowed=DELIVERY),
    Column("duration", "code", "Short or longer help", allowed=DURATIONS),
    Column("practical_help", "text", "Benefits, food, housing..."),
    Column("taking_referrals", "yes_no", "Whether it takes referrals now", allowed=YES_NO),
    Column("waiting_weeks", "number", "Wait for a first appointment", unit="weeks"),
    Column("schedule", "code", "When it runs", allowed=SCHEDULES),
    Column("funding", "code", "How lasting its money is", allowed=FUNDING),
    Column("funder", "text", "Who pays", private=True),
    Column("funding_ends", "date", "When the money ends"),
    Column("opened", "date", "When it opened"),
    Column("closed", "date", "When it closed"),
    Column("open_by", "date", "A date by which it was open"),
    Column("status", "code", "Whether it runs", allowed=STATUSES),
    Column("capacity", "number", "Places or caseload"),
    Column("capacity_unit", "text", "What the capacity counts"),
    Column(
        "designed_for_relationship",
        "code",
        "Whether made for the parent-infant relationship",
        allowed=RELATIONSHIP,
    ),
    Column("url", "text", "Its web page"),
    Column("source", "text", "Where this was learned"),
    Column("source_type", "code", "What kind of source", allowed=SOURCE_TYPES),
    Column("source_date", "date", "Date of the source"),
    Column("read_on", "date", "When the source was read"),
    Column("doubt", "text", "What is doubtful, in words"),
    Column("notes", "text", "Internal notes", private=True),
    Column(
        "consent_to_publish",
        "yes_no",
        "No where the provider did not agree: it is in no public product",
        allowed=YES_NO,
    ),
)

# -- the tables beside the spreadsheet ------------------------------------------------------------

#: What became of a way in that a source tells of: only referral is one.
ROUTE_KINDS: Mapping[str, str] = _frozen(
    {
        "referral": "Referral",
        "consultation": "Consultation",
        "signposting": "Signposting",
        "reported": "Reported by others",
        "universal": "Offered to every family",
    }
)

ANSWERS: Mapping[str, str] = _frozen({"yes": "Yes", "no": "No", "unknown": "Not known"})

#: Counts of people that a study may bring; small ones are never shown.
PEOPLE_MEASURES: Mapping[str, str] = _frozen(
    {
        "referrals": "Families referred",
        "accepted": "Families accepted",
        "caseload": "Families on the caseload",
        "waiting": "Families waiting",
        "attended": "Families who came",
    }
)

_OF_SERVICE = Column("service_id", "text", "The service")
_OF_CATEGORY = Column("category", "code", "Kind of service", allowed=_frozen(category_labels()))
_OF_AREA = Column("area_code", "area", "Area: its code or its name", required=True)
_OF_SOME_AREA = replace(_OF_AREA, required=False)
_OF_AREA_OR_UK = replace(_OF_AREA, allowed=_frozen({"K02000001": "United Kingdom"}))
_SOURCED = (
    Column("source", "text", "Where this was learned"),
    Column("source_date", "date", "Date of the source"),
    Column("doubt", "text", "What is doubtful, in words"),
    Column("read_on", "date", "When the source was read"),
)

#: Columns of the tables that a study may have beside its services, each named in study.toml.
#: A column of kind ``area`` holds a code or a name.
LINKED: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "searches": (
            _OF_AREA,
            replace(_OF_CATEGORY, required=True),
            Column("date", "date", "When somebody looked", required=True),
            Column("by_whom", "text", "Who looked", private=True),
            Column("found", "yes_no", "Whether anything was found", allowed=YES_NO),
            Column("terms", "text", "Words that were searched for"),
            Column("source", "text", "Where this was learned"),
            Column("note", "text", "Remark"),
        ),
        "contacts": (
            Column("organisation", "text", "Who was asked", required=True),
            _OF_AREA,
            Column("channel", "text", "By telephone, post, survey..."),
            Column("date", "date", "When", required=True),
            Column("outcome", "code", "What came of it", CONTACT_OUTCOMES, required=True),
            Column("respondent_role", "text", "Role of whoever answered", private=True),
            Column("owner", "text", "Who asks next", private=True),
            Column("due_date", "date", "By when", private=True),
            Column("note", "text", "Remark", private=True),
        ),
        "service_areas": (
            replace(_OF_SERVICE, required=True),
            _OF_AREA,
            Column("basis", "code", "How the area is known", BASES),
            Column("coverage", "code", "Whether all of the area is served", COVERAGE_OF_AREA),
            *_SOURCED,
        ),
        "interventions": (
            Column("intervention", "text", "Its code", required=True),
            Column("name", "text", "What it is called"),
            Column("usual_tier", "code", "Tier that it usually belongs to", TIERS),
            Column("tier_basis", "text", "Who says so"),
            Column("what_it_is", "text", "In one sentence"),
            *_SOURCED,
        ),
        "service_interventions": (
            _OF_SERVICE,
            _OF_CATEGORY,
            _OF_SOME_AREA,
            Column("intervention", "text", "What is offered, by its code", required=True),
            *_SOURCED,
        ),
        "category_eligibility": (
            replace(_OF_CATEGORY, required=True),
            _OF_SOME_AREA,
            Column("age_from_months", "number", "Youngest age; conception is -9", unit="months"),
            Column("age_to_months", "number", "Up to, not including", unit="months"),
            Column("eligibility", "text", "Who may come, in words"),
            Column("eligibility_narrow", "yes_no", "Narrower than age and area", YES_NO),
            Column("narrow_reason", "text", "In what way"),
            Column("delivery", "list", "How it is delivered", DELIVERY),
            *_SOURCED,
        ),
        "referrals": (
            _OF_SERVICE,
            _OF_CATEGORY,
            _OF_SOME_AREA,
            Column("from_role", "code", "Who refers", ROLES),
            Column("from_category", "code", "Or which kind of service", _frozen(category_labels())),
            Column("role_words", "text", "The role in the words of the source"),
            Column("accepted", "code", "Whether such a referral is taken", ANSWERS, required=True),
            Column("criteria", "text", "For whom"),
            Column("route_kind", "code", "Only referral is a way in", ROUTE_KINDS),
            *_SOURCED,
        ),
        "barriers": (
            _OF_SOME_AREA,
            _OF_SERVICE,
            _OF_CATEGORY,
            Column("type", "code", "What stands in the way", BARRIERS, required=True),
            Column("what", "text", "In words"),
            Column("date", "date", "When it was said"),
            Column("source", "text", "Where this was learned"),
            Column("doubt", "text", "What is doubtful, in words"),
            Column("read_on", "date", "When the source was read"),
        ),
        "training": (
            _OF_AREA,
            Column("course", "text", "The course, by its code or name", required=True),
            Column("staff_group", "text", "Who was trained"),
            Column("places", "number", "Staff trained; blank is not known"),
            Column("date", "date", "When"),
            Column("source", "text", "Where this was learned"),
            Column("doubt", "text", "What is doubtful, in words"),
            Column("read_on", "date", "When the source was read"),
        ),
        "plans": (
            _OF_AREA,
            Column("document", "text", "The plan", required=True),
            Column("period", "text", "Its years"),
            Column("question", "text", "What was asked of it, by its code", required=True),
            Column("answer", "code", "What it says", ANSWERS, required=True),
            Column("quote", "text", "Its words"),
            Column("page", "text", "Page"),
            Column("says", "text", "What it says, in our words"),
            Column("source", "text", "Where it was read"),
            Column("source_date", "date", "Date of the source"),
            Column("basis", "text", "What was read of it"),
            Column("doubt", "text", "What is doubtful, in words"),
            Column("read_on", "date", "When it was read"),
        ),
        "area_facts": (
            _OF_AREA_OR_UK,
            Column("level", "text", "Kind of area"),
            Column("indicator", "text", "What is told, by its code", required=True),
            Column("value", "text", "The value", required=True),
            Column("unit", "text", "Of the value"),
            Column("numerator", "text", "People counted, where it is a share"),
            Column("low", "text", "Lower end of its interval"),
            Column("high", "text", "Upper end of its interval"),
            Column("as_of", "date", "On which day"),
            Column("as_of_words", "text", "The period in words"),
            Column("source", "text", "Where this was learned"),
            Column("note", "text", "Remark"),
            Column("usable", "yes_no", "Whether anything may rest on it", YES_NO),
            Column("reason", "text", "Why not"),
            Column("read_on", "date", "When the source was read"),
        ),
        "published_totals": (
            _OF_AREA_OR_UK,
            _OF_CATEGORY,
            Column("measure", "text", "What was counted", required=True),
            Column("state", "text", "In what state"),
            Column("value", "number", "The total", required=True),
            Column("as_of", "date", "On which day"),
            Column("as_of_words", "text", "The period in words"),
            Column("source", "text", "Who published it"),
            Column("note", "text", "Remark"),
            Column("usable", "yes_no", "Whether anything may rest on it", YES_NO),
            Column("reason", "text", "Why not"),
            Column("read_on", "date", "When the source was read"),
        ),
        "decisions": (
            Column("level", "text", "Kind of area"),
            _OF_AREA,
            _OF_CATEGORY,
            Column("rule", "text", "The rule that the gap meets"),
            Column("decision", "code", "What was decided", DECISIONS, required=True),
            Column("body", "text", "Which body decided"),
            Column("date", "date", "When"),
            Column("note", "text", "Remark", private=True),
        ),
        "field_sources": (
            replace(_OF_SERVICE, required=True),
            Column("column", "text", "Which column of the service", required=True),
            Column("source", "text", "Where that cell was learned"),
            Column("source_date", "date", "Date of the source"),
            Column("note", "text", "Remark"),
        ),
        "people_counts": (
            _OF_AREA,
            Column("measure", "code", "What is counted", PEOPLE_MEASURES, required=True),
            _OF_CATEGORY,
            Column("period", "text", "Over which time, such as 2025/26"),
            Column("people", "number", "How many", required=True),
            Column("source", "text", "Where this was learned"),
        ),
        "comments": (
            Column(
                "report",
                "area",
                "On whose report: national, or an area's code or name",
                _frozen({"national": "The national report"}),
                required=True,
            ),
            Column("section", "text", "On which section, by its title; blank for the first"),
            Column("comment", "text", "The words", required=True),
            Column("by", "text", "Whose words"),
            Column("date", "date", "When"),
        ),
    }
)

_COVERAGE = (
    Column("level", "code", "Kind of area", allowed=LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("area_name", "text", "Its name"),
    Column("dimension", "code", "What the value is a value of", allowed=DIMENSIONS),
    Column("value", "code", "A tier, category, sector, intervention or way of delivery"),
    Column("services", "integer", "Services of this area itself"),
    Column("services_wider", "integer", "Services of a wider area that serve it too"),
    Column("people", "number", "People of the chosen ages in the area"),
    Column("per_1000", "number", "Services of the area itself per 1,000 of them"),
    Column("state", "code", "What the area has", allowed=STATES),
    Column("last_known", "date", "Newest evidence of a service that counts"),
    Column("stale", "yes_no", "Yes when that evidence is older than the study's limit"),
    Column("why", "text", "The reason for the state, in words"),
)

_PLACED = (
    Column("service_id", "text", "The service"),
    Column("name", "text", "What it is called"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("tier", "code", "Tier", allowed=TIERS),
    Column("sector", "code", "Sector", allowed=SECTORS),
    Column("placed_by", "code", "What placed it", allowed=PLACED_BY),
    Column("precision", "code", "How closely the point is known", allowed=PRECISIONS),
    Column("easting", "number", "EPSG:27700; blank where confidential or unplaced", unit="m"),
    Column("northing", "number", "EPSG:27700; blank where confidential or unplaced", unit="m"),
    Column("board_code", "text", "Health board in which it stands"),
    Column("council_code", "text", "Council in which it stands"),
    Column("outcome", "code", "What became of the row in placing", allowed=OUTCOMES),
    Column("reason", "text", "Why, in words"),
    Column("counts_at_as_of", "yes_no", "Whether it counts at the study's date"),
    Column("counts_reason", "text", "Why, in words"),
    Column("last_known", "date", "Date of the newest evidence"),
)

_TRAVEL = (
    Column("level", "code", "Kind of area", allowed=LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("area_name", "text", "Its name"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("people", "number", "People of the chosen ages in the area"),
    Column("mean_minutes", "number", "Mean over those with a way there", unit="minutes"),
    Column("median_minutes", "number", "Median over those with a way there", unit="minutes"),
    Column("p90_minutes", "number", "Nine in ten of those are nearer", unit="minutes"),
    Column("mean_km", "number", "Mean road distance over those with a way there", unit="km"),
    *(
        Column(f"share_within_{t}", "number", f"Share of all people within {t} minutes")
        for t in (15, 30, 60, 120)
    ),
    *(
        Column(f"share_{status}", "number", f"Share of people: {label[0].lower()}{label[1:]}")
        for status, label in TRAVEL_STATUSES.items()
    ),
)

_GAPS = (
    Column("level", "code", "Kind of area, or place", allowed=LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("area_name", "text", "Its name"),
    Column("rule", "text", "The rule of the study that it meets"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("value", "number", "What was found"),
    Column("threshold", "number", "What the rule compares it with"),
    Column("reason", "text", "What is missing, for whom, on what evidence, in words"),
    Column("evidence", "text", "What the reason rests on"),
    Column("number", "integer", "By which gapmap explain finds it"),
    Column("certainty", "code", "Whether it stands whatever is not known", allowed=CERTAINTY),
    Column("settled_by", "text", "What would settle it, in words"),
    Column("decision", "code", "What was decided about it", allowed=DECISIONS),
    Column("decided_by", "text", "Which body decided, and when"),
)

_FAULTS = (
    Column("row", "integer", "Row in the file as a spreadsheet numbers it; 0 is the whole file"),
    Column("column", "text", "Column"),
    Column("found", "text", "What was found"),
    Column("problem", "text", "Why it is wrong"),
    Column("remedy", "text", "What to do"),
    Column("severity", "code", "error, warning or note", allowed=SEVERITIES),
)

_NEAREST = (
    Column("postcode", "text", "Postcode"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("rank", "integer", "1 is the nearest"),
    Column("minutes", "number", "All the way, aboard and boarding included", unit="minutes"),
    Column("km", "number", "By road only", unit="km"),
    Column("ferry_minutes", "number", "Aboard a ferry", unit="minutes"),
    Column("boarding_minutes", "number", "Of boarding ferries", unit="minutes"),
    Column("foot_ferry", "yes_no", "Yes where a ferry on the way takes foot passengers only"),
    Column("status", "code", "How it is reached", allowed=TRAVEL_STATUSES),
    Column("service_id", "text", "The service"),
    Column("comes_to_family", "yes_no", "Whether one that serves them comes to the family"),
    Column("comes_in_part", "yes_no", "Yes where that comes to a part of their area only"),
)

_AREA = (
    Column("level", "code", "Kind of area", allowed=LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("area_name", "text", "Its name"),
)
_CELL = (
    *_AREA,
    Column("dimension", "code", "What the value is a value of", allowed=DIMENSIONS),
    Column("value", "code", "A tier or a category"),
)

_EVIDENCE = (
    Column("level", "code", "Kind of area", allowed=LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("area_name", "text", "Its name"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("searched_on", "date", "Newest search for the kind in the area, or one around it"),
    Column("search_valid", "yes_no", "Whether that search is recent enough to show an absence"),
    Column("found", "yes_no", "Whether that search found one; blank where it did not say"),
    Column("contacts", "integer", "People or bodies in the area who were asked"),
    Column(
        "answered", "number", "Share of them who answered; in part counts a half", unit="0 to 1"
    ),
    Column("completeness", "number", "How complete the evidence is", unit="0 to 1"),
    Column("why", "text", "In words"),
)

_BOUNDS = (
    *_CELL,
    Column("state", "code", "What the area has, as far as we know", allowed=STATES),
    Column("least", "code", "The least that it can have, whatever the silence hides", STATES),
    Column("most", "code", "The most that it can have", STATES),
    Column("settled", "yes_no", "Yes when least and most are the same", allowed=YES_NO),
    Column("services_least", "integer", "Services of the area that surely run"),
    Column("services_most", "integer", "Those and the ones that may run, of what we hold"),
    Column("open_ended", "yes_no", "Yes where nobody looked, so there may be more", YES_NO),
    Column("people", "number", "People of the chosen ages in the area"),
    Column("people_least", "number", "Of those, at least so many have it where they live"),
    Column("people_most", "number", "Of those, at most so many have it where they live"),
    Column("settled_by", "text", "What would settle it, in words"),
)

_SHARES = (
    Column("level", "code", "Kind of area", allowed=LEVELS),
    Column("dimension", "code", "What the value is a value of", allowed=DIMENSIONS),
    Column("value", "code", "A tier or a category"),
    Column("areas", "integer", "Areas of the level"),
    Column("any_least", "integer", "Areas with any of it, at least"),
    Column("any_known", "integer", "Areas with any of it, as far as we know"),
    Column("any_most", "integer", "Areas with any of it, at most"),
    Column("whole_least", "integer", "Areas that have it throughout, at least"),
    Column("whole_known", "integer", "Areas that have it throughout, as far as we know"),
    Column("whole_most", "integer", "Areas that have it throughout, at most"),
    Column("not_known", "integer", "Areas of which it is not yet known"),
    Column("people", "number", "People of the chosen ages"),
    Column("people_least", "number", "Of those, at least so many have it where they live"),
    Column("people_most", "number", "Of those, at most so many have it where they live"),
)

_CALLS = (
    Column("rank", "integer", "1 is the call that settles most"),
    Column("kind", "code", "A search of an area, or a question to an organisation", allowed=CALLS),
    Column("whom", "text", "The area to search, or the organisation to ask"),
    Column("about", "text", "What to look for or ask about"),
    Column("cells", "integer", "Councils by kind of service that it settles"),
    Column("people", "number", "People in those, once for each kind of service"),
    Column("cumulative_people", "number", "With all calls before it"),
    Column("cumulative_share", "number", "Of all that is not settled, with all calls before it"),
    Column("sentence", "text", "The same in words"),
)

_AGES = (
    *_CELL,
    Column("months_covered", "integer", "Months of age with a service, of 69 from conception"),
    Column("months_possible", "integer", "Months that a service of unknown ages may cover"),
    Column("uncovered", "text", "Months of age with no service that we know"),
    Column("doubtful", "text", "Months of age that may be covered"),
    *(
        Column(f"{window}_{end}", "number", f"Share of the months: {words}, {certain}")
        for window, words in (
            ("pregnancy", "before birth"),
            ("under_1", "under one"),
            ("under_2", "under two"),
            ("under_3", "under three"),
            ("under_5", "under five"),
        )
        for end, certain in (("covered", "covered"), ("most", "covered at most"))
    ),
)

_BARRIERS_TABLE = (
    *_AREA,
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("services", "integer", "Services that count and reach the area"),
    Column("groups_only", "code", "Whether they meet in groups only: yes, no, unknown"),
    Column("comes_to_none", "code", "Whether none comes to the family: yes, no, unknown"),
    Column("not_taking_referrals", "integer", "Services that take no referrals now"),
    Column("long_waits", "integer", "Services with a wait longer than 12 weeks"),
    Column("longest_wait_weeks", "number", "Longest wait that was told", unit="weeks"),
    Column("said", "text", "Barriers that people told of"),
    Column("people_beyond", "number", "People farther than an hour from a base that we know"),
)

_CALENDAR = (
    Column("date", "date", "The day"),
    *_CELL,
    Column("services_best", "integer", "Services left at best: unknown money is renewed"),
    Column("services_worst", "integer", "Services left at worst: unknown money is gone"),
    Column("state_best", "code", "State at best", allowed=STATES),
    Column("state_worst", "code", "State at worst", allowed=STATES),
)

_CALENDAR_MONTHS = (
    Column("date", "date", "The last day of the month"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("services_best", "integer", "Services left at best"),
    Column("people_best", "number", "People of councils with any of it, at best"),
    Column("services_worst", "integer", "Services left at worst"),
    Column("people_worst", "number", "People of councils with any of it, at worst"),
)

_CHANGES = (
    Column("level", "code", "Kind of area; country for all areas together", allowed=LEVELS),
    Column("area_code", "text", "Official code of the area"),
    Column("area_name", "text", "Its name"),
    Column(
        "change",
        "code",
        "What kind of change",
        allowed=_frozen(
            {
                "all": "All areas together, in words",
                "opened": "A service opened, by a date",
                "closed": "A service closed, by a date",
                "newly_known": "Services known only from later evidence",
                "no_longer_known": "Services no longer confirmed",
                "better": "A kind of service is there for more families",
                "worse": "A kind of service is there for fewer families",
                "not_comparable": "Kinds not known at one of the dates",
                "none": "Nothing that we know of",
            }
        ),
    ),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("service_id", "text", "The service that opened or closed"),
    Column("date", "date", "When it opened or closed"),
    Column("state_before", "code", "State at the earlier date", allowed=STATES),
    Column("state_after", "code", "State at the later date", allowed=STATES),
    Column("because", "code", "services or evidence: what moved it"),
    Column("people", "number", "People of councils that gained any of it, or lost all"),
    Column("count", "integer", "How many services or kinds the row is of"),
    Column("since", "date", "The earlier date"),
    Column("reason", "text", "The same in words"),
)

_CHANGED_SERVICES = (
    Column("service_id", "text", "The service"),
    Column("name", "text", "What it is called"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("change", "code", "opened, closed, newly_known or no_longer_known"),
    Column("date", "date", "When it opened or closed"),
)

_CHANGED_CELLS = (
    *_AREA,
    Column("value", "code", "Kind of service"),
    Column("state_before", "code", "State at the earlier date", allowed=STATES),
    Column("state_after", "code", "State at the later date", allowed=STATES),
    Column("move", "code", "better, worse, same, not_comparable or not_known"),
    Column("because", "code", "services or evidence: what moved it"),
    Column("services_before", "integer", "Services at the earlier date"),
    Column("services_after", "integer", "Services at the later date"),
    Column("people", "number", "People of the chosen ages"),
)

_CHANGED_PEOPLE = (
    Column("value", "code", "Kind of service"),
    Column("people_compared", "number", "People of councils known at both dates"),
    Column("people_gained", "number", "Of those, where there was none and now is some"),
    Column("people_lost", "number", "Of those, where there was some and now is none"),
    Column("people_not_comparable", "number", "People of councils not known at one of the dates"),
)

_FIELD_SOURCES = (
    Column("service_id", "text", "The service"),
    Column("location_id", "text", "Which of its places"),
    Column("field", "text", "Column of the services"),
    Column("value", "text", "The value that is used; blank where it was taken away"),
    Column("source", "text", "Where that value was learned"),
    Column("date", "date", "Date of that source"),
    Column("whose", "code", "Which list the value that is used comes from", allowed=WHOSE),
    Column("other_value", "text", "What the other list says"),
    Column("other_source", "text", "Where the other list learned it"),
    Column("other_date", "date", "Date of that source"),
    Column("differs", "yes_no", "Yes where the two lists say different things", allowed=YES_NO),
    Column("why", "text", "What was done where they differ, in words"),
)

_FINDINGS = (
    Column("number", "integer", "By which gapmap explain finds it"),
    Column("theme", "integer", "Which of the nine themes"),
    Column("theme_name", "text", "The theme in words"),
    Column("sentence", "text", "What was found, with its figures"),
    Column("sureness", "text", "How sure that is, in words"),
    Column("rows_of", "code", "The table that it rests on"),
    Column("rows_where", "text", "Which rows of it: column=value, several values parted by |"),
)

_FRAGILITY = (
    *_CELL,
    Column("services", "integer", "Services that count and reach the area, teams once"),
    Column("permanent", "integer", "Of those, on permanent money"),
    Column("fixed_term", "integer", "On fixed-term money"),
    Column("mixed", "integer", "On partly fixed-term money"),
    Column("funding_unknown", "integer", "On money of which nothing is known"),
    Column("share_fixed_least", "number", "Share on fixed-term money, at least"),
    Column("share_fixed_most", "number", "Share on fixed-term money, at most"),
    Column("ending_within_12_months", "integer", "Whose money is known to end within a year"),
    Column("sole_provider", "text", "The only service, if on fixed-term money"),
)

_HIDDEN = (
    Column("service_id", "text", "The service"),
    Column("name", "text", "What it is called"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("tier", "code", "Tier of the service", allowed=TIERS),
    Column("intervention", "code", "Specialist intervention that it offers"),
    Column("intervention_name", "text", "Its name"),
)

_JOURNEYS = (
    Column("area_code", "text", "Official code of the board in which the family lives"),
    Column("family", "integer", "Which of the six stock families"),
    Column("family_label", "text", "Where it lives, in words"),
    Column("postcode", "text", "Its postcode"),
    Column("kind", "code", "open: a service; break: no known service of a tier"),
    Column("from_months", "integer", "From this age; conception is -9", unit="months"),
    Column("to_months", "integer", "Up to, not including, this age", unit="months"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("tier", "code", "Tier", allowed=TIERS),
    Column("service_id", "text", "The service"),
    Column("name", "text", "What it is called"),
    Column("status", "code", "How it is reached", allowed=TRAVEL_STATUSES),
    Column("minutes", "number", "To its nearest base", unit="minutes"),
    Column("comes_to_family", "yes_no", "Whether it comes to the family", allowed=YES_NO),
    Column("ages_known", "yes_no", "Whether both its age limits are known", allowed=YES_NO),
    Column("who_refers", "list", "Roles that it is known to accept", allowed=ROLES),
    Column("for_some_only", "yes_no", "Yes where narrower than age and area", allowed=YES_NO),
    Column("part_of_area", "yes_no", "Yes where it serves a part of the area only", allowed=YES_NO),
    Column("sentence", "text", "The same in words"),
)

_LADDER = (
    *_AREA,
    *(
        Column(tier, "code", f"State of {words.lower()} services", STATES)
        for tier, words in TIERS.items()
    ),
    Column("missing", "list", "Rungs that were looked for and not found", allowed=TIERS),
    Column("in_part", "list", "Rungs that some families have", allowed=TIERS),
    Column("rungs_not_known", "list", "Rungs that are not yet known", allowed=TIERS),
    Column("whole", "code", "Whether every rung is there: yes, no, unknown"),
)

_LEADS = (
    *_AREA,
    Column(
        "lead", "code", "Parent-infant lead (recommendation 10): own, regional, none, not_known"
    ),
    Column("lead_as_of", "date", "Date of that fact"),
    Column("third_sector_services", "integer", "Third-sector services that count"),
    Column("with_public_route", "integer", "Of those, with a web page or open to self-referral"),
    Column("route_not_known", "integer", "Of those, with no public way in that we know"),
)

_LEVELS_TABLE = (
    *_AREA,
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("scheme", "code", "Whose levels"),
    Column("published", "code", "The level that was published"),
    Column("published_label", "text", "The same in words"),
    Column("published_as_of", "date", "When"),
    Column("state", "code", "Our state", allowed=STATES),
    Column("agreement", "code", "agrees, disagrees or not_comparable"),
)

_NEED = (
    *_AREA,
    Column("poverty", "number", "Children in poverty after housing costs", unit="%"),
    Column("poverty_as_of", "date", "When"),
    Column("concern", "number", "Developmental concern at 27 to 30 months", unit="%"),
    Column("concern_as_of", "date", "When"),
    *(
        Column(tier, "code", f"State of {words.lower()} services", STATES)
        for tier, words in TIERS.items()
    ),
)

_NEW_LINKS = (
    *_AREA,
    Column("from_kind", "code", "role or service"),
    Column("from", "text", "Who would be accepted"),
    Column("to", "text", "The specialist service that would accept them"),
    Column("roles_opened", "integer", "Roles that would have a way, and had none confirmed"),
    Column("roles", "list", "Which", allowed=ROLES),
)

_PATHWAYS = (
    *_AREA,
    Column("target", "code", "A specialist kind of service, or any"),
    Column("from_role", "code", "Who refers", allowed=ROLES),
    Column("status", "code", "confirmed, possible, refused, unknown or no_service"),
    Column("steps", "integer", "Referrals on the shortest way"),
    Column("way", "text", "The services on it, in order"),
    Column("single_points", "list", "Services that every confirmed way goes through"),
    Column("sentence", "text", "The same in words"),
)

_RATES = (
    *_CELL,
    Column("services", "integer", "Services of the area itself, at least 5"),
    Column("people", "number", "People of the chosen ages in the area"),
    Column("per_1000", "number", "Services of the area itself per 1,000 of them"),
    Column("rank", "integer", "1 is the highest rate of its level and value"),
)

_REFERRAL_ROUTES = (
    Column("service_id", "text", "The service"),
    Column("name", "text", "What it is called"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("tier", "code", "Tier", allowed=TIERS),
    Column("from_role", "code", "Who refers", allowed=ROLES),
    Column("from_category", "code", "Or which kind of service refers"),
    Column("route", "code", "confirmed, possible, refused or unknown"),
)

_PLANNING = (
    *_AREA,
    Column("question", "code", "What was asked of the plan"),
    Column("answer", "code", "yes, no or not_known"),
    Column("document", "text", "The plan"),
    Column("period", "text", "Its years"),
    Column("dated", "date", "Date of the source, or the plan's first year"),
)

_PUBLISHED = (
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("measure", "code", "What was counted"),
    Column("state", "code", "In what state"),
    Column("value", "number", "The total that was published"),
    Column("published_as_of", "date", "When"),
    Column("held", "number", "What the directory has evidence for on that date"),
    Column("sentence", "text", "The same in words"),
    Column("source", "text", "Who published it"),
)

_RENEWALS = (
    Column("service_id", "text", "The service"),
    Column("name", "text", "What it is called"),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("funding", "code", "How lasting its money is", allowed=FUNDING),
    Column("funding_ends", "date", "When the money ends"),
    Column("councils", "list", "Councils where it is the only provider that we know"),
    Column("people", "number", "People of the chosen ages there"),
)

_PEOPLE_COUNTS = (
    *_AREA,
    Column("measure", "code", "What is counted", allowed=PEOPLE_MEASURES),
    Column(
        "category", "code", "Kind of service; blank for all", allowed=_frozen(category_labels())
    ),
    Column("period", "text", "Over which time"),
    Column("people", "text", "How many; c is hidden, so that nobody can be picked out"),
    Column("per_1000", "text", "Per 1,000 people of the chosen ages; hidden with its count"),
    Column("how", "code", "given, or added_up from the councils"),
    Column("source", "text", "Where this was learned"),
)

_TRAINING = (
    *_AREA,
    Column("course", "text", "The course"),
    Column("course_name", "text", "Its name"),
    Column("tier", "code", "Tier that the intervention usually belongs to", allowed=TIERS),
    Column("staff_group", "text", "Who was trained"),
    Column("places", "number", "Staff trained; blank is not known"),
    Column("date", "date", "When"),
    Column("source", "text", "Where this was learned"),
)

_SECTOR_MIX = (
    *_AREA,
    Column("services", "integer", "Services that count and reach the area, teams once"),
    *(Column(sector, "integer", f"Run by: {words}") for sector, words in SECTORS.items()),
    Column("sector_unknown", "integer", "Run by we do not know whom"),
    Column("third_sector_only", "list", "Kinds of service that only the third sector offers"),
)

_SURENESS = (
    *_AREA,
    Column("contacts", "integer", "People and organisations asked"),
    Column("response_rate", "number", "Share that answered; blank if nobody was asked"),
    Column("services", "integer", "Services that count and reach the area"),
    Column("survey_share", "number", "Share of those known from a survey"),
    Column("median_age_years", "number", "Median age of the evidence for them", unit="years"),
    Column("searched", "integer", "Kinds of service searched for within the study's months"),
    Column("categories", "integer", "Kinds of service"),
    Column("completeness", "number", "Mean completeness over the kinds of service"),
)

_UNIFORMITY = (
    Column("level", "code", "Kind of area", allowed=LEVELS),
    Column("dimension", "code", "What the value is a value of", allowed=DIMENSIONS),
    Column("value", "code", "A tier, category, sector, intervention or way of delivery"),
    Column("areas", "integer", "Areas of the level"),
    Column("areas_known", "integer", "Of those, with a known state"),
    Column("areas_with_one", "integer", "Of those, with at least one service"),
    Column("share_with_one", "number", "The same as a share of those known"),
    Column("gini", "number", "Gini of services per child over those known, weighted by children"),
)

_RURAL = (
    Column("place", "text", "Settlement or, outside one, postcode sector (of one piece of land)"),
    Column("near", "text", "The known place that it, or the listed part of it, is around"),
    Column("island", "text", "The island that it is on, where that has a name that we know"),
    Column("area_code", "text", "Council"),
    Column("area_name", "text", "Its name"),
    Column("board_code", "text", "Health board"),
    Column("postcode", "text", "The postcode (or point of people) nearest to its middle"),
    Column("easting", "number", "Of that (EPSG:27700)", unit="m"),
    Column("northing", "number", "Likewise", unit="m"),
    Column(
        "urban_rural",
        "integer",
        "Urban-rural class of most of it, 6-fold: official where the study names the official "
        "file (about.csv counts them), else gapmap's own",
    ),
    Column("category", "code", "Kind of service", allowed=_frozen(category_labels())),
    Column("minutes", "number", "Median to the nearest base, ferries included", unit="minutes"),
    Column("threshold", "number", "Beyond this it is on the list", unit="minutes"),
    Column("by_ferry", "yes_no", "Whether they need a ferry"),
    Column("foot_ferry", "yes_no", "Whether a ferry on the way takes foot passengers only"),
    Column("ferry_minutes", "number", "Aboard a ferry", unit="minutes"),
    Column("service_id", "text", "The nearest service"),
    Column("service_name", "text", "What it is called"),
    Column("people", "number", "Children there, roughly; never used to rank"),
    Column(
        "status",
        "text",
        "beyond; unreachable: no way by car or ferry; off_network: too far from any road held",
    ),
    Column(
        "comes_in_part",
        "yes_no",
        "Whether one that comes to families in a part of its area only may come here",
    ),
    Column("reason", "text", "The gap in one sentence"),
)

#: Every table's columns, in order: inputs first, then what a run writes.
TABLES: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "services": _SERVICES,
        "faults": _FAULTS,
        "placed_services": _PLACED,
        "coverage": _COVERAGE,
        "travel": _TRAVEL,
        "nearest": _NEAREST,
        "gaps": _GAPS,
        "rural": _RURAL,
        "evidence": _EVIDENCE,
        "table_faults": (Column("table", "text", "The table, as study.toml names it"), *_FAULTS),
        "ages": _AGES,
        "barriers": _BARRIERS_TABLE,
        "bounds": _BOUNDS,
        "calendar": _CALENDAR,
        "calendar_months": _CALENDAR_MONTHS,
        "calls": _CALLS,
        "changes": _CHANGES,
        "changed_cells": _CHANGED_CELLS,
        "changed_people": _CHANGED_PEOPLE,
        "changed_services": _CHANGED_SERVICES,
        "disagreements": _FIELD_SOURCES,
        "field_sources": _FIELD_SOURCES,
        "findings": _FINDINGS,
        "fragility": _FRAGILITY,
        "hidden_specialist": _HIDDEN,
        "journeys": _JOURNEYS,
        "ladder": _LADDER,
        "leads_and_routes": _LEADS,
        "levels": _LEVELS_TABLE,
        "need": _NEED,
        "new_links": _NEW_LINKS,
        "pathways": _PATHWAYS,
        "people_counts": _PEOPLE_COUNTS,
        "planning": _PLANNING,
        "published": _PUBLISHED,
        "rates": _RATES,
        "referral_routes": _REFERRAL_ROUTES,
        "renewals": _RENEWALS,
        "sectors": _SECTOR_MIX,
        "shares": _SHARES,
        "sureness": _SURENESS,
        "training": _TRAINING,
        "uniformity": _UNIFORMITY,
    }
)


#: Tables that a rule of what counts as a gap may look at: those with a row for each area.
RULE_TABLES = tuple(
    name
    for name, of in TABLES.items()
    if {"level", "area_code", "area_name"} <= {column.name for column in of}
    and name not in ("gaps", "changed_cells", "people_counts")
)


def columns(table: str) -> list[str]:
    """Names of a table's columns, in order.

    Parameters
    ----------
    table
        A key of ``TABLES``.

    Examples
    --------
    >>> columns("faults")
    ['row', 'column', 'found', 'problem', 'remedy', 'severity']
    """
    return [column.name for column in TABLES[table]]


def label(code: str, words: Mapping[str, str]) -> str:
    """What a person reads for a code; a code that a study added is told in its own words.

    Examples
    --------
    >>> label("none_found", STATES)
    'Looked, found none'
    >>> label("toy_library", {})
    'Toy library'
    """
    if code in words:
        return words[code]
    return code.replace("_", " ").capitalize()


def category_label(code: str) -> str:
    """What a person reads for a category.

    Examples
    --------
    >>> category_label("play_therapy")
    'Play therapy'
    """
    return CATEGORIES[code].label if code in CATEGORIES else label(code, {})


def category_words(code: str) -> str:
    """A category inside a sentence: no capital, but for the programme that is a name.

    Examples
    --------
    >>> category_words("play_therapy"), category_words("family_nurse_partnership")
    ('play therapy', 'Family Nurse Partnership')
    """
    label = category_label(code)
    return label if code == "family_nurse_partnership" else label[:1].lower() + label[1:]
