"""Passages that the national and the area reports share, each made from the run's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.report import look
from gapmap.report.about import RECENT_YEARS, caveats
from gapmap.report.content import (
    Block,
    Bullets,
    Callout,
    Cell,
    Facts,
    Heading,
    Paragraph,
    Section,
    Split,
    Table,
    Text,
    Value,
    named,
    plain,
    say,
)
from gapmap.travel.method import how_measured
from gapmap.travel.rural import classes_in_words
from gapmap.words import (
    date_in_words,
    list_in_words,
    number_in_words,
    roughly,
    sentence,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from gapmap.study import Study

#: Kinds that a report speaks of first, where the study has them.
KEY_CATEGORIES = (
    "infant_mental_health",
    "perinatal_mental_health",
    "mother_baby_unit",
    "maternity_neonatal_psychology",
    "family_nurse_partnership",
)

#: Statuses that are told beside the minutes, since they have none.
UNMEASURED = tuple(s for s in vocabulary.TRAVEL_STATUSES if s not in vocabulary.MEASURED_STATUSES)


def ordered(codes: Iterable[str]) -> list[str]:
    """Categories in the vocabulary's order; a study's own after them, by name.

    Examples
    --------
    >>> ordered(["toy_library", "befriending", "infant_mental_health"])
    ['infant_mental_health', 'befriending', 'toy_library']
    """
    have = set(codes)
    known = [code for code in vocabulary.CATEGORIES if code in have]
    return known + sorted(have - set(known))


def people_word(study: Study) -> str:
    """How a sentence names the people that the study counts."""
    return vocabulary.WEIGHTS.get(study.settings.weight, "people")


def about_box(study: Study, facts: Facts) -> Callout:
    """The first box: how many services from how many sources, how fresh, how complete."""
    when = date_in_words(study.settings.as_of)
    first = say(
        "{counting} services, known from {sources} sources, are open on {when} as far as we know. "
        "For {recent} of them the evidence is no older than {years} years.",
        counting=_about(facts, "counting"),
        sources=_about(facts, "sources"),
        recent=_about(facts, "recent"),
        when=when,
        years=str(RECENT_YEARS),
    )
    return Callout(
        "What this rests on", (Paragraph(first), Bullets(tuple((t,) for t in caveats(study))))
    )


def _about(facts: Facts, measure: str) -> Value:
    return facts.total("about", "value", measure=measure)


def states_table(
    facts: Facts, level: str, codes: list[str], categories: list[str], caption: str
) -> Table:
    """Areas down, kinds across, a state in each cell."""
    rows = facts.rows("coverage", level=level, dimension="category", area_code=tuple(codes))
    states = rows.set_index(["area_code", "value"])["state"].to_dict()
    names = rows.drop_duplicates("area_code").set_index("area_code")["area_name"].to_dict()
    body = []
    for code in sorted(names, key=lambda c: str(names[c])):
        cells = [Cell(named(str(names[code]), longest=60))]
        cells += [state_cell(states.get((code, c), "")) for c in categories]
        body.append(tuple(cells))
    head = (
        vocabulary.label(level, vocabulary.LEVELS),
        *(vocabulary.category_label(c) for c in categories),
    )
    return Table(caption, head, tuple(body), compact=True)


def state_cell(state: str) -> Cell:
    """A state as a narrow cell says it."""
    short = look.STATES[state].short if state in look.STATES else "—"
    return Cell((short,), state=state)


def states_split(facts: Facts, level: str, categories: list[str], caption: str) -> Split:
    """How many areas of a level are in each state, a row for each kind of service."""
    rows = []
    for category in categories:
        parts = tuple(
            (
                state,
                facts.count(
                    "coverage", level=level, dimension="category", value=category, state=state
                ),
            )
            for state in vocabulary.STATES
        )
        rows.append((vocabulary.category_label(category), parts))
    return Split(caption, tuple(rows))


def travel_table(
    study: Study, facts: Facts, level: str, codes: list[str], category: str, caption: str
) -> list[Block]:
    """Areas with a time, the farthest first; then those without one, by the reason."""
    rows = facts.rows("travel", level=level, area_code=tuple(codes), category=category)
    timed = rows[rows["median_minutes"].notna()]
    timed = timed.sort_values("median_minutes", ascending=False, kind="stable")
    body = []
    for row in timed.itertuples():
        where = {"level": level, "area_code": str(row.area_code), "category": category}
        body.append(
            (Cell(named(str(row.area_name), longest=60)), *_travel_cells(facts, study, where))
        )
    head = (
        vocabulary.label(level, vocabulary.LEVELS),
        f"All {people_word(study)}",
        *_travel_heads(study),
    )
    blocks: list[Block] = [
        Table(caption, head, tuple(body), numeric=tuple(range(1, len(head) - 1)))
    ]
    reasons_of: dict[str, tuple[Text, list[str]]] = {}
    for row in rows[rows["median_minutes"].isna()].itertuples():
        where = {"level": level, "area_code": str(row.area_code), "category": category}
        text = unmeasured(facts, where)
        reasons_of.setdefault(plain(text), (text, []))[1].append(str(row.area_name))
    lines = tuple(
        (*say("No time is told in {areas} (", areas=list_in_words(sorted(names))), *text, ").")
        for text, names in reasons_of.values()
    )
    return [*blocks, Bullets(lines)] if lines else blocks


def travel_by_category(
    study: Study, facts: Facts, level: str, code: str, categories: list[str], caption: str
) -> Table:
    """Kinds of service down, for one area."""
    body = []
    for category in categories:
        where = {"level": level, "area_code": code, "category": category}
        body.append(
            (
                Cell((vocabulary.category_label(category),)),
                *_travel_cells(facts, study, where, people=False),
            )
        )
    head = ("Kind of service", *_travel_heads(study))
    return Table(caption, head, tuple(body), numeric=tuple(range(1, len(head) - 1)))


def _travel_heads(study: Study) -> tuple[str, ...]:
    return (
        "Half within (minutes)",
        "Nine in ten within (minutes)",
        *(f"Within {t} minutes" for t in _told_thresholds(study)),
        "No time told, because",
    )


def travel_lead(study: Study) -> Paragraph:
    """What every table of travel needs said before it."""
    return Paragraph(
        say(
            f"{{method}} Half and nine in ten are of those {people_word(study)} who have a way to "
            "a base whose place is known; shares are of all of them. A time is told only where a "
            "place is known; the last column says what is so for everyone else.",
            method=how_measured(study.settings),
        )
    )


def _told_thresholds(study: Study) -> list[int]:
    wanted = [t for t in study.settings.thresholds if t in (30, 60)]
    return wanted or list(study.settings.thresholds[:2])


def _travel_cells(
    facts: Facts, study: Study, where: Mapping[str, str], *, people: bool = True
) -> list[Cell]:
    cells = []
    if people:
        cells.append(_value_cell(facts.value("travel", "people", number_in_words, **where)))
    for column in ("median_minutes", "p90_minutes"):
        cells.append(_value_cell(facts.value("travel", column, _minutes_number, **where)))
    timed = facts.value("travel", "median_minutes", **where) is not None
    for threshold in _told_thresholds(study):
        share = facts.value("travel", f"share_within_{threshold}", _percent, **where)
        # Where nobody has a time, a share of nought would read as "too far".
        share = share if timed else None
        cells.append(
            Cell(("—",)) if share is None else Cell((share,), bar=min(1.0, max(0.0, share.number)))
        )
    cells.append(Cell(unmeasured(facts, where)))
    return cells


def _value_cell(value: Value | None) -> Cell:
    return Cell(("—",)) if value is None else Cell((value,))


def _minutes_number(minutes: float) -> str:
    """Whole minutes for a table; below one, so that nothing reads as no way at all."""
    return "<1" if 0 < minutes < 1 else f"{minutes:,.0f}"


def _percent(share: float) -> str:
    """A percentage for a table: never 0% for some or 100% for not all."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def unmeasured(facts: Facts, where: Mapping[str, str]) -> Text:
    """Shares of people for whom there are no minutes, each with its reason."""
    parts: list[str | Value] = []
    for status in UNMEASURED:
        share = facts.value("travel", f"share_{status}", _percent, **where)
        if share is None or share.number <= 0:
            continue
        words = vocabulary.TRAVEL_STATUSES[status]
        parts += [f"{'; ' if parts else ''}{words[0].lower()}{words[1:]}: ", share]
    return tuple(parts) if parts else ("—",)


