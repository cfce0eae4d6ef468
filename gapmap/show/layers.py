"""What the interactive map can show: every measure of areas in classes, with the words of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.dates import last_day
from gapmap.show.choropleth import areas_in_words, number_classes
from gapmap.show.lasting import PROSPECT_LOOKS, PROSPECTS, prospects_of
from gapmap.show.points import MINUTES, TIME_COLOURS
from gapmap.show.style import (
    DEFAULT,
    LILAC,
    STATE_LOOKS,
    STATUS_LOOKS,
    UNKNOWN,
    WHITE,
    Look,
    Style,
)
from gapmap.travel.method import how_measured
from gapmap.vocabulary import TRAVEL_STATUSES, WEIGHTS, category_label, label
from gapmap.words import (
    count_in_words,
    date_in_words,
    list_in_words,
    minutes_in_words,
    number_in_words,
    share_in_words,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from gapmap.study import Study

    #: Area code -> the class of a group that it falls in, and its value in words.
    Told = dict[str, tuple[int, str]]

_NOT_KNOWN = "Not yet known"
_NONE_FOUND = "Looked, found none"

#: The two ends of what can be true of a cell -> its class on the map.
_BOUND_CLASSES = (
    (("provided", "provided"), "Throughout, whatever is not known", STATE_LOOKS["provided"]),
    (("partly", "provided"), "For some at least, perhaps throughout", STATE_LOOKS["partly"]),
    (("partly", "partly"), "For some, and no more", Look(LILAC, "---", WHITE)),
    (("none_found", "provided"), "Not settled: from none to throughout", UNKNOWN),
    (("none_found", "partly"), "Not settled: none, or for some", UNKNOWN),
    (("none_found", "none_found"), "None, whatever is not known", STATE_LOOKS["none_found"]),
)
_WIDER_ONLY = Look(LILAC)


@dataclass(frozen=True)
class Group:
    """One map of one layer: its classes and where every area stands.

    Parameters
    ----------
    level
        Level of the areas.
    key
        ``category:infant_mental_health``, ``tier:specialist`` or ``all``.
    classes
        Look and words of each class, in the order of the legend.
    told
        For every area its class and its value in words.
    finding
        The map's title.
    """

    level: str
    key: str
    classes: tuple[tuple[Look, str], ...]
    told: Told
    finding: str


@dataclass(frozen=True)
class Layer:
    """One thing that the map can show, for every kind of service and level that it is known for.

    Parameters
    ----------
    code, title
        Its name in code and for people.
    unit
        What a value is, with its unit.
    method
        How it was worked out, and what it does not tell.
    date
        The day that it is of.
    groups
        Its maps.
    """

    code: str
    title: str
    unit: str
    method: str
    date: str
    groups: tuple[Group, ...]


# -- the layers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Areas:
    """Names and codes of the areas of each level, and how sentences call them."""

    names: Mapping[str, Mapping[str, str]]
    many: Mapping[str, str]

    def where(self, level: str, codes: Sequence[str]) -> str:
        """Names of some areas; many are counted."""
        have = self.names[level]
        if len(codes) > 3:
            return f"{len(codes)} of {len(have)} {self.many[level]}"
        return list_in_words([have[code] for code in codes])


def layers_of(
    study: Study,
    levels: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    *,
    names: Mapping[str, Mapping[str, str]],
    many: Mapping[str, str],
    style: Style = DEFAULT,
) -> list[Layer]:
    """Every layer but the states that the tables hold something for.

    Parameters
    ----------
    study
        The study.
    levels
        Kinds of area to show.
    tables
        A run's tables by name: coverage, travel, bounds, calendar, fragility, gaps; those that
        are missing or empty bring no layer.
    names
        Per level the areas' names by code.
    many
        Per level what several of its areas are called.
    style
        Colours of classed numbers.

    Returns
    -------
    list of Layer
        In the order in which a person is offered them.
    """
    areas = _Areas(names, many)
    found = [
        _minutes(study, tables, areas),
        _kilometres(study, tables, areas, style),
        *(_within(study, tables, areas, t, style) for t in study.settings.thresholds if t <= 60),
        _rates(study, tables, areas, style),
        _bounds(study, tables, areas),
        _fragile(study, tables, areas),
        _gaps(study, tables, areas, style),
        _unknowns(study, tables, areas, style),
    ]
    wanted = [one for one in found if one is not None]
    return [
        replace(one, date=date_in_words(study.settings.as_of), groups=kept)
        for one in wanted
        if (
            kept := tuple(
                _alone(group, areas) if len(areas.names[group.level]) == 1 else group
                for group in one.groups
                if group.level in levels
            )
        )
    ]


def _alone(group: Group, areas: _Areas) -> Group:
    """The map of a single area says what that area has, not how many areas have it."""
    ((code, name),) = areas.names[group.level].items()
    dimension, _, value = group.key.partition(":")
    subject = _subject(dimension, value) if value else "Every kind of service"
    words = group.told[code][1] if code in group.told else _NOT_KNOWN
    return replace(group, finding=f"{subject} in {name}: {words[0].lower()}{words[1:]}.")


def _table(tables: Mapping[str, pd.DataFrame], name: str, areas: _Areas) -> pd.DataFrame:
    """A table's rows of the levels that are shown."""
    table = tables.get(name)
    if table is None or table.empty or "level" not in table:
        return pd.DataFrame(columns=["level", "area_code", "dimension", "value", "category"])
    return table[table["level"].isin(list(areas.names))]


