"""National key themes as numbered sentences, each with its figures, sureness and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.travel.method import how_measured
from gapmap.vocabulary import (
    CATEGORIES,
    ROLES,
    TIERS,
    WEIGHTS,
    category_label,
    category_words,
    columns,
)
from gapmap.words import (
    count_in_words,
    date_in_words,
    list_in_words,
    number_in_words,
    share_in_words,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gapmap.study import Study

#: The themes of a mapping exercise, in the order in which the one of 2020 found them.
THEMES: Mapping[int, str] = {
    1: "Specialist services",
    2: "Provision is not uniform",
    3: "Youngest children",
    4: "Specialist help in other services",
    5: "Short-term money",
    6: "Getting there",
    7: "Plans and policy",
    8: "Ways in",
    9: "How complete this is",
}

_Sentence = tuple[int, str, str, str, str]


def findings(study: Study, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Write the key themes that a study's tables support, in the order of the nine themes.

    Every sentence carries its figures, says how sure it is, and names the rows of the table that
    it rests on; what is not known is told apart and never counted as none.

    Parameters
    ----------
    study
        The study.
    tables
        A run's tables: services, bounds, shares, uniformity, planning, pathways, barriers,
        hidden_specialist, sureness, travel. A table that is missing leaves its sentences out.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["findings"]``, numbered from 1.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.provision.bounds import bounds, shares
    >>> then = gm.scotland(as_of="2020-02-01")
    >>> tables = {"bounds": bounds(then)}
    >>> tables["shares"] = shares(tables["bounds"])
    >>> said = findings(then, tables)["sentence"]
    >>> said[said.str.contains("infant mental health")].iloc[0].startswith("13 of 14 health boards")
    True
    """
    level = "board" if (study.areas["level"] == "board").any() else study.areas["level"].iloc[0]
    makers = (
        (("bounds", "shares"), _specialist),
        (("shares", "uniformity"), _uniform),
        (("services",), _youngest),
        (("hidden_specialist", "services"), _hidden),
        (("services",), _money),
        (("travel",), _distance),
        (("barriers",), _barriers),
        (("planning",), _plans),
        (("pathways",), _ways),
        (("sureness", "shares"), _complete),
    )
    said: list[_Sentence] = []
    for needed, make in makers:
        if all(name in tables for name in needed):
            said += list(make(study, tables, str(level)))
    said.sort(key=lambda one: one[0])
    return pd.DataFrame(
        [
            {
                "number": number,
                "theme": theme,
                "theme_name": THEMES[theme],
                "sentence": sentence,
                "sureness": sureness,
                "rows_of": table,
                "rows_where": where,
            }
            for number, (theme, sentence, sureness, table, where) in enumerate(said, start=1)
        ],
        columns=columns("findings"),
    )


def _areas(level: str, many: int = 2) -> str:
    one, more = {
        "board": ("health board", "health boards"),
        "council": ("council", "councils"),
    }.get(level, ("area", "areas"))
    return one if many == 1 else more


def _all_or(number: int, total: int) -> str:
    """A count of areas beside how many there are."""
    return f"all {total}" if number == total > 1 else f"{number} of {total}"


