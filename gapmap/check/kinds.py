"""The kinds of fault: each with its severity, why it is wrong, the remedy, and an example."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Parameters
    ----------
    code
        Its short name.
    severity
        ``error`` (cannot be used as written), ``warning`` (can be used, is probably wrong) or
        ``note`` (worth knowing).
    problem
        Why it is wrong; no two kinds have the same words.
    remedy
        What to do; ``{hint}`` is filled with what was found out about the cell.
    example
        Cells, added to an otherwise faultless row, that have it.
    """

    code: str
    severity: str
    problem: str
    remedy: str
    example: Mapping[str, str]


def _kind(code: str, severity: str, problem: str, remedy: str, **example: str) -> Kind:
    return Kind(code, severity, problem, remedy, MappingProxyType(example))


#: A row without a fault; each example changes some of its cells.
FAULTLESS: Mapping[str, str] = MappingProxyType(
    {
        "service_id": "a-1",
        "name": "Bumps and Babies",
        "category": "family_support",
        "tier": "targeted",
        "organisation": "The Toy Trust",
        "sector": "third_sector",
        "postcode": "EH1 3DG",
        "serves": "City of Edinburgh",
        "delivery": "group",
        "status": "open",
        "source": "Its web page",
        "source_date": "2025-03",
        "read_on": "2025-04",
    }
)