def _people(study: Study) -> str:
    return WEIGHTS.get(study.settings.weight, study.settings.weight)


def _classed(
    groups: Sequence[tuple[Look, str]], told: Mapping[str, tuple[int, str]]
) -> tuple[tuple[tuple[Look, str], ...], Told]:
    """Only the classes that some area falls in, numbered anew."""
    used = [n for n in range(len(groups)) if any(one == n for one, _ in told.values())]
    place = {old: new for new, old in enumerate(used)}
    return tuple(groups[n] for n in used), {
        code: (place[one], text) for code, (one, text) in told.items()
    }


#: Where an area has no minutes: the class of its commonest status, worded for areas.
_WITHOUT_MINUTES = (
    ("comes_to_family", STATUS_LOOKS["comes_to_family"], "It comes to the family"),
    ("site_not_known", STATUS_LOOKS["site_not_known"], "A service serves them, base not recorded"),
    ("unreachable", STATUS_LOOKS["unreachable"], "No way there by car or ferry"),
    ("off_network", STATUS_LOOKS["off_network"], "Too far from any road we hold"),
    ("no_known_service", UNKNOWN, "No service known yet"),
)


def _travel_rows(travel: pd.DataFrame, areas: _Areas, level: str) -> pd.DataFrame:
    return (
        travel.drop_duplicates("area_code").set_index("area_code").reindex(list(areas.names[level]))
    )


def _status(row: Mapping[str, Any], state: str) -> tuple[int, str]:
    """Which class an area without minutes falls in, and the words: the commonest status."""
    shares = [float(row.get(f"share_{code}", 0.0) or 0.0) for code, *_ in _WITHOUT_MINUTES]
    shares = [0.0 if one != one else one for one in shares]
    at = int(np.argmax(shares)) if max(shares) > 0 else len(shares) - 1
    code, _, words = _WITHOUT_MINUTES[at]
    if code == "no_known_service" and state == "none_found":
        return len(_WITHOUT_MINUTES), _NONE_FOUND
    return at, words


_STATUS_CLASSES = (
    *((look, words) for _, look, words in _WITHOUT_MINUTES),
    (STATE_LOOKS["none_found"], _NONE_FOUND),
)


