"""Decisions about gaps: known, accepted, being acted on; kept from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.dates import first_day
from gapmap.words import date_in_words

if TYPE_CHECKING:
    from datetime import date

_CELLS = ["area_code", "category", "rule", "decision", "body", "date"]


def with_decisions(gaps: pd.DataFrame, decisions: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Write beside every gap what was last decided about it.

    A decision belongs to an area, a category and a rule; one that names no rule or no category
    holds for every rule or category of its area. The newest at or before the date wins; of the
    same day the one that names more.

    Parameters
    ----------
    gaps
        Rows of ``gapmap.gaps.flag.flag``.
    decisions
        Columns area_code, category, rule, decision (known, accepted, acted_on), body, date.
    as_of
        The study's date.

    Returns
    -------
    pandas.DataFrame
        The gaps, with decision and decided_by filled where somebody decided.

    Examples
    --------
    >>> from datetime import date
    >>> gap = pd.DataFrame({"area_code": ["A"], "category": ["befriending"], "rule": ["none"]})
    >>> said = pd.DataFrame({"area_code": ["A"], "category": [""], "rule": ["none"],
    ...                      "decision": ["accepted"], "body": ["The board"], "date": ["2020-01"]})
    >>> with_decisions(gap, said, as_of=date(2020, 2, 1))["decided_by"].tolist()
    ['The board, January 2020']
    """
    told = gaps.copy()
    newest: dict[tuple[str, str, str], tuple[tuple[date, int], str, str]] = {}
    if len(decisions):
        for area, category, rule, decision, body, written in (
            decisions.reindex(columns=_CELLS, fill_value="")
            .fillna("")
            .itertuples(index=False, name=None)
        ):
            day = first_day(written)
            if day is None or day > as_of or not decision:
                continue
            rank = (day, bool(category) + bool(rule))
            by = ", ".join(part for part in (body, date_in_words(written)) if part)
            held = newest.get((area, category, rule))
            if held is None or rank >= held[0]:
                newest[area, category, rule] = (rank, decision, by)
    found = []
    for area, category, rule in zip(told["area_code"], told["category"], told["rule"], strict=True):
        keys = [(area, c, r) for c in dict.fromkeys((category, "")) for r in (rule, "")]
        held_all = [newest[key] for key in keys if key in newest]
        found.append(max(held_all, key=lambda one: one[0])[1:] if held_all else ("", ""))
    told["decision"] = [decision for decision, _ in found]
    told["decided_by"] = [by for _, by in found]
    return told
