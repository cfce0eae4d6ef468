"""The calls that would settle most, ranked; and which gaps stand whatever they tell."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.place.geography import base_level
from gapmap.provision.bounds import (
    Silence,
    Unknowns,
    least_and_most,
    unknowns,
)
from gapmap.provision.coverage import Provision, people_of, provision
from gapmap.provision.presence import POSSIBLE
from gapmap.vocabulary import category_label, columns
from gapmap.words import count_in_words, list_in_words, share_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gapmap.study import Rule, Study

#: States from worst to best, for what a rule calls a gap.
_ORDER = {"none_found": 0, "partly": 1, "provided": 2}


class _Call(NamedTuple):
    """One thing to do: look for a category in an area, or ask an organisation."""

    kind: str
    whom: str
    about: str


def calls(
    study: Study,
    *,
    categories: Sequence[str] | None = None,
    known: Provision | None = None,
    quiet: Silence | None = None,
) -> pd.DataFrame:
    """Rank the calls and searches by the children for whom they would settle what is there.

    A cell is one council (or smallest area of the study) and one category; it is unsettled while
    its least and its most differ. A search of a board for a category settles the silence of its
    councils; a call to an organisation settles all that is not known of its services. A cell is
    settled when every unknown in it is. The order is greedy: next come the calls that together
    settle the most children for each call that they take; the share that the first n settle is
    exact.

    Parameters
    ----------
    study
        The study.
    categories
        Only these; by default all.
    known
        What ``provision`` returned for this study.
    quiet
        What ``silence`` returned for it.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["calls"]``, the best first: rank, kind (search or
        ask), whom, about, cells and people that it settles together with those before it,
        cumulative_people, cumulative_share of all that is unsettled (people counted once for
        each category), sentence.

    Examples
    --------
    >>> import gapmap as gm
    >>> ranked = calls(gm.scotland(), categories=["infant_mental_health"])
    >>> ranked["cumulative_share"].is_monotonic_increasing
    True
    """
    known = provision(study) if known is None else known
    base = base_level(study.areas)
    open_ = unknowns(study, level=base, known=known, quiet=quiet)
    people = people_of(study, base)
    names = study.services["organisation"].where(
        study.services["organisation"] != "", study.services["name"]
    )
    asked = {row: _Call("ask", shown(name), "its services") for row, name in names.items()}
    searched = {code: _searched(study, code) for code in open_.mine}
    needs = {
        (code, value): _needed(open_, code, value, asked, searched[code])
        for value in open_.silent
        if categories is None or value in categories
        for code in open_.mine
    }
    needs = {cell: calls_ for cell, calls_ in needs.items() if calls_}
    weights = {cell: people.get(cell[0], 0.0) for cell in needs}
    total = sum(weights.values())
    rows: list[dict[str, object]] = []
    done = 0.0
    for call, settled in _greedy(needs, weights):
        gained = sum(weights[cell] for cell in settled)
        done += gained
        share = done / total if total > 0 else float("nan")
        rows.append(
            {
                "rank": len(rows) + 1,
                "kind": call.kind,
                "whom": call.whom,
                "about": call.about,
                "cells": len(settled),
                "people": gained,
                "cumulative_people": done,
                "cumulative_share": min(share, 1.0),
                "sentence": _sentence(len(rows) + 1, call, min(share, 1.0), len(settled)),
            }
        )
    return pd.DataFrame(rows, columns=columns("calls"))


def _needed(
    open_: Unknowns, code: str, value: str, asked: dict[object, _Call], searched: str
) -> frozenset[_Call]:
    """The calls that together settle a cell, whatever they tell; none if it is settled."""
    least, most = least_and_most(open_, code, value)
    if least == most:
        return frozenset()
    silent = code in open_.silent[value]
    found = {_Call("search", searched, category_label(value))} if silent else set()
    for claim in open_.claims.get((code, value), []):
        # A search of the place also tells whether a service that says nothing comes there.
        doubtful = claim.presence == POSSIBLE or "unknown" in (claim.extent, claim.narrow)
        if doubtful and (claim.stated or not silent):
            found.add(asked[claim.row])
    return frozenset(found)


def _searched(study: Study, code: str) -> str:
    """The name of the area in which one would look: the board of a council."""
    names = study.areas["name"]
    if "board_code" in study.areas:
        board = study.areas.at[code, "board_code"]
        if board in names.index:
            return str(names[board])
    return str(names[code])


def _greedy(
    needs: dict[tuple[str, str], frozenset[_Call]], weights: dict[tuple[str, str], float]
) -> list[tuple[_Call, list[tuple[str, str]]]]:
    """Calls in order, each with the cells that it settles given those before it.

    Next come the calls of the bundle that settles the most people for each call that it takes:
    one call at a time would leave two that only settle together until the end.
    """
    bundles: dict[frozenset[_Call], list[tuple[str, str]]] = {}
    for cell, needed in needs.items():
        bundles.setdefault(needed, []).append(cell)
    worth: dict[frozenset[_Call], float] = {}
    order = []
    while bundles:
        holding: dict[_Call, list[frozenset[_Call]]] = {}
        for bundle in bundles:
            for call in bundle:
                holding.setdefault(call, []).append(bundle)
        for bundle in bundles:
            if bundle not in worth:
                inside = {one for call in bundle for one in holding[call] if one <= bundle}
                gain = sum(weights[cell] for one in inside for cell in bundles[one])
                worth[bundle] = round(gain / len(bundle), 6)
        best = min(bundles, key=lambda bundle: (-worth[bundle], len(bundle), sorted(bundle)))
        left = {
            cell: set(one)
            for one in {one for call in best for one in holding[call]}
            for cell in bundles[one]
        }
        for call in sorted(best):
            settled = []
            for cell in sorted(left):
                if call in left[cell]:
                    left[cell].discard(call)
                    if not left[cell]:
                        settled.append(cell)
            order.append((call, settled))
        touched = {one for call in best for one in holding[call]}
        near = {more for one in touched for call in one for more in holding[call]}
        for one in touched:
            cells = bundles.pop(one)
            if rest := one - best:
                bundles.setdefault(rest, []).extend(cells)
                near.add(rest)
        # Only what shares a call with a bundle that changed can be worth something else now.
        for one in near:
            worth.pop(one, None)
    return order


def _sentence(rank: int, call: _Call, share: float, settled: int) -> str:
    what = (
        f"Look in {call.whom}: {call.about.lower()}."
        if call.kind == "search"
        else f"Ask {call.whom} about {call.about}."
    )
    if not settled:
        return f"{what} It settles nothing alone; a later call needs it."
    if share != share:
        return what
    settles = "settles" if rank == 1 else "settle"
    calls_ = count_in_words(rank, "call")
    return f"{what} {calls_.capitalize()} {settles} {share_in_words(share)}."


#: Measures other than states and times that leave nothing open: an answer that was read, a fact
#: that was published. Every other gap of such a table could change with more evidence.
_SETTLED_ANSWERS: Mapping[str, frozenset[str] | None] = MappingProxyType(
    {
        "planning": frozenset(["yes", "no"]),
        "leads_and_routes": frozenset(["own", "regional", "none"]),
        "pathways": frozenset(["confirmed", "refused"]),
        "need": None,
        "levels": None,
    }
)


def with_certainty(
    gaps: pd.DataFrame,
    bounded: pd.DataFrame,
    travel: pd.DataFrame,
    *,
    rules: Sequence[Rule] = (),
) -> pd.DataFrame:
    """Say of every gap whether it stands whatever the silence hides, and what would settle it.

    A gap of a state is *settled* if the most that can be true is still a gap. One of distance is
    settled if nothing nearer can be hidden: the area was searched for the category, and the base
    of every service that serves it is known. One of a plan, a lead, a published fact or a route
    that was told either way is settled; one of any other table could change.

    Parameters
    ----------
    gaps
        Rows of ``gapmap.gaps.flag.flag``.
    bounded
        Rows of ``gapmap.provision.bounds.bounds``.
    travel
        Rows of the travel table, for the shares whose base is not known.
    rules
        The rules that the gaps meet, for the tables that they look at.

    Returns
    -------
    pandas.DataFrame
        The gaps, with the columns number (from 1, in order), certainty (settled or
        could_change) and settled_by (in words) filled.
    """
    told = gaps.copy()
    cells = bounded.set_index(["area_code", "value"])
    cells = cells[~cells.index.duplicated()].to_dict("index")
    hidden = [f"share_{status}" for status in ("site_not_known", "no_known_service")]
    blank = (
        travel.set_index(["area_code", "category"])[hidden].sum(axis=1).to_dict()
        if len(travel)
        else {}
    )
    certainty, settled_by = [], []
    rule_of = {rule.id: rule for rule in rules}
    for area, category, threshold, name in zip(
        told["area_code"], told["category"], told["threshold"], told["rule"], strict=True
    ):
        rule = rule_of.get(name)
        if rule is not None and rule.table not in ("coverage", "travel"):
            answers = _SETTLED_ANSWERS.get(rule.table, frozenset())
            sure = answers is None or (bool(rule.values) and set(rule.values) <= answers)
            certainty.append("settled" if sure else "could_change")
            settled_by.append("" if sure else "Ask those who would know.")
            continue
        cell = cells.get((area, category))
        if cell is None:
            certainty.append("could_change")
            settled_by.append("")
            continue
        if threshold != threshold:
            # A gap of a state: it stands if the best that can be true is no better than it.
            worst = "none_found" if cell["state"] == "none_found" else "partly"
            stands = cell["state"] != "not_known" and _ORDER[cell["most"]] <= _ORDER[worst]
            needed = cell["settled_by"]
        else:
            unknown_base = blank.get((area, category), 0.0) > 0
            stands = cell["open_ended"] == "no" and not unknown_base
            needed = cell["settled_by"] if cell["open_ended"] == "yes" else ""
            if unknown_base:
                needed = f"{needed} Ask where the services are that serve them.".strip()
        certainty.append("settled" if stands else "could_change")
        settled_by.append("" if stands else needed)
    told["number"] = range(1, len(told) + 1)
    told["certainty"], told["settled_by"] = certainty, settled_by
    return told


def in_words(ranked: pd.DataFrame, *, first: int = 4) -> str:
    """The best calls as one sentence: "4 calls settle 38%".

    Examples
    --------
    >>> import pandas as pd
    >>> in_words(pd.DataFrame({"whom": ["Fife", "Orkney"], "cumulative_share": [0.3, 0.5]}))
    '2 calls (Fife and Orkney) would settle 50% of what is not known.'
    >>> in_words(pd.DataFrame({"whom": [], "cumulative_share": []}))
    'Nothing is left to settle.'
    """
    if ranked.empty:
        return "Nothing is left to settle."
    chosen = ranked.head(first)
    names = list_in_words(list(dict.fromkeys(chosen["whom"])))
    share = share_in_words(float(chosen["cumulative_share"].iloc[-1]))
    said = count_in_words(len(chosen), "call")
    return f"{said} ({names}) would settle {share} of what is not known."
