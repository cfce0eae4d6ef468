"""What the report on one area says: a board by default, or any level that the study has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.dates import first_day
from gapmap.place.geography import containers
from gapmap.provision.coverage import provision
from gapmap.report.about import with_about
from gapmap.report.content import (
    Block,
    Bullets,
    Cell,
    Document,
    Facts,
    Heading,
    Name,
    Paragraph,
    Section,
    Table,
    Text,
    Value,
    named,
    plain,
    say,
)
from gapmap.report.passages import (
    KEY_CATEGORIES,
    about_box,
    gaps_table,
    how_worked_out,
    kinds_in_words,
    ordered,
    people,
    people_word,
    reasons,
    sources_section,
    state_cell,
    states_table,
    travel_by_category,
    travel_lead,
    travel_table,
    unmeasured,
    why_text,
)
from gapmap.report.pictures import picture
from gapmap.words import (
    count_in_words,
    date_in_words,
    list_in_words,
    minutes_in_words,
    sentence,
    share_in_words,
    shown,
    slug,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gapmap.report.pictures import Maps
    from gapmap.study import Study

#: Rows of a table of gaps before the reader is sent to the file.
MOST_GAPS = 30

#: Calls that a report asks its reader to make.
MOST_CALLS = 6

#: What a report tells of a service.
_TOLD = (
    "service_id",
    "name",
    "category",
    "organisation",
    "eligibility",
    "delivery",
    "age_from_months",
    "age_to_months",
    "funding",
    "funding_ends",
    "source",
    "source_date",
)


@dataclass(frozen=True)
class Area:
    """The area that a report is on, with the councils that lie in it and who serves it."""

    level: str
    code: str
    name: str
    councils: tuple[str, ...]
    services: pd.DataFrame

    @property
    def where(self) -> dict[str, str]:
        """The conditions that pick its rows out of a table."""
        return {"level": self.level, "area_code": self.code}

    @property
    def codes(self) -> tuple[str, ...]:
        """Its own code and its councils'."""
        return (self.code, *(c for c in self.councils if c != self.code))


def area_name_of_file(code: str, name: str) -> str:
    """File name of an area's report, without its ending.

    Examples
    --------
    >>> area_name_of_file("S08000015", "NHS Ayrshire and Arran")
    'S08000015-nhs-ayrshire-and-arran'
    """
    safe = "".join(c for c in str(code) if c.isascii() and c.isalnum())[:20]
    return f"{safe or 'area'}-{slug(name)}"


def area_document(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    maps: Maps,
    *,
    level: str,
    code: str,
    facts: Facts | None = None,
) -> Document:
    """The report on one area as content.

    Parameters
    ----------
    study
        Its settings, areas, services and linked tables (referrals, plans) are read.
    tables
        The tables of a run, by name; ``links`` (service_id, area_code, basis) says who serves
        what, as ``gapmap.place.join.join`` returns it.
    maps
        Pictures of the run, by name.
    level, code
        The area.
    facts
        The tables, read already; made from ``tables`` if not given.

    Returns
    -------
    Document
        A section without data is left out, and the method section says so.

    Raises
    ------
    InputError
        If the study has no areas of that level.
    KeyError
        If no area of that level has the code.
    """
    facts = facts or Facts(with_about(study, tables), public=study.settings.public)
    area = _area(study, tables, level, code)
    made: list[tuple[str, Section | None]] = [
        ("At a glance", _at_a_glance(study, facts, maps, area)),
        ("What families can get here", _what_there_is(study, facts, area)),
        ("Looked and found none", _none_found(facts, area)),
        ("What we don’t yet know", _not_known(facts, area)),
        ("How far, and for whom", _how_far(study, facts, area)),
        ("Rural and island places without help", _rural(facts, area)),
        ("What may not last", _may_not_last(study, area)),
        ("How a family gets in", _ways_in(study, area)),
        ("What the plans say", _plans(study, area)),
        ("What has changed", _changes(facts, area)),
        ("How sure we are, and whom to ask", _how_sure(study, facts, area)),
    ]
    left_out = [title for title, section in made if section is None]
    sections = [section for _, section in made if section is not None]
    sections.append(how_worked_out(study, left_out))
    sections.append(sources_section(study, area.services))
    kind = vocabulary.label(level, vocabulary.LEVELS)
    return Document(
        title=shown(area.name),
        subtitle=f"{kind} report, {date_in_words(study.settings.as_of)}",
        study=shown(study.settings.name),
        as_of=date_in_words(study.settings.as_of),
        about=about_box(study, facts),
        sections=tuple(sections),
        footer=study.settings.attribution,
        links=(
            ("The national report", "../report.html"),
            ("The interactive map", "../map.html"),
            ("Every table in one workbook", "../gapmap.xlsx"),
        ),
    )


