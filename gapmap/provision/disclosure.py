"""Disclosure control of counts of people: small numbers, and what would give them away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.errors import InputError
from gapmap.place.geography import councils_within
from gapmap.provision.coverage import people_of
from gapmap.vocabulary import LEVELS, SCOTLAND, columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gapmap.study import Study

#: How a suppressed count is shown: in open data, and in print.
IN_DATA, IN_PRINT = "c", "*"

#: A count's area, and its kind of service ("" for all).
_Cell = tuple[str, str]


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
    its parent, or all of its child, is hidden with it. Then all sums are taken together, by
    linear programming: a hidden count that only one number fits takes another with it. Repeated
    until every hidden count could be at least two numbers. A zero is shown; an unknown count
    stays unknown. Services are not people, and are never suppressed.

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
    codes = [str(area) for area in counts[code]]
    kinds = [str(kind) for kind in counts[level]] if level in counts else [""] * len(codes)
    sums = _sums(dict(zip(codes, kinds, strict=True)), parents)
    hidden = {
        name: _hidden(
            {(area, ""): value for area, value in zip(codes, counts[name], strict=True)},
            sums,
            threshold,
        )
        for name in columns
    }
    return pd.DataFrame(
        {name: [(area, "") in hidden[name] for area in codes] for name in columns},
        index=counts.index,
    )


def _sums(kinds: dict[str, str], parents: Mapping[str, str | Sequence[str]]) -> list[_Sum]:
    """Every total and its parts; a whole cut in several ways adds up in each way by itself."""
    parts: dict[tuple[str, str], list[_Cell]] = {}
    for child, above in parents.items():
        for parent in [above] if isinstance(above, str) else above:
            if child in kinds and parent in kinds:
                parts.setdefault((parent, kinds[child]), []).append((child, ""))
    return [_Sum((parent, ""), tuple(sorted(of))) for (parent, _), of in sorted(parts.items())]


class _Sum(NamedTuple):
    """A total, and the cells that it is the sum of."""

    total: _Cell
    parts: tuple[_Cell, ...]


def _hidden(values: Mapping[_Cell, float], sums: Sequence[_Sum], threshold: int) -> set[_Cell]:
    """The cells that must not be shown: small ones, and others that would give them away."""
    hidden = {cell for cell, value in values.items() if 0 < value < threshold}
    while True:
        before = len(hidden)
        for total, parts in sums:
            cells = [total, *parts]
            gone = [cell for cell in cells if cell in hidden]
            # An unknown count protects the others: nothing can be subtracted.
            if len(gone) == 1 and not any(values[cell] != values[cell] for cell in cells):
                _hide_another(hidden, values, total, parts)
        if len(hidden) > before:
            continue
        for cell in sorted(_determined(hidden, values, sums)):
            near = _around(cell, hidden, sums)
            for total, parts in near:
                if _hide_another(hidden, values, total, parts):
                    break
        if len(hidden) == before:
            return hidden


def _hide_another(
    hidden: set[_Cell],
    values: Mapping[_Cell, float],
    total: _Cell,
    parts: Sequence[_Cell],
) -> bool:
    """Hide the smallest part that is shown, or the total where there is no other."""
    # A zero tells itself: hiding it protects nobody.
    others: list[_Cell] = [cell for cell in parts if cell not in hidden and values[cell] > 0]
    if not others and total not in hidden:
        others = [total]
    if not others:
        return False
    hidden.add(min(others, key=lambda cell: (values[cell], cell)))
    return True


def _around(cell: _Cell, hidden: set[_Cell], sums: Sequence[_Sum]) -> list[_Sum]:
    """The sums that a hidden cell is in, then those that share hidden cells with them."""
    reached = {cell}
    near: list[_Sum] = []
    rest = list(sums)
    while True:
        touching = [one for one in rest if reached & {one.total, *one.parts}]
        if not touching:
            return near
        near += touching
        rest = [one for one in rest if one not in touching]
        reached |= {other for one in touching for other in (one.total, *one.parts)} & hidden


def _determined(
    hidden: set[_Cell], values: Mapping[_Cell, float], sums: Sequence[_Sum]
) -> list[_Cell]:
    """Hidden cells that only one whole number fits, whatever combination of sums is used.

    Whoever reads the table knows every shown cell, and of a hidden one that it is not zero: the
    least and the most that each can be follow by linear programming over all sums at once.
    """
    import numpy as np
    from scipy.optimize import linprog

    cells = sorted(hidden)
    place = {cell: number for number, cell in enumerate(cells)}
    rows, known = [], []
    for total, parts in sums:
        shown = [values[cell] for cell in (total, *parts)]
        # What does not add up (an unknown part, families of no fixed place) tells nothing exact.
        if any(value != value for value in shown) or shown[0] != sum(shown[1:]):
            continue
        row = np.zeros(len(cells))
        rest = 0.0
        for cell, sign in ((total, 1.0), *((part, -1.0) for part in parts)):
            if cell in place:
                row[place[cell]] += sign
            else:
                rest -= sign * values[cell]
        if row.any():
            rows.append(row)
            known.append(rest)
    if not rows:
        return []
    matrix = np.vstack(rows)
    found: list[_Cell] = []
    for cell in cells:
        if not matrix[:, place[cell]].any():
            continue
        aim = np.zeros(len(cells))
        aim[place[cell]] = 1.0
        problem = {"A_eq": matrix, "b_eq": known, "bounds": (1, None), "method": "highs"}
        least, most = linprog(aim, **problem), linprog(-aim, **problem)
        # One that has no most, or that was not found, could be anything.
        if least.status or most.status:
            continue
        if np.floor(1e-6 - most.fun) - np.ceil(least.fun - 1e-6) < 1:
            found.append(cell)
    return found


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


def people_counts(study: Study) -> pd.DataFrame:
    """Counts of people that a study brings, with all that could point at a person hidden.

    Where every council of a board, a partnership or the country is counted, and the whole is not,
    the whole is added up. Counts of one measure, kind of service and period are protected
    together, over councils, boards, partnerships and the country, and over the kinds of service
    where these add up to a count of all kinds (a blank category). The study's threshold is
    ``suppress_below``.

    Parameters
    ----------
    study
        Its table people_counts: area_code, measure, category (blank for all kinds), period,
        people (whole numbers), source. Of two rows of the same thing neither is used.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["people_counts"]``: people and per_1000 (of the
        study's weight) are text, ``c`` where hidden and "" where not known.

    Examples
    --------
    >>> import gapmap as gm
    >>> people_counts(gm.scotland()).empty
    True
    """
    given = study.table("people_counts")
    if given.empty:
        return pd.DataFrame(columns=columns("people_counts"))
    wanted = ["area_code", "measure", "category", "period", "people", "source"]
    given = given.reindex(columns=wanted, fill_value="").fillna("").astype(str)
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True)) | {
        SCOTLAND: "Scotland"
    }
    level_of = dict(zip(study.areas["code"], study.areas["level"], strict=True))
    level_of[SCOTLAND] = "country"
    key = ["area_code", "measure", "category", "period"]
    counted = pd.to_numeric(given["people"], errors="coerce")
    usable = (
        given["area_code"].isin(level_of)
        & ~given.duplicated(key, keep=False)
        & (counted.isna() | ((counted >= 0) & (counted % 1 == 0)))
    )
    given = given.assign(people=counted)[usable]
    parts = {whole: made for whole, made in councils_within(study.areas).items() if made != {whole}}
    weights = {
        code: people
        for level in dict.fromkeys(study.areas["level"])
        for code, people in people_of(study, level).items()
    }
    weights[SCOTLAND] = float(study.people[study.settings.weight].sum())
    made = []
    for (measure, period), group in given.groupby(["measure", "period"], sort=True):
        values: dict[tuple[str, str], float] = {}
        source: dict[tuple[str, str], str] = {}
        for row in group.itertuples():
            values[row.area_code, row.category] = row.people
            source[row.area_code, row.category] = row.source
        _add_up(values, parts)
        hidden = _hidden(values, _all_sums(values, parts, level_of), study.settings.suppress_below)
        for area, category in sorted(values, key=lambda cell: (cell[1], _order(level_of, cell[0]))):
            people = values[area, category]
            weight = weights.get(area, float("nan"))
            gone = (area, category) in hidden
            known = people == people
            made.append(
                {
                    "level": level_of[area],
                    "area_code": area,
                    "area_name": names[area],
                    "measure": measure,
                    "category": category,
                    "period": period,
                    "people": IN_DATA if gone else f"{people:.0f}" if known else "",
                    "per_1000": IN_DATA
                    if gone
                    else f"{people / weight * 1000:.3f}"
                    if known and weight > 0
                    else "",
                    "how": "given" if (area, category) in source else "added_up",
                    "source": source.get((area, category), ""),
                }
            )
    return pd.DataFrame(made, columns=columns("people_counts"))


def _order(level_of: Mapping[str, str], area: str) -> tuple[int, str]:
    order = ["country", *LEVELS]
    level = level_of[area]
    return (order.index(level) if level in order else len(order), area)


def _add_up(values: dict[tuple[str, str], float], parts: Mapping[str, frozenset[str]]) -> None:
    """Add the wholes whose councils are all counted."""
    for category in sorted({category for _, category in values}):
        for whole, councils in parts.items():
            cells = [(council, category) for council in councils]
            if councils and (whole, category) not in values and all(c in values for c in cells):
                values[whole, category] = sum(values[cell] for cell in cells)


def _all_sums(
    values: Mapping[tuple[str, str], float],
    parts: Mapping[str, frozenset[str]],
    level_of: Mapping[str, str],
) -> list[_Sum]:
    """Every way in which cells add up: a whole by councils, Scotland by boards, all by kinds."""
    sums = []
    for category in sorted({category for _, category in values}):
        for whole, councils in sorted(parts.items()):
            cells = tuple((council, category) for council in sorted(councils))
            if councils and (whole, category) in values and all(cell in values for cell in cells):
                sums.append(_Sum((whole, category), cells))
        for level in sorted(set(level_of.values()) - {"country", "council"}):
            cells = tuple((code, category) for code, of in sorted(level_of.items()) if of == level)
            if (SCOTLAND, category) in values and all(cell in values for cell in cells):
                sums.append(_Sum((SCOTLAND, category), cells))
    for area in sorted({area for area, _ in values}):
        kinds = tuple((area, kind) for place, kind in sorted(values) if place == area and kind)
        if kinds and (area, "") in values:
            sums.append(_Sum((area, ""), kinds))
    return sums
