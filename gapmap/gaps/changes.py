"""What has changed since a study's earlier date, area by area, in sentences for its reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.gaps.compare import Change, Side, compare_sides, frames
from gapmap.place.geography import councils_within
from gapmap.vocabulary import SCOTLAND, WEIGHTS, category_label, category_words, columns
from gapmap.words import count_in_words, date_in_words, list_in_words, number_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gapmap.gaps.earlier import Earlier
    from gapmap.study import Study

#: Names in a list before the rest are counted.
_MOST_NAMES = 6

_WAS = {
    "provided": "available across the area then",
    "partly": "there for some families then",
    "none_found": "looked for and not found then",
}
_NOW = {
    "provided": "available across the area now",
    "partly": "there for some families now",
    "none_found": "looked for and not found now",
}


def changed(study: Study, before: Sequence[Earlier], now: Side) -> dict[str, pd.DataFrame]:
    """Tables of what changed since the earliest of a study's other dates; none without one.

    Parameters
    ----------
    study
        The study at its own date.
    before
        What it says at its further dates.
    now
        What ``gapmap.gaps.compare.side`` read of it.

    Returns
    -------
    dict of str to pandas.DataFrame
        changes, changed_services, changed_cells and changed_people.
    """
    past = [one for one in before if one.as_of < study.settings.as_of]
    if not past:
        return {}
    table, change = changes(study, min(past, key=lambda one: one.as_of).side, now)
    return {"changes": table, **frames(change)}


def changes(study: Study, before: Side, after: Side) -> tuple[pd.DataFrame, Change]:
    """Tell for every area, and for the whole study, what changed between two dates.

    Parameters
    ----------
    study
        The study at the later date: its areas are read.
    before, after
        The two sides, as ``gapmap.gaps.compare.side`` reads them from studies.

    Returns
    -------
    tuple of pandas.DataFrame and Change
        Columns of ``gapmap.vocabulary.TABLES["changes"]``: for the whole study (level
        ``country``), then for each area services that opened and closed by a date, cells that
        moved with the people who gained or lost, services known only at one of the dates, and
        kinds that cannot be compared; and what ``compare`` returns.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.gaps.compare import side
    >>> now = gm.scotland()
    >>> table, _ = changes(now, side(now.at("2020-02-01")), side(now))
    >>> highland = table[table["area_code"] == "S08000022"]
    >>> highland.loc[highland["change"] == "better", "reason"].iloc[0]  # doctest: +ELLIPSIS
    'Infant mental health: looked for and not found then, there for some families now...'
    """
    change = compare_sides(before, after)
    rows = [
        {"level": "country", "area_code": SCOTLAND, "area_name": "All areas", **one}
        for one in _whole(change)
    ]
    held = after.reaching or frozenset()
    reached: dict[str, set[str]] = {}
    for service, code in held:
        reached.setdefault(code, set()).add(service)
    inside = councils_within(study.areas)
    noun = WEIGHTS.get(after.weight, after.weight)
    base = change.cells[change.cells["level"] == after.base]
    some = base["state_after"].isin(["partly", "provided"])
    had = base["state_before"].isin(["partly", "provided"])
    known = base["move"].isin(["same", "better", "worse"])
    gained, lost = base[known & some & ~had], base[known & had & ~some]
    cells = dict(list(change.cells.groupby("area_code", sort=False)))
    for area in study.areas.itertuples():
        parts = inside.get(area.code) or frozenset({area.code})
        told = [
            *_services(change.services, reached.get(area.code, set())),
            *_cells(
                cells.get(area.code, change.cells.iloc[:0]),
                gained[gained["area_code"].isin(parts)],
                lost[lost["area_code"].isin(parts)],
                noun,
            ),
        ]
        if not told:
            reason = "Nothing that we know of has changed."
            told = [{"change": "none", "reason": reason}]
        of = {"level": area.level, "area_code": area.code, "area_name": area.name}
        rows += [{**of, **one} for one in told]
    table = pd.DataFrame(rows, columns=columns("changes"))
    table["since"] = before.as_of
    text = [c for c in table if c not in ("people", "count")]
    table[text] = table[text].astype(object).fillna("")
    return table, change


def _whole(change: Change) -> Iterator[dict[str, object]]:
    for words in change.words:
        yield {"change": "all", "reason": words}


def _services(services: pd.DataFrame, here: set[str]) -> Iterator[dict[str, object]]:
    """Services that opened or closed by a date, then how many are known only at one date."""
    own = services[services["service_id"].isin(here)]
    for kind in ("opened", "closed"):
        for row in own[own["change"] == kind].itertuples():
            yield {
                "change": kind,
                "category": row.category,
                "service_id": row.service_id,
                "date": row.date,
                "reason": f"{shown(row.name)} ({category_words(str(row.category))}) {kind} "
                f"{_when(str(row.date))}.",
            }
    for kind, said in (
        ("newly_known", "known only from later evidence, which may be no change at all"),
        ("no_longer_known", "no longer confirmed, which may be no change at all"),
    ):
        of = own[own["change"] == kind]
        if len(of):
            names = list_in_words([shown(n) for n in of["name"]], limit=_MOST_NAMES)
            be = "is" if len(of) == 1 else "are"
            yield {
                "change": kind,
                "count": len(of),
                "reason": f"{count_in_words(len(of), 'service')} {be} {said}: {names}.",
            }


def _when(date: str) -> str:
    return f"{'on' if re.fullmatch(r'....-..-..', date) else 'in'} {date_in_words(date)}"


def _cells(
    cells: pd.DataFrame, gained: pd.DataFrame, lost: pd.DataFrame, noun: str
) -> Iterator[dict[str, object]]:
    """Kinds whose state moved, with the people who gained or lost; then what cannot be compared."""
    for move, moved, words in (
        ("better", gained, "where there was none then and is some now"),
        ("worse", lost, "where there was some then and is none now"),
    ):
        for row in cells[cells["move"] == move].itertuples():
            people = float(moved.loc[moved["value"] == row.value, "people"].sum())
            reason = (
                f"{category_label(str(row.value))}: {_WAS[str(row.state_before)]}, "
                f"{_NOW[str(row.state_after)]}."
            )
            if people > 0:
                reason += f" {number_in_words(people)} {noun} live {words}."
            if row.because == "evidence":
                reason += (
                    " No date is known on which one opened or closed, so it may be what we know "
                    "that changed, and not what is there."
                )
            yield {
                "change": move,
                "category": row.value,
                "state_before": row.state_before,
                "state_after": row.state_after,
                "because": row.because,
                "people": people,
                "reason": reason,
            }
    unlike = cells[cells["move"] == "not_comparable"]
    if len(unlike):
        kinds = list_in_words([category_words(str(one)) for one in unlike["value"]])
        yield {
            "change": "not_comparable",
            "count": len(unlike),
            "reason": f"Cannot be compared, since at one of the two dates it was not known what is "
            f"there: {kinds}.",
        }
