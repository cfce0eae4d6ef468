"""The look of everything that is shown: colours, patterns, fonts, and the contrast between them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Government Analysis Function palette, as its guidance on colours in charts publishes it.
NAVY = "#12436D"
TEAL = "#28A197"
PLUM = "#801650"
ORANGE = "#F46A25"
CHARCOAL = "#3D3D3D"
LILAC = "#A285D1"
BLUE = "#2073BC"
SKY = "#6BACE6"
#: The palette's own sequence has three steps; this pale one of the same hue makes a fourth.
MIST = "#C8DFF5"
#: Land that a map is not about.
OUTSIDE = "#D9D9D9"
WHITE = "#FFFFFF"
INK = "#1A1A1A"
MUTED = "#4A4A4A"

CATEGORICAL = (NAVY, TEAL, PLUM, ORANGE, CHARCOAL, LILAC)


@dataclass(frozen=True)
class Look:
    """How one class is drawn: never by colour alone.

    Parameters
    ----------
    fill
        Colour of the face.
    hatch
        Pattern over it, in matplotlib's letters; "" for none.
    ink
        Colour of the pattern.
    """

    fill: str
    hatch: str = ""
    ink: str = WHITE


#: The four states. In grey they stay apart by lightness (provided) and by pattern (the rest).
STATE_LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "provided": Look(NAVY),
        "partly": Look(TEAL, "---", WHITE),
        "none_found": Look(ORANGE),
        "not_known": Look(WHITE, "////", "#6F6F6F"),
    }
)

#: What has no value, on any map.
UNKNOWN = STATE_LOOKS["not_known"]

#: The travel statuses that carry no minutes, in the order in which a legend lists them.
STATUS_LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "comes_to_family": Look(TEAL),
        "site_not_known": Look(LILAC),
        "no_known_service": Look(ORANGE),
        "unreachable": Look(INK),
        "off_network": Look("#8A8A8A"),
    }
)


@dataclass(frozen=True)
class Style:
    """Fonts and colours that an organisation can set.

    Parameters
    ----------
    fonts
        Families in order of preference; the first that is installed is used.
    width_mm
        Width of a figure; 160 mm is the text width of an A4 page with wide margins.
    sequence
        Colours of classed numbers, lowest first.
    logo
        A PNG that stands at the top right of every page.
    """

    fonts: tuple[str, ...] = ("Arial", "Liberation Sans", "Helvetica", "DejaVu Sans")
    width_mm: float = 160.0
    sequence: tuple[str, ...] = (MIST, SKY, BLUE, NAVY)
    logo: Path | None = None


DEFAULT = Style()


def read_style(path: Path | str) -> Style:
    """An organisation's fonts, colours and logo from a TOML file.

    The file has any of ``fonts`` (names in order of preference), ``width_mm`` (150 to 400),
    ``sequence`` (2 to 5 colours ``#RRGGBB``, palest first) and ``logo`` (a PNG in the same folder).
    The colours of the four states are the same everywhere and cannot be set.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FileError
        If the file, or the logo, cannot be read.
    InputError
        If a setting cannot be used; all of them are named.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "style.toml").write_text('fonts = ["Verdana"]')
    >>> read_style(folder / "style.toml").fonts
    ('Verdana', 'Arial', 'Liberation Sans', 'Helvetica', 'DejaVu Sans')
    """
    source = Path(path)
    try:
        told = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"The style file {source} could not be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The style file {source} is not TOML: {error}.") from error
    wrong = [
        f'"{key}" is no setting (fonts, width_mm, sequence, logo)'
        for key in told
        if key not in ("fonts", "width_mm", "sequence", "logo")
    ]
    fonts = told.get("fonts", [])
    if not isinstance(fonts, list) or not all(isinstance(one, str) for one in fonts):
        wrong.append('fonts must be a list of names: fonts = ["Verdana"]')
        fonts = []
    width = told.get("width_mm", DEFAULT.width_mm)
    if not isinstance(width, (int, float)) or not 150 <= width <= 400:
        wrong.append(f"width_mm is {width}; it must be a number from 150 to 400")
        width = DEFAULT.width_mm
    sequence = told.get("sequence", list(DEFAULT.sequence))
    wrong += _wrong_colours(sequence)
    logo = None
    if "logo" in told:
        logo = source.parent / Path(str(told["logo"])).name
        if logo != source.parent / str(told["logo"]):
            wrong.append(f'the logo "{told["logo"]}" must lie in the folder of the style file')
        elif not logo.is_file() or logo.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n":
            raise FileError(f"The logo {logo} is not there, or is no PNG picture.")
    if wrong:
        raise InputError(f"The style file {source} cannot be used: {'; '.join(wrong)}.")
    rest = tuple(one for one in DEFAULT.fonts if one not in fonts)
    return Style((*fonts, *rest), float(width), tuple(sequence), logo)


def _wrong_colours(sequence: object) -> list[str]:
    if not isinstance(sequence, list) or not 2 <= len(sequence) <= 5:
        return ['sequence must be 2 to 5 colours: sequence = ["#C8DFF5", "#12436D"]']
    try:
        steps = [luminance(str(colour)) for colour in sequence]
    except InputError as error:
        return [str(error).rstrip(".")]
    if steps != sorted(steps, reverse=True) or contrast(str(sequence[0]), str(sequence[-1])) < 3:
        return ["the colours of sequence must go from pale to dark, the ends at least 3:1 apart"]
    return []


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of ``#RRGGBB``, each from 0 to 1.

    Raises
    ------
    InputError
        If the text is no such colour.

    Examples
    --------
    >>> channels("#FF0000")
    (1.0, 0.0, 0.0)
    """
    try:
        if len(colour) != 7 or colour[0] != "#":
            raise ValueError
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    except ValueError:
        raise InputError(f'"{colour}" is no colour. Write it as #RRGGBB: #12436D.') from None
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 (black) to 1 (white), as WCAG 2.2 defines it.

    Examples
    --------
    >>> luminance("#FFFFFF")
    1.0
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.

    Examples
    --------
    >>> round(contrast("#12436D", "#FFFFFF"), 1)
    10.2
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(colour: str, share: float, other: str = WHITE) -> str:
    """A colour with a share (0 to 1) of another in it.

    Examples
    --------
    >>> mix("#000000", 0.5)
    '#808080'
    """
    blend = (
        a * (1 - share) + b * share for a, b in zip(channels(colour), channels(other), strict=True)
    )
    return "#" + "".join(f"{int(value * 255 + 0.5):02X}" for value in blend)


def ink_on(fill: str) -> str:
    """The text colour that reads best on a fill: white, or nearly black.

    Examples
    --------
    >>> ink_on("#12436D"), ink_on("#C8DFF5")
    ('#FFFFFF', '#1A1A1A')
    """
    return WHITE if contrast(WHITE, fill) > contrast(INK, fill) else INK


def readable(colour: str) -> str:
    """A colour darkened until words in it read on white: 4.5 to 1, as WCAG 2.2 asks of text.

    Examples
    --------
    >>> readable("#12436D"), round(contrast(readable("#F46A25"), WHITE), 1) >= 4.5
    ('#12436D', True)
    """
    steps = (mix(colour, share / 20, "#000000") for share in range(20))
    return next(step for step in steps if contrast(step, WHITE) >= 4.5)
