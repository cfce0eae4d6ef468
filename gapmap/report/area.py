"""What the report on one area says: a board by default, or any level that the study has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.dates import first_day
from gapmap.gaps.rural_places import place_in_words
from gapmap.place.geography import containers
from gapmap.provision.coverage import provision
from gapmap.provision.disclosure import IN_DATA, IN_PRINT
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
    what_changed,
    why_text,
)
from gapmap.report.pictures import picture
from gapmap.travel.rural import classes_in_words
from gapmap.words import (
    count_in_words,
    date_in_words,
    list_in_words,
    minutes_in_words,
    number_in_words,
    roughly,
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

#: Places beyond reach of one kind before the reader is sent to the file.
MOST_PLACES = 12

#: What is told of one stock family.
MOST_STEPS = 5

#: Organisations that a report asks its reader to call.
MOST_CALLS = 6

#: Things to do next, on the first page.
MOST_STEPS_NEXT = 4

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
    return f"{safe_code(code)}-{slug(name)}"


def safe_code(code: str) -> str:
    """An area's code as part of a file name.

    Examples
    --------
    >>> safe_code("S08000015"), safe_code("../x")
    ('S08000015', 'x')
    """
    return "".join(c for c in str(code) if c.isascii() and c.isalnum())[:20] or "area"


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
        ("Rural and island places without help", _rural(study, facts, area)),
        ("What may not last", _may_not_last(study, facts, area)),
        ("How a family gets in", _ways_in(study, facts, area)),
        ("What the plans say", _plans(study, facts, area)),
        ("What has changed", what_changed(facts, area.code)),
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
        noun = "gap here meets" if len(gaps) == 1 else "gaps here meet"
        items.append(
            say(
                f"{{gaps}} {noun} the rules of this study; the table of gaps gives every reason.",
                gaps=facts.count("gaps", area_code=area.codes),
            )
        )
    blocks: list[Block] = [Bullets(tuple(items))]
    steps = _next_steps(study, facts, area)
    if steps:
        blocks += [Heading("What to do next"), Bullets(steps, numbered=True)]
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
    """The key kinds by state, one sentence a state; what comes from elsewhere is told apart."""
    rows = facts.rows("coverage", **area.where, dimension="category").set_index("value")
    key = [c for c in KEY_CATEGORIES if c in categories] or categories
    of_state = {
        state: [c for c in key if rows.at[c, "state"] == state] for state in vocabulary.STATES
    }
    across = of_state["provided"]
    own = [c for c in across if rows.at[c, "services"] > 0]
    told = (
        ("Available across the area: {kinds}.", own),
        ("Available to some families only: {kinds}.", of_state["partly"]),
        ("Somebody looked and found none: {kinds}.", of_state["none_found"]),
        ("Not yet known: {kinds}.", of_state["not_known"]),
        (
            "Open to families of the whole area, but run for a wider one: {kinds}.",
            [c for c in across if c not in own],
        ),
    )
    return [say(words, kinds=kinds_in_words(kinds)) for words, kinds in told if kinds]


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
                "The longest way is to the nearest {kind}: half of the "
                f"{people_word(study)} who have a way by road or ferry are within {{half}} of it, "
                "nine in ten within {most}; {within} of the "
                f"{people_word(study)} here live within an hour.",
                kind=_a_service(str(category)),
                half=half,
                most=most,
                within=within,
            )
        )
    return told


def _a_service(category: str) -> str:
    """One of a kind, after "the nearest": a place by its name, anything else a service."""
    words = kinds_in_words([category])
    place = ("unit", "centre", "class", "programme", "group", "Partnership")
    return words if words.endswith(place) else f"{words} service"


# -- what to do next ------------------------------------------------------------------------------


def _next_steps(study: Study, facts: Facts, area: Area) -> tuple[Text, ...]:
    """What would settle most, whom to call about it, and what cannot wait."""
    steps: list[Text] = []
    silent = facts.rows("coverage", **area.where, dimension="category", state="not_known")
    if len(silent):
        where = {**area.where, "dimension": "category", "state": "not_known"}
        noun = "kind" if len(silent) == 1 else "kinds"
        ask = _first_contacts(facts, area)
        steps.append(
            (
                *say(
                    f"Ask what there is of the {{count}} {noun} of service of which nothing is "
                    "known here: {kinds}.",
                    count=facts.count("coverage", **where),
                    kinds=kinds_in_words(ordered(silent["value"])),
                ),
                *(say(" Begin with {ask}.", ask=ask) if ask else ()),
            )
        )
    ways = facts.rows("pathways", **area.where, target="any")
    open_ = ways[ways["status"].isin(["possible", "unknown"])] if len(ways) else ways
    if len(open_):
        roles = [
            _role(vocabulary.label(str(r), vocabulary.ROLES).lower()) for r in open_["from_role"]
        ]
        steps.append(
            say(
                "Ask the specialist services whom they accept: for {open} of {all} kinds of "
                "referrer ({roles}) none has confirmed a way in.",
                open=facts.count(
                    "pathways", **area.where, target="any", status=("possible", "unknown")
                ),
                all=facts.count("pathways", **area.where, target="any"),
                roles=list_in_words(roles),
            )
        )
    steps += _money_steps(study, area)
    doubtful = facts.rows("coverage", **area.where, dimension="category", stale="yes")
    if len(doubtful):
        steps.append(
            say(
                "Check that these still run, since nobody has said so for years: {kinds}.",
                kinds=kinds_in_words(ordered(doubtful["value"])),
            )
        )
    return tuple(steps[:MOST_STEPS_NEXT])


def _first_contacts(facts: Facts, area: Area) -> str:
    """Who knows most of what is there: as in the exercise of 2020, family nurses and councils."""
    told = []
    nurses = area.services[area.services["category"] == "family_nurse_partnership"]
    if len(nurses):
        told.append(f"the family nurses ({shown(str(nurses['name'].iloc[0]), longest=80)})")
    names = facts.rows("coverage", level="council", area_code=area.councils)
    if len(names):
        councils = sorted({shown(str(one)) for one in names["area_name"]})
        noun = "council" if len(councils) == 1 else "councils"
        told.append(f"family support at the {noun} ({list_in_words(councils, limit=6)})")
    return " and ".join(told)


def _money_steps(study: Study, area: Area) -> list[Text]:
    """Money that is known to end, and how soon."""
    services = area.services
    if services.empty or "funding" not in services:
        return []
    ending = services[services["funding"].isin(["fixed_term", "mixed"])]
    if ending.empty:
        return []
    names = list_in_words([shown(str(n), longest=80) for n in ending["name"]], limit=4)
    its = "its" if len(ending) == 1 else "their"
    return [
        say(f"Find out what happens to {{names}} when {its} fixed-term money ends.", names=names)
    ]


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
            Paragraph(
                say("No kind of service has been searched for across the whole area in vain.")
            )
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
    blocks += _barriers(facts, area)
    need = _need(facts, area)
    if need is not None:
        blocks.append(need)
    return Section("how-far", "How far, and for whom", tuple(blocks))


def _barriers(facts: Facts, area: Area) -> list[Block]:
    """What keeps families away other than distance, as far as anybody recorded it."""
    rows = facts.rows("barriers", **area.where)
    told: list[Text] = []
    for words, found in (
        ("meets in groups only", rows[rows["groups_only"] == "yes"] if len(rows) else rows),
        ("takes no referrals now", _above(rows, "not_taking_referrals")),
        ("has waits longer than 12 weeks", _above(rows, "long_waits")),
    ):
        if len(found):
            kinds = _capital(kinds_in_words(ordered(found["category"])))
            told.append((f"{kinds}: some or all of it {words}.",))
    for row in rows[rows["said"] != ""].itertuples() if len(rows) else ():
        kind = vocabulary.category_label(row.category) if row.category else "Every kind"
        told.append(named(f"{kind}: people told of {_lower_first(str(row.said))}", longest=400))
    if not told:
        return []
    return [Heading("What stands in the way other than distance"), Bullets(tuple(told))]


def _above(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows[rows[column] > 0] if column in rows else rows.iloc[:0]


def _need(facts: Facts, area: Area) -> Table | None:
    """Poverty and developmental concern of each council beside what it has; never merged."""
    rows = facts.rows("need", level="council", area_code=area.codes)
    if rows.empty:
        return None
    body = []
    for row in rows.sort_values("area_name", kind="stable").itertuples():
        where = {"level": "council", "area_code": str(row.area_code)}
        cells = [Cell(named(str(row.area_name), longest=60))]
        for column in ("poverty", "concern"):
            value = facts.value("need", column, _one_decimal, **where)
            as_of = date_in_words(str(getattr(row, f"{column}_as_of") or "")[:7])
            as_of = as_of.replace(" ", "\u00a0")
            cells.append(Cell(("—",) if value is None else (value, f" ({as_of})" if as_of else "")))
        cells += [state_cell(str(getattr(row, tier))) for tier in vocabulary.TIERS]
        body.append(tuple(cells))
    head = (
        "Council",
        "Children in poverty (%)",
        "Developmental concern (%)",
        *(f"{words} services" for words in vocabulary.TIERS.values()),
    )
    note = "Need and provision stand side by side; they are not merged into one score."
    return Table("Need beside what there is", head, tuple(body), note=note)


def _one_decimal(number: float) -> str:
    return f"{number:.1f}"


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


def _rural(study: Study, facts: Facts, area: Area) -> Section | None:
    column = "board_code" if area.level == "board" else "area_code"
    codes = (area.code,) if area.level in {"board", "council"} else area.codes
    rows = facts.rows("rural", **{column: codes})
    if rows.empty:
        return None
    exact = study.settings.exact_people
    rough = "" if exact else ", whose numbers are rough below council level"
    lead = say(
        "Remote and island places whose nearest base is farther than this study’s limit, of kinds "
        "of help that do not come to them: the farthest first. Small places are ranked by minutes, "
        f"never by children{rough}."
    )
    blocks: list[Block] = [Paragraph(lead), Paragraph((classes_in_words(study),))]
    for category in ordered(rows["category"]):
        of = rows[rows["category"] == category]
        of = of.sort_values(["minutes", "place"], ascending=False, kind="stable")
        label = vocabulary.category_label(category)
        body = tuple(
            _rural_row(facts, row, exact=exact) for row in of.head(MOST_PLACES).itertuples()
        )
        note = ""
        if len(of) > MOST_PLACES:
            note = f"The first {MOST_PLACES} of {len(of)}; all of them are in tables/rural.csv."
        who = f"{people_word(study).capitalize()} there"
        head = ("Place", "Council", "How far it is", "To", who)
        blocks.append(Table(f"{label}: places beyond reach", head, body, note=note))
    return Section("rural", "Rural and island places without help", tuple(blocks))


def _rural_row(facts: Facts, row: object, *, exact: bool) -> tuple[Cell, ...]:
    place, near, island = (str(getattr(row, c, "") or "") for c in ("place", "near", "island"))
    told = place_in_words(place, near, island)
    # What tells a row of the list from every other.
    where = {name: str(getattr(row, name, "")) for name in ("postcode", "category")}
    time = facts.value("rural", "minutes", minutes_in_words, **where)
    who = facts.value("rural", "people", number_in_words if exact else roughly, **where)
    off = getattr(row, "status", "") == "off_network"
    no_way = "too far from any road that we hold" if off else "no way by car or ferry"
    ferry = ", by ferry" if getattr(row, "by_ferry", "") == "yes" else ""
    if getattr(row, "foot_ferry", "") == "yes":
        ferry = f", with {vocabulary.FOOT_FERRY}"
    return (
        Cell(named(told, longest=60)),
        Cell(named(str(getattr(row, "area_name", "")), longest=60)),
        Cell((no_way,) if time is None else (time, ferry)),
        Cell(named(str(getattr(row, "service_name", "") or "—"), longest=90)),
        Cell(("—",) if who is None else (who,)),
    )


# -- money, ways in, plans, change ----------------------------------------------------------------


def _may_not_last(study: Study, facts: Facts, area: Area) -> Section | None:
    services = area.services
    if services.empty or "funding" not in services:
        return None
    at_risk = services[services["funding"].isin(["fixed_term", "mixed"])]
    unknown = services[~services["funding"].isin(["fixed_term", "mixed", "permanent"])]
    if at_risk.empty and len(unknown) == len(services):
        return None
    blocks: list[Block] = []
    if facts.rows("fragility", **area.where, dimension="category").size:
        where = {**area.where, "dimension": "category"}
        blocks.append(
            Paragraph(
                say(
                    "Of {services} services here, {fixed} are known to run on money for a fixed "
                    "term and {mixed} partly so, {permanent} on lasting money; of {unknown} it is "
                    "not known, and they are not counted as lasting.",
                    services=facts.total("fragility", "services", **where),
                    fixed=facts.total("fragility", "fixed_term", **where),
                    mixed=facts.total("fragility", "mixed", **where),
                    permanent=facts.total("fragility", "permanent", **where),
                    unknown=facts.total("fragility", "funding_unknown", **where),
                )
            )
        )
    if len(at_risk):
        blocks.append(Paragraph(say("These rest, in whole or in part, on money for a fixed term.")))
        blocks.append(Bullets(tuple(_money_line(study, s) for s in at_risk.itertuples())))
    else:
        blocks.append(Paragraph(say("No service here is known to rest on fixed-term money.")))
    if len(unknown) and not facts.has("fragility"):
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


def _ways_in(study: Study, facts: Facts, area: Area) -> Section | None:
    blocks: list[Block] = []
    ways = facts.rows("pathways", **area.where, target="any")
    if len(ways):
        blocks.append(Heading("From each professional to a specialist service"))
        blocks.append(Bullets(tuple(named(str(one), longest=400) for one in ways["sentence"])))
    table = _referral_table(study, area)
    if table is not None:
        blocks.append(
            Paragraph(
                say(
                    "Routes that somebody stated. A role that is not listed may be accepted all "
                    "the same: a short list does not prove that others are refused."
                )
            )
        )
        blocks.append(table)
    counted = _people_counts(facts, area)
    if counted is not None:
        blocks.append(counted)
    blocks += _families(facts, area)
    return Section("ways-in", "How a family gets in", tuple(blocks)) if blocks else None


def _families(facts: Facts, area: Area) -> list[Block]:
    """Families in up to six kinds of place, those with the same road told together."""
    steps = facts.rows("journeys", area_code=area.code)
    if steps.empty:
        return []
    grouped: dict[tuple[str, ...], list[str]] = {}
    for _, of in steps.groupby("family", sort=True):
        first_break = of[of["kind"] == "break"]
        special = of[(of["kind"] == "open") & (of["tier"] == "specialist")]
        told = tuple(dict.fromkeys([*first_break["sentence"], *special["sentence"]]))[:MOST_STEPS]
        where = f"{_lower_first(str(of['family_label'].iloc[0]))} ({of['postcode'].iloc[0]})"
        if told:
            grouped.setdefault(told, []).append(where)
    if not grouped:
        return []
    lead = say(
        "From conception to five: where a family’s road breaks, and the specialist help on it, "
        "from one address of each kind of place. Every step is in tables/journeys.csv."
    )
    blocks: list[Block] = [Heading("Families’ roads through it"), Paragraph(lead)]
    for told, places in grouped.items():
        blocks.append(Paragraph((Name(_capital(list_in_words(places)), strong=True), ":")))
        blocks.append(Bullets(tuple(named(one, longest=400) for one in told)))
    return blocks


def _people_counts(facts: Facts, area: Area) -> Table | None:
    """Families referred, waiting...: what the study brought, small numbers hidden."""
    rows = facts.rows("people_counts", area_code=area.codes)
    if rows.empty:
        return None
    body = tuple(
        (
            Cell(named(str(row.area_name), longest=60)),
            Cell((vocabulary.label(str(row.measure), vocabulary.PEOPLE_MEASURES),)),
            Cell(
                (
                    _capital(vocabulary.category_words(row.category))
                    if row.category
                    else "All kinds",
                )
            ),
            Cell(named(str(row.period), longest=40)),
            Cell((_counted(str(row.people)),)),
            Cell((_counted(str(row.per_1000)),)),
        )
        for row in rows.itertuples()
    )
    head = ("Area", "Who", "Kind of service", "When", "Families", "Per 1,000 children")
    note = (
        "* Not shown, so that nobody can be picked out: a small number, or one from which a small "
        "number could be worked out. It is not zero."
    )
    hidden = any("*" in cell.text for row in body for cell in row[4:])
    return Table("Families counted", head, body, numeric=(4, 5), note=note if hidden else "")


def _counted(text: str) -> str:
    """A count as print shows it: hidden ones by a star, unknown ones by a dash."""
    return {IN_DATA: IN_PRINT, "": "—"}.get(text, text)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _referral_table(study: Study, area: Area) -> Table | None:
    """Which roles each service is known to accept; None where nothing is known."""
    routes = study.table("referrals")
    if not {"service_id", "from_role"} <= set(routes.columns):
        return None
    own = routes[routes["service_id"].isin(set(area.services["service_id"]))]
    own = own[own["from_role"].isin(vocabulary.ROLES)]
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
    return Table("Who can refer a family, as read", ("Service", "Accepts from"), tuple(body))


def _role(text: str) -> str:
    return "GP" if text == "gp" else text


def _key(text: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text).casefold()


def _plans(study: Study, facts: Facts, area: Area) -> Section | None:
    blocks = _plans_read(study, area) + _training(facts, area)
    named_lead = facts.rows("leads_and_routes", **area.where)
    lead = str(named_lead["lead"].iloc[0]) if len(named_lead) else "not_known"
    # That nothing is known of a lead makes no section; beside what is known it is worth saying.
    if blocks or lead != "not_known":
        blocks.append(
            Paragraph(
                say(
                    "Parent-infant mental health lead of the perinatal service (recommendation 10 "
                    f"of Delivering Effective Services, 2019): {_LEADS[lead]}."
                )
            )
        )
    return Section("plans", "What the plans say", tuple(blocks)) if blocks else None


def _plans_read(study: Study, area: Area) -> list[Block]:
    plans = study.table("plans")
    if plans.empty or not {"area_code", "document", "question", "answer"} <= set(plans.columns):
        return []
    here = plans[plans["area_code"].isin(area.codes)]
    if here.empty:
        return []
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
    table = Table("Plans, as read", ("Area", "Document", "Question", "Answer"), body)
    return [Paragraph(lead), table]


def _training(facts: Facts, area: Area) -> list[Block]:
    """Who was trained in what, as far as anybody published it."""
    rows = facts.rows("training", area_code=area.codes)
    if rows.empty:
        return []
    told: list[Text] = []
    for row in rows.itertuples():
        places = f"{count_in_words(int(row.places), 'place')}" if row.places == row.places else ""
        more = [
            part
            for part in (
                places or "how many places is not known",
                f"for {row.staff_group}" if row.staff_group else "",
                date_in_words(str(row.date)) if row.date else "no date",
            )
            if part
        ]
        told.append(named(f"{row.course_name} in {row.area_name}: {', '.join(more)}", longest=240))
    return [Heading("Training that was published"), Bullets(tuple(told))]


_LEADS = {
    "own": "the area has named its own",
    "regional": "the area shares one with its region",
    "none": "none was named",
    "not_known": "it is not known whether one was named",
}


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


def _how_sure(study: Study, facts: Facts, area: Area) -> Section | None:
    rows = facts.rows("evidence", **area.where)
    if rows.empty:
        return None
    blocks: list[Block] = _freshness(facts, area)
    told = rows.rename(columns={"category": "value"})
    items = tuple(
        say("{kinds}. {why}", kinds=_capital(kinds_in_words(kinds)), why=why_text(why))
        for why, kinds in reasons(told)
    )
    blocks.append(Bullets(items))
    first = _calls(facts, area)
    if first:
        blocks.append(Heading("Whom to ask first"))
        blocks.append(Bullets(first, numbered=True))
    return Section("how-sure", "How sure we are, and whom to ask", tuple(blocks))


def _freshness(facts: Facts, area: Area) -> list[Block]:
    """How old the evidence is, and how much of it comes from asking."""
    age = facts.value("sureness", "median_age_years", _one_decimal, **area.where)
    searched = facts.value("sureness", "searched", _or_none, **area.where)
    kinds = facts.value("sureness", "categories", **area.where)
    if age is None or searched is None or kinds is None:
        return []
    return [
        Paragraph(
            say(
                "Half of the services here are known only from evidence older than {age} years. "
                "Of {kinds} kinds of service, {searched} "
                + ("was" if searched.number < 2 else "were")
                + " searched for recently enough to say that there is none.",
                age=age,
                searched=searched,
                kinds=kinds,
            )
        )
    ]


def _or_none(number: float) -> str:
    return "none" if number == 0 else number_in_words(number)


def _calls(facts: Facts, area: Area) -> tuple[Text, ...]:
    """The calls to this area and to who runs its services, in the order in which they settle."""
    rows = facts.rows("calls")
    if rows.empty:
        return ()
    told: list[Text] = []
    searches = rows[(rows["kind"] == "search") & (rows["whom"] == area.name)]
    if len(searches):
        kinds = [shown(str(one)) for one in searches["about"]]
        told.append(
            say(
                "Look in {area}, in this order, for: {kinds}. That settles {count} kinds of "
                "service.",
                area=area.name,
                kinds=list_in_words([_in_sentence(one) for one in kinds]),
                count=facts.count("calls", kind="search", whom=area.name),
            )
        )
    run_by = set(area.services.get("organisation", ())) - {""}
    asked = rows[(rows["kind"] == "ask") & rows["whom"].isin(run_by)].head(MOST_CALLS)
    told += [
        say("Ask {whom} what is not recorded of its services: {names}.", whom=str(one), names=names)
        for one in asked["whom"]
        if (names := _run_by(area, str(one)))
    ]
    return tuple(told)


def _in_sentence(label: str) -> str:
    """A kind's label inside a sentence; a proper name keeps its capitals."""
    return label[:1].lower() + label[1:] if label[1:] == label[1:].lower() else label


def _run_by(area: Area, organisation: str) -> str:
    of = area.services[area.services["organisation"] == organisation]
    return list_in_words([shown(str(one), longest=80) for one in of["name"]], limit=4)
