"""Values of a sheet: what they mean, and the faults of those that mean nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gapmap.check.faults import FaultList
from gapmap.read.values import ALIASES, iso_date, typed, unconverted
from gapmap.vocabulary import TABLES

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["faults", "suggest_word", "typed"]

#: Columns of words on which the answers rest: an unknown word there is an error.
GRAVE = frozenset(
    ["tier", "status", "funding", "precision", "coverage_of_area", "location_confidential"]
)

_COORDINATES = frozenset(["easting", "northing", "latitude", "longitude"])


def faults(services: pd.DataFrame) -> pd.DataFrame:
    """The faults of cells that have no meaning in their column.

    Parameters
    ----------
    services
        As `gapmap.read.services.read_services` gives them.

    Returns
    -------
    pandas.DataFrame
        Columns row, column, found, problem, remedy, severity; one row per cell, sorted.

    Examples
    --------
    >>> import pandas as pd
    >>> found = faults(pd.DataFrame({"name": ["Tea Club"], "status": ["opne"]}))
    >>> found[["row", "column", "remedy"]].values.tolist()
    [[2, 'status', 'Did you mean "open"?']]
    """
    gathered = FaultList(row_numbers(services))
    gather(services, gathered)
    return gathered.frame()


def row_numbers(services: pd.DataFrame) -> np.ndarray:
    """Row of each service as a spreadsheet numbers it; of a frame from elsewhere, from row 2 on."""
    import numpy as np

    if services.index.name == "row" and services.index.dtype.kind in "iu":
        return np.asarray(services.index.to_numpy())
    return np.arange(2, len(services) + 2)


def gather(services: pd.DataFrame, gathered: FaultList) -> None:
    """Add the faults of `faults` to a list."""
    import pandas as pd

    hints: dict[tuple[str, str], str] = {}
    bad = unconverted(services)
    for column, cells in bad.groupby("column", sort=False):
        name = str(column)
        if name in _COORDINATES:
            continue  # places are checked as pairs
        kind = str(cells["kind"].iloc[0])
        found = pd.Series(cells["found"].to_numpy(), index=cells["place"])
        if kind in ("number", "age_years"):
            fault = "age_unreadable" if name.startswith("age_") else "number_unreadable"
            gathered.add(fault, found.index, name, found.get)
        elif kind == "date":
            shaped = found.str.match(r"^\s*\d{1,4}[/.-]\d{1,2}([/.-]\d{1,4})?\s*$")
            gathered.add("date_impossible", found.index[shaped], name, found.get)
            gathered.add(
                "date_unreadable",
                found.index[~shaped],
                name,
                found.get,
                lambda place, found=found: _date_hint(found[place]),  # type: ignore[misc]
            )
        elif kind == "yes_no":
            gathered.add("yes_no_unknown", found.index, name, found.get)
        elif kind in ("code", "list"):
            for word in found.unique():
                hints[name, word] = suggest_word(word, name)
            fault = (
                "part_unknown"
                if kind == "list"
                else "category_unknown"
                if name == "category"
                else "word_unknown"
                if name in GRAVE
                else "word_unknown_minor"
            )
            gathered.add(
                fault,
                found.index,
                name,
                found.get,
                lambda place, found=found, name=name: hints[name, found[place]],  # type: ignore[misc]
            )


def _date_hint(text: str) -> str:
    """The first date in a longer text, as a question."""
    for part in re.findall(r"\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|\b(?:19|20)\d{2}\b", text[:200]):
        if iso_date(part):
            return f"; did you mean {part}?"
    return ""


def suggest_word(word: str, column: str) -> str:
    """The remedy for a word that a column's vocabulary does not have.

    Examples
    --------
    >>> suggest_word("Infant mental helth", "category")
    'Did you mean "infant_mental_health"?'
    >>> suggest_word("zzz", "tier")
    'Write one of: universal, targeted, specialist.'
    """
    from rapidfuzz import fuzz, process

    from gapmap.read.values import plain

    allowed = next(c.allowed for c in TABLES["services"] if c.name == column) or {}
    names = {plain(label): code for code, label in allowed.items()}
    names |= {plain(code): code for code in allowed}
    names |= {plain(alias): code for alias, code in ALIASES.get(column, {}).items()}
    key = plain(word.split(";")[0])
    best = process.extractOne(key, list(names), scorer=fuzz.ratio, score_cutoff=65)
    if best is None:
        best = process.extractOne(key, list(names), scorer=fuzz.token_set_ratio, score_cutoff=80)
    if best is None:
        return f"Write one of: {', '.join(allowed)}."
    code = names[best[0]]
    if plain(code) == plain(allowed[code]):
        return f'Did you mean "{code}"?'
    return f'Did you mean "{allowed[code]}" ({code})?'
