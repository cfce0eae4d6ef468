"""The colours, signs and short words of documents; the colours are those of the maps."""

from __future__ import annotations

from dataclasses import dataclass

from gapmap.show.style import STATE_LOOKS, ink_on, mix


@dataclass(frozen=True)
class StateLook:
    """How a document draws a state: the words of a narrow cell, a sign, colours."""

    short: str
    sign: str
    fill: str
    tint: str

    @property
    def ink(self) -> str:
        """Colour of text on the fill."""
        return ink_on(self.fill)


def _look(state: str, short: str, sign: str) -> StateLook:
    fill = STATE_LOOKS[state].fill
    return StateLook(short, sign, fill, mix(fill, 0.86))


#: The sign alone tells the states apart in grey print; Arial has all four.
STATES = {
    "provided": _look("provided", "Across area", "●"),
    "partly": _look("partly", "To some", "◊"),
    "none_found": _look("none_found", "None found", "○"),
    "not_known": _look("not_known", "Not known", "?"),
}