def gaps_table(facts: Facts, caption: str, *, most: int, **where: str | tuple[str, ...]) -> Table:
    """Gaps in the table's own order, each with its reason; what is past the limit is counted."""
    rows = facts.rows("gaps", **where)
    sure = "certainty" in rows and rows["certainty"].fillna("").astype(str).str.strip().any()
    body = []
    for row in rows.head(most).itertuples():
        cells = [
            Cell(named(str(row.area_name), longest=60)),
            Cell((vocabulary.category_label(str(row.category)) if row.category else "—",)),
            Cell(named(sentence(_without(str(row.reason), str(row.area_name))), longest=600)),
        ]
        if sure:
            cells.append(Cell((vocabulary.label(str(row.certainty), vocabulary.CERTAINTY),)))
        body.append(tuple(cells))
    note = ""
    if len(rows) > most:
        note = f"The first {most} of {len(rows):,}; all of them are in tables/gaps.csv."
    head = ["Area", "Kind of service", "What is missing, and how we know"]
    head += ["Will it stand?"] if sure else []
    return Table(caption, tuple(head), tuple(body), note=note)


def _without(reason: str, area: str) -> str:
    """A reason without the area's name at its beginning: the row has it already."""
    return reason.removeprefix(f"{area}: ")


def what_changed(facts: Facts, code: str) -> Section | None:
    """What is known to have changed in an area since the study's earlier date."""
    rows = facts.rows("changes", area_code=code)
    if rows.empty:
        return None
    since = date_in_words(str(rows["since"].iloc[0]))
    lead = say(
        "What changed since {since}. A date says when a service opened or closed; states are "
        "compared only where it was known at both dates what is there.",
        since=since,
    )
    items = tuple(named(str(text), longest=900) for text in rows["reason"])
    return Section("changes", "What has changed", (Paragraph(lead), Bullets(items)))