_ALL = [
    # -- the file ---------------------------------------------------------------------------------
    _kind(
        "no_rows",
        "error",
        "The table has a header but no rows",
        "Check that the right sheet was saved, with its rows.",
    ),
    _kind(
        "column_missing",
        "error",
        "A column that every service needs is not there",
        "Add the column{hint}.",
    ),
    _kind(
        "column_proposed",
        "warning",
        "The name of this column may mean one of ours, but not for certain, so it was not used",
        'If it is the column "{hint}", give it that name.',
    ),
    _kind(
        "column_unknown",
        "note",
        "This column is not one of ours; it is kept as it is, and nothing is counted from it",
        "Leave it, or see the list of columns for one that it could be.",
    ),
    _kind(
        "characters_lost",
        "warning",
        "Some characters of the file could not be told",
        "Save the file again as CSV UTF-8.",
    ),
    _kind(
        "quote_open",
        "error",
        "A quotation mark is opened and not closed, so that further rows are hidden in this one",
        "Close the mark or take it out in the text file, or save the sheet again as .xlsx: {hint}.",
    ),
    _kind(
        "other_sheets",
        "note",
        "The workbook has further sheets, which were not read",
        "If the services are on one of them, name it.",
    ),
    # -- what it is -------------------------------------------------------------------------------
    _kind("name_missing", "error", "The service has no name", "Write its name.", name=""),
    _kind(
        "name_long",
        "warning",
        "The name is longer than 200 characters",
        "Keep the name short; move the rest to eligibility or notes.",
        name="Tea and talk " * 20,
    ),
    _kind(
        "hidden_characters",
        "warning",
        "The text holds characters that cannot be seen or that change its direction",
        "Type the text again.",
        name="Bumps\u202e and Babies",
    ),
    _kind(
        "formula_like",
        "note",
        "The text begins like a formula; it is only ever written as text",
        "Take the first sign out if it is not part of the text.",
        eligibility='=HYPERLINK("http://example.org")',
    ),
    _kind(
        "service_id_made",
        "note",
        "The service had no id; one was made from its name",
        'Keep "{hint}" as its id, so that later lists can be matched.',
        service_id="",
    ),
    _kind(
        "service_id_repeated",
        "error",
        "Two rows have the same service_id and location_id",
        "Give each place of a service a location_id of its own, or each service an id{hint}.",
        service_id="a-0",
    ),
    _kind(
        "service_id_two_names",
        "warning",
        "Rows with the same service_id have different names",
        "If they are two services, give them two ids{hint}.",
        service_id="a-0",
        location_id="second",
        name="Another name",
    ),
    _kind(
        "row_repeated",
        "warning",
        "The row is the same as another but for its id",
        "Delete one of the two{hint}.",
        name="First service",
    ),
    _kind(
        "organisation_missing",
        "note",
        "It is not said who runs the service",
        "Write the organisation.",
        organisation="",
    ),
    _kind(
        "sector_unlike_organisation",
        "warning",
        "The sector does not fit the name of the organisation",
        "Check the sector: {hint}.",
        organisation="NHS Lothian",
    ),
    # -- words of the vocabulary ------------------------------------------------------------------
    _kind(
        "category_missing",
        "error",
        "The service has no category",
        "Write what kind of service it is, such as family_support.",
        category="",
    ),
    _kind(
        "category_unknown",
        "error",
        "There is no such category",
        "{hint}",
        category="Infant mental helth",
    ),
    _kind(
        "word_unknown",
        "error",
        "This word is not known in this column, and answers rest on it",
        "{hint}",
        status="opne",
    ),
    _kind(
        "word_unknown_minor",
        "warning",
        "This word is not known in this column; it is taken as not known",
        "{hint}",
        sector="guild",
    ),
    _kind(
        "part_unknown",
        "warning",
        "A part of this list is not known in this column; the part was left out",
        "{hint}",
        delivery="group; gruop chat",
    ),
    _kind(
        "yes_no_unknown",
        "error",
        "This is neither yes nor no",
        "Write yes or no; leave it blank if it is not known.",
        eligibility_narrow="perhaps",
    ),
    _kind(
        "tier_unlike_category",
        "note",
        "The tier is not the one that this category usually has",
        "Leave it if the service is so; {hint}.",
        tier="universal",
    ),
    # -- numbers and ages -------------------------------------------------------------------------
    _kind(
        "number_unreadable",
        "warning",
        "This is no number; it is taken as not known",
        "Write figures only, such as 12.",
        capacity="about a dozen",
    ),
    _kind(
        "number_negative",
        "error",
        "A number below zero has no meaning here",
        "Write the number without a minus, or leave it blank.",
        capacity="-4",
    ),
    _kind(
        "waiting_long",
        "warning",
        "A wait of over five years is unlikely",
        "Check that it is in weeks.",
        waiting_weeks="730",
    ),
    _kind(
        "age_unreadable",
        "error",
        "This is no age",
        "Write the number of months; conception is -9, birth 0.",
        age_from_months="wee ones",
    ),
    _kind(
        "ages_reversed",
        "error",
        "The youngest age is not below the oldest",
        "Swap the two, or correct one.",
        age_from_months="60",
        age_to_months="12",
    ),
    _kind(
        "age_impossible",
        "error",
        "Nobody has this age",
        "Write months between -9 (conception) and 1,200.",
        age_from_months="-24",
        age_to_months="60",
    ),
    _kind(
        "age_looks_like_years",
        "warning",
        "Ages this low in months may be years",
        "If they are years, multiply by 12 or name the columns age_from and age_to.",
        age_from_months="0",
        age_to_months="5",
    ),
    _kind(
        "not_for_young_children",
        "note",
        "The service is for children of five and over only",
        "Leave it out if the study is of under-fives.",
        age_from_months="96",
        age_to_months="144",
    ),
    # -- dates ------------------------------------------------------------------------------------
    _kind(
        "date_unreadable",
        "error",
        "This is no date that can be understood",
        "Write 2019-10-05, 2019-10 or 2019{hint}.",
        opened="last autumn",
    ),
    _kind(
        "date_impossible",
        "error",
        "There is no such day",
        "Write the day as day/month/year or, better, year-month-day.",
        opened="31/02/2019",
    ),
    _kind(
        "date_old",
        "warning",
        "A date before 1900 is unlikely",
        "Check the year.",
        opened="1019-05",
    ),
    _kind(
        "date_ahead",
        "warning",
        "This date lies ahead, yet the column tells what has been",
        "Check the year.",
        source_date="2093-03",
    ),
    _kind(
        "dates_reversed",
        "error",
        "The service closed before it opened",
        "Correct one of the two dates.",
        opened="2019-05",
        closed="2015-05",
        status="closed",
    ),
    _kind(
        "open_by_early",
        "warning",
        "It was open by a date on which it had not yet opened",
        "Correct one of opened and open_by.",
        opened="2019-05",
        open_by="2015-05",
    ),
    _kind(
        "open_but_closed",
        "warning",
        "The status says open, but the date of closing has passed; it is taken as closed",
        "Write closed as its status, or take the date out.",
        closed="2021-06-30",
    ),
    _kind(
        "closed_undated",
        "note",
        "The service is closed, but not since when; it counts at no date",
        "Write when it closed, to see it in earlier years.",
        status="closed",
    ),
    _kind(
        "planned_but_opened",
        "warning",
        "The status says planned, but the date of opening has passed; it does not count",
        "Write open as its status if it has opened.",
        status="planned",
        opened="2021-06",
    ),
    _kind(
        "funding_ended",
        "warning",
        "The money ended, yet the service is said to be open",
        "Ask whether it still runs, and write how it is funded now.",
        funding="fixed_term",
        funding_ends="2022-03-31",
    ),
    _kind(
        "permanent_ends",
        "warning",
        "Permanent money has an end date",
        "Write fixed_term, or take the date out.",
        funding="permanent",
        funding_ends="2031-03-31",
    ),
    _kind(
        "evidence_stale",
        "warning",
        "The newest evidence is older than the study's limit; it shows as last known then",
        "Ask again, and write the new source and its date.",
        source_date="2004",
        read_on="",
    ),
    _kind(
        "evidence_undated",
        "warning",
        "No date says when it ran, so it counts at no date: in no number and on no map",
        "Write source_date or read_on (when it was last known to run), or when it opened.",
        source_date="",
        read_on="",
    ),
    _kind(
        "source_missing",
        "note",
        "It is not said where this was learned",
        "Write the source.",
        source="",
    ),
    # -- places -----------------------------------------------------------------------------------
    _kind(
        "postcode_malformed",
        "error",
        "This is not shaped like a postcode",
        "Write it like EH1 3DG{hint}.",
        postcode="EH1",
    ),
    _kind(
        "postcode_unknown",
        "error",
        "There is no such postcode in Scotland, now or before",
        "Check it{hint}.",
        postcode="EH1 9ZG",
    ),
    _kind(
        "postcode_over_border",
        "warning",
        "This postcode is not of Scotland; the service is not placed by it",
        "Leave it if the service is over the border; give its coordinates to place it.",
        postcode="CA1 1AA",
    ),
    _kind(
        "postcode_retired",
        "warning",
        "This postcode is no longer in use; its last place was used",
        "Look up the postcode of today.",
        postcode="KA2 0BD",
        serves="East Ayrshire",
    ),
    _kind(
        "postcode_in_address",
        "warning",
        "The address holds a postcode, but the postcode column is blank",
        'Write "{hint}" into the postcode column.',
        postcode="",
        address="1 Hill Street, Edinburgh EH1 3DG",
    ),
    _kind(
        "coordinates_unreadable",
        "error",
        "This coordinate is no number",
        "Write it as a plain number, such as 55.9533 or 325750.",
        latitude="north",
        longitude="-3.19",
    ),
    _kind(
        "coordinates_half",
        "error",
        "One coordinate of the pair is blank",
        "Write both, or neither.",
        easting="325750",
    ),
    _kind(
        "coordinates_zero",
        "error",
        "The coordinates are 0, 0: that is a blank cell, not a place",
        "Leave them blank, or write the true ones.",
        latitude="0",
        longitude="0",
    ),
    _kind(
        "coordinates_swapped",
        "error",
        "The two coordinates are swapped",
        "Swap them.",
        latitude="-3.19",
        longitude="55.953",
    ),
    _kind(
        "longitude_sign",
        "error",
        "The longitude lies east of Greenwich; Scotland lies west",
        "Write it with a minus: {hint}.",
        latitude="55.953",
        longitude="3.19",
    ),
    _kind(
        "degrees_as_metres",
        "error",
        "These are degrees in the columns for metres",
        "Move them to latitude and longitude.",
        easting="-3.19",
        northing="55.953",
    ),
    _kind(
        "metres_as_degrees",
        "error",
        "These are metres in the columns for degrees",
        "Move them to easting and northing.",
        latitude="673650",
        longitude="325750",
    ),
    _kind(
        "coordinates_outside",
        "error",
        "The coordinates lie far outside Scotland",
        "Correct them, or leave them blank.",
        latitude="48.85",
        longitude="2.35",
    ),
    _kind(
        "over_border",
        "warning",
        "The place lies over the border; it is in none of the areas",
        "Leave it if that is so: it is kept, but counted in no area.",
        latitude="54.9",
        longitude="-2.93",
        postcode="",
    ),
    _kind(
        "in_the_sea",
        "error",
        "The place lies in the sea",
        "Correct the coordinates{hint}.",
        latitude="57.9",
        longitude="-1.2",
        postcode="",
    ),
    _kind(
        "off_the_shore",
        "note",
        "The place lies just off the shore; it was taken to be in the nearest area",
        "Leave it, or correct the coordinates ({hint}).",
    ),
    _kind(
        "grid_ref_malformed",
        "error",
        "This is no grid reference",
        "Write two letters and an even number of digits, such as NT 257 736.",
        grid_ref="XX 12 3",
    ),
    _kind(
        "uprn_malformed",
        "warning",
        "This is no property reference number",
        "Write up to twelve digits, with no point or space.",
        uprn="9.06E+11",
    ),
    _kind(
        "places_disagree",
        "warning",
        "Two ways of saying where the service is lie apart; the first of them was used",
        "Check both: {hint}.",
        latitude="55.9300",
        longitude="-3.2100",
    ),
    _kind(
        "places_far_apart",
        "error",
        "Two ways of saying where the service is lie so far apart that one must be wrong",
        "Correct or blank one of them: {hint}.",
        latitude="57.48",
        longitude="-4.22",
    ),
    _kind(
        "no_place",
        "warning",
        "Nothing says where the service is or whom it serves; it counts in no area",
        "Write its postcode, or the area that it serves.",
        postcode="",
        serves="",
    ),
    _kind(
        "confidential_place",
        "note",
        "The place is confidential; it is used for nothing finer than its area",
        "Take the address and coordinates out of the sheet if others will see it.",
        location_confidential="yes",
        address="1 Hill Street",
    ),
    # -- areas ------------------------------------------------------------------------------------
    _kind(
        "area_unknown",
        "error",
        "There is no area of this name or code",
        "{hint}",
        serves="Edinbrugh",
    ),
    _kind(
        "area_old_code",
        "note",
        "This code was replaced; the service was taken to serve the area of today",
        "Write the code of today: {hint}.",
        serves="S12000015",
        postcode="KY2 6LH",
    ),
    _kind(
        "area_nested",
        "note",
        "One area of this list lies in another of it; they count as one claim",
        "Keep the one that is meant: {hint}.",
        serves="City of Edinburgh; Scotland",
    ),
    _kind(
        "stands_elsewhere",
        "warning",
        "The service stands in none of the areas that it serves",
        "Check the place and the areas: {hint}.",
        serves="Highland",
    ),
    _kind(
        "headquarters",
        "warning",
        "The point of a service this wide may be its office, not where families go",
        "Write where families are seen, or precision area.",
        serves="Scotland",
        delivery="home_visit",
    ),
    # -- people and links -------------------------------------------------------------------------
    _kind(
        "personal_data",
        "warning",
        "The text holds an e-mail address or a telephone number, perhaps a person's",
        "Move it to the contacts table, which is left out of every product.",
        eligibility="Ring Morag on 07700 900123",
    ),
    _kind(
        "url_malformed",
        "warning",
        "This is no web address",
        "Write it from https:// on.",
        url="our web page",
    ),
]

