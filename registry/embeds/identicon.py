"""Identicons: the picture of an agent without an icon, made from its id.

An identicon is three strokes in a rounded square. This module has only the geometry: ``hue`` is a
number that the stylesheet turns into a colour for each theme.
"""

import hashlib
from dataclasses import dataclass

HUES = 12
TURNS = 8

# Three SVG strokes each, in a square of 32 by 32. All of them stay inside the inscribed circle, so
# that a turned figure also fits.
FIGURES = (
    ("M10 9v14", "M16 7v18", "M22 11v10"),
    ("M9 22c0-5 1-9 4-13", "M15 25c0-7 1-12 4-17", "M21 22c0-4 1-7 3-10"),
    ("M10 24L22 8", "M10 24L25 17", "M10 24L12 8"),
    ("M8 12l8-5 8 5", "M8 18l8-5 8 5", "M8 24l8-5 8 5"),
    ("M9 22V10", "M9 22h14", "M15 16h8"),
    ("M8 11q4-4 8 0t8 0", "M8 17q4-4 8 0t8 0", "M8 23q4-4 8 0t8 0"),
    ("M16 7v18", "M8 12l16 8", "M24 12l-6 3"),
    ("M9 16a7 7 0 0 1 14 0", "M8 20.5h16", "M12 25h8"),
)


@dataclass(frozen=True, slots=True)
class Identicon:
    """``bold`` is the index of the thick stroke, ``turn`` is in degrees."""

    hue: int
    turn: int
    bold: int
    strokes: tuple[str, str, str]


def make_identicon(text: str) -> Identicon:
    """The identicon of a text; it must never change, as people recognise it."""
    digest = hashlib.sha256(text.encode()).digest()
    return Identicon(
        hue=digest[0] % HUES,
        turn=digest[1] % TURNS * (360 // TURNS),
        bold=digest[2] % 3,
        strokes=FIGURES[digest[3] % len(FIGURES)],
    )
