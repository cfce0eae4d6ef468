"""The tables of the vocabulary as a page of the site."""

from __future__ import annotations

from gapmap.vocabulary import TABLES


def page() -> str:
    """Every table of the vocabulary as Markdown."""
    parts = []
    for name, columns in TABLES.items():
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
