"""The same service twice: candidates across and within lists, with a score and the reasons.

Method: record linkage in the manner of Fellegi and Sunter (A theory for record linkage, Journal of
the American Statistical Association 64, 1969): pairs are formed only within blocks that share
something telling; each field that both rows fill adds a weight if it agrees and takes some away if
it differs; a blank field says nothing. The weights are stated below, not fitted: they are
logarithms to base 2 of how much likelier the agreement is in a pair of the same service than in
a pair of two, rounded, and can be changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.read.values import as_texts, plain, typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: What agreement adds, and difference takes away, in each field.
WEIGHTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "name": (7.0, -5.0),
        "organisation": (3.0, -2.0),
        "postcode": (5.0, -1.0),
        "place": (3.0, -3.0),
        "phone": (7.0, -1.0),
        "url": (6.0, -0.5),
        "category": (2.0, -3.0),
        "serves": (1.0, -5.0),
    }
)

#: From this score on a pair is a candidate; from the second on it is very likely the same.
CANDIDATE, LIKELY = 6.0, 12.0

_NEAR, _FAR = 250.0, 5_000.0  # metres
_ALIKE, _UNLIKE = 88.0, 60.0  # of 100: how alike two names must be to agree, or to differ
_LARGEST_BLOCK = 60  # rows: a larger block (a head office's page) tells nothing
_COMMON = frozenset(
    ["the", "and", "of", "for", "in", "a", "service", "services", "nhs", "centre", "family",
     "families", "team", "project", "group", "support", "council", "trust", "ltd", "scotland",
     "children", "early", "years", "nursery"]
)  # fmt: skip
_COLUMNS = [
    "row_a", "row_b", "service_a", "service_b", "name_a", "name_b", "score", "verdict", "why",
]  # fmt: skip
_DECISIONS = ("same", "different")


@dataclass(frozen=True)
class _Fields:
    """What of each row is compared, in plain form."""

    names: list[str]
    bodies: list[str]
    postcodes: list[str]
    points: np.ndarray
    phones: list[frozenset[str]]
    urls: list[str]
    categories: list[str]
    serves: list[frozenset[str]]


def duplicates(
    services: pd.DataFrame,
    *,
    decisions: pd.DataFrame | None = None,
    candidate: float = CANDIDATE,
) -> pd.DataFrame:
    """Pairs of rows that may be the same service.

    Parameters
    ----------
    services
        Rows of one list or of several set below each other, as read or typed; further columns
        phone and url are used too. Rows of one service at several places (the same service_id)
        are no pair.
    decisions
        What was decided before: service_a, service_b, decision (``same`` or ``different``).
        Pairs decided as different are left out; those decided as same are marked so.
    candidate
        Score from which a pair is listed.

    Returns
    -------
    pandas.DataFrame
        One row per pair, the likeliest first: row_a, row_b (as a spreadsheet numbers them),
        service_a, service_b (ids), name_a, name_b, score (sum of weights), verdict (``decided
        same``, ``likely the same``, ``perhaps the same``), why (in words).

    Raises
    ------
    InputError
        If the decisions have other columns or words.

    Examples
    --------
    >>> lists = pd.DataFrame(
    ...     {"name": ["Bumps & Babies", "Bumps and Babies Group"], "postcode": ["KY2 6LH"] * 2}
    ... )
    >>> duplicates(lists)[["score", "verdict"]].values.tolist()
    [[12.0, 'likely the same']]
    """
    rows = typed(services)
    known = _decided(decisions)
    fields = _fields(rows, services)
    ids = rows["service_id"].tolist()
    numbers = _numbers(services)
    found = []
    for a, b in _pairs(fields):
        if ids[a] == ids[b] and rows["location_id"].iloc[a] != rows["location_id"].iloc[b]:
            continue
        decision = known.get(frozenset((ids[a], ids[b])), "")
        if decision == "different":
            continue
        score, why = _score(fields, a, b)
        if score < candidate and decision != "same":
            continue
        verdict = (
            "decided same"
            if decision
            else "likely the same"
            if score >= LIKELY
            else "perhaps the same"
        )
        found.append(
            (numbers[a], numbers[b], ids[a], ids[b], rows["name"].iloc[a], rows["name"].iloc[b],
             round(score, 1), verdict, "; ".join(why))
        )  # fmt: skip
    found.sort(key=lambda pair: (-pair[6], pair[0], pair[1]))
    return pd.DataFrame(found, columns=_COLUMNS)


def merged(services: pd.DataFrame, decisions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Services with those decided to be the same made one, and where each of its fields is from.

    The first row of a set stays, with its id; its blank fields are filled from the others in
    their order, so that a list that is put first wins.

    Parameters
    ----------
    services
        As for `duplicates`.
    decisions
        As for `duplicates`; only ``same`` ones matter.

    Returns
    -------
    tuple of pandas.DataFrame
        The services, typed; and one row per field of a merged service: service_id, column, value,
        from_service, kept (yes or no), source, so that nothing that any list said is lost.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"service_id": ["a", "b"], "name": ["Tea", "Tea Club"], "town": ["", "Perth"]}
    ... )
    >>> same = pd.DataFrame({"service_a": ["a"], "service_b": ["b"], "decision": ["same"]})
    >>> services, sources = merged(rows, same)
    >>> services[["service_id", "name", "town"]].values.tolist()
    [['a', 'Tea', 'Perth']]
    """
    rows = typed(services)
    same = [pair for pair, word in _decided(decisions).items() if word == "same"]
    group: dict[str, str] = {}
    order = {name: place for place, name in reversed(list(enumerate(rows["service_id"])))}
    for pair in sorted(same, key=lambda pair: sorted(order.get(name, -1) for name in pair)):
        inside = [name for name in pair if name in order]
        if len(inside) < 2:
            continue
        roots = sorted({_root(group, name) for name in inside}, key=order.__getitem__)
        for other in roots[1:]:
            group[other] = roots[0]
    members: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(rows["service_id"]):
        members[_root(group, name)].append(place)
    keep = np.ones(len(rows), dtype=bool)
    told: list[tuple[str, str, str, str, str, str]] = []
    result = rows.copy()
    for root, places in members.items():
        if len({rows["service_id"].iloc[place] for place in places}) < 2:
            continue
        first, others = places[0], places[1:]
        mine = [place for place in others if rows["service_id"].iloc[place] != root]
        keep[mine] = False
        for column in rows.columns:
            if column in ("service_id", "location_id"):
                continue
            used = False
            for place in [first, *mine]:
                value = rows[column].iloc[place]
                text = as_texts(pd.Series([value]))[0]
                if not text:
                    continue
                if not used and place != first:
                    result.iloc[first, result.columns.get_loc(column)] = value
                told.append(
                    (root, str(column), text, str(rows["service_id"].iloc[place]),
                     "no" if used else "yes", str(rows["source"].iloc[place]))
                )  # fmt: skip
                used = True
    names = ["service_id", "column", "value", "from_service", "kept", "source"]
    return result[keep], pd.DataFrame(told, columns=names)


