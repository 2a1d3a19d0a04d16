"""Text for the preview picture: its font and its line breaks.

The fonts are files of this repository (`fonts/README.md`), so a picture does not depend on what is
installed on a machine. One font draws a whole text: the first of a style that has all its letters.
A text that no font can draw is not drawn at all, because a part of it would mislead.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont, features

FONTS = Path(__file__).parent / "fonts"
SERIF_BOLD, SERIF = "serif-semibold.ttf", "serif-regular.ttf"
SANS, CJK = "sans-regular.ttf", "cjk-regular.otf"
# Pillow's wheels contain Raqm, which needs the system's FriBidi. Without it letters do not join and
# right-to-left text would run backwards, so Arabic and Hebrew are then not drawn.
HAS_RAQM = bool(features.check("raqm"))

ELLIPSIS = "…"
# Persian words are spelled with it.
ZERO_WIDTH_NON_JOINER = "\u200c"
KEYCAP = "\u20e3"
# A dropped pictograph takes a space along, so that neither a gap nor a lonely comma remains.
DROPPED_CHARACTER = "\ufffe"
GAP = re.compile(
    rf"[\s{DROPPED_CHARACTER}]*{DROPPED_CHARACTER}(?=[\s,.;:!?)]|$)"
    rf"|{DROPPED_CHARACTER}[\s{DROPPED_CHARACTER}]*"
)
NOT_AT_LINE_START = frozenset("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々・")

Measure = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class TextStyle:
    """``fonts`` are file names in order of preference. Sizes are in pixels."""

    fonts: tuple[str, ...]
    size: int
    line_height: int
    color: tuple[int, int, int]
    # Thickens the strokes of the fonts that have no bold version.
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A text broken into lines; without lines if no font can draw it."""

    lines: tuple[str, ...]
    width: float
    is_cut: bool
    style: TextStyle
    font_file: str
    language: str | None

    @property
    def height(self) -> int:
        return len(self.lines) * self.style.line_height

    def draw(self, pen: ImageDraw.ImageDraw, left_edge: float, top: float, right: float) -> None:
        """Draw the lines below ``top``, each from the side where its script begins."""
        style = self.style
        font = load_font(self.font_file, style.size)
        thickens = style.is_bold and self.font_file != SERIF_BOLD
        for number, line in enumerate(self.lines):
            is_rtl = is_right_to_left(line)
            pen.text(
                # The baseline is at about four fifths of a line's height.
                (right if is_rtl else left_edge, top + (number + 0.79) * style.line_height),
                line,
                style.color,
                font,
                anchor="rs" if is_rtl else "ls",
                stroke_width=style.size / 48 if thickens else 0,
                language=self.language,
            )


def set_text(
    text: str, style: TextStyle, width: float, *, max_lines: int = 1, language: str | None = None
) -> TextBlock:
    """Break a text into at most ``max_lines`` lines of about the same length.

    ``width`` is in pixels. ``language`` selects between regional forms of letters. What does not
    fit ends in an ellipsis.
    """
    file = choose_font(text, style.fonts)
    language = language if HAS_RAQM else None
    if file is None:
        return TextBlock((), 0, False, style, style.fonts[0], language)
    font = load_font(file, style.size)

    def measure(line: str) -> float:
        return font.getlength(line, language=language)

    clean = clean_text(text, file)
    lines, is_cut = wrap(clean, width, measure, max_lines)
    if not is_cut and len(lines) > 1:
        lines = balance(clean, width, measure, len(lines))
    line_width = max(map(measure, lines), default=0)
    return TextBlock(tuple(lines), line_width, is_cut, style, file, language)


def choose_font(text: str, fonts: tuple[str, ...]) -> str | None:
    """The first font that has every letter of the text; None if there is none."""
    letters = [char for char in unicodedata.normalize("NFC", text) if _must_be_drawn(char)]
    if not letters or (not HAS_RAQM and any(map(_needs_shaping, letters))):
        return None
    return next((file for file in fonts if all(has_glyph(file, char) for char in letters)), None)


def clean_text(text: str, font_file: str) -> str:
    """The text in one line, without what is invisible and pictographs the font lacks."""
    chars = unicodedata.normalize("NFC", " ".join(text.split()))
    visible = "".join(
        DROPPED_CHARACTER if _is_pictograph(char) and not has_glyph(font_file, char) else char
        for char in chars
        if not _is_invisible(char)
    )
    return " ".join(GAP.sub("", visible).split())


