"""The areas that meet a study's rules: each gap with its value, threshold and reason in words."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.errors import InputError
from gapmap.vocabulary import TABLES, WEIGHTS, category_words, columns, label
from gapmap.words import minutes_in_words, number_in_words, sentence, share_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gapmap.study import Rule

_TESTS: Mapping[str, Callable[[float, float], bool]] = {
    "below": operator.lt,
    "above": operator.gt,
}


def flag(
    tables: Mapping[str, pd.DataFrame], rules: Sequence[Rule], *, weight: str = "under_5"
) -> pd.DataFrame:
    """Every area that meets a rule, with the reason that a planner could read aloud.

    A measure that is unknown (NaN) meets no rule: unknown is neither below nor above anything. A
    share within reach is compared at the most that it could be: people whose nearest base nobody
    has told us of, and those whom help comes to, may be within reach.

    Parameters
    ----------
    tables
        The tables that the rules look at, by name, with the columns of
        ``gapmap.vocabulary.TABLES``; of those without a column people, the people of each area
        are taken from ``coverage``, where it is given.
    rules
        What counts as a gap; a study's are in ``study.settings.rules``.
    weight
        Which people the tables count, for the words.

    Returns
    -------
    pandas.DataFrame
        level, area_code, area_name, rule, category ("" if the rule is not about one), value,
        threshold (NaN for a rule about a state), reason, evidence, number; certainty, settled_by,
        decision and decided_by are blank until ``with_certainty`` and ``with_decisions`` fill
        them. In the order of the rules' levels, then by people, most first, then by code.

    Raises
    ------
    InputError
        If a rule names a table, a column or a word in its reason that is not there; all such
        rules are told at once.

    Examples
    --------
    >>> import gapmap as gm
    >>> then = gm.scotland(as_of="2020-02-01")
    >>> gaps = flag({"coverage": gm.coverage(then)}, then.settings.rules[:1])
    >>> int((gaps["category"] == "infant_mental_health").sum())
    13
    """
    faults = [fault for rule in rules for fault in _faults(rule, tables)]
    if faults:
        raise InputError("\n".join(faults))
    found = []
    weights = _people(tables)
    for order, rule in enumerate(rules):
        table = tables[rule.table]
        if "people" not in table:
            table = table.assign(people=table["area_code"].map(weights))
        chosen = table[table["level"] == rule.level]
        for column, values in rule.where.items():
            chosen = chosen[chosen[column].isin(values)]
        met = chosen[_meets(rule, _most(rule, chosen))]
        for record in met.to_dict("records"):
            found.append(
                _gap(rule, record, weight) | {"_order": order, "_people": record["people"]}
            )
    gaps = pd.DataFrame(found, columns=[*columns("gaps"), "_order", "_people"])
    levels = {level: place for place, level in enumerate(dict.fromkeys(r.level for r in rules))}
    gaps["_level"] = gaps["level"].map(levels)
    gaps = gaps.sort_values(
        ["_level", "_people", "area_code", "_order", "category"],
        ascending=[True, False, True, True, True],
        kind="stable",
    )
    gaps["number"] = range(1, len(gaps) + 1)
    return gaps[columns("gaps")].reset_index(drop=True)


def _people(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """People of every area, for tables that do not tell them."""
    covered = tables.get("coverage")
    if covered is None:
        return {}
    first = covered.drop_duplicates("area_code")
    return dict(zip(first["area_code"], first["people"], strict=True))


def _faults(rule: Rule, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    if rule.table not in tables:
        return [f'Rule "{rule.id}" looks at a table "{rule.table}", which is not there.']
    have = tables[rule.table].columns
    faults = [
        f'Rule "{rule.id}" looks at a column "{column}" that {rule.table} does not have; it has: '
        f"{', '.join(have)}."
        for column in (rule.measure, *rule.where)
        if column not in have
    ]
    if rule.test != "is" and rule.threshold is None:
        faults.append(f'Rule "{rule.id}" tests "{rule.test}" but states no threshold.')
    if faults:
        return faults
    numeric = pd.api.types.is_numeric_dtype(tables[rule.table][rule.measure])
    if rule.test != "is" and not numeric and len(tables[rule.table]):
        return [
            f'Rule "{rule.id}" compares {rule.measure}, which holds words, with a number. Use the '
            f'test "is", or a column of {rule.table} that holds numbers.'
        ]
    try:
        rule.reason.format_map(dict.fromkeys(_words_known(have), ""))
    except (KeyError, ValueError, IndexError, AttributeError) as problem:
        faults.append(
            f'The reason of rule "{rule.id}" uses {problem}, which is no known word. '
            f"Known are: {', '.join(sorted(_words_known(have)))}."
        )
    return faults


def _words_known(have: pd.Index) -> list[str]:
    return [*have, "people", "value_words", "people_words", "measure_words"]


#: Columns in which a table says in words what its row rests on.
_IN_WORDS = ("why", "sentence", "said", "sole_provider", "document")

#: People of these statuses may be near enough to a base that nobody has told us of, or need none;
#: or nobody knows how far they are, since no road that is known comes near them.
_MAY_BE_NEAR = (
    "share_comes_to_family",
    "share_site_not_known",
    "share_no_known_service",
    "share_off_network",
)


def _most(rule: Rule, chosen: pd.DataFrame) -> pd.Series:
    """The measure as a rule compares it: a share within reach at the most that it could be."""
    values = chosen[rule.measure]
    if rule.test == "below" and rule.measure.startswith("share_within_"):
        unknown = [column for column in _MAY_BE_NEAR if column in chosen]
        return values + chosen[unknown].fillna(0).sum(axis=1)
    return values


def _meets(rule: Rule, values: pd.Series) -> pd.Series:
    if rule.test == "is":
        return values.isin(rule.values)
    threshold = float(rule.threshold if rule.threshold is not None else math.nan)
    compare = _TESTS[rule.test]
    return values.map(lambda value: not math.isnan(value) and compare(value, threshold)).astype(
        bool
    )


def _gap(rule: Rule, record: dict[str, object], weight: str) -> dict[str, object]:
    kind = record.get("category") or (
        record["value"] if record.get("dimension") == "category" else ""
    )
    # What a row is about, in tables that have no kind of service: a plan's question, a role...
    about = next((record[name] for name in ("value", "question", "target") if name in record), "")
    what = str(kind or about)
    measure = record[rule.measure]
    people = record["people"]
    words = record | {
        "value_words": category_words(what) if kind else label(what, {}).lower(),
        "people_words": (
            f"{number_in_words(float(str(people)))} {WEIGHTS.get(weight, weight)}"
            if people == people
            else f"an unknown number of {WEIGHTS.get(weight, weight)}"
        ),
        "measure_words": _measure(rule.measure, measure),
    }
    is_state = rule.test == "is"
    return {
        "level": record["level"],
        "area_code": record["area_code"],
        "area_name": record["area_name"],
        "rule": rule.id,
        "category": kind,
        "value": record.get("services", math.nan) if is_state else measure,
        "threshold": math.nan if is_state else rule.threshold,
        "reason": sentence(" ".join(rule.reason.format_map(words).split())),
        "evidence": _evidence(rule, record),
        # Filled by the steps that follow: bounds tell how sure, people decide.
        **dict.fromkeys(("certainty", "settled_by", "decision", "decided_by"), ""),
    }


def _measure(name: str, value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    if name.startswith("share_"):
        return share_in_words(value)
    return minutes_in_words(value) if name.endswith("minutes") else f"{value:,.1f}"


def _evidence(rule: Rule, record: dict[str, object]) -> str:
    if rule.table != "travel":
        words = next((str(record[name]) for name in _IN_WORDS if record.get(name)), "")
        meaning = next(c.meaning for c in TABLES[rule.table] if c.name == rule.measure)
        return words or sentence(f"{meaning}: {_measure(rule.measure, record[rule.measure])}")
    shares = [
        (f"share_{status}", words)
        for status, words in (
            ("reachable", "reach one by car"),
            ("by_ferry", "by car and ferry"),
            ("comes_to_family", "are visited or helped from afar"),
            ("site_not_known", "are served from a base that is not recorded"),
            ("no_known_service", "have none that we know"),
            ("unreachable", "have no way there"),
            ("off_network", "live too far from any road we hold"),
        )
    ]
    told = [
        f"{share_in_words(float(str(record[column])))} {words}"
        for column, words in shares
        if float(str(record.get(column, 0) or 0)) > 0
    ]
    return sentence("; ".join(told))
