"""What a document says, apart from how it looks: one content for HTML, Word, PDF and slides."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gapmap.errors import InputError
from gapmap.report.tables import published
from gapmap.words import number_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

#: A value or several that a column must have.
Wanted: TypeAlias = "str | tuple[str, ...]"


@dataclass(frozen=True)
class Value:
    """A number in a sentence, with the cells of the run's tables that it comes from.

    Parameters
    ----------
    text
        As the sentence says it.
    number
        The number itself.
    table, where, column, how
        It is the ``how`` (``value`` of the one row, ``count`` of the rows, ``sum``, ``distinct``
        values) of ``column`` over the rows of ``table`` that have the values of ``where``.
    """

    text: str
    number: float
    table: str
    where: tuple[tuple[str, Wanted], ...]
    column: str
    how: str


@dataclass(frozen=True)
class Name:
    """An untrusted name in a sentence: printed, never interpreted."""

    text: str
    strong: bool = False


#: What a sentence is made of: our own words, numbers with their origin, names from the data.
Text: TypeAlias = "tuple[str | Value | Name, ...]"


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: Text


@dataclass(frozen=True)
class Bullets:
    """A list; numbered where the order means something."""

    items: tuple[Text, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading inside a section, one step below the section's own."""

    text: str


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text
        What it says.
    state
        Code of a state of provision, to be drawn with its colour and sign.
    bar
        A share from 0 to 1 to be drawn as a small bar beside the text.
    """

    text: Text
    state: str = ""
    bar: float | None = None


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row names the row.

    Parameters
    ----------
    caption
        What it shows.
    head
        Titles of its columns, with their units.
    rows
        As many cells each as there are titles.
    numeric
        Positions of the columns that hold numbers.
    note
        Printed beneath.
    compact
        Many narrow columns: smaller type.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    note: str = ""
    compact: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture from a file, with what it shows in words for those who cannot see it."""

    path: Path
    alt: str
    caption: str


@dataclass(frozen=True)
class Split:
    """How a whole divides into states: a labelled bar for each row.

    Parameters
    ----------
    caption
        What it shows.
    rows
        Name of each row, and the number (with its origin) of each state in order.
    """

    caption: str
    rows: tuple[tuple[str, tuple[tuple[str, Value], ...]], ...]


@dataclass(frozen=True)
class Callout:
    """A box that stands out."""

    title: str
    blocks: tuple[Block, ...]


Block: TypeAlias = "Paragraph | Bullets | Heading | Table | Figure | Split | Callout"


