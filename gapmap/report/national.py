"""What the national key-theme report says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gapmap import vocabulary
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
    say,
)
from gapmap.report.passages import (
    KEY_CATEGORIES,
    about_box,
    gaps_table,
    how_worked_out,
    kinds_in_words,
    ordered,
    people_word,
    reasons,
    sources_section,
    states_split,
    states_table,
    travel_lead,
    travel_table,
    what_changed,
)
from gapmap.report.pictures import picture, pictures
from gapmap.words import (
    count_in_words,
    date_in_words,
    list_in_words,
    minutes_in_words,
    number_in_words,
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
MOST_GAPS = 40

#: A kind with a time in fewer than this share of the areas has no table of its own.
MOST_FEW = 0.6

#: Calls that the report asks its readers to make.
MOST_CALLS = 8


def national_document(study: Study, tables: Mapping[str, pd.DataFrame], maps: Maps) -> Document:
    """The national report as content: findings first, then maps, gaps, sureness and method.

    Parameters
    ----------
    study
        Its settings, areas and services are read.
    tables
        The tables of a run, by name: services and coverage; travel, gaps, evidence, findings,
        fragility and changes where present.
    maps
        Pictures of the run, by name.

    Returns
    -------
    Document
        A section without data is left out, and the method section says so.
    """
    facts = Facts(with_about(study, tables), public=study.settings.public)
    made: list[tuple[str, Section | None]] = [
        ("At a glance", _at_a_glance(study, facts, maps)),
        ("Key themes", _themes(facts)),
        ("What there is, area by area", _what_there_is(study, facts, maps)),
        ("Looked and found none", _none_found(facts)),
        ("What we don’t yet know", _not_known(facts, maps)),
        ("How far, and for whom", _how_far(study, facts, maps)),
        ("Gaps, with their reasons", _gaps(facts)),
        ("What has changed", _changes(facts)),
        ("How sure we are", _how_sure(facts)),
    ]
    left_out = [title for title, section in made if section is None]
    sections = [section for _, section in made if section is not None]
    sections.append(how_worked_out(study, left_out))
    sections.append(sources_section(study, study.services, by_publisher=True))
    level = main_level(facts)
    areas = facts.distinct("coverage", "area_code", level=level)
    noun = vocabulary.label(level, vocabulary.LEVELS).lower()
    return Document(
        title=shown(study.settings.name),
        subtitle=f"National report: {count_in_words(areas.number, noun)}, "
        f"{date_in_words(study.settings.as_of)}",
        study=shown(study.settings.name),
        as_of=date_in_words(study.settings.as_of),
        about=about_box(study, facts),
        sections=tuple(sections),
        footer=study.settings.attribution,
        links=(
            ("The interactive map", "map.html"),
            ("Every table in one workbook", "gapmap.xlsx"),
            ("The maps as pictures", "maps/"),
        ),
    )


def main_level(facts: Facts) -> str:
    """The level that the national report compares: boards, else the first that there is."""
    levels = facts.rows("coverage").get("level")
    have = [] if levels is None else list(dict.fromkeys(levels))
    return "board" if "board" in have or not have else str(have[0])


def _categories(facts: Facts, level: str) -> list[str]:
    rows = facts.rows("coverage", level=level, dimension="category")
    return ordered(rows["value"]) if len(rows) else []


def _key(categories: list[str]) -> list[str]:
    key = [c for c in KEY_CATEGORIES if c in categories]
    return key or categories[:5]


def _dashed(category: str) -> str:
    """A category as the names of maps write it."""
    return slug(category)


def _at_a_glance(study: Study, facts: Facts, maps: Maps) -> Section | None:
    level = main_level(facts)
    key = _key(_categories(facts, level))
    if not key:
        return None
    if facts.has("findings"):
        # The first of each theme; all of them, with how sure each is, follow in their own section.
        first = facts.rows("findings").drop_duplicates("theme")
        items = [
            named(f"{row.sentence} {row.sureness}", longest=1200) for row in first.itertuples()
        ]
    else:
        items = [_state_sentence(facts, level, category) for category in key]
        items += _far_sentences(study, facts, level)
        if facts.has("gaps"):
            items.append(
                say(
                    "{gaps} gaps meet the rules of this study; each is listed with its reason.",
                    gaps=facts.count("gaps"),
                )
            )
    blocks: list[Block] = [Bullets(tuple(items), numbered=True)]
    noun = vocabulary.label(level, vocabulary.LEVELS).lower()
    blocks.append(states_split(facts, level, key, f"How many {noun}s have what"))
    blocks += _next_steps(facts)
    first = picture(maps, f"{_dashed(key[0])}-by-{level}")
    if first is not None:
        blocks.append(first)
    return Section("at-a-glance", "At a glance", tuple(blocks))


def _themes(facts: Facts) -> Section | None:
    """Every finding with its number, its theme and how sure it is."""
    rows = facts.rows("findings")
    if rows.empty:
        return None
    body = tuple(
        (
            Cell((str(row.number),)),
            Cell(named(str(row.theme_name), longest=80)),
            Cell(named(str(row.sentence), longest=900)),
            Cell(named(str(row.sureness), longest=500)),
        )
        for row in rows.itertuples()
    )
    head = ("No.", "Theme", "What was found", "How sure that is")
    note = "gapmap explain, with the number of a finding, shows the rows that it rests on."
    return Section("themes", "Key themes", (Table("Findings", head, body, note=note),))


def _state_sentence(facts: Facts, level: str, category: str) -> Text:
    """One sentence on a kind of service: in how many areas it is in which state."""

    def areas(**more: str) -> Value:
        return facts.count("coverage", level=level, dimension="category", value=category, **more)

    noun = vocabulary.label(level, vocabulary.LEVELS).lower()
    counts = {state: areas(state=state) for state in vocabulary.STATES}
    across = counts["provided"]
    if across.number == 0:
        across = replace(across, text="none")
    told = {
        "partly": "to some families in {partly}",
        "none_found": "looked for and not found in {none_found}",
        "not_known": "not yet known in {not_known}",
    }
    parts = [
        f"available across the area in {{provided}} of {{all}} {noun}s",
        *(words for state, words in told.items() if counts[state].number > 0),
    ]
    known = say(
        f"{{category}}: {list_in_words(parts)}.",
        category=vocabulary.category_label(category),
        all=areas(),
        **{**counts, "provided": across},
    )
    return (*known, *_bounds_sentence(facts, level, category, noun))


def _bounds_sentence(facts: Facts, level: str, category: str, noun: str) -> Text:
    """Between how many areas have any of it, whatever the silence hides; blank if it hides none."""
    where = {"level": level, "dimension": "category", "value": category}
    least = facts.value("shares", "any_least", **where)
    most = facts.value("shares", "any_most", **where)
    if least is None or most is None or least.number == most.number:
        return ()
    return say(
        f" Whatever the silence hides, between {{least}} and {{most}} {noun}s have some.",
        least=least,
        most=most,
    )


def _far_sentences(study: Study, facts: Facts, level: str) -> list[Text]:
    """For the kinds most often reachable: where the way is longest."""
    rows = facts.rows("travel", level=level)
    if rows.empty:
        return []
    told: list[Text] = []
    for category in ordered(rows["category"]):
        of = rows[(rows["category"] == category) & rows["median_minutes"].notna()]
        # Where few areas have any minutes at all, "longest" would say more than is known.
        if len(of) < 3 or len(of) < 0.5 * rows["area_code"].nunique():
            continue
        far = of.sort_values(["median_minutes", "area_code"], kind="stable").iloc[-1]
        where = {"level": level, "area_code": str(far["area_code"]), "category": category}
        half = facts.value("travel", "median_minutes", minutes_in_words, **where)
        within = facts.value("travel", "share_within_60", share_in_words, **where)
        if half is None or within is None:
            continue
        told.append(
            say(
                "{category}: the way is longest in {area}. Half of the "
                f"{people_word(study)} there who have a way by road or ferry need {{half}} or "
                "more; of all there, {within} live within an hour.",
                category=vocabulary.category_label(category),
                area=str(far["area_name"]),
                half=half,
                within=within,
            )
        )
    return told[:2]


def _what_there_is(study: Study, facts: Facts, maps: Maps) -> Section | None:
    level = main_level(facts)
    categories = _categories(facts, level)
    if not categories:
        return None
    codes = list(dict.fromkeys(facts.rows("coverage", level=level)["area_code"]))
    blocks: list[Block] = []
    for tier, words in reversed(list(vocabulary.TIERS.items())):
        of_tier = [c for c in categories if _tier(c) == tier]
        if of_tier:
            blocks.append(
                states_table(facts, level, codes, of_tier, f"{words} services: what each area has")
            )
    # A map of one colour says no more than a sentence; the first kind's stands at a glance.
    varied = [c for c in categories if len(_states(facts, level, c)) > 1]
    drawn = [picture(maps, f"{_dashed(c)}-by-{level}") for c in varied if c != _key(categories)[0]]
    blocks += [one for one in drawn if one is not None]
    blocks += pictures(maps, r"^(tiers-by-.*|services)$")
    return Section("what-there-is", "What there is, area by area", tuple(blocks))


def _states(facts: Facts, level: str, category: str) -> set[str]:
    rows = facts.rows("coverage", level=level, dimension="category", value=category)
    return set(rows["state"])


def _tier(category: str) -> str:
    known = vocabulary.CATEGORIES.get(category)
    return known.tier if known else "universal"


def _none_found(facts: Facts) -> Section | None:
    level = main_level(facts)
    rows = facts.rows("coverage", level=level, dimension="category", state="none_found")
    if rows.empty:
        return None
    items = []
    for category in ordered(rows["value"]):
        of = rows[rows["value"] == category]
        items.append(
            say(
                "{category}: {areas}.",
                category=vocabulary.category_label(category),
                areas=list_in_words(sorted(str(a) for a in of["area_name"])),
            )
        )
    lead = say(
        "Somebody looked here, recently enough, and found no service. That is not proof that there "
        "is none, but it is more than silence."
    )
    return Section("none-found", "Looked and found none", (Paragraph(lead), Bullets(tuple(items))))


def _not_known(facts: Facts, maps: Maps) -> Section | None:
    level = main_level(facts)
    rows = facts.rows("coverage", level=level, dimension="category", state="not_known")
    if rows.empty:
        return None
    noun = vocabulary.label(level, vocabulary.LEVELS).lower()
    lead = say(
        "For {cells} pairs of area and kind of service, of {all}, nobody has looked, nobody "
        "answered, or what was learned is too old. They are not gaps; they are questions.",
        cells=facts.count("coverage", level=level, dimension="category", state="not_known"),
        all=facts.count("coverage", level=level, dimension="category"),
    )
    items = []
    for name, of in rows.groupby("area_name", sort=True):
        kinds = kinds_in_words(ordered(of["value"]))
        items.append(say("{area}: {kinds}.", area=str(name), kinds=kinds))
    drawn = picture(maps, f"not-yet-known-by-{level}")
    blocks: list[Block] = [
        Paragraph(lead),
        *([drawn] if drawn else []),
        Heading(f"Still to ask, {noun} by {noun}"),
        Bullets(tuple(items)),
    ]
    if (told := reasons(rows)) and len(told) <= 8:
        blocks.append(Heading("Why"))
        blocks.append(Bullets(tuple(named(why, longest=400) for why, _ in told)))
    return Section("not-known", "What we don’t yet know", tuple(blocks))


def _how_far(study: Study, facts: Facts, maps: Maps) -> Section | None:
    level = main_level(facts)
    rows = facts.rows("travel", level=level)
    if rows.empty:
        return None
    codes = list(dict.fromkeys(rows["area_code"]))
    measured = rows[rows["median_minutes"].notna()]
    blocks: list[Block] = [travel_lead(study)]
    few = []
    for category in ordered(measured["category"]):
        timed = (measured["category"] == category).sum()
        if timed < MOST_FEW * len(codes):
            few.append(category)
            continue
        label = vocabulary.category_label(category)
        blocks.append(Heading(label))
        blocks += travel_table(
            study, facts, level, codes, category, f"{label}: how far families live from it"
        )
        blocks += pictures(maps, rf"^(travel-time|within-\d+-minutes|rural)-{_dashed(category)}$")
    if few:
        blocks.append(Heading("Kinds whose bases are known in few places"))
        blocks.append(_few_times(facts, level, few))
    return Section("how-far", "How far, and for whom", tuple(blocks))


def _few_times(facts: Facts, level: str, categories: list[str]) -> Table:
    """Kinds with a time in a few areas only, each such time, and how many areas have none."""
    body = []
    for category in categories:
        rows = facts.rows("travel", level=level, category=category)
        timed = rows[rows["median_minutes"].notna()].sort_values("area_name", kind="stable")
        text: list[str | Value | Name] = []
        for row in timed.itertuples():
            where = {"level": level, "area_code": str(row.area_code), "category": category}
            half = facts.value("travel", "median_minutes", minutes_in_words, **where)
            if half is not None:
                text += ["; " if text else "", Name(shown(str(row.area_name))), " ", half]
        without = len(rows) - len(timed)
        body.append(
            (
                Cell((vocabulary.category_label(category),)),
                Cell(tuple(text)),
                Cell((number_in_words(without),)),
            )
        )
    noun = vocabulary.label(level, vocabulary.LEVELS).lower()
    head = ("Kind of service", "Half of families live within", f"{noun.capitalize()}s with no time")
    note = "Half of those who have a way by road or ferry to a base whose place is known."
    return Table("Kinds whose bases are known in few places", head, tuple(body), (2,), note)


def _gaps(facts: Facts) -> Section | None:
    if not facts.has("gaps"):
        return None
    lead = say(
        "{gaps} gaps meet the rules of this study, in {areas} areas.",
        gaps=facts.count("gaps"),
        areas=facts.distinct("gaps", "area_code"),
    )
    table = gaps_table(facts, "Gaps, each with its reason", most=MOST_GAPS)
    return Section("gaps", "Gaps, with their reasons", (Paragraph(lead), table))


def _changes(facts: Facts) -> Section | None:
    """What changed as a whole, then each service that opened or closed by a date."""
    section = what_changed(facts, vocabulary.SCOTLAND)
    if section is None:
        return None
    dated = facts.rows("changed_services", change=("opened", "closed"))
    body = tuple(
        (
            Cell(named(str(row.name_), longest=90)),
            Cell((vocabulary.category_label(str(row.category)),)),
            Cell((f"{vocabulary.label(str(row.change), {})}, {date_in_words(str(row.date))}",)),
        )
        for row in dated.rename(columns={"name": "name_"})
        .sort_values(["category", "date", "name_"], kind="stable")
        .itertuples()
    )
    if not body:
        return section
    head = ("Service", "Kind of service", "What happened")
    table = Table("Services that opened or closed, by a date that we hold", head, body)
    return replace(section, blocks=(*section.blocks, table))


def _how_sure(facts: Facts) -> Section | None:
    rows = facts.rows("evidence", level=main_level(facts))
    if rows.empty:
        return None
    level = main_level(facts)
    stale = facts.count("coverage", level=level, dimension="category", stale="yes")
    blocks: list[Block] = [
        Paragraph(
            say(
                "In {stale} pairs of area and kind of service, the newest evidence of what is "
                "there is older than this study’s limit: read those as “last known then”.",
                stale=stale,
            )
        )
    ]
    items = []
    for category, of in rows.groupby("category", sort=False):
        looked = of[of["completeness"] > 0]
        if looked.empty:
            continue
        items.append(
            say(
                "{kind}: some evidence of a search in {looked}.",
                kind=vocabulary.category_label(str(category)),
                looked=list_in_words(sorted(_names(facts, looked["area_code"])), limit=14),
            )
        )
    others = _published(facts)
    if others is not None:
        blocks.append(Heading("What others published, beside what we hold"))
        blocks.append(Paragraph(say("Their totals are told as they stand, and never filled in.")))
        blocks.append(others)
    if items:
        blocks.append(Heading("Where somebody looked"))
        blocks.append(Bullets(tuple(items)))
    return Section("how-sure", "How sure we are", tuple(blocks))


def _next_steps(facts: Facts) -> list[Block]:
    """The calls that settle most, those to one area or organisation together, and how much."""
    rows = facts.rows("calls")
    first = rows[rows["cells"] > 0].head(MOST_CALLS) if len(rows) else rows
    if first.empty:
        return []
    told: list[Text] = []
    for (kind, whom), of in first.groupby(["kind", "whom"], sort=False):
        about = [shown(str(one)) for one in of["about"]]
        if kind == "search":
            words = "Look in {whom} for {about}."
            told.append(say(words, whom=str(whom), about=list_in_words([_small(a) for a in about])))
        else:
            told.append(say("Ask {whom} what is not recorded of its services.", whom=str(whom)))
    last = {"sentence": str(first["sentence"].iloc[-1])}
    share = facts.value("calls", "cumulative_share", share_in_words, **last)
    blocks: list[Block] = [Heading("What to do next"), Bullets(tuple(told), numbered=True)]
    if share is not None:
        words = (
            "These settle {share} of all that is not known, counted in children; the whole list, "
            "in order, is in tables/calls.csv."
        )
        blocks.append(Paragraph(say(words, share=share)))
    return blocks


def _small(label: str) -> str:
    """A kind's label inside a sentence; a proper name keeps its capitals."""
    return label[:1].lower() + label[1:] if label[1:] == label[1:].lower() else label


