"""Dates that may be partial: 2019, 2019-10 or 2019-10-05. A partial date means its first day."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SHAPE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


def first_day(text: str | None) -> date | None:
    """First day that a full or partial ISO date can mean.

    Parameters
    ----------
    text
        ``2019``, ``2019-10`` or ``2019-10-05``; blank or None is no date.

    Returns
    -------
    date or None
        None where the text is blank or is no such date.

    Examples
    --------
    >>> first_day("2019-10")
    datetime.date(2019, 10, 1)
    >>> first_day("autumn") is None
    True
    """
    match = _SHAPE.match(str(text).strip()) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def last_day(text: str | None) -> date | None:
    """Last day that a full or partial ISO date can mean.

    Examples
    --------
    >>> last_day("2020-02")
    datetime.date(2020, 2, 29)
    """
    first = first_day(text)
    if first is None or text is None:
        return first
    given = text.strip().count("-")
    if given == 0:
        return date(first.year, 12, 31)
    if given == 1:
        return date(first.year, first.month, calendar.monthrange(first.year, first.month)[1])
    return first


def first_days(texts: pd.Series) -> pd.Series:
    """``first_day`` of a whole column.

    Parameters
    ----------
    texts
        Text; blank where there is no date.

    Returns
    -------
    pandas.Series
        ``date`` objects or None, on the same index.

    Examples
    --------
    >>> import pandas as pd
    >>> first_days(pd.Series(["2019", ""])).tolist()
    [datetime.date(2019, 1, 1), None]
    """
    import pandas as pd

    return pd.Series([first_day(text) for text in texts], index=texts.index, dtype=object)


def months_before(day: date, months: int) -> date:
    """The day that lies a number of months earlier (the last of a shorter month).

    Examples
    --------
    >>> months_before(date(2020, 3, 31), 1)
    datetime.date(2020, 2, 29)
    """
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    month += 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