def read_decisions(path: str | Path) -> pd.DataFrame:
    """Decisions kept in a file: columns service_a, service_b, decision and, if kept, note.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it has other columns or words.
    """
    from pathlib import Path as _Path

    from gapmap.read.tabular import read_table

    table = read_table(_Path(path))
    _decided(table)
    return table


def _decided(decisions: pd.DataFrame | None) -> dict[frozenset[str], str]:
    if decisions is None or decisions.empty:
        return {}
    missing = {"service_a", "service_b", "decision"} - set(decisions.columns)
    if missing:
        raise InputError(f"The decisions lack the column {', '.join(sorted(missing))}.")
    words = decisions["decision"].astype(str).str.strip().str.lower()
    wrong = sorted(set(words) - set(_DECISIONS))
    if wrong:
        raise InputError(f'A decision is "same" or "different", not "{wrong[0][:40]}".')
    pairs = zip(
        decisions["service_a"].astype(str), decisions["service_b"].astype(str), words, strict=True
    )
    return {frozenset((a.strip(), b.strip())): word for a, b, word in pairs}


def _root(group: Mapping[str, str], name: str) -> str:
    while name in group:
        name = group[name]
    return name


def _numbers(services: pd.DataFrame) -> list[int]:
    from gapmap.check.values import row_numbers

    return [int(number) for number in row_numbers(services)]


# -- what is compared -----------------------------------------------------------------------------


