"""Maps of a run as figures of a document, each with its words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from gapmap import vocabulary
from gapmap.report.content import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    #: Pictures by name: a file, or the files of one picture, the PNG first.
    Maps: TypeAlias = "Mapping[str, Path | Sequence[Path]]"

_ALT = re.compile(r'aria-label="([^"]*)"')
_TITLE = re.compile(r"<dc:title>(.*?)</dc:title>", re.DOTALL)


def picture(maps: Maps, *names: str) -> Figure | None:
    """The first of some maps, by name, that the run drew; None if it drew none of them.

    The words come from the map itself: its SVG carries its title and its alternative text.
    """
    for name in names:
        if name in maps:
            return _figure(name, maps[name])
    return None


def pictures(maps: Maps, pattern: str, *, skip: tuple[str, ...] = ()) -> list[Figure]:
    """All maps whose name matches a pattern, in the order in which the run drew them."""
    names = [name for name in maps if re.search(pattern, name) and name not in skip]
    return [_figure(name, maps[name]) for name in names]


def _figure(name: str, files: Path | Sequence[Path]) -> Figure:
    path = next(iter(files)) if isinstance(files, Iterable) else files
    drawing = path.with_suffix(".svg")
    head = ""
    if drawing.is_file():
        with drawing.open(encoding="utf-8") as file:
            head = file.read(20_000)
    words = vocabulary.label(name, {})
    alt = _ALT.search(head)
    title = _TITLE.search(head)
    caption = html.unescape(title[1]).strip() if title else words
    return Figure(path, html.unescape(alt[1]) if alt else f"Map: {words}.", caption)