def reasons(rows: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Kinds of service that share a reason, told once: (reason, kinds)."""
    grouped: dict[str, list[str]] = {}
    for row in rows.itertuples():
        grouped.setdefault(str(row.why), []).append(str(row.value))
    return [(why, ordered(kinds)) for why, kinds in grouped.items()]


def kinds_in_words(codes: Iterable[str]) -> str:
    """Kinds of service as a sentence lists them.

    Examples
    --------
    >>> kinds_in_words(["befriending", "play_therapy"])
    'befriending and play therapy'
    """
    told = []
    for code in codes:
        label = vocabulary.category_label(code)
        # A proper name keeps its capitals.
        told.append(label if label[:1] + label[1:].lower() != label else label.lower())
    return list_in_words(told)


def how_worked_out(study: Study, left_out: list[str]) -> Section:
    """Method, what is approximate, and which sections are missing for want of data."""
    settings = study.settings
    limits = say(
        "A service counts if it had opened and not closed by {when}. Evidence older than {stale} "
        "years keeps a service but marks it as last known then. An absence is told as found only "
        "where somebody looked within the {months} months before, or where the evidence is "
        "complete enough; anything else is told as not yet known.",
        when=date_in_words(settings.as_of),
        stale=str(settings.stale_years),
        months=str(settings.search_months),
    )
    travel = say(
        "The nearest place may be full, may not take a family from where it lives, and may be open "
        "on some days only. A family counts where its postcode is. Minutes are told "
        "only where a service's own site or postcode is known.",
    )
    blocks: list[Block] = [Paragraph(limits), Paragraph(travel)]
    blocks.append(Bullets(tuple((line,) for line in (*caveats(study), classes_in_words(study)))))
    if left_out:
        blocks.append(
            Paragraph(
                say(
                    "Left out, because the study holds nothing on them yet: {sections}.",
                    sections=list_in_words([f"“{title}”" for title in left_out]),
                )
            )
        )
    return Section("method", "How it was worked out", tuple(blocks))


def sources_section(study: Study, services: pd.DataFrame, *, by_publisher: bool = False) -> Section:
    """Licence lines, then where the facts on the services came from."""
    blocks: list[Block] = [Bullets(tuple(named(line) for line in study.settings.attribution))]
    table = publishers_table(services) if by_publisher else sources_table(services)
    if table is not None:
        blocks += [Heading("Where the facts on services come from"), table]
    return Section("sources", "Sources", tuple(blocks))


def sources_table(services: pd.DataFrame) -> Table | None:
    """Services by name with their source and its date; None where no source is told."""
    told = _sourced(services)
    if told.empty:
        return None
    body = tuple(
        (
            Cell(named(str(row.name_), longest=90)),
            Cell(named(_first_source(str(row.source)), longest=110)),
            Cell((_month(str(row.source_date or "")) or "not dated",)),
        )
        for row in told.rename(columns={"name": "name_"})
        .sort_values("name_", kind="stable")
        .itertuples()
    )
    return Table("Sources of the services named here", ("Service", "Source", "Dated"), body)


def publishers_table(services: pd.DataFrame) -> Table | None:
    """Who published what the services are known from, those of most services first.

    A national report would have a row for every service, which the workbook has.
    """
    told = _sourced(services)
    if told.empty:
        return None
    told = told.assign(publisher=told["source"].astype(str).map(_publisher))
    body = []
    for publisher, of in told.groupby("publisher", sort=True):
        newest = max(str(one or "")[:7] for one in of["source_date"])
        body.append((len(of), str(publisher), newest))
    body.sort(key=lambda one: (-one[0], one[1].casefold()))
    rows = tuple(
        (
            Cell(named(publisher, longest=90)),
            Cell((number_in_words(count),)),
            Cell((_month(newest) or "not dated",)),
        )
        for count, publisher, newest in body
    )
    head = ("Published by", "Services", "Newest")
    note = "The first source of each service; every source of each is in the workbook."
    return Table("Where the facts come from, by publisher", head, rows, numeric=(1,), note=note)


def _sourced(services: pd.DataFrame) -> pd.DataFrame:
    if services.empty or "source" not in services:
        return services.iloc[:0]
    return services[services["source"].fillna("").astype(str).str.strip() != ""]


def _month(day: str) -> str:
    return date_in_words(day[:7]).replace(" ", "\u00a0")


def _publisher(text: str) -> str:
    """The site of a web address, else the source up to its first bracket or comma."""
    first = next((part.strip() for part in text.split(";") if part.strip()), "")
    site = re.match(r"https?://(?:www\.)?([^/\s]+)", first)
    return site[1].lower() if site else re.split(r"[(,]| of \d", first)[0].strip()


def _first_source(text: str) -> str:
    """The first source, without what every address begins with."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    more = f" (and {len(parts) - 1} more)" if len(parts) > 1 else ""
    plain_ = re.sub(r"^https?://(www\.)?", "", parts[0]).rstrip("/") if parts else ""
    return shown(plain_, longest=70) + more if parts else ""


def people(facts: Facts, study: Study, level: str, code: str) -> Value | None:
    """People of an area; below council level only roughly, unless the study has counts."""
    exact = study.settings.exact_people or level in {"board", "council"}
    table = "coverage" if facts.has("coverage") else "travel"
    rows = facts.rows(table, level=level, area_code=code)
    if rows.empty:
        return None
    first = rows.iloc[0]
    where = {"level": level, "area_code": code}
    if table == "coverage":
        where |= {"dimension": str(first["dimension"]), "value": str(first["value"])}
    else:
        where |= {"category": str(first["category"])}
    return facts.value(table, "people", number_in_words if exact else roughly, **where)


def why_text(why: str) -> str:
    """A reason from the tables as a sentence of its own."""
    return sentence(shown(why, longest=600))