@dataclass(frozen=True)
class Section:
    """A section under a heading of its own.

    Parameters
    ----------
    anchor
        Its place in the page's address: letters, digits and hyphens.
    title
        Its heading.
    blocks
        What stands in it.
    new_page
        Whether it begins a page, where there are pages.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True)
class Document:
    """A whole document.

    Parameters
    ----------
    title, subtitle
        Its name, and what, where and when.
    study
        Name of the study.
    as_of
        The date that it speaks of, in words.
    about
        The first box.
    sections
        In order.
    footer
        Source and licence lines.
    links
        Text and relative address of what lies beside it.
    contents
        Whether it has a list of contents on paper: in the first section, before the picture at
        its end (``inline``), or nowhere (``none``), as in a short paper.
    tallest_mm
        Largest height of a picture on paper.
    """

    title: str
    subtitle: str
    study: str
    as_of: str
    about: Callout
    sections: tuple[Section, ...]
    footer: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    contents: str = "inline"
    tallest_mm: float = 140


def say(template: str, **parts: str | Value | Name) -> Text:
    """A sentence with numbers and names set in at the braces.

    Parameters
    ----------
    template
        Our own words with ``{names}``.
    **parts
        What goes in; a plain ``str`` is taken for a name from the data.

    Raises
    ------
    InputError
        If a brace has nothing to go into it.

    Examples
    --------
    >>> say("{who} has none.", who="Fife")
    (Name(text='Fife', strong=False), ' has none.')
    """
    text: list[str | Value | Name] = []
    for words, field, _, _ in string.Formatter().parse(template):
        if words:
            text.append(words)
        if field is None:
            continue
        if field not in parts:
            raise InputError(f'The sentence "{template}" has no value for {{{field}}}.')
        part = parts[field]
        text.append(Name(shown(part, longest=2000)) if isinstance(part, str) else part)
    return tuple(text)


def plain(text: Text) -> str:
    """A sentence as plain text.

    Examples
    --------
    >>> plain(say("{who} has none.", who="Fife"))
    'Fife has none.'
    """
    return "".join(part if isinstance(part, str) else part.text for part in text)


def named(text: str, *, longest: int = 400) -> Text:
    """A text from the data as a whole sentence or cell."""
    return (Name(shown(text, longest=longest)),)


class Facts:
    """The tables of a run, asked by conditions; every number it gives remembers where it is from.

    Parameters
    ----------
    tables
        The tables of a run, by name; they are read as their files show them.
    public
        Whether private columns are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> facts = Facts({"gaps": pd.DataFrame({"level": ["board", "board", "council"]})})
    >>> facts.count("gaps", level="board").text
    '2'
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], *, public: bool = False) -> None:
        self._given = tables
        self._public = public
        # As its file shows it, made when first asked for: the longest are never asked.
        self._tables: dict[str, pd.DataFrame] = {}
        # Which rows have which value, a column at a time, made when first asked for: a report
        # asks the same few columns hundreds of times.
        self._where: dict[tuple[str, str], dict[str, set[int]]] = {}

    def _table(self, name: str) -> pd.DataFrame:
        if name not in self._tables:
            shown_ = published(self._given[name], public=self._public)
            self._tables[name] = shown_.reset_index(drop=True)
        return self._tables[name]

    def has(self, table: str) -> bool:
        """Whether there is such a table with at least one row."""
        return table in self._given and not self._table(table).empty

    def rows(self, table: str, /, **where: Wanted) -> pd.DataFrame:
        """The rows of a table that meet the conditions; an empty frame where there is no table."""
        import pandas as pd

        if table not in self._given:
            return pd.DataFrame()
        found = self._table(table)
        return found if not where else found.iloc[self._positions(table, where)]

    def _positions(self, table: str, where: Mapping[str, Wanted]) -> list[int]:
        found = self._table(table)
        kept: set[int] | None = None
        for column, wanted in where.items():
            if column not in found:
                return []
            if (table, column) not in self._where:
                rows: dict[str, set[int]] = {}
                for position, value in enumerate(found[column].tolist()):
                    rows.setdefault(value, set()).add(position)
                self._where[table, column] = rows
            at = self._where[table, column]
            values = (wanted,) if isinstance(wanted, str) else wanted
            of = set().union(*(at.get(value, set()) for value in values))
            kept = of if kept is None else kept & of
        return sorted(kept or ())

    def value(
        self,
        table: str,
        column: str,
        say_it: Callable[[float], str] = number_in_words,
        /,
        **where: Wanted,
    ) -> Value | None:
        """The number in the one row that meets the conditions; None if it is blank or not there."""
        if table not in self._given or column not in (found := self._table(table)):
            return None
        positions = self._positions(table, where)
        if len(positions) != 1:
            return None
        number = found[column].iat[positions[0]]
        if number != number or number is None:
            return None
        return Value(
            say_it(float(number)), float(number), table, tuple(where.items()), column, "value"
        )

    def count(
        self, table: str, say_it: Callable[[float], str] = number_in_words, /, **where: Wanted
    ) -> Value:
        """How many rows meet the conditions."""
        has = table in self._given
        number = (
            float(len(self._positions(table, where) if where else self.rows(table))) if has else 0.0
        )
        return Value(say_it(number), number, table, tuple(where.items()), "", "count")

    def distinct(
        self,
        table: str,
        column: str,
        say_it: Callable[[float], str] = number_in_words,
        /,
        **where: Wanted,
    ) -> Value:
        """How many different values a column has in the rows that meet the conditions."""
        found = self.rows(table, **where)
        number = float(found[column].nunique()) if column in found else 0.0
        return Value(say_it(number), number, table, tuple(where.items()), column, "distinct")

    def total(
        self,
        table: str,
        column: str,
        say_it: Callable[[float], str] = number_in_words,
        /,
        **where: Wanted,
    ) -> Value:
        """Sum of a column over the rows that meet the conditions."""
        found = self.rows(table, **where)
        number = float(found[column].sum()) if column in found else 0.0
        return Value(say_it(number), number, table, tuple(where.items()), column, "sum")