#: Every kind, by its code.
KINDS: Mapping[str, Kind] = MappingProxyType({kind.code: kind for kind in _ALL})


def as_markdown() -> str:
    """The page of documentation that lists every kind.

    Examples
    --------
    >>> as_markdown().splitlines()[0]
    '# Faults that the check finds'
    """
    lines = [
        "# Faults that the check finds",
        "",
        "`gapmap check FILE` reads every row and lists every fault at once: the row as a",
        "spreadsheet numbers it (0 is the whole file), the column, what was found, why it is wrong",
        "and what to do. An **error** cannot be used as written, and makes the command end with",
        "code 1; a **warning** can be used but is probably wrong; a **note** is worth knowing.",
        "No row is ever left out because of a fault.",
        "",
        "The examples are cells that have the fault; the other cells of the row are in order.",
        "",
        "| fault | severity | why it is wrong | what to do | example |",
        "|---|---|---|---|---|",
    ]
    for kind in KINDS.values():
        cells = [
            f"{column} `{_shown(value)}`" if value else f"{column} blank"
            for column, value in kind.example.items()
        ]
        remedy = kind.remedy.replace("{hint}", "…").replace("……", "…")
        lines.append(
            f"| `{kind.code}` | {kind.severity} | {kind.problem} | {remedy} | "
            f"{'; '.join(cells) or 'the whole file'} |"
        )
    return "\n".join(lines) + "\n"


def _shown(value: str) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in value)
    return (text if len(text) <= 40 else text[:37] + "...").replace("|", "\\|")
