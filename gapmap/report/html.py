"""Documents as web pages: one file each, no outside request, everything from the data escaped."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gapmap import vocabulary
from gapmap.errors import FileError
from gapmap.report import look
from gapmap.report.content import Document, Name, Text, Value

if TYPE_CHECKING:
    import jinja2

#: A drawing larger than this is put into the page as its PNG.
_LARGEST_SVG = 350_000


def render_html(document: Document) -> str:
    """A document as one self-contained page.

    Parameters
    ----------
    document
        The content; names in it are escaped here.

    Returns
    -------
    str
        HTML in UTF-8, with pictures inlined and no address outside the run's folder.
    """
    return (
        _environment()
        .get_template("document.html")
        .render(
            document=document,
            states={code: (vocabulary.STATES[code], one) for code, one in look.STATES.items()},
        )
    )


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["rich"] = _rich
    environment.filters["inlined"] = inlined
    environment.tests["kind"] = lambda block, name: type(block).__name__ == name
    return environment


def _rich(text: Text) -> Any:
    """A text as markup: names apart from the direction of what surrounds them, numbers marked."""
    from markupsafe import Markup, escape

    parts = []
    for part in text:
        if isinstance(part, Name):
            shape = "<b><bdi>{}</bdi></b>" if part.strong else "<bdi>{}</bdi>"
            parts.append(Markup(shape).format(part.text))
        elif isinstance(part, Value):
            origin = json.dumps(
                {
                    "table": part.table,
                    "where": dict(part.where),
                    "column": part.column,
                    "how": part.how,
                },
                ensure_ascii=True,
            )
            parts.append(
                Markup('<data value="{}" data-figure="{}">{}</data>').format(
                    f"{part.number:.10g}", origin, part.text
                )
            )
        else:
            parts.append(escape(part))
    return Markup("").join(parts)


@lru_cache(maxsize=64)
def inlined(path: Path) -> str:
    """A picture as an address that holds the picture itself.

    The SVG beside a PNG is taken where it is small: it is sharp at any size.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    drawing = path.with_suffix(".svg")
    if drawing.is_file() and drawing.stat().st_size <= _LARGEST_SVG:
        path = drawing
    elif path.suffix == ".svg" and path.with_suffix(".png").is_file():
        path = path.with_suffix(".png")
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise FileError(f"The map {path} could not be read ({problem}). Run again.") from problem
    kind = "svg+xml" if path.suffix == ".svg" else path.suffix.lstrip(".")
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
