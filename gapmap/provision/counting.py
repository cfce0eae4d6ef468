"""Which services count at a date, from when, and how old the evidence for them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.dates import first_day, months_before
from gapmap.vocabulary import STARTS
from gapmap.words import date_in_words

if TYPE_CHECKING:
    from datetime import date

#: Why a service counts at no date.
NO_DATE = "No date of any kind tells when it ran."

_CELLS = ["status", "opened", "open_by", "closed", "source_date", "read_on"]


def counts(services: pd.DataFrame, as_of: date, *, stale_years: int = 7) -> pd.DataFrame:
    """Say of every service whether it counts at a date, and why.

    A service counts if it had opened and not closed. Its start is opened, else open_by, else
    source_date, else read_on; a partial date means its first day. Status unknown counts but is
    unconfirmed; planned, probably closed, and closed without a date do not count.

    Parameters
    ----------
    services
        Columns status, opened, open_by, closed, source_date, read_on; partial ISO dates, "" for
        unknown.
    as_of
        The date.
    stale_years
        A service whose newest evidence is older than this is stale.

    Returns
    -------
    pandas.DataFrame
        On the services' index: counts (bool), unconfirmed (bool), reason (in words), last_known
        (the newest evidence as written, "" for none), stale (bool).

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"status": ["open", "closed"], "opened": ["2004", "1998"],
    ...                      "source_date": ["2012", "2019"], "closed": ["", "2018"]})
    >>> counts(rows, date(2020, 2, 1))[["counts", "last_known", "stale"]].values.tolist()
    [[True, '2012', True], [False, '1998', True]]
    """
    limit = months_before(as_of, 12 * stale_years)
    rows = []
    for record in services.reindex(columns=_CELLS).itertuples(index=False, name=None):
        cells = {
            name: value.strip() if isinstance(value, str) else ""
            for name, value in zip(_CELLS, record, strict=True)
        }
        counted, reason = _counts(cells, as_of)
        known = _last_known(cells)
        newest = first_day(known)
        if newest is not None and newest > as_of:
            known = as_of.isoformat()  # what was seen later was there then
        rows.append(
            {
                "counts": counted,
                "unconfirmed": counted and cells["status"] in ("", "unknown"),
                "reason": reason,
                "last_known": known,
                "stale": newest is not None and newest < limit,
            }
        )
    frame = pd.DataFrame(
        rows,
        index=services.index,
        columns=["counts", "unconfirmed", "reason", "last_known", "stale"],
    )
    return frame.astype({"counts": bool, "unconfirmed": bool, "stale": bool})


def _counts(cells: dict[str, str], as_of: date) -> tuple[bool, str]:
    status = cells["status"]
    if status == "planned":
        return False, "Planned, not open."
    if status == "likely_closed":
        return False, "Probably closed."
    closed = first_day(cells["closed"])
    if closed is not None and closed <= as_of:
        return False, f"Closed in {date_in_words(cells['closed'])}."
    if status == "closed" and closed is None:
        return False, "Closed; when is not known."
    for column, words in STARTS.items():
        start = first_day(cells[column])
        if start is None:
            continue
        if start > as_of:
            return False, f"Not yet then: {words} {date_in_words(cells[column])}."
        doubt = "; whether it still runs is not confirmed" if status in ("", "unknown") else ""
        return True, f"{words.capitalize()} {date_in_words(cells[column])}{doubt}."
    return False, NO_DATE


def _last_known(cells: dict[str, str]) -> str:
    """The newest evidence that the service ran, as written.

    The day on which an undated page was read is evidence; reading an old paper is not.
    """
    names = ["opened", "open_by", "source_date"]
    if not first_day(cells["source_date"]):
        names.append("read_on")
    dated = [(day, cells[name]) for name in names if (day := first_day(cells[name]))]
    closed = first_day(cells["closed"])
    if closed is not None:
        dated = [(day, text) for day, text in dated if day <= closed] or dated
    return max(dated, key=lambda pair: pair[0])[1] if dated else ""