def _by_category(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    areas: _Areas,
    make: Callable[[str, str, pd.DataFrame, dict[str, str]], Group | None],
) -> tuple[Group, ...]:
    """A travel layer's groups: one for each level and category with any minutes."""
    travel = _table(tables, "travel", areas)
    covered = tables["coverage"]
    cells = covered[covered["dimension"] == "category"]
    states: dict[tuple[str, str], dict[str, str]] = {}
    for level, value, code, state in zip(
        *(cells[name].tolist() for name in ("level", "value", "area_code", "state")), strict=True
    ):
        states.setdefault((str(level), str(value)), {})[str(code)] = str(state)
    groups = []
    for (level, category), rows in travel.groupby(["level", "category"], sort=False, observed=True):
        rows = _travel_rows(rows, areas, str(level))
        key = (str(level), str(category))
        made = make(*key, rows, states.get(key, {}))
        if made is not None:
            groups.append(made)
    return tuple(groups)


def _layer(code: str, title: str, unit: str, method: str, groups: Sequence[Group]) -> Layer | None:
    """A layer, if there is anything to show."""
    return Layer(code, title, unit, method, "", tuple(groups)) if groups else None


def _minutes(study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas) -> Layer | None:
    if study.settings.travel_method == "straight":
        return None
    names = [
        f"Up to {MINUTES[0]} minutes",
        *(f"{a} to {b} minutes" for a, b in pairwise(MINUTES)),
        f"Over {MINUTES[-1]} minutes",
    ]
    classes = [
        *((Look(colour), words) for colour, words in zip(TIME_COLOURS, names, strict=True)),
        *_STATUS_CLASSES,
    ]

    def make(level: str, category: str, rows: pd.DataFrame, states: dict[str, str]) -> Group | None:
        told: Told = {}
        found: dict[str, float] = {}
        for code, row in rows.to_dict("index").items():
            minutes = row.get("median_minutes", np.nan)
            way = sum(_share(row, f"share_{one}") for one in ("reachable", "by_ferry"))
            if minutes == minutes and way >= 0.5:
                # What is printed decides the class: 31 that is printed as 30 is in "15 to 30".
                kind = int(np.searchsorted(MINUTES, _as_said(minutes), side="left"))
                told[str(code)] = (kind, minutes_in_words(minutes))
                found[str(code)] = minutes
            else:
                kind, words = _status(row, states.get(str(code), "not_known"))
                told[str(code)] = (len(names) + kind, words)
        if not found:
            return None
        near, far = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
        finding = f"{category_label(category)}: half of the families live within "
        if len(found) == 1:
            finding += f"{minutes_in_words(found[near])} in {areas.names[level][near]}"
        else:
            finding += (
                f"{minutes_in_words(found[near])} in {areas.names[level][near]}, "
                f"{minutes_in_words(found[far])} in {areas.names[level][far]}"
            )
        rest = len(told) - len(found)
        if rest:
            finding += f"; no minutes for {rest} of {len(told)} {areas.many[level]}"
        kept, placed = _classed(classes, told)
        return Group(level, f"category:{category}", kept, placed, f"{finding}.")

    groups = _by_category(study, tables, areas, make)
    return _layer(
        "minutes",
        "Minutes to the nearest",
        f"Half of the {_people(study)} who can get to a base that we know live within this time",
        f"{how_measured(study.settings)} To the nearest service that serves them and whose place "
        "we know; shown where at least half have one. The nearest may be full.",
        groups,
    )


