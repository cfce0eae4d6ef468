"""Age windows: for each month from conception to five, whether there is a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.provision.coverage import Provision, of_value, provision, reach
from gapmap.vocabulary import columns
from gapmap.words import list_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gapmap.study import Study

#: Months of age that a family's road has: conception is -9, five years is 60.
FIRST, LAST = -9, 60

#: Windows of age that are told: name, from month, up to month.
WINDOWS = (
    ("pregnancy", -9, 0),
    ("under_1", 0, 12),
    ("under_2", 0, 24),
    ("under_3", 0, 36),
    ("under_5", 0, 60),
)


def months_served(
    spans: Iterable[tuple[float, float]],
) -> tuple[frozenset[int], frozenset[int]]:
    """Months of age surely served, and those possibly served, by spans that may be open.

    Parameters
    ----------
    spans
        Per service: from month, up to (not including) month; NaN where not known.

    Returns
    -------
    tuple of two frozensets
        Months between conception (-9) and five (60): those that a service with both ends known
        covers; those that one with an unknown end may cover besides.

    Examples
    --------
    >>> sure, maybe = months_served([(0, 3), (58, float("nan"))])
    >>> sorted(sure), sorted(maybe)
    ([0, 1, 2], [58, 59])
    """
    sure: set[int] = set()
    maybe: set[int] = set()
    for start, end in spans:
        first = FIRST if start != start else max(FIRST, int(start))
        last = LAST if end != end else min(LAST, int(end))
        (sure if start == start and end == end else maybe).update(range(first, last))
    return frozenset(sure), frozenset(maybe - sure)


def ages(
    study: Study, *, level: str = "board", by: str = "tier", known: Provision | None = None
) -> pd.DataFrame:
    """Tell for which months of age an area has a service (indicator 3).

    A service with an unknown age limit may cover the months that its known limit leaves open:
    these are told apart, and are never counted as covered.

    Parameters
    ----------
    study
        Services with age_from_months and age_to_months (exclusive); NaN for unknown.
    level
        Kind of area.
    by
        tier or category (or another dimension of coverage).
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["ages"]``, one row per area and value that has a
        counting service: months covered of the 69 from conception to five, months that may be,
        the uncovered and the doubtful months in words, and of each window the share covered
        (and, with ``_most``, the share that may be).

    Examples
    --------
    >>> import gapmap as gm
    >>> table = ages(gm.scotland())
    >>> table["months_covered"].between(0, 69).all()
    np.True_
    """
    known = provision(study) if known is None else known
    reached = reach(study, known, level).merge(of_value(study, by), on="row")
    services = study.services
    spans = dict(
        zip(
            services.index,
            zip(services["age_from_months"], services["age_to_months"], strict=True),
            strict=True,
        )
    )
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    every = frozenset(range(FIRST, LAST))
    rows = []
    for (code, value), rows_of in reached.groupby(["area_code", "value"])["row"]:
        sure, maybe = months_served(spans[row] for row in rows_of)
        record = {
            "level": level,
            "area_code": code,
            "area_name": names[code],
            "dimension": by,
            "value": value,
            "months_covered": len(sure),
            "months_possible": len(maybe),
            "uncovered": stretches_in_words(every - sure - maybe),
            "doubtful": stretches_in_words(maybe),
        }
        for window, start, end in WINDOWS:
            months = frozenset(range(start, end))
            record[f"{window}_covered"] = len(months & sure) / len(months)
            record[f"{window}_most"] = len(months & (sure | maybe)) / len(months)
        rows.append(record)
    return pd.DataFrame(rows, columns=columns("ages"))


def stretches(months: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of months without a break: from, up to (not including).

    Examples
    --------
    >>> stretches([3, 1, 2, 7])
    [(1, 4), (7, 8)]
    """
    found: list[tuple[int, int]] = []
    for month in sorted(months):
        if found and found[-1][1] == month:
            found[-1] = (found[-1][0], month + 1)
        else:
            found.append((month, month + 1))
    return found


def age_in_words(month: int) -> str:
    """An age in months as people say it.

    Examples
    --------
    >>> [age_in_words(month) for month in (-9, -3, 0, 1, 18, 36)]
    ['conception', '3 months before birth', 'birth', '1 month', '18 months', '3 years']
    """
    if month <= FIRST:
        return "conception"
    if month < 0:
        return f"{-month} month{'' if month == -1 else 's'} before birth"
    if month == 0:
        return "birth"
    if month % 12 == 0 and month >= 24:
        return f"{month // 12} years"
    return f"{month} month{'' if month == 1 else 's'}"


def stretches_in_words(months: Iterable[int]) -> str:
    """Months as stretches of age; "" for none.

    Examples
    --------
    >>> stretches_in_words(range(36, 60))
    '3 years to 5 years'
    """
    return list_in_words(
        [f"{age_in_words(start)} to {age_in_words(end)}" for start, end in stretches(months)]
    )
