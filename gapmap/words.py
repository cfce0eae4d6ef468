"""How numbers, times, dates and names are said in a sentence, for every room."""

from __future__ import annotations

import calendar
import math
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from gapmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Longest name that a document prints; tables keep the whole of it.
LONGEST_NAME = 160

#: Marks that turn the direction of the text after them: harmless in a cell of their own, able to
#: scramble a sentence.
_DIRECTION = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])

#: Characters that nobody sees: controls, marks of direction, spaces without width. Line breaks and
#: the joiners of emoji have a meaning and are not among them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)

_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_MONTHS = tuple(calendar.month_name)[1:]


def minutes_in_words(minutes: float) -> str:
    """A travel time as people say it: no more exact than the method behind it.

    Rounded to 1 minute below ten, to 5 up to three hours, then to 15.

    Parameters
    ----------
    minutes
        Not negative, finite.

    Raises
    ------
    InputError
        If there is no such time; a status is told in its own words, never as a number.

    Examples
    --------
    >>> minutes_in_words(73.8)
    'about 1 hour 15'
    >>> minutes_in_words(7.2)
    'about 7 minutes'
    >>> minutes_in_words(118)
    'about 2 hours'
    """
    if not math.isfinite(minutes) or minutes < 0:
        raise InputError(
            f"{minutes} is not a travel time. Say the travel status in words where there is none."
        )
    if minutes < 1:
        return "under a minute"
    step = 1 if minutes < 10 else 5 if minutes < 180 else 15
    rounded = int(step * math.floor(minutes / step + 0.5))
    if rounded < 60:
        return f"about {rounded} minute{'' if rounded == 1 else 's'}"
    hours, rest = divmod(rounded, 60)
    return f"about {hours} hour{'' if hours == 1 else 's'}{f' {rest}' if rest else ''}"


def number_in_words(number: float) -> str:
    """A whole number with thousands parted by commas.

    Examples
    --------
    >>> number_in_words(252468.2)
    '252,468'
    """
    return f"{round(number):,}"


def count_in_words(number: float, one: str, many: str | None = None) -> str:
    """A count with its noun.

    Parameters
    ----------
    number
        How many.
    one, many
        The noun; the plural adds an s unless given.

    Examples
    --------
    >>> count_in_words(1, "service"), count_in_words(0, "service")
    ('1 service', 'no services')
    >>> count_in_words(9800, "under-five")
    '9,800 under-fives'
    """
    whole = round(number)
    if whole == 1:
        return f"1 {one}"
    return f"{'no' if whole == 0 else f'{whole:,}'} {many if many is not None else one + 's'}"


def roughly(number: float) -> str:
    """A number that is an estimate: two leading digits, and "roughly" before it.

    Children below council level are spread over postcodes, so nothing finer can be claimed.

    Examples
    --------
    >>> roughly(1234), roughly(87.2), roughly(3)
    ('roughly 1,200', 'roughly 90', 'a few')
    """
    if number <= 0:
        return "no"
    if number < 10:
        return "a few"
    step = 10 ** max(1, math.floor(math.log10(number)) - 1)
    return f"roughly {int(step * math.floor(number / step + 0.5)):,}"


def share_in_words(share: float) -> str:
    """A share of people as a percentage that never rounds to all or none what is not.

    Raises
    ------
    InputError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> share_in_words(0.624), share_in_words(0.998), share_in_words(0.002)
    ('62%', 'nearly all', 'fewer than 1 in 100')
    >>> share_in_words(1.0), share_in_words(0.0)
    ('all', 'none')
    """
    if not -1e-9 <= share <= 1 + 1e-9:
        raise InputError(f"{share} is not a share: it must lie between 0 and 1.")
    if share <= 1e-9:
        return "none"
    if share >= 1 - 1e-9:
        return "all"
    percent = math.floor(share * 100 + 0.5)
    if percent == 0:
        return "fewer than 1 in 100"
    return "nearly all" if percent == 100 else f"{percent}%"


def list_in_words(names: Sequence[str], *, limit: int | None = None) -> str:
    """Names as a sentence lists them; past the limit, how many more there are.

    Examples
    --------
    >>> list_in_words(["Fife", "Orkney", "Shetland"])
    'Fife, Orkney and Shetland'
    >>> list_in_words(["Fife", "Orkney", "Shetland", "Tayside"], limit=2)
    'Fife, Orkney and 2 more'
    """
    parts = list(names)
    if limit is not None and len(parts) > limit + 1:
        parts = [*parts[:limit], f"{len(parts) - limit} more"]
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def date_in_words(day: date | str) -> str:
    """A full or partial date as people write it; a text that is no date stays as it is.

    Examples
    --------
    >>> date_in_words("2019-10"), date_in_words("2019"), date_in_words(date(2020, 2, 1))
    ('October 2019', '2019', '1 February 2020')
    """
    text = day.isoformat() if isinstance(day, date) else str(day).strip()
    match = _PARTIAL.match(text)
    if match is None:
        return text
    year, month, number = match.groups()
    if month is None or not 1 <= int(month) <= 12:
        return year if month is None else text
    named = f"{_MONTHS[int(month) - 1]} {year}"
    return named if number is None else f"{int(number)} {named}"


def shown(text: object, *, longest: int = LONGEST_NAME) -> str:
    """An untrusted name as a document may print it.

    Control characters and marks of direction go, white space becomes single spaces, and what is
    longer than the limit ends in an ellipsis. Escaping for HTML or Word is the renderer's.

    Examples
    --------
    >>> shown("Wee" + chr(0x202E) + " Ones" + chr(10) + " group" + chr(0))
    'Wee Ones group'
    """
    plain = str(text)
    # Nearly every name is printable as it is, and a page asks for tens of thousands.
    if not plain.isprintable():
        plain = "".join(
            " " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c
            for c in plain.translate(_DIRECTION)
        )
    plain = " ".join(plain.split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def slug(text: str) -> str:
    """A name as part of a file name: lower-case letters, digits and hyphens, at most 60.

    Examples
    --------
    >>> slug("NHS Ayrshire & Arran"), slug("../../x"), slug("Na h-Eileanan Siar")
    ('nhs-ayrshire-and-arran', 'x', 'na-h-eileanan-siar')
    """
    plain = unicodedata.normalize("NFKD", str(text).replace("&", " and "))
    plain = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower())
    return plain[:60].strip("-") or "area"


def sentence(text: str) -> str:
    """The same text with its first letter raised and one full stop at its end.

    Examples
    --------
    >>> sentence("nobody looked")
    'Nobody looked.'
    """
    plain = text.strip()
    if not plain:
        return ""
    plain = plain[0].upper() + plain[1:]
    return plain if plain[-1] in ".!?…" else plain + "."