def _kilometres(
    study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas, style: Style
) -> Layer | None:
    """Where distance is in a straight line there are no minutes, but there are kilometres."""
    if study.settings.travel_method != "straight":
        return None

    def make(level: str, category: str, rows: pd.DataFrame, states: dict[str, str]) -> Group | None:
        values = rows["mean_km"].astype(float)
        if values.isna().all():
            return None
        classed = number_classes(values, unit="km", places=1, style=style)
        numbers = [
            (Look(colour), f"{words} km")
            for colour, words in zip(classed.colours, classed.words, strict=True)
        ]
        told: Told = {}
        for code, row in rows.to_dict("index").items():
            if classed.kind[code] >= 0:
                told[str(code)] = (int(classed.kind[code]), f"{classed.say(values[code])} km")
            else:
                kind, words = _status(row, states.get(str(code), "not_known"))
                told[str(code)] = (len(numbers) + kind, words)
        low, high = values.idxmin(), values.idxmax()
        finding = (
            f"{category_label(category)}: on average {classed.say(values[low])} km away in "
            f"{areas.names[level][low]}"
        )
        if low != high:
            finding += f", {classed.say(values[high])} km in {areas.names[level][high]}"
        kept, placed = _classed([*numbers, *_STATUS_CLASSES], told)
        return Group(level, f"category:{category}", kept, placed, f"{finding}.")

    return _layer(
        "kilometres",
        "Kilometres to the nearest",
        "Average distance, in a straight line, to the nearest base that we know",
        f"{how_measured(study.settings)} To the nearest service that serves them and whose place "
        "we know.",
        _by_category(study, tables, areas, make),
    )


def _share(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name, 0.0)
    return 0.0 if value is None or value != value else float(value)


def _as_said(minutes: float) -> float:
    step = 1 if minutes < 10 else 5 if minutes < 180 else 15
    return float(step * np.floor(minutes / step + 0.5))


def _within(
    study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas, limit: int, style: Style
) -> Layer | None:
    column = f"share_within_{limit}"

    def make(level: str, category: str, rows: pd.DataFrame, states: dict[str, str]) -> Group | None:
        if column not in rows or rows["median_minutes"].isna().all():
            return None
        # Where nobody can be measured a share of 0 would look like distance.
        values = (rows[column].where(rows["median_minutes"].notna()) * 100).astype(float)
        breaks = [one for one in (25, 50, 75, 90) if values.min() < one <= values.max()]
        classed = number_classes(values, unit="%", breaks=breaks, style=style)
        classes = [
            *((Look(c), w) for c, w in zip(classed.colours, classed.words, strict=True)),
            *_STATUS_CLASSES,
        ]
        told: Told = {}
        for code, row in rows.to_dict("index").items():
            if classed.kind[code] >= 0:
                told[str(code)] = (int(classed.kind[code]), share_in_words(values[code] / 100))
            else:
                kind, words = _status(row, states.get(str(code), "not_known"))
                told[str(code)] = (len(classed.words) + kind, words)
        low, high = values.idxmin(), values.idxmax()
        finding = (
            f"{category_label(category)}: {share_in_words(values[low] / 100)} of the "
            f"{_people(study)} of {areas.names[level][low]} live within {limit} minutes by car"
        )
        if low != high:
            finding += f", {share_in_words(values[high] / 100)} of {areas.names[level][high]}"
        if values.isna().any():
            finding += f"; no minutes for {int(values.isna().sum())} of {len(values)} "
            finding += areas.many[level]
        order = [*reversed(range(len(classed.words))), *range(len(classed.words), len(classes))]
        turned = [classes[n] for n in order]
        kept, placed = _classed(
            turned, {code: (order.index(kind), words) for code, (kind, words) in told.items()}
        )
        return Group(level, f"category:{category}", kept, placed, f"{finding}.")

    groups = _by_category(study, tables, areas, make)
    return _layer(
        f"within_{limit}",
        f"Share of children within {limit} minutes",
        f"% of {_people(study)} within {limit} minutes of one whose place we know",
        f"{how_measured(study.settings)} Of all {_people(study)} of the area; those whose service "
        "has no recorded base are not within, so the true share may be higher.",
        groups,
    )


def _rates(
    study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas, style: Style
) -> Layer | None:
    table = _table(tables, "coverage", areas)
    if not {"per_1000", "services"} <= set(table.columns):
        return None
    groups = []
    table = table[table["dimension"].isin(["category", "tier"])]
    for (level, dimension, value), rows in table.groupby(
        ["level", "dimension", "value"], sort=False, observed=True
    ):
        group = _rate_group(rows, str(level), str(dimension), str(value), areas, study, style)
        if group is not None:
            groups.append(group)
    return _layer(
        "rate",
        f"Services per 1,000 {_people(study)}",
        f"Services of the area itself per 1,000 {_people(study)}",
        "Services of a wider area are not in the rate. One service more or less moves a rate of a "
        "small area much: a map of rates is no ranking, and what is not yet known is no zero.",
        groups,
    )