def _specialist(
    study: Study, tables: Mapping[str, pd.DataFrame], level: str
) -> Iterator[_Sentence]:
    """Theme 1: of each specialist kind, where it is, where somebody looked and found none."""
    bounded = tables["bounds"]
    top = bounded[(bounded["level"] == level) & (bounded["dimension"] == "category")]
    share = tables["shares"]
    share = share[(share["level"] == level) & (share["dimension"] == "category")].set_index("value")
    people = WEIGHTS.get(study.settings.weight, study.settings.weight)
    for category in (c.code for c in CATEGORIES.values() if c.tier == "specialist"):
        cells = top[top["value"] == category]
        if cells.empty or category not in share.index:
            continue
        row = share.loc[category]
        total = int(row["areas"])
        states = cells["state"].value_counts()
        none, whole, part, dumb = (
            int(states.get(state, 0)) for state in ("none_found", "provided", "partly", "not_known")
        )
        where = f"level={level};dimension=category;value={category}"
        what = category_words(category)
        what += "" if what.endswith("unit") else " service"
        one = f"{'an' if what[:1] in 'aeiou' else 'a'} {what}"
        said = []
        if none:
            have = "has" if none == 1 else "have"
            said.append(
                f"{none} of {total} {_areas(level, total)} {have} no {what}: somebody "
                "looked and found none"
            )
        if whole or part:
            some = cells[cells["state"].isin(["provided", "partly"])]["area_name"].tolist()
            told = (
                f"{_all_or(whole, total)} {_areas(level, total)} "
                f"{'has' if whole == 1 else 'have'} {one} for families of the whole area"
            )
            if part:
                told = (
                    f"{_all_or(part, total)} {_areas(level, total)} "
                    f"{'has' if part == 1 else 'have'} {one} for some families only"
                    if not whole
                    else f"{told}, and {part} for some families only"
                )
            if len(some) <= 3:
                told += f" ({list_in_words(some)})"
            said.append(told)
        if dumb:
            said.append(f"of {dumb} {'more ' if said else ''}it is not yet known")
        sentence = "; ".join(said)
        if dumb == total:
            sentence = f"of no {_areas(level, 1)} is it known yet whether it has {one}"
        low, high = row["people_least"], row["people_most"]
        sure = (
            f"Counting what is not known, some is there in at least {int(row['any_least'])} and at "
            f"most {int(row['any_most'])} of {total}."
            if row["any_least"] != row["any_most"]
            else f"Settled: some is there in {_all_or(int(row['any_least']), total)}."
        )
        if low == low and high > 0:
            if low == high == row["people"]:
                sure += f" All {number_in_words(high)} {people} live where it is for every family."
            elif low > 0:
                sure += (
                    f" At least {number_in_words(low)} and at most {number_in_words(high)} {people}"
                    " live where it is for every family."
                )
        yield 1, f"{sentence[0].upper()}{sentence[1:]}.", sure, "bounds", where
        if "services" in tables:
            yield from _few(study, tables["services"], category)


def _few(study: Study, placed: pd.DataFrame, category: str) -> Iterator[_Sentence]:
    """The services of a specialist kind by name and for whom, where they are few."""
    counting = placed[(placed["category"] == category) & (placed["counts_at_as_of"] == "yes")]
    if not 0 < len(counting) <= 3:
        return
    mine = study.services.drop_duplicates("service_id").set_index("service_id")
    told = []
    for service in counting["service_id"]:
        who = str(mine.at[service, "eligibility"])
        told.append(f"{mine.at[service, 'name']}" + (f" (for: {shown(who)})" if who else ""))
    yield (
        1,
        f"{category_label(category)}: we know of {count_in_words(len(told), 'service')} in all, "
        f"{list_in_words(told)}.",
        "Of what the directory holds.",
        "services",
        f"category={category};counts_at_as_of=yes",
    )


