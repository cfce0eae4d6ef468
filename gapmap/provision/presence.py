"""Whether a service runs at a date: surely, possibly or not, before any rule decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.dates import first_day
from gapmap.provision.counting import counts

if TYPE_CHECKING:
    from datetime import date

#: How sure it is that a service runs.
SURE, POSSIBLE, NO = "sure", "possible", "no"


def presence(services: pd.DataFrame, as_of: date, *, stale_years: int = 7) -> pd.Series:
    """Say of every service whether it surely runs at a date, possibly, or not.

    ``counts`` decides one way; this says what is not known. A service that counts is *sure* only
    if its status is known and its evidence is fresh; else it is *possible*. One that does not
    count is *possible* where nothing rules it out: closed but nobody knows when, probably
    closed, or known only from a source younger than the date without a day of opening.

    Parameters
    ----------
    services
        Columns status, opened, open_by, closed, source_date, read_on; "" for unknown.
    as_of
        The date.
    stale_years
        As for ``counts``.

    Returns
    -------
    pandas.Series
        sure, possible or no, on the services' index.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pd.DataFrame({"status": ["open", "unknown", "open", "open"],
    ...                      "opened": ["2018", "2018", "2021", ""],
    ...                      "source_date": ["2019", "2019", "2022", "2022"]})
    >>> presence(rows, date(2020, 2, 1)).tolist()
    ['sure', 'possible', 'no', 'possible']
    """
    counted = counts(services, as_of, stale_years=stale_years)
    cells = services.reindex(columns=["status", "opened", "closed", "source_date"])
    found = []
    for counting, doubtful, stale, status, opened, closed, written in zip(
        counted["counts"],
        counted["unconfirmed"],
        counted["stale"],
        cells["status"],
        cells["opened"],
        cells["closed"],
        cells["source_date"],
        strict=True,
    ):
        if counting:
            found.append(POSSIBLE if doubtful or stale else SURE)
            continue
        start, end, said = first_day(opened), first_day(closed), first_day(written)
        ended = end is not None and end <= as_of
        not_begun = start is not None and start > as_of
        # A plan told before the date may have come true since; one told after it had not.
        only_planned = status == "planned" and said is not None and said >= as_of
        found.append(NO if ended or not_begun or only_planned else POSSIBLE)
    return pd.Series(found, index=services.index, dtype=object)