def _fields(rows: pd.DataFrame, services: pd.DataFrame) -> _Fields:
    from gapmap.place.locate import locate

    placed = locate(rows.drop(columns="geometry", errors="ignore"))
    phones = (
        [_phones(text) for text in as_texts(services["phone"])]
        if "phone" in services.columns
        else [frozenset[str]()] * len(rows)
    )
    return _Fields(
        names=[plain(text) for text in rows["name"]],
        bodies=[plain(text) for text in rows["organisation"]],
        postcodes=[str(text) for text in rows["postcode"]],
        points=placed[["easting", "northing"]].to_numpy(dtype=float),
        phones=phones,
        urls=[_url(text) for text in rows["url"]],
        categories=[str(text) for text in rows["category"]],
        serves=[
            frozenset(plain(part) for part in text.split(";") if part) for text in rows["serves"]
        ],
    )


def _phones(text: str) -> frozenset[str]:
    """Telephone numbers by their last nine digits, so that +44 and 0 are alike."""
    found = re.findall(r"[\d][\d\s()-]{8,}", text[:500])
    digits = (re.sub(r"\D", "", number) for number in found)
    return frozenset(number[-9:] for number in digits if len(number) >= 10)


def _url(text: str) -> str:
    """An address without what does not tell: scheme, www, query and the last slash."""
    first = re.split(r"[;\s]", text.strip().lower())[0]
    return re.sub(r"^https?://(www\.)?", "", first).split("?")[0].split("#")[0].rstrip("/")


def _pairs(fields: _Fields) -> Iterable[tuple[int, int]]:
    """Pairs of rows that share something telling; a block that is too large tells nothing."""
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place in range(len(fields.names)):
        for word in set(fields.names[place].split()) - _COMMON:
            if len(word) > 2:
                # First letters, so that one slip of the hand at the end of a word does no harm.
                blocks["word", word[:6]].append(place)
        blocks["name", fields.names[place]].append(place)
        blocks["postcode", fields.postcodes[place]].append(place)
        blocks["url", fields.urls[place]].append(place)
        for number in fields.phones[place]:
            blocks["phone", number].append(place)
    pairs: set[tuple[int, int]] = set()
    for (_, key), places in blocks.items():
        if key and 2 <= len(places) <= _LARGEST_BLOCK:
            pairs.update(combinations(places, 2))
    return sorted(pairs)


def _score(fields: _Fields, a: int, b: int) -> tuple[float, list[str]]:
    from rapidfuzz import fuzz

    score, why = 0.0, []

    def add(name: str, agree: bool | None, words: str) -> None:
        nonlocal score
        if agree is None:
            return
        score += WEIGHTS[name][0 if agree else 1]
        why.append(words if agree else f"not {words}")

    alike = fuzz.token_set_ratio(fields.names[a], fields.names[b])
    # A name that is a part of the other counts as alike only if it says something.
    if not set(fields.names[a].split()) & set(fields.names[b].split()) - _COMMON:
        alike = fuzz.ratio(fields.names[a], fields.names[b])
    if fields.names[a] and fields.names[b]:
        agree = True if alike >= _ALIKE else False if alike < _UNLIKE else None
        add("name", agree, f"names alike ({alike:.0f} of 100)")
    if fields.bodies[a] and fields.bodies[b]:
        like = fuzz.token_set_ratio(fields.bodies[a], fields.bodies[b])
        agree = True if like >= _ALIKE else False if like < _UNLIKE else None
        add("organisation", agree, "same organisation")
    if fields.postcodes[a] and fields.postcodes[b]:
        add("postcode", fields.postcodes[a] == fields.postcodes[b], "same postcode")
    apart = float(np.hypot(*(fields.points[a] - fields.points[b])))
    if apart == apart and fields.postcodes[a] != fields.postcodes[b]:
        agree = True if apart <= _NEAR else False if apart > _FAR else None
        add("place", agree, f"near each other ({apart / 1000:,.1f} km apart)")
    if fields.phones[a] and fields.phones[b]:
        add("phone", bool(fields.phones[a] & fields.phones[b]), "same telephone")
    if fields.urls[a] and fields.urls[b]:
        whole = "/" in fields.urls[a]  # a body's front page is shared by all of its services
        if fields.urls[a] != fields.urls[b] or whole:
            add("url", fields.urls[a] == fields.urls[b], "same web page")
    if fields.categories[a] and fields.categories[b]:
        add("category", fields.categories[a] == fields.categories[b], "same kind of service")
    if fields.serves[a] and fields.serves[b]:
        # Lists name areas at different levels: only disjoint claims to councils and boards differ.
        shared = fields.serves[a] & fields.serves[b]
        add("serves", bool(shared), "same area served")
    return score, why
