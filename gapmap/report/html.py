"""Documents as web pages: one file each, no outside request, everything from the data escaped."""

from __future__ import annotations

import base64
import io
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
_LARGEST_SVG = 200_000
#: Pixels across of a PNG in a page: it is shown at up to 700.
_WIDEST = 1400


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
        environment()
        .get_template("document.html")
        .render(
            document=document,
            states={code: (vocabulary.STATES[code], one) for code, one in look.STATES.items()},
        )
    )


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """What renders the templates; whatever is set into one is escaped."""
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
    """A picture as an address that holds the picture itself, no heavier than a page needs.

    The SVG beside a PNG is taken where it is small: it is sharp at any size. Else the PNG is made
    smaller, to twice the width at which a page shows it and to 128 colours.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    from PIL import Image

    drawing = path.with_suffix(".svg")
    try:
        if drawing.is_file() and drawing.stat().st_size <= _LARGEST_SVG:
            return _address("svg+xml", drawing.read_bytes())
        with Image.open(path.with_suffix(".png")) as picture:
            small = picture.convert("RGB")
            if small.width > _WIDEST:
                height = round(small.height * _WIDEST / small.width)
                small = small.resize((_WIDEST, height), Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            few = small.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
            few.save(buffer, "PNG")
    except OSError as problem:
        raise FileError(f"The map {path} could not be read ({problem}). Run again.") from problem
    return _address("png", buffer.getvalue())


def _address(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