def _area(study: Study, tables: Mapping[str, pd.DataFrame], level: str, code: str) -> Area:
    areas = study.level(level)
    name = str(areas.at[code, "name"])
    parent = f"{level}_code"
    all_councils = study.areas[study.areas["level"] == "council"]
    councils: tuple[str, ...] = ()
    if level == "council":
        councils = (code,)
    elif parent in all_councils:
        councils = tuple(sorted(all_councils.loc[all_councils[parent] == code, "code"]))
    return Area(level, code, name, councils, _services_of(study, tables, code, councils))


def links_of(study: Study, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Which service serves which area: the run's own links, else worked out from the study."""
    return tables["links"] if "links" in tables else provision(study).links


def _services_of(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    code: str,
    councils: tuple[str, ...],
) -> pd.DataFrame:
    """The directory's rows that count and that serve the area or a part of it, by name."""
    placed = tables["services"]
    counting = set(placed.loc[placed["counts_at_as_of"] == "yes", "service_id"])
    reach = {*councils, *containers(study.areas)[code], vocabulary.SCOTLAND}
    links = links_of(study, tables)
    serving = links["basis"].isin(["served", "inferred"]) & links["area_code"].isin(reach)
    here = set(links.loc[serving, "service_id"])
    told = [column for column in _TOLD if column in study.services]
    rows = study.services.loc[study.services["service_id"].isin(here & counting), told]
    # Plain objects: rows are read one by one from here on, which column types of text are slow at.
    rows = rows.drop_duplicates("service_id").astype(object)
    return rows.sort_values(["name", "service_id"], kind="stable")


# -- at a glance ----------------------------------------------------------------------------------


def _at_a_glance(study: Study, facts: Facts, maps: Maps, area: Area) -> Section | None:
    rows = facts.rows("coverage", **area.where, dimension="category")
    if rows.empty:
        return None
    categories = ordered(rows["value"])
    items = [_people_sentence(study, facts, area)] if people(facts, study, *_at(area)) else []
    items += _state_sentences(facts, area, categories)
    items += _far_sentences(study, facts, area)
    gaps = facts.rows("gaps", area_code=area.codes)
    if len(gaps):
        items.append(
            say(
                "{gaps} gaps here meet the rules of this study; each is listed below with its "
                "reason.",
                gaps=facts.count("gaps", area_code=area.codes),
            )
        )
    blocks: list[Block] = [Bullets(tuple(items))]
    key = next((c for c in KEY_CATEGORIES if c in categories), categories[0])
    found = picture(maps, area.code, f"{slug(key)}-by-{area.level}")
    if found is not None:
        blocks.append(found)
    return Section("at-a-glance", "At a glance", tuple(blocks))


def _at(area: Area) -> tuple[str, str]:
    return area.level, area.code


def _people_sentence(study: Study, facts: Facts, area: Area) -> Text:
    who = people(facts, study, *_at(area))
    assert who is not None
    count = len(area.councils)
    if area.level == "council" or count < 2:
        return say(f"{{who}} {people_word(study)} live in {{area}}.", who=who, area=area.name)
    noun = count_in_words(count, "council")
    return say(
        f"{{who}} {people_word(study)} live in {{area}}, in {noun}.", who=who, area=area.name
    )


def _state_sentences(facts: Facts, area: Area, categories: list[str]) -> list[Text]:
    """The key kinds by state, one sentence a state."""
    rows = facts.rows("coverage", **area.where, dimension="category")
    states = rows.set_index("value")["state"].to_dict()
    key = [c for c in KEY_CATEGORIES if c in categories] or categories
    told = {
        "provided": "Available across the area: {kinds}.",
        "partly": "Available to some families only: {kinds}.",
        "none_found": "Somebody looked and found none: {kinds}.",
        "not_known": "Not yet known: {kinds}.",
    }
    sentences = []
    for state, words in told.items():
        kinds = [c for c in key if states.get(c) == state]
        if kinds:
            sentences.append(say(words, kinds=kinds_in_words(kinds)))
    return sentences


def _far_sentences(study: Study, facts: Facts, area: Area) -> list[Text]:
    rows = facts.rows("travel", **area.where)
    if rows.empty:
        return []
    told = []
    measured = rows[rows["median_minutes"].notna()].sort_values(
        ["median_minutes", "category"], ascending=False, kind="stable"
    )
    for category in measured["category"].head(1):
        where = {**area.where, "category": str(category)}
        half = facts.value("travel", "median_minutes", minutes_in_words, **where)
        most = facts.value("travel", "p90_minutes", minutes_in_words, **where)
        within = facts.value("travel", "share_within_60", share_in_words, **where)
        if half is None or most is None or within is None:
            continue
        told.append(
            say(
                "The longest way is to {kind}: half of those with a way by road or ferry are "
                "within {half}, nine in ten within {most}; of all "
                f"{people_word(study)} here, {{within}} live within an hour.",
                kind=_lower(str(category)),
                half=half,
                most=most,
                within=within,
            )
        )
    return told


def _lower(category: str) -> str:
    return kinds_in_words([category])


# -- what there is --------------------------------------------------------------------------------


def _what_there_is(study: Study, facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("coverage", **area.where, dimension="category")
    if rows.empty:
        return None
    categories = ordered(rows["value"])
    blocks: list[Block] = [_overview(study, facts, area, categories)]
    for category in categories:
        listed = area.services[area.services["category"] == category]
        if len(listed):
            blocks.append(Heading(vocabulary.category_label(category)))
            lines = tuple(_service_line(service) for service in listed.itertuples())
            blocks.append(Bullets(lines))
    if area.level != "council" and len(area.councils) > 1:
        for tier, words in reversed(list(vocabulary.TIERS.items())):
            of_tier = [c for c in categories if _tier(c) == tier]
            if of_tier:
                blocks.append(
                    states_table(
                        facts,
                        "council",
                        list(area.councils),
                        of_tier,
                        f"{words} services, council by council",
                    )
                )
    return Section("what-there-is", "What families can get here", tuple(blocks))


def _overview(study: Study, facts: Facts, area: Area, categories: list[str]) -> Table:
    """Every kind with its state, how many serve the area, and why we say so."""
    rows = facts.rows("coverage", **area.where, dimension="category").set_index("value")
    body = []
    for category in categories:
        row = rows.loc[category]
        where = {**area.where, "dimension": "category", "value": category}
        counts = [facts.value("coverage", c, **where) for c in ("services", "services_wider")]
        # The month is enough here; a fixed space keeps it on one line.
        known = date_in_words(str(row["last_known"] or "")[:7]).replace(" ", "\u00a0")
        if known and str(row["stale"]) == "yes":
            known = f"last known {known}"
        body.append(
            (
                Cell((vocabulary.category_label(category),)),
                state_cell(str(row["state"])),
                *(Cell(("—",) if count is None else (count,)) for count in counts),
                Cell((known or "—",)),
                Cell(named(why_text(str(row["why"] or "")), longest=400)),
            )
        )
    kind = vocabulary.label(area.level, vocabulary.LEVELS).lower()
    head = (
        "Kind of service",
        "What the area has",
        "Services of its own",
        "Of a wider area",
        "Newest evidence",
        "Why we say so",
    )
    return Table(f"What this {kind} has, kind by kind", head, tuple(body), numeric=(2, 3))


def _tier(category: str) -> str:
    known = vocabulary.CATEGORIES.get(category)
    return known.tier if known else "universal"


def _service_line(service: object) -> Text:
    """A service in one line: name, who runs it, for whom, how."""
    organisation = shown(getattr(service, "organisation", "") or "", longest=100)
    eligibility = shown(getattr(service, "eligibility", "") or "", longest=240)
    delivery = [
        vocabulary.label(code.strip(), vocabulary.DELIVERY).lower()
        for code in str(getattr(service, "delivery", "") or "").split(";")
        if code.strip()
    ]
    name = shown(getattr(service, "name", ""))
    text: list[str | Value | Name] = [Name(name, strong=True)]
    if organisation and organisation.lower() not in name.lower():
        text += [", ", Name(organisation)]
    if ages := _ages(service):
        text.append(f"; {ages}")
    if delivery:
        text.append(f"; {list_in_words(delivery)}")
    text.append(".")
    if eligibility:
        text += [" For: ", Name(sentence(eligibility))]
    return tuple(text)


def _ages(service: object) -> str:
    """Ages served, as people say them; blank where neither end is known.

    Ages are in months, the upper bound exclusive, conception -9.
    """
    start = getattr(service, "age_from_months", None)
    end = getattr(service, "age_to_months", None)
    begins = None if start is None or start != start else float(start)
    ends = None if end is None or end != end else float(end)
    if begins is None and ends is None:
        return ""
    if begins is None:
        return f"up to {_age(ends)}"
    if begins < 0:
        return "from pregnancy" + ("" if ends is None else f" to {_age(ends)}")
    if ends is None:
        return f"from {_age(begins)}"
    return f"from {_age(begins)} to {_age(ends)}"


def _age(months: float | None) -> str:
    assert months is not None
    if months <= 0:
        return "birth"
    if months % 12 == 0 and months >= 24:
        return f"age {int(months // 12)}"
    return f"{count_in_words(months, 'month')}"


# -- absences -------------------------------------------------------------------------------------


def _none_found(facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("coverage", **area.where, dimension="category", state="none_found")
    gaps = facts.rows("gaps", area_code=area.codes)
    if rows.empty and gaps.empty:
        return None
    blocks: list[Block] = []
    if rows.empty:
        blocks.append(
            Paragraph(say("No kind of service was looked for in the whole area and not found."))
        )
    items = tuple(
        say(
            "{kind}. {why}",
            kind=vocabulary.category_label(str(row.value)),
            why=why_text(str(row.why)),
        )
        for row in rows.set_index("value", drop=False).loc[ordered(rows["value"])].itertuples()
    )
    if items:
        blocks.append(Bullets(items))
    if len(gaps):
        blocks.append(Heading("Gaps, with their reasons"))
        blocks.append(
            gaps_table(
                facts,
                "Gaps here, the area first, then its councils",
                most=MOST_GAPS,
                area_code=area.codes,
            )
        )
    return Section("none-found", "Looked and found none", tuple(blocks))


def _not_known(facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("coverage", **area.where, dimension="category", state="not_known")
    if rows.empty:
        return None
    lead = say(
        "For {kinds} of {all} kinds of service the directory cannot say. These are questions, "
        "not gaps.",
        kinds=facts.count("coverage", **area.where, dimension="category", state="not_known"),
        all=facts.count("coverage", **area.where, dimension="category"),
    )
    items = tuple(
        say("{kinds}. {why}", kinds=_capital(kinds_in_words(kinds)), why=why_text(why))
        for why, kinds in reasons(rows)
    )
    return Section("not-known", "What we don’t yet know", (Paragraph(lead), Bullets(items)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- travel ---------------------------------------------------------------------------------------


def _how_far(study: Study, facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("travel", **area.where)
    if rows.empty:
        return None
    timed = ordered(rows.loc[rows["median_minutes"].notna(), "category"])
    blocks: list[Block] = [travel_lead(study)]
    if timed:
        caption = "How far families live from each kind"
        blocks.append(travel_by_category(study, facts, *_at(area), timed, caption))
    if untimed := [c for c in ordered(rows["category"]) if c not in timed]:
        blocks.append(Heading("Kinds to which no time can be told"))
        blocks.append(Bullets(tuple(_untimed(facts, area, untimed))))
    if len(area.councils) > 1:
        councils = facts.rows("travel", level="council", area_code=area.councils)
        measured = councils[councils["median_minutes"].notna()]
        for category in ordered(measured["category"]):
            if (measured["category"] == category).sum() > 1:
                label = vocabulary.category_label(category)
                blocks += travel_table(
                    study,
                    facts,
                    "council",
                    list(area.councils),
                    category,
                    f"{label}: how far families live from it, council by council",
                )
    return Section("how-far", "How far, and for whom", tuple(blocks))


def _untimed(facts: Facts, area: Area, categories: list[str]) -> list[Text]:
    """Kinds that share the reason why no time is told, one line each reason."""
    grouped: dict[str, tuple[Text, list[str]]] = {}
    for category in categories:
        text = unmeasured(facts, {**area.where, "category": category})
        grouped.setdefault(plain(text), (text, []))[1].append(category)
    return [
        (f"{_capital(kinds_in_words(kinds))}. ", *_capital_first(text), ".")
        for text, kinds in grouped.values()
    ]


def _capital_first(text: Text) -> Text:
    first = text[0]
    return (_capital(first), *text[1:]) if isinstance(first, str) else text


def _rural(facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("rural", area_code=area.codes)
    if rows.empty or "reason" not in rows:
        return None
    lead = say(
        "Small places are ranked by minutes, never by children, whose numbers are rough below "
        "council level."
    )
    items = tuple(named(str(reason), longest=400) for reason in rows["reason"].head(MOST_GAPS))
    return Section(
        "rural", "Rural and island places without help", (Paragraph(lead), Bullets(items))
    )


# -- money, ways in, plans, change ----------------------------------------------------------------


def _may_not_last(study: Study, area: Area) -> Section | None:
    services = area.services
    if services.empty or "funding" not in services:
        return None
    at_risk = services[services["funding"].isin(["fixed_term", "mixed"])]
    unknown = services[~services["funding"].isin(["fixed_term", "mixed", "permanent"])]
    if at_risk.empty and len(unknown) == len(services):
        return None
    blocks: list[Block] = []
    if len(at_risk):
        blocks.append(Paragraph(say("These rest, in whole or in part, on money for a fixed term.")))
        blocks.append(Bullets(tuple(_money_line(study, s) for s in at_risk.itertuples())))
    else:
        blocks.append(Paragraph(say("No service here is known to rest on fixed-term money.")))
    if len(unknown):
        blocks.append(
            Paragraph(
                say("For the others that are not listed, mostly nothing is known of their money.")
            )
        )
    return Section("may-not-last", "What may not last", tuple(blocks))


def _money_line(study: Study, service: object) -> Text:
    ends = str(getattr(service, "funding_ends", "") or "")
    name = shown(getattr(service, "name", ""))
    kind = vocabulary.label(str(getattr(service, "funding", "")), vocabulary.FUNDING).lower()
    if not ends:
        return say("{name}: {kind}; the end is not known.", name=name, kind=kind)
    day = first_day(ends)
    past = day is not None and day < study.settings.as_of
    words = "{name}: {kind}; the money was to end {ends}." if past else "{name}: {kind}, to {ends}."
    return say(words, name=name, kind=kind, ends=date_in_words(ends))


def _ways_in(study: Study, area: Area) -> Section | None:
    routes = study.table("referrals")
    if routes.empty or "from_role" not in routes:
        return None
    here = routes.get("service_id", routes["from_role"] * 0)
    own = routes[here.isin(set(area.services["service_id"]))]
    if "accepted" in own:
        own = own[own["accepted"] == "yes"]
    if "route_kind" in own:
        # Consultation and signposting are no way in.
        own = own[own["route_kind"].isin(["", "referral"])]
    if own.empty:
        return None
    names = area.services.set_index("service_id")["name"]
    body = []
    for service_id, of in own.groupby("service_id", sort=False):
        roles = [vocabulary.label(str(r), vocabulary.ROLES) for r in of["from_role"]]
        told = sorted(dict.fromkeys(role.lower() for role in roles))
        body.append(
            (
                Cell(named(str(names[service_id]), longest=90)),
                Cell((_capital(list_in_words([_role(t) for t in told])),)),
            )
        )
    body.sort(key=lambda cells: _key(cells[0].text))
    table = Table("Who can refer a family, as read", ("Service", "Accepts from"), tuple(body))
    lead = say(
        "Routes that somebody stated. A role that is not listed may be accepted all the same: a "
        "short list does not prove that others are refused."
    )
    return Section("ways-in", "How a family gets in", (Paragraph(lead), table))


def _role(text: str) -> str:
    return "GP" if text == "gp" else text


def _key(text: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text).casefold()


def _plans(study: Study, area: Area) -> Section | None:
    plans = study.table("plans")
    if plans.empty or not {"area_code", "document", "question", "answer"} <= set(plans.columns):
        return None
    here = plans[plans["area_code"].isin(area.codes)]
    if here.empty:
        return None
    areas = study.areas["name"].to_dict()
    body = tuple(
        (
            Cell(named(str(areas.get(row.area_code, row.area_code)), longest=60)),
            Cell(named(_plan_name(row), longest=140)),
            Cell(named(_capital(str(row.question).replace("_", " ")), longest=140)),
            Cell(named(_plan_answer(row), longest=400)),
        )
        for row in here.sort_values(
            ["area_code", "document", "question"], kind="stable"
        ).itertuples()
    )
    lead = say(
        "What was read in published plans. A plan that nobody read is not a plan that is silent."
    )
    table = Table("What the plans say", ("Area", "Document", "Question", "Answer"), body)
    return Section("plans", "What the plans say", (Paragraph(lead), table))


def _plan_name(row: object) -> str:
    period = str(getattr(row, "period", "") or "")
    name = str(getattr(row, "document", ""))
    return f"{name}, {period}" if period and period not in name else name


def _plan_answer(row: object) -> str:
    """The answer as read; where only a question mark stands, that nobody could tell."""
    answer = str(getattr(row, "answer", "") or "unknown")
    words = "Not known" if answer == "unknown" else _capital(answer.replace("_", " "))
    says = str(getattr(row, "says", "") or getattr(row, "quote", "") or "")
    return f"{words}: {says}" if says else words


def _changes(facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("changes", area_code=area.codes)
    if rows.empty or "reason" not in rows:
        return None
    items = tuple(named(str(text), longest=400) for text in rows["reason"])
    return Section("changes", "What has changed", (Bullets(items),))


def _how_sure(study: Study, facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("evidence", **area.where)
    if rows.empty:
        return None
    blocks: list[Block] = []
    told = rows.rename(columns={"category": "value"})
    items = tuple(
        say("{kinds}. {why}", kinds=_capital(kinds_in_words(kinds)), why=why_text(why))
        for why, kinds in reasons(told)
    )
    blocks.append(Bullets(items))
    first = _calls(study, facts, area)
    if first:
        blocks.append(Heading("Whom to ask first"))
        blocks.append(Bullets(first, numbered=True))
    return Section("how-sure", "How sure we are, and whom to ask", tuple(blocks))


def _calls(study: Study, facts: Facts, area: Area) -> tuple[Text, ...]:
    """Of the calls that would settle most, those to this area or to who runs its services."""
    rows = facts.rows("calls")
    if rows.empty:
        return ()
    names = {str(study.areas["name"].get(code, "")) for code in area.codes}
    whom = names | set(area.services.get("organisation", ())) - {""}
    own = rows[rows["whom"].isin(whom)].head(MOST_CALLS)
    return tuple(named(str(text), longest=400) for text in own["sentence"])
