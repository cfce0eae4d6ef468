"""E-mail addresses and telephone numbers in the data: recognised, and kept out of every product."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gapmap.study import Study

# Bounded, so that a cell of twenty thousand letters cannot stall the search.
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
#: A British number that stands by itself: digits inside a web address or a code are none.
PHONE = re.compile(r"(?<![\w/=.,+-])(?:\+44[\s(0)]{0,5}|0)\d(?:[\s-]?\d){8,9}(?![\d/.])")

_EMAIL_OUT, _PHONE_OUT = "[e-mail left out]", "[telephone left out]"

#: Columns that are never free text.
_NOT_TEXT = frozenset({"service_id", "location_id", "team_id", "postcode", "uprn", "area_code"})


def without_contacts(text: str) -> str:
    """A text without e-mail addresses and telephone numbers; each leaves a word in its place.

    Examples
    --------
    >>> without_contacts("Ask Jo on 0131 496 0000 or jo@example.org, see page 0131")
    'Ask Jo on [telephone left out] or [e-mail left out], see page 0131'
    """
    if "@" in text:
        text = EMAIL.sub(_EMAIL_OUT, text)
    return PHONE.sub(_PHONE_OUT, text)


def depersonalised(study: Study) -> Study:
    """The study with no e-mail address and no telephone number in any text of any table.

    Parameters
    ----------
    study
        A study; it is not changed.

    Returns
    -------
    Study
        With the same rows; the table of contacts, which no product shows, as it is.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> len(depersonalised(study).services) == len(study.services)
    True
    """
    tables = {
        name: table if name == "contacts" else _cleaned(table)
        for name, table in study.tables.items()
    }
    merged = None if study.merged is None else _cleaned(study.merged)
    return replace(study, services=_cleaned(study.services), tables=tables, merged=merged)


def _cleaned(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    out = table
    for column in table.columns:
        values = table[column]
        if column in _NOT_TEXT or not (
            isinstance(values.dtype, pd.StringDtype) or values.dtype == object
        ):
            continue
        different = [text for text in values.unique() if isinstance(text, str)]
        changed = {text: new for text in different if (new := without_contacts(text)) != text}
        if changed:
            out = out.assign(**{column: values.replace(changed)})
    return out