def _rate_group(
    rows: pd.DataFrame,
    level: str,
    dimension: str,
    value: str,
    areas: _Areas,
    study: Study,
    style: Style,
) -> Group | None:
    """Services per 1,000, with those areas apart that have none of their own or are not known."""
    rows = rows.drop_duplicates("area_code").set_index("area_code")
    rows = rows.reindex(list(areas.names[level]))
    own = pd.to_numeric(rows["services"], errors="coerce").fillna(0)
    values = pd.to_numeric(rows["per_1000"], errors="coerce").where(own > 0).astype(float)
    if values.isna().all():
        return None
    classed = number_classes(values, unit=f"per 1,000 {_people(study)}", places=2, style=style)
    numbers = [*zip(map(Look, classed.colours), classed.words, strict=True)]
    classes = [
        *reversed(numbers),
        (_WIDER_ONLY, "None of its own; one of a wider area serves it"),
        (STATE_LOOKS["none_found"], _NONE_FOUND),
        (UNKNOWN, _NOT_KNOWN),
    ]
    told: Told = {}
    for code in rows.index:
        state = str(rows.at[code, "state"])
        if values.notna()[code]:
            kind = len(numbers) - 1 - int(classed.kind[code])
            services = count_in_words(float(own[code]), "service")
            told[str(code)] = (kind, f"{classed.say(float(values[code]))} ({services})")
        else:
            kind = {"provided": 0, "partly": 0, "none_found": 1}.get(state, 2)
            words = classes[len(numbers) + kind][1]
            told[str(code)] = (len(numbers) + kind, words)
    known = values.dropna()
    subject = _subject(dimension, value)
    low, high = known.idxmin(), known.idxmax()
    finding = f"{subject}: {classed.say(known[high])} services per 1,000 {_people(study)} in "
    finding += areas.names[level][high]
    if low != high:
        finding += f", {classed.say(known[low])} in {areas.names[level][low]}"
    unknown = sum(1 for kind, _ in told.values() if kind == len(classes) - 1)
    if unknown:
        finding += f"; {unknown} of {len(told)} {areas.many[level]} not yet known"
    kept, placed = _classed(classes, told)
    return Group(level, f"{dimension}:{value}", kept, placed, f"{finding}.")


def _subject(dimension: str, value: str) -> str:
    if dimension == "category":
        return shown(category_label(value))
    return f"{label(value, {})} services"


def _bounds(study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas) -> Layer | None:
    groups = _bound_groups(_table(tables, "bounds", areas), areas, study)
    return _layer(
        "bounds",
        "At least and at most",
        "What an area has, if every unknown is answered with no, and if with yes",
        "Nothing outside these two can be true of what we hold. Services are those that we hold: "
        "where nobody has looked there may be more.",
        groups,
    )


def _bound_groups(bounds: pd.DataFrame, areas: _Areas, study: Study) -> tuple[Group, ...]:
    """The least and the most that can be true, as classes."""
    place = {pair: n for n, (pair, *_) in enumerate(_BOUND_CLASSES)}
    classes = [(look, words) for _, words, look in _BOUND_CLASSES]
    groups = []
    for (level, dimension, value), rows in bounds.groupby(
        ["level", "dimension", "value"], sort=False, observed=True
    ):
        told: Told = {}
        for row in rows.to_dict("records"):
            code = str(row["area_code"])
            if code not in areas.names[str(level)]:
                continue
            kind = place.get((str(row["least"]), str(row["most"])))
            if kind is None:
                continue
            told[code] = (kind, between_words(row, _people(study)))
        if not told:
            continue
        settled = sum(1 for row in rows.to_dict("records") if row["settled"] == "yes")
        subject = _subject(str(dimension), str(value))
        some = [code for code, (kind, _) in told.items() if kind in (0, 1, 2)]
        finding = (
            f"{subject}: whatever is not known, in at least {len(some)} of {len(told)} "
            f"{areas.many[str(level)]}; settled in {settled}"
        )
        kept, placed = _classed(classes, told)
        groups.append(Group(str(level), f"{dimension}:{value}", kept, placed, f"{finding}."))
    return tuple(groups)


