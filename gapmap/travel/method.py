"""How a study's distances came about and how far off they are, in the words of every product."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.travel.indicative import indicative_accuracy
from gapmap.words import shown

if TYPE_CHECKING:
    from gapmap.study import Settings


def how_measured(settings: Settings) -> str:
    """How distance was measured, in one sentence: with the bundled network, true roads or a line.

    Parameters
    ----------
    settings
        A study's settings: its ``travel_method`` is told.

    Examples
    --------
    >>> from datetime import date
    >>> from gapmap.study import Settings
    >>> how_measured(Settings(name="Ours", as_of=date(2026, 11, 22)))
    'By car, roughly: no traffic, no wait for a ferry.'
    >>> how_measured(Settings(name="Ours", as_of=date(2026, 11, 22), travel_method="straight"))
    'Distances are in a straight line, without roads.'
    """
    method = settings.travel_method
    if method == "indicative":
        return "By car, roughly: no traffic, no wait for a ferry."
    if method == "straight":
        return "Distances are in a straight line, without roads."
    roads = f"By car over the roads of {shown(Path(method).name)}: the fastest trip; no traffic"
    # OS Open Roads holds neither ferries nor one-way streets.
    rest = "no ferries, no one-way streets" if method.lower().endswith(".gpkg") else ""
    return f"{roads}, {rest or 'no wait for a ferry'}."


def by_what(settings: Settings) -> str:
    """The same in the few words that follow "How far".

    Parameters
    ----------
    settings
        A study's settings.

    Examples
    --------
    >>> from datetime import date
    >>> from gapmap.study import Settings
    >>> by_what(Settings(name="Ours", as_of=date(2026, 11, 22)))
    'by car, roughly'
    """
    known = {"indicative": "by car, roughly", "straight": "in a straight line"}
    return known.get(settings.travel_method, "by car")


def how_far_off(settings: Settings) -> str:
    """How far off the bundled network was found to be, in one sentence; "" for any other method.

    Parameters
    ----------
    settings
        A study's settings.

    Examples
    --------
    >>> from datetime import date
    >>> from gapmap.study import Settings
    >>> how_far_off(Settings(name="Ours", as_of=date(2026, 11, 22)))[:43]
    'Of trips of known length, half are within a'
    >>> how_far_off(Settings(name="Ours", as_of=date(2026, 11, 22), travel_method="straight"))
    ''
    """
    return _measured_error() if settings.travel_method == "indicative" else ""


def travel_notes(settings: Settings) -> tuple[str, ...]:
    """What a product says among what is approximate: how distance was measured, and how far off.

    Parameters
    ----------
    settings
        A study's settings.

    Examples
    --------
    >>> from datetime import date
    >>> from gapmap.study import Settings
    >>> travel_notes(Settings(name="Ours", as_of=date(2026, 11, 22), travel_method="straight"))
    ('Distances are in a straight line, without roads.',)
    """
    measured = how_measured(settings)
    if settings.travel_method != "straight":
        # Among other lines it has to say of what it tells.
        measured = f"Times are {measured[0].lower()}{measured[1:]}"
    return tuple(line for line in (measured, how_far_off(settings)) if line)


@lru_cache(maxsize=1)
def _measured_error() -> str:
    value = indicative_accuracy().set_index("measure")["value"]
    km, most_km, minutes, most_minutes = (
        f"{value[f'{of}_error_{share}']:.0f}%"
        for of in ("km", "minutes")
        for share in ("median", "p90")
    )
    return (
        f"Of trips of known length, half are within about {km} of their kilometres and {minutes} "
        f"of their minutes, nine in ten within {most_km} and {most_minutes}."
    )
