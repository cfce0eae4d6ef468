"""The list of faults while it is gathered, and the rows that are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.check.kinds import KINDS
from gapmap.read.values import coded
from gapmap.vocabulary import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

_LONGEST = 200  # characters of a cell that a fault repeats

#: Blank column of text, for columns that a sheet has not.
_COLUMNS = columns("faults")


@dataclass
class FaultList:
    """Faults as they are found; ``frame`` sorts them.

    Parameters
    ----------
    labels
        Row number of each place of the frame that is checked.
    """

    labels: np.ndarray
    _rows: list[tuple[int, str, str, str, str, str]] = field(default_factory=list)

    def add(
        self,
        kind: str,
        places: Iterable[int],
        column: str,
        found: Callable[[int], object] | np.ndarray,
        hint: Callable[[int], str] | str = "",
    ) -> None:
        """Note a kind of fault at some places of the frame."""
        of = KINDS[kind]
        for place in places:
            cell = found(place) if callable(found) else found[place]
            said = hint(place) if callable(hint) else hint
            self._rows.append(
                (
                    int(self.labels[place]),
                    column,
                    shortened(cell),
                    of.problem,
                    _filled(of.remedy, said),
                    of.severity,
                )
            )

    def add_file(self, kind: str, column: str, found: object, hint: str = "") -> None:
        """Note a fault of the whole file."""
        of = KINDS[kind]
        remedy = _filled(of.remedy, hint)
        self._rows.append((0, column, shortened(found), of.problem, remedy, of.severity))

    def add_row(self, kind: str, row: int, hint: str) -> None:
        """Note a fault of a whole row, by its number in the file."""
        of = KINDS[kind]
        remedy = _filled(of.remedy, hint)
        self._rows.append((row, "", "", of.problem, remedy, of.severity))

    def frame(self) -> pd.DataFrame:
        """All faults, by row, then by column in the order of the sheet, the graver first."""
        table = pd.DataFrame(self._rows, columns=_COLUMNS)
        table["row"] = table["row"].astype("int64")
        order = {name: place for place, name in enumerate(columns("services"))}
        grave = {"error": 0, "warning": 1, "note": 2}
        keys = pd.DataFrame(
            {
                "row": table["row"],
                "column": table["column"].map(order).fillna(len(order)),
                "severity": table["severity"].map(grave),
                "problem": table["problem"],
            }
        )
        in_order = keys.sort_values(["row", "column", "severity", "problem"], kind="stable").index
        return table.loc[in_order].reset_index(drop=True)


def _filled(remedy: str, hint: str) -> str:
    """A remedy with its hint; one that ends in a question needs no full stop."""
    return remedy.replace("{hint}", hint).replace("?.", "?")


def shortened(cell: object) -> str:
    """A cell's text, fit for a list: no line breaks, not longer than 200 characters."""
    text = " ".join(str(cell).split()) if "\n" in str(cell) else str(cell)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


@dataclass
class Rows:
    """The services that are checked: as found, as understood, and the day that counts as today.

    Parameters
    ----------
    found
        The frame with our names of columns.
    typed
        What ``gapmap.read.values.typed`` makes of it.
    today
        The study's date, or the day of the check.
    stale_years
        Evidence older than this is stale.
    labels
        Row number of each place.
    """

    found: pd.DataFrame
    typed: pd.DataFrame
    today: date
    stale_years: int
    labels: np.ndarray
    _texts: dict[str, np.ndarray] = field(default_factory=dict)
    _coded: dict[str, tuple[np.ndarray, list[str]]] = field(default_factory=dict)
    _filled: dict[str, np.ndarray] = field(default_factory=dict)
    _values: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.found)

    def text(self, column: str) -> np.ndarray:
        """The cells of a column as found, stripped; blank where the sheet has no such column."""
        if column not in self._texts:
            places, different = self.coded(column)
            texts = np.empty(len(different), dtype=object)
            texts[:] = different
            self._texts[column] = texts[places]
        return self._texts[column]

    def coded(self, column: str) -> tuple[np.ndarray, list[str]]:
        """Which text each cell has, and the different texts, stripped (one may come twice)."""
        if column not in self._coded:
            if column in self.found.columns:
                places, texts = coded(self.found[column])
                self._coded[column] = (places, [text.strip() for text in texts])
            else:
                self._coded[column] = (np.zeros(len(self.found), dtype=np.intp), [""])
        return self._coded[column]

    def hits(self, column: str, of: Callable[[str], bool]) -> np.ndarray:
        """Places at which a column's text is so; each different text is asked once."""
        places, texts = self.coded(column)
        so = np.array([of(text) for text in texts], dtype=bool)
        return np.flatnonzero(so[places]) if so.any() else np.array([], dtype=np.intp)

    def filled(self, column: str) -> np.ndarray:
        """Where a column is not blank."""
        if column not in self._filled:
            places, texts = self.coded(column)
            self._filled[column] = np.array([bool(text) for text in texts], dtype=bool)[places]
        return self._filled[column]

    def value(self, column: str) -> np.ndarray:
        """A column as understood."""
        if column not in self._values:
            self._values[column] = np.asarray(self.typed[column].to_numpy(dtype=object))
        return self._values[column]

    def number(self, column: str) -> np.ndarray:
        """A column of numbers as understood, NaN where not known."""
        return np.asarray(self.typed[column].to_numpy(dtype=float))
