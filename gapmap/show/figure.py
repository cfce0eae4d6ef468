"""The page around a picture: title, legend, scale bar, source lines, alt text, and saving it."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import font_manager, rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import LoadFlags
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gapmap.errors import FileError, InputError
from gapmap.show.style import DEFAULT, INK, MUTED, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

MM = 1 / 25.4
POINT = 25.4 / 72

#: Longest name that a picture prints whole.
LONGEST = 60

#: What matplotlib needs while it draws and saves, so that the same map gives the same bytes.
DRAWING = {
    "svg.fonttype": "none",
    "svg.hashsalt": "gapmap",
    "hatch.linewidth": 0.5,
    "path.simplify": False,
    "pdf.fonttype": 42,
}

_MARGIN = 4.0
_HALO = "halo"


class MapFigure(Figure):  # type: ignore[misc,unused-ignore]
    """A matplotlib Figure that carries its alt text and its numbers, and shows in a notebook.

    Parameters
    ----------
    width_mm
        Width of the page.
    height_mm
        Height of the page.
    style
        Fonts and colours.
    """

    def __init__(self, width_mm: float, height_mm: float, *, style: Style = DEFAULT) -> None:
        super().__init__(figsize=(width_mm * MM, height_mm * MM), dpi=150, facecolor="white")
        FigureCanvasAgg(self)
        self.gapmap_alt = ""
        self.gapmap_title = ""
        self.gapmap_data: pd.DataFrame | None = None
        self.gapmap_legend: list[Any] = []
        self.gapmap_style = style

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the page in millimetres."""
        width, height = self.get_size_inches()
        return float(width) / MM, float(height) / MM

    def place(self, left: float, top: float, width: float, height: float, **options: Any) -> Axes:
        """Axes at a place of the page, in millimetres from its top left corner."""
        page_width, page_height = self.size_mm
        return self.add_axes(
            (
                left / page_width,
                1 - (top + height) / page_height,
                width / page_width,
                height / page_height,
            ),
            **options,
        )

    def write(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float = 8,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Lines of text, the top of the first at a place of the page, in mm from its top left."""
        page_width, page_height = self.size_mm
        # By baseline: the top of a text depends on which letters it has.
        down = top + size * POINT * 0.95
        for line in text.split("\n"):
            self.text(
                left / page_width,
                1 - down / page_height,
                line,
                fontproperties=font(self.gapmap_style, size, bold=bold),
                color=colour,
                ha=align,
                va="baseline",
                parse_math=False,
            )
            down += line_height(size)

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        _save(self, buffer, "png", dpi=160)
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        return (
            f'<img alt="{_escape(self.gapmap_alt)}" style="max-width:100%;width:720px" '
            f'src="data:image/png;base64,{data}">'
        )


# -- text ------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def family(fonts: tuple[str, ...]) -> str:
    """The first of some font families that is installed; matplotlib's own if none is.

    Examples
    --------
    >>> family(("No such font", "DejaVu Sans"))
    'DejaVu Sans'
    """
    have = set(font_manager.get_font_names())
    return next((name for name in fonts if name in have), "DejaVu Sans")


def font(style: Style, size: float, *, bold: bool = False) -> FontProperties:
    """A font of the style at a size in points."""
    return FontProperties(
        family=family(style.fonts), size=size, weight="bold" if bold else "normal"
    )


@lru_cache(maxsize=8)
def _drawable(fonts: tuple[str, ...]) -> frozenset[int]:
    path = font_manager.findfont(FontProperties(family=family(fonts)))
    return frozenset(font_manager.get_font(path).get_charmap())


def plain(text: object, *, style: Style = DEFAULT, longest: int = LONGEST) -> str:
    """Text that is safe to draw: one line, no control marks, not too long, only known letters.

    Names come from data. Marks that turn the direction of writing are left out, a letter that the
    font lacks becomes ``?``, and a very long name is cut with an ellipsis.

    Examples
    --------
    >>> plain("NHS\\u202e Fife\\n")
    'NHS Fife'
    >>> len(plain("x" * 10_000))
    60
    """
    kept = "".join(
        " " if c.isspace() else c
        for c in unicodedata.normalize("NFC", str(text))[: longest * 20]
        if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    known = _drawable(style.fonts)
    line = "".join(c if ord(c) in known else "?" for c in " ".join(kept.split()))
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, *, bold: bool = False, style: Style = DEFAULT) -> float:
    """Width of a line of text in millimetres."""
    letters = font_manager.get_font(font_manager.findfont(font(style, size, bold=bold)))
    letters.set_size(size, 288)
    letters.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    # Letters are fitted to dots, so a drawn line can be a little longer than a measured one.
    return float(letters.get_width_height()[0]) / 64 / 288 * 25.4 * 1.04


def wrap(
    text: str, width: float, size: float, *, bold: bool = False, style: Style = DEFAULT
) -> list[str]:
    """Lines of a text that fit a width in millimetres; a word too long for it is broken."""
    lines: list[str] = []
    current = ""
    used = 0.0
    space = width_of("a", size, bold=bold, style=style) * 0.55
    for word in text.split():
        piece = word
        while width_of(piece, size, bold=bold, style=style) > width and len(piece) > 1:
            cut = next(
                n
                for n in range(len(piece) - 1, 0, -1)
                if n == 1 or width_of(piece[:n], size, bold=bold, style=style) <= width
            )
            if current:
                lines.append(current)
                current, used = "", 0.0
            lines.append(piece[:cut])
            piece = piece[cut:]
        wide = width_of(piece, size, bold=bold, style=style)
        if current and used + space + wide > width:
            lines.append(current)
            current, used = piece, wide
        else:
            current = f"{current} {piece}".strip()
            used += wide + (space if used else 0.0)
    return [*lines, current] if current else lines


def line_height(size: float) -> float:
    """Height of one line of a wrapped text in millimetres."""
    return size * POINT * 1.24


# -- the page --------------------------------------------------------------------------------------


def page(
    title: str,
    subtitle: str,
    notes: Sequence[str],
    *,
    body_height: float,
    style: Style = DEFAULT,
) -> tuple[MapFigure, float]:
    """A page with its title, subtitle and foot; the body between them is free.

    Parameters
    ----------
    title
        The finding, in a sentence.
    subtitle
        What, where, when.
    notes
        Lines at the foot: method, source, licence.
    body_height
        Height of the room for the picture, in millimetres.
    style
        Fonts and colours.

    Returns
    -------
    MapFigure, float
        The page, and the top of its body in millimetres from the page's top.
    """
    inner = style.width_mm - 2 * _MARGIN
    logo = None if style.logo is None else _picture(style.logo)
    # The logo is 11 mm tall, at most 40 mm wide, and the title stands beside it.
    logo_wide = 0.0 if logo is None else min(11.0 * logo.width / logo.height, 40.0)
    beside = inner - logo_wide - 4 if logo else inner
    title_lines = wrap(plain(title, style=style, longest=400), beside, 13, bold=True, style=style)
    subtitle_lines = wrap(plain(subtitle, style=style, longest=400), beside, 9, style=style)
    foot = [
        wrap(plain(note, style=style, longest=1200), inner, 6.5, style=style)
        for note in notes
        if note
    ]
    foot_height = sum(len(lines) * line_height(6.5) + 0.6 for lines in foot) + 2
    top = 3.5 + len(title_lines) * line_height(13) + 1 + len(subtitle_lines) * line_height(9) + 1.5
    figure = MapFigure(style.width_mm, top + body_height + foot_height + 2, style=style)
    figure.gapmap_title = " ".join(title_lines)
    if logo is not None:
        axes = figure.place(style.width_mm - _MARGIN - logo_wide, 3.5, logo_wide, 11.0)
        axes.set_axis_off()
        axes.imshow(np.asarray(logo), interpolation="lanczos")
    down = 3.5
    if title_lines:
        figure.write(_MARGIN, down, "\n".join(title_lines), size=13, bold=True)
    down += len(title_lines) * line_height(13) + 1
    if subtitle_lines:
        figure.write(_MARGIN, down, "\n".join(subtitle_lines), size=9, colour=MUTED)
    down = top + body_height + 1.5
    for lines in foot:
        figure.write(_MARGIN, down, "\n".join(lines), size=6.5, colour=MUTED)
        down += len(lines) * line_height(6.5) + 0.6
    return figure, top


def foot(source: str | Sequence[str], method: str) -> list[str]:
    """The lines at the foot of a page: how it was worked out, and from what.

    Examples
    --------
    >>> foot(["One.", "Two."], "")
    ['', 'Source: One. Two.']
    """
    lines = [source] if isinstance(source, str) else list(source)
    return [method and f"How: {method}", "Source: " + " ".join(lines) if any(lines) else ""]


def _picture(path: Path) -> Image.Image:
    try:
        with Image.open(path) as picture:
            return picture.convert("RGBA")
    except OSError as error:
        raise FileError(f"The logo {path} could not be read: {error}.") from error


def alt_text(fig: Figure) -> str:
    """The words that stand for a picture where it cannot be seen.

    Parameters
    ----------
    fig
        A figure that gapmap made.

    Raises
    ------
    InputError
        If the figure has none: it was not made by gapmap.
    """
    text = getattr(fig, "gapmap_alt", "")
    if not text:
        raise InputError("This figure has no alt text. Only figures that gapmap made have one.")
    return str(text)


def numbers(fig: Figure) -> pd.DataFrame:
    """The numbers that a picture shows, as a table of columns.

    Parameters
    ----------
    fig
        A figure that gapmap made.

    Returns
    -------
    pandas.DataFrame
        ``gapmap_data``; where its rows have names of their own, those are the first column.

    Raises
    ------
    InputError
        If the figure has none: it was not made by gapmap.
    """
    data = getattr(fig, "gapmap_data", None)
    if data is None:
        raise InputError("This figure has no numbers. Only figures that gapmap made have them.")
    if data.index.dtype.kind == "i" and data.index.name is None:
        return data.reset_index(drop=True)
    return data.reset_index(names=data.index.name or "area_code")


# -- saving ----------------------------------------------------------------------------------------


def save_map(
    fig: Figure, stem: str | Path, *, formats: Sequence[str] = ("png", "svg"), dpi: int = 300
) -> list[Path]:
    """Save a figure for a document: PNG for pasting, SVG with real text, PDF if asked.

    The same figure gives the same bytes.

    Parameters
    ----------
    fig
        The figure.
    stem
        Path without the ending.
    formats
        Any of ``png``, ``svg``, ``pdf``.
    dpi
        Dots per inch of the PNG.

    Returns
    -------
    list of Path
        The files, in the order of ``formats``.

    Raises
    ------
    InputError
        If a format is not known.
    FileError
        If a file cannot be written.
    """
    wrong = [one for one in formats if one not in ("png", "svg", "pdf")]
    if wrong:
        raise InputError(
            f"A map cannot be saved as {', '.join(wrong)}. Choose from png, svg and pdf."
        )
    written = []
    for ending in formats:
        buffer = io.BytesIO()
        _save(fig, buffer, ending, dpi=dpi)
        data = buffer.getvalue()
        if ending == "svg":
            data = _finish_svg(data.decode("utf-8"), fig).encode("utf-8")
        path = Path(f"{stem}.{ending}")
        try:
            path.write_bytes(data)
        except OSError as error:
            raise FileError(
                f"The map {path} could not be written ({error.strerror or error}). "
                "Close it if another program has it open, and check that the folder exists."
            ) from error
        written.append(path)
    return written


def halo(text: Text, number: int) -> None:
    """Give a text a white edge, so that it reads on any ground.

    Parameters
    ----------
    text
        The text.
    number
        Tells the texts with a halo on one axes apart.
    """
    text.set_path_effects([withStroke(linewidth=1.6, foreground="white")])
    text.set_gid(f"{_HALO}-{number}")


def _save(fig: Figure, buffer: io.BytesIO, ending: str, *, dpi: int) -> None:
    title = getattr(fig, "gapmap_title", "")
    alt = getattr(fig, "gapmap_alt", "")
    metadata: dict[str, Any] | None = {
        "svg": {"Date": None, "Creator": "gapmap", "Title": title},
        "pdf": {"CreationDate": None, "Producer": None, "Creator": "gapmap", "Title": title},
    }.get(ending)
    with rc_context(DRAWING), warnings.catch_warnings():
        # A letter that no installed font has is drawn as a box; that is no reason to stop.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        # Asking the figure for every text would first make the ticks of every axis.
        haloed = [
            text
            for home in (fig, *fig.axes)
            for text in home.texts
            if ending == "svg" and str(text.get_gid()).startswith(f"{_HALO}-")
        ]
        effects = [text.get_path_effects() for text in haloed]
        for text in haloed:
            text.set_path_effects([])
        try:
            if ending != "png":
                fig.savefig(buffer, format=ending, dpi=dpi, metadata=metadata)
                return
            dots = io.BytesIO()
            fig.savefig(dots, format="rgba", dpi=dpi)
        finally:
            for text, effect in zip(haloed, effects, strict=True):
                text.set_path_effects(effect)
    # Written here rather than by matplotlib: without the unused transparency it takes half as long.
    width, height = (int(inches * dpi) for inches in fig.get_size_inches())
    picture = Image.frombytes("RGBA", (width, height), dots.getvalue()).convert("RGB")
    told = PngInfo()
    told.add_itxt("Title", title, lang="en")
    told.add_itxt("Description", alt, lang="en")
    picture.save(buffer, "png", dpi=(dpi, dpi), pnginfo=told, compress_level=3)


def _escape(text: str) -> str:
    for plain_mark, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain_mark, safe)
    return text


_TEXT = re.compile(r"<text style=\"([^\"]*)\"([^>]*)>(.*?)</text>", re.DOTALL)
_FAMILY = re.compile(r"'[^'\"]*'(?:, ?'[^'\"]*')*")


def _finish_svg(svg: str, fig: Figure) -> str:
    """Name the picture for a screen reader, and give texts with a halo one that any viewer draws.

    A path effect would turn the letters into outlines; so the halo is the same text once more
    beneath, drawn with a wide white edge and hidden from screen readers.
    """
    alt = _escape(getattr(fig, "gapmap_alt", ""))
    svg = svg.replace("<svg ", f'<svg role="img" lang="en" aria-label="{alt}" ', 1)
    style = getattr(fig, "gapmap_style", DEFAULT)
    families = ", ".join(f"'{name}'" for name in style.fonts) + ", sans-serif"

    def fonts(found: re.Match[str]) -> str:
        return (
            f'<text style="{_FAMILY.sub(families, found[1], count=1)}"{found[2]}>{found[3]}</text>'
        )

    svg = _TEXT.sub(fonts, svg)
    parts = re.split(rf'(<g id="{_HALO}-\d+">.*?</g>)', svg, flags=re.DOTALL)
    return "".join(
        _TEXT.sub(_with_halo, part) if part.startswith(f'<g id="{_HALO}-') else part
        for part in parts
    )


def _with_halo(found: re.Match[str]) -> str:
    under = re.sub(r"fill: ?[^;\"]+;?", "", found[1]).rstrip("; ")
    halo = "fill: #ffffff; stroke: #ffffff; stroke-width: 1.6px; stroke-linejoin: round"
    return f'<text aria-hidden="true" style="{under}; {halo}"{found[2]}>{found[3]}</text>{found[0]}'