def between_words(row: Mapping[str, Any], people: str) -> str:
    """For how many people there is some of it, at least and at most.

    Parameters
    ----------
    row
        A row of the bounds table.
    people
        What the people are called.
    """
    least, most = row.get("people_least"), row.get("people_most")
    if least is None or most is None or least != least or most != most:
        return "Not known for how many"
    if round(least) == round(most):
        return f"For {number_in_words(least)} {people}"
    return f"For {number_in_words(least)} to {number_in_words(most)} {people}"


def _fragile(study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas) -> Layer | None:
    calendar, money = _table(tables, "calendar", areas), _table(tables, "fragility", areas)
    if money.empty or "date" not in calendar:
        return None
    days = calendar["date"].astype(str)
    springs = sorted(set(days[days.str.endswith("-03-31")]))
    if not springs:
        return None
    # Public money runs to the end of March.
    ahead = calendar[days == springs[0]]
    day = date_in_words(springs[0])
    codes = list(PROSPECTS)
    classes = [
        *((PROSPECT_LOOKS[code], words) for code, words in PROSPECTS.items()),
        (STATE_LOOKS["none_found"], _NONE_FOUND),
    ]
    coverage = _table(tables, "coverage", areas)
    groups = []
    for level, dimension in ahead[["level", "dimension"]].drop_duplicates().itertuples(index=False):
        of = ahead[(ahead["level"] == level) & (ahead["dimension"] == dimension)]
        told_of = prospects_of(of, money, str(level), dimension=str(dimension))
        key = ["area_code", "value"]
        rows = told_of.merge(of[[*key, "services_best", "services_worst"]], on=key)
        cells = coverage[(coverage["level"] == level) & (coverage["dimension"] == dimension)]
        none = set(
            cells.loc[cells["state"] == "none_found", key].itertuples(index=False, name=None)
        )
        for value, some in rows.groupby("value", sort=False, observed=True):
            told: Told = {}
            for code in areas.names[str(level)]:
                kind = len(codes) if (code, value) in none else codes.index("nothing")
                told[code] = (kind, classes[kind][1])
            for row in some.to_dict("records"):
                best, worst = int(row["services_best"]), int(row["services_worst"])
                left = count_in_words(best, "service")
                if best != worst:
                    left = f"{number_in_words(worst)} to {left}"
                told[str(row["area_code"])] = (codes.index(row["prospect"]), f"{left} left")
            counts = Counter(some["prospect"])
            parts = [
                f"{counts[code]} {words}"
                for code, words in (
                    ("sure", "sure that it remains"),
                    ("may_end", "where it may end"),
                    ("ends", "where the money ends"),
                    ("funding_unknown", "where nobody has told us how it is paid"),
                )
                if counts[code]
            ]
            finding = (
                f"{_subject(str(dimension), str(value))} on {day}: of "
                f"{areas_in_words(len(some), str(level))} that have it, {', '.join(parts)}"
            )
            kept, placed = _classed(classes, told)
            groups.append(Group(str(level), f"{dimension}:{value}", kept, placed, f"{finding}."))
    return _layer(
        "fragile",
        f"What may end by {day}",
        f"Services left on {day}, at worst and at best",
        "Only the money moves: at best all money that may be renewed is, at worst none is, and "
        "money of which nothing is known is gone.",
        groups,
    )