def _published(facts: Facts) -> Table | None:
    """Totals that others published, with what the directory has evidence for on their day."""
    rows = facts.rows("published")
    if rows.empty:
        return None
    body = []
    for row in rows.itertuples():
        where = {
            column: str(getattr(row, column))
            for column in ("category", "measure", "state", "published_as_of", "source")
        }
        value = facts.value("published", "value", **where)
        held = facts.value("published", "held", **where)
        state = list_in_words([one.replace("_", " ") for one in str(row.state).split(";")])
        body.append(
            (
                Cell((vocabulary.category_label(str(row.category)),)),
                Cell((date_in_words(str(row.published_as_of)).replace(" ", "\u00a0"),)),
                Cell((f"{vocabulary.label(str(row.measure), {})}, {state}",)),
                Cell(("—",) if value is None else (value,)),
                Cell(("—",) if held is None else (held,)),
            )
        )
    head = ("Kind of service", "When", "What was counted", "Published", "We hold")
    caption = "Totals that others published, and what we hold evidence for on that day"
    note = "A dash: what was counted then cannot be told apart in a directory."
    return Table(caption, head, tuple(body), (3, 4), note)


def _names(facts: Facts, codes: pd.Series) -> list[str]:
    rows = facts.rows("coverage").drop_duplicates("area_code").set_index("area_code")["area_name"]
    return [str(rows.get(code, code)) for code in codes]
