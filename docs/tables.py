"""The tables of the vocabulary as a page of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gapmap.vocabulary import LINKED, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gapmap.vocabulary import Column


def page() -> str:
    """Every table of the vocabulary as Markdown."""
    parts = []
    for name, columns in _pages():
        lines = [f"## {name}", "", "| column | kind | what it holds |", "|---|---|---|"]
        for column in columns:
            unit = f" ({column.unit})" if column.unit else ""
            need = " **Needed.**" if column.required else ""
            words = ", ".join(f"`{code}`" for code in column.allowed or {})
            may = f" One of: {words}." if words else ""
            lines.append(
                f"| `{column.name}` | {column.kind} | {column.meaning}{unit}.{need}{may} |"
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _pages() -> Iterator[tuple[str, tuple[Column, ...]]]:
    """The spreadsheet, the tables beside it, then what a run writes."""
    yield "services", TABLES["services"]
    for name, columns in LINKED.items():
        yield f"{name} (beside the spreadsheet)", columns
    for name, columns in TABLES.items():
        if name != "services":
            yield name, columns
