"""Disclosure control of counts of people: small numbers, and what would give them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How a suppressed count is shown: in open data, and in print.
IN_DATA, IN_PRINT = "c", "*"


def suppressed(
    counts: pd.DataFrame,
    parents: Mapping[str, str | Sequence[str]],
    *,
    columns: Sequence[str],
    threshold: int = 10,
    code: str = "area_code",
    level: str = "level",
) -> pd.DataFrame:
    """Find the counts of people that must not be shown, over a whole hierarchy of areas.

    *Primary*: a count above 0 and below the threshold. *Secondary*: where a parent is shown and
    only one of the areas it is made of is not, that one could be worked out, so the smallest
    other one is hidden too (or the parent, where there is no other); and an area that is all of
    its parent, or all of its child, is hidden with it. Repeated until nothing can be worked out
    by such a sum. A zero is shown; an unknown count stays unknown. Services are not people, and
    are never suppressed.

    Parameters
    ----------
    counts
        One row per area of every level; the caller's frame is not changed.
    parents
        Area code to the code, or codes, of the areas that it is part of: a council's board and
        partnership, a board's country.
    columns
        The columns that count people.
    threshold
        Counts below it are hidden: 10 is the default of Public Health Scotland's tools.
    code
        The column with the area's code.
    level
        The column with the kind of area, if there is one: the areas of one level that lie in a
        parent must add up to it.

    Returns
    -------
    pandas.DataFrame
        True where a count must be hidden: the columns, on the index of ``counts``. Every figure
        derived from a hidden count (a rate, a share, a map's class) must be hidden with it.

    Raises
    ------
    InputError
        If an area stands twice, or a column is missing.

    Examples
    --------
    >>> people = pd.DataFrame({"area_code": ["S", "A", "B", "C"], "referred": [62, 4, 25, 33]})
    >>> found = suppressed(people, dict.fromkeys("ABC", "S"), columns=["referred"])
    >>> found["referred"].tolist()
    [False, True, True, False]
    """
    missing = [name for name in (code, *columns) if name not in counts]
    if missing:
        raise InputError(f"The counts have no column {', '.join(missing)}.")
    doubles = counts.loc[counts[code].duplicated(), code].unique()
    if len(doubles):
        raise InputError(
            f"These areas stand twice: {', '.join(map(str, doubles[:10]))}. Give one row an area."
        )
    parts: dict[tuple[str, str], list[str]] = {}
    levels: dict[str, list[str]] = {}
    have = set(counts[code])
    for child, above in parents.items():
        for parent in [above] if isinstance(above, str) else above:
            if child in have and parent in have:
                levels.setdefault(parent, []).append(child)
    # A parent may be cut in several ways (boards and partnerships of a country): each adds up by
    # itself.
    kind = dict(zip(counts[code], counts[level], strict=True)) if level in counts else {}
    for parent, children in levels.items():
        for child in children:
            parts.setdefault((parent, str(kind.get(child, ""))), []).append(child)
    hidden = {
        name: _hidden(dict(zip(counts[code], counts[name], strict=True)), parts, threshold)
        for name in columns
    }
    return pd.DataFrame(
        {name: counts[code].isin(hidden[name]).to_numpy() for name in columns}, index=counts.index
    )


def _hidden(
    values: dict[str, float], parts: dict[tuple[str, str], list[str]], threshold: int
) -> set[str]:
    hidden = {area for area, value in values.items() if 0 < value < threshold}
    while True:
        before = len(hidden)
        for (parent, _), children in sorted(parts.items()):
            sums = [parent, *sorted(children)]
            gone = [area for area in sums if area in hidden]
            # An unknown count protects the others: nothing can be subtracted.
            unknown = any(values[area] != values[area] for area in sums)
            if len(gone) != 1 or unknown:
                continue
            # A zero tells itself: hiding it protects nobody.
            others = [area for area in sums[1:] if area not in hidden and values[area] > 0]
            if parent in hidden or not others:
                others = others or [parent]
            hidden.add(min(others, key=lambda area: (values[area], area)))
        if len(hidden) == before:
            return hidden


def protected(
    counts: pd.DataFrame,
    hidden: pd.DataFrame,
    *,
    derived: Mapping[str, Sequence[str]] | None = None,
    mark: str = IN_DATA,
) -> pd.DataFrame:
    """Write the mark of suppression over hidden counts, and over all that derives from them.

    Parameters
    ----------
    counts
        The counts; not changed.
    hidden
        What ``suppressed`` returned for them.
    derived
        Per column of counts the columns worked out from it: rates, shares.
    mark
        ``c`` for data, ``*`` for print; never zero.

    Returns
    -------
    pandas.DataFrame
        Hidden columns hold text: the number as written, or the mark.

    Examples
    --------
    >>> people = pd.DataFrame({"area_code": ["A"], "referred": [4], "rate": [0.4]})
    >>> hidden = pd.DataFrame({"referred": [True]})
    >>> protected(people, hidden, derived={"referred": ["rate"]}).values.tolist()
    [['A', 'c', 'c']]
    """
    safe = counts.copy()
    for name in hidden.columns:
        for column in [name, *(derived or {}).get(name, ())]:
            told = safe[column].astype(object)
            safe[column] = told.where(~hidden[name], mark)
    return safe