def _gaps(
    study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas, style: Style
) -> Layer | None:
    gaps = tables.get("gaps")
    if gaps is None:
        return None
    looked_at = {rule.level for rule in study.settings.rules} | set(gaps["level"])
    groups = []
    for level in areas.names:
        if level not in looked_at:
            continue
        found = gaps[gaps["level"] == level]
        counts = found.groupby("area_code").size()
        values = counts.reindex(list(areas.names[level])).fillna(0).astype(float)
        if values.max() == 0:
            classes: list[tuple[Look, str]] = [(Look(style.sequence[0]), "No gap found")]
            told: Told = {str(code): (0, "No gap found") for code in values.index}
            finding = f"No gap was found in any of {len(values)} {areas.many[level]}."
        else:
            classed = number_classes(values, style=style)
            words = [
                "No gap found" if one == "0" else one.replace("Up to", "None, or up to")
                for one in classed.words
            ]
            classes = list(zip(map(Look, classed.colours), words, strict=True))[::-1]
            told = {
                str(code): (
                    len(classes) - 1 - int(classed.kind[code]),
                    count_in_words(float(values[code]), "gap"),
                )
                for code in values.index
            }
            some = [code for code in values.index if values[code]]
            finding = (
                f"{count_in_words(float(values.sum()), 'gap')} in {len(some)} of {len(values)} "
                f"{areas.many[level]}."
            )
        kept, placed = _classed(classes, told)
        groups.append(Group(level, "all", kept, placed, finding))
    return _layer(
        "gaps",
        "Gaps found",
        "Number of gaps by the study's rules, of every kind of service",
        "A rule can find a gap only where somebody looked or a base is known: an area with few "
        "may be one of which little is known. The list below gives each with its reason.",
        groups,
    )


def _unknowns(
    study: Study, tables: Mapping[str, pd.DataFrame], areas: _Areas, style: Style
) -> Layer | None:
    coverage = _table(tables, "coverage", areas)
    coverage = coverage[coverage["dimension"] == "category"]
    groups = []
    for level, rows in coverage.groupby("level", sort=False, observed=True):
        kinds = rows["value"].nunique()
        count = (rows["state"] == "not_known").groupby(rows["area_code"]).sum()
        values = count.reindex(list(areas.names[str(level)])).astype(float)
        if values.isna().all():
            continue
        classed = number_classes(values, style=style)
        classes = list(zip(map(Look, classed.colours), classed.words, strict=True))[::-1]
        told = {
            str(code): (
                len(classes) - 1 - int(classed.kind[code]),
                f"{int(values[code])} of {kinds}",
            )
            for code in values.index
            if values.notna()[code]
        }
        low, high = int(values.min()), int(values.max())
        many = f"{low} to {high}" if low < high else f"{low}"
        finding = f"Of {kinds} kinds of service {many} are not yet known in each area."
        kept, placed = _classed(classes, told)
        groups.append(Group(str(level), "all", kept, placed, finding))
    return _layer(
        "unknown",
        "What is not yet known",
        "Kinds of service of which nothing is known in the area",
        "A kind is not yet known where no service is held and no search that is recent and "
        "thorough enough found none.",
        groups,
    )


def status_words(row: Mapping[str, Any], *, straight: bool = False) -> list[tuple[str, str]]:
    """Each status of a travel row that more than a trace of people have, with its share."""
    return [
        (words, share_in_words(_share(row, f"share_{status}")))
        for status, words in statuses_in_words(straight=straight).items()
        if _share(row, f"share_{status}") > 0.0005
    ]


def statuses_in_words(*, straight: bool = False) -> dict[str, str]:
    """What a person reads for each travel status.

    Parameters
    ----------
    straight
        Whether distance is in a straight line: nothing is then said of cars.
    """
    said = dict(TRAVEL_STATUSES)
    if straight:
        said["reachable"] = "In a straight line"
    return said


def ending_soon(services: pd.DataFrame, as_of: date) -> dict[str, str]:
    """Per service the day on which its money is known to end, if that lies ahead."""
    if "funding_ends" not in services:
        return {}
    found = {}
    for one, ends in zip(services["service_id"], services["funding_ends"], strict=True):
        day = last_day(str(ends or ""))
        if day is not None and day > as_of:
            found[str(one)] = date_in_words(str(ends))
    return found