def wrap(text: str, width: float, measure: Measure, max_lines: int) -> tuple[list[str], bool]:
    """The lines, and whether the text had to be cut."""
    lines: list[str] = []
    while text and len(lines) < max_lines:
        if measure(text) <= width:
            return [*lines, text], False
        if len(lines) == max_lines - 1:
            end = _longest_prefix(text, width - measure(ELLIPSIS), measure)
            return [*lines, text[:end].rstrip() + ELLIPSIS], True
        end = best_break(text, _longest_prefix(text, width, measure))
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return lines, bool(text)


def balance(text: str, width: float, measure: Measure, count: int) -> list[str]:
    """The text in ``count`` lines of the smallest width: no word stands alone."""

    def fits(candidate: int) -> bool:
        lines, is_cut = wrap(text, candidate, measure, count)
        return not is_cut and all(measure(line) <= candidate for line in lines)

    narrow = int(width) // 2
    step = narrow + bisect_left(range(narrow, int(width)), True, key=fits)
    return wrap(text, min(step, width), measure, count)[0]


def best_break(text: str, longest: int) -> int:
    """The end of a line of at most ``longest`` characters.

    At a space, unless that is in the first half; else beside an ideograph.
    """
    places = [place for place in line_breaks(text) if place <= longest]
    after_space = [place for place in places if text[place - 1] == " " and place >= longest / 2]
    # A word that is longer than a line is broken.
    return max(after_space or places, default=longest)


def line_breaks(text: str) -> Iterator[int]:
    """The indices where a line may end: after a space or beside an ideograph."""
    for index in range(1, len(text)):
        before, after = text[index - 1], text[index]
        is_beside_ideograph = _is_ideographic(before) or _is_ideographic(after)
        if before == " " or (is_beside_ideograph and not _must_stay_together(before, after)):
            yield index


def language_of(text: str) -> str | None:
    """The language of the ideographs, as a BCP 47 tag; None without any.

    It decides between regional forms. Kana is written in Japanese only, Hangul in Korean only.
    Ideographs alone are taken for simplified Chinese if all are in its character set.
    """
    if re.search(r"[\u3041-\u30ff]", text):
        return "ja"
    if re.search(r"[\uac00-\ud7a3]", text):
        return "ko"
    ideographs = "".join(re.findall(r"[\u3400-\u9fff]", text))
    if not ideographs:
        return None
    try:
        ideographs.encode("gb2312")
    except UnicodeEncodeError:
        return "zh-Hant"
    return "zh-Hans"


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs to the left."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((side for side in directions if side in ("L", "R", "AL")), "L") != "L"


def load_font(file: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels.

    Not cached: it takes less than a millisecond, and each size of the CJK font occupies 5.6 MB.
    """
    return ImageFont.truetype(FONTS / file, size)


@lru_cache(maxsize=8192)
def has_glyph(file: str, char: str) -> bool:
    """Whether the font draws the character; a missing one leaves no ink."""
    return char in (" ", ZERO_WIDTH_NON_JOINER) or any(_probe(file).getmask(char))


@lru_cache(maxsize=4)
def _probe(file: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / file, 16, layout_engine=ImageFont.Layout.BASIC)


def _longest_prefix(text: str, width: float, measure: Measure) -> int:
    """How many characters fit, at least one; a mark stays with its letter."""
    count = bisect_right(range(1, len(text) + 1), width, key=lambda n: measure(text[:n]))
    while 0 < count < len(text) and unicodedata.category(text[count]).startswith("M"):
        count -= 1
    return max(count, 1)


def _must_stay_together(before: str, after: str) -> bool:
    """Closing punctuation and small kana begin no line, opening brackets end none."""
    return (
        after == " "
        or after in NOT_AT_LINE_START
        or unicodedata.category(after) in ("Pe", "Pf", "Po", "Mn")
        or unicodedata.category(before) in ("Ps", "Pi")
    )


def _must_be_drawn(char: str) -> bool:
    return not (char.isspace() or _is_invisible(char) or _is_pictograph(char))


def _is_invisible(char: str) -> bool:
    """Control and format characters, variation selectors and the frame of a keycap."""
    if char == ZERO_WIDTH_NON_JOINER:
        return False
    return (
        unicodedata.category(char) in ("Cc", "Cf") or "\ufe00" <= char <= "\ufe0f" or char == KEYCAP
    )


def _is_pictograph(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk")


def _needs_shaping(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL")


def _is_ideographic(char: str) -> bool:
    """Ideographs, kana and their punctuation; Korean breaks at spaces."""
    is_hangul = "\uac00" <= char <= "\ud7a3"
    return unicodedata.east_asian_width(char) in ("W", "F") and not is_hangul