def _uniform(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 2: which kinds are everywhere, which only in some places."""
    even = tables["uniformity"]
    base = "council" if (even["level"] == "council").any() else level
    even = even[(even["level"] == base) & (even["dimension"] == "category")]
    known = even[even["areas_known"] > 0]
    if known.empty:
        return
    where = f"level={base};dimension=category"
    everywhere = known[known["areas_with_one"] == known["areas"]]["value"].tolist()
    some = known[(known["areas_with_one"] > 0) & (known["areas_with_one"] < known["areas"])]
    listed = [
        f"{category_words(value)} in {count}"
        for value, count in zip(
            some.sort_values("areas_with_one")["value"],
            some.sort_values("areas_with_one")["areas_with_one"],
            strict=True,
        )
    ]
    total = int(known["areas"].iloc[0])
    said = f"Of {count_in_words(len(even), 'kind')} of service, {len(everywhere)} are known in all "
    said += f"{total} {_areas(base)}"
    if everywhere:
        said += f" ({list_in_words([category_words(value) for value in everywhere])})"
    if listed:
        said += f"; {len(some)} only in some: {list_in_words(listed, limit=8)}"
    dumb = int((even["areas"] - even["areas_known"]).sum())
    sure = (
        f"Of {dumb:,} of {int(even['areas'].sum()):,} pairs ({_areas(base, 1)} by kind of service) "
        "it is not yet known; not one of them is counted as having none."
    )
    yield 2, f"{said}.", sure, "uniformity", where


def _youngest(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 3: who is served under two and three, and how many services are made for this."""
    services = study.services
    placed = tables["services"]
    counting = set(placed.loc[placed["counts_at_as_of"] == "yes", "service_id"])
    mine = services[services["service_id"].isin(counting)].drop_duplicates("service_id")
    if mine.empty:
        return
    ends = mine["age_to_months"]
    young = mine[ends <= 36]
    unknown = int(ends.isna().sum())
    where = "counts_at_as_of=yes"
    tiers = mine["tier"].value_counts()
    mix = [
        f"{int(tiers.get(tier, 0))} {words.lower()}"
        for tier, words in TIERS.items()
        if tiers.get(tier, 0)
    ]
    yield (
        3,
        f"Of {count_in_words(len(mine), 'service')}, {len(young)} are for children "
        f"under three only; by tier there are {list_in_words(mix)}.",
        f"The upper age of {count_in_words(unknown, 'service')} is not known.",
        "services",
        where,
    )
    designed = int((mine["designed_for_relationship"] == "core").sum())
    third = mine[mine["sector"] == "third_sector"]
    core = int((third["designed_for_relationship"] == "core").sum())
    dumb = int((~third["designed_for_relationship"].isin(["core", "partial", "incidental"])).sum())
    yield (
        3,
        f"{count_in_words(designed, 'service').capitalize()} "
        f"{'is' if designed == 1 else 'are'} known to be made for the parent-infant relationship; "
        f"of {count_in_words(len(third), 'third-sector service')}, {core}.",
        f"Of {dumb} of those third-sector services it is not known.",
        "services",
        f"{where};sector=third_sector",
    )


def _hidden(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 4: specialist interventions offered by services of a lower tier."""
    rows, placed = tables["hidden_specialist"], tables["services"]
    lower = placed[
        (placed["counts_at_as_of"] == "yes") & placed["tier"].isin(["universal", "targeted"])
    ]
    linked = study.table("service_interventions")
    told = set(linked["service_id"]) if len(linked) else set()
    told |= set(study.services.loc[study.services["interventions"] != "", "service_id"])
    silent = int((~lower["service_id"].isin(told)).sum())
    sure = f"What {count_in_words(silent, 'service')} of {len(lower):,} offer is not recorded."
    if rows.empty:
        yield (
            4,
            f"Of {count_in_words(len(lower), 'service')} that count as universal or targeted, none "
            "is known to offer a specialist intervention.",
            f"{sure} This does not show that none does.",
            "services",
            "counts_at_as_of=yes;tier=universal|targeted",
        )
        return
    names = rows.drop_duplicates("service_id")
    kinds = rows["intervention_name"].value_counts().index.tolist()
    yield (
        4,
        f"{count_in_words(len(names), 'service')} that count as universal or targeted "
        f"{'offers' if len(names) == 1 else 'offer'} a specialist intervention "
        f"({list_in_words(kinds, limit=3)}): {list_in_words(names['name'].tolist(), limit=3)}.",
        f"{sure} There may be more.",
        "hidden_specialist",
        "",
    )


def _money(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 5: what rests on short-term money."""
    placed = tables["services"]
    counting = set(placed.loc[placed["counts_at_as_of"] == "yes", "service_id"])
    services = study.services
    third = services[
        services["service_id"].isin(counting) & (services["sector"] == "third_sector")
    ].drop_duplicates("service_id")
    if third.empty:
        return
    short = int(third["funding"].isin(["fixed_term", "mixed"]).sum())
    lasting = int((third["funding"] == "permanent").sum())
    unknown = len(third) - short - lasting
    yield (
        5,
        f"Of {count_in_words(len(third), 'third-sector service')}, {short} are known to run on "
        f"money that ends, and {lasting or 'none'} on lasting money.",
        f"Of {unknown} nobody recorded how they are paid: the true share on money that ends is at "
        f"least {share_in_words(short / len(third))}.",
        "services",
        "counts_at_as_of=yes;sector=third_sector",
    )


def _distance(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 6: how far families live, where it can be told."""
    travel = tables["travel"]
    if "share_within_60" not in travel:
        return
    top = travel[(travel["level"] == level) & (travel["category"] == "maternity_unit")]
    top = top[top["people"] > 0]
    total = top["people"].sum()
    # A straight line has no minutes, so who is within an hour is not known, not nobody.
    if total > 0 and top["share_within_60"].notna().all():
        near = float((top["people"] * top["share_within_60"]).sum() / total)
        ferry = float((top["people"] * top["share_by_ferry"]).sum() / total)
        far = top.sort_values(["share_within_60", "area_code"])["area_name"].tolist()
        yield (
            6,
            f"{share_in_words(near)} of {WEIGHTS.get(study.settings.weight, 'people')} live within "
            f"an hour of a maternity unit whose place we know; {share_in_words(ferry)} need a "
            f"ferry. The share is lowest in {list_in_words(far[:3])}.",
            how_measured(study.settings),
            "travel",
            f"level={level};category=maternity_unit",
        )


def _barriers(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 6, too: what else keeps families away."""
    barred = tables["barriers"]
    top = barred[barred["level"] == level]
    groups = top[top["groups_only"] == "yes"]
    if len(groups):
        kinds = sorted({category_words(value) for value in groups["category"]})
        yield (
            6,
            f"In {count_in_words(len(groups), 'pair')} ({_areas(level, 1)} by kind of service) all "
            f"that there is meets in groups: {list_in_words(kinds, limit=5)}.",
            f"Of {int((top['groups_only'] == 'unknown').sum())} more pairs it is not known.",
            "barriers",
            f"level={level};groups_only=yes",
        )


def _plans(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 7: whether plans name infants."""
    plans = tables["planning"]
    questions = {
        "names_infants": "names infants or the years before birth",
        "names_infant_mental_health": "names infant mental health",
        "families_voice": "tells how families were heard",
    }
    for question, words in questions.items():
        rows = plans[plans["question"] == question]
        if rows.empty:
            continue
        answers = rows["answer"].value_counts()
        yes, no, total = int(answers.get("yes", 0)), int(answers.get("no", 0)), len(rows)
        yield (
            7,
            f"{yes} of {total} {_areas(str(rows['level'].iloc[0]), total)} "
            f"{'has' if yes == 1 else 'have'} a plan that {words}, as far as somebody read"
            + (f"; in {no} somebody read the plan and it does not." if no else "."),
            f"Of the other {total - yes - no} it is not known: at most {total - no} have one.",
            "planning",
            f"question={question}",
        )


def _ways(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 8: which roles have a way to a specialist service."""
    ways = tables["pathways"]
    top = ways[(ways["level"] == level) & (ways["target"] == "any")]
    total = top["area_code"].nunique()
    counted = top[top["status"] == "confirmed"].groupby("from_role").size()
    listed = [
        f"{ROLES[role] if role == 'gp' else ROLES[role].lower()} {int(counted.get(role, 0))}"
        for role in dict.fromkeys(top["from_role"])
    ]
    if not total:
        return
    dumb = int(top["status"].isin(["unknown", "possible"]).sum())
    yield (
        8,
        f"A specialist service says that it takes families from these, in so many of {total} "
        f"{_areas(level, total)}: {list_in_words(listed)}.",
        f"For {dumb} of {len(top)} pairs of {_areas(level, 1)} and referrer it is only probable or "
        "not known; that is not a refusal.",
        "pathways",
        f"level={level};target=any",
    )
    imh = ways[(ways["level"] == level) & (ways["target"] == "infant_mental_health")]
    none = imh.groupby("area_code")["status"].agg(lambda found: set(found) == {"no_service"})
    have = imh[imh["status"] == "confirmed"]["area_code"].nunique()
    yield (
        8,
        f"A way to an infant mental health service is confirmed for some role in {have} of {total} "
        f"{_areas(level, total)}; in {int(none.sum())} we know no such service to lead to.",
        "A route is confirmed only where the service itself says that it accepts the role.",
        "pathways",
        f"level={level};target=infant_mental_health",
    )


def _complete(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> Iterator[_Sentence]:
    """Theme 9: how much is not known."""
    sure = tables["sureness"]
    sure = sure[sure["level"] == level]
    share = tables["shares"]
    share = share[(share["level"] == level) & (share["dimension"] == "category")]
    cells, dumb = int(share["areas"].sum()), int(share["not_known"].sum())
    kind = f"{_areas(level, 1)} by kind of service"
    asked = int(sure["contacts"].sum())
    rate = (
        f"{share_in_words(float(sure['response_rate'].mean()))} of those asked answered"
        if asked and sure["response_rate"].notna().any()
        else "whom we asked, and who answered, is not recorded"
    )
    searched = int(sure["searched"].sum())
    yield (
        9,
        f"Of {cells:,} pairs ({kind}), {dumb:,} are not yet known on "
        f"{date_in_words(study.settings.as_of)}; {searched or 'none'} "
        f"{'was' if searched < 2 else 'were'} searched in the {study.settings.search_months} "
        f"months before; {rate}.",
        "The map is only as complete as its evidence: absence is told only where somebody looked.",
        "sureness",
        f"level={level}",
    )
    ages = sure["median_age_years"].dropna()
    if len(ages):
        yield (
            9,
            f"In the typical {_areas(level, 1)} half of the services are known only from evidence "
            f"older than {ages.median():.1f} years.",
            "By the newest date that tells of each service.",
            "sureness",
            f"level={level}",
        )
