"""Letters for pictures: the one face that is there on every machine, and the marks it lacks.

The face writes plain Latin. A letter with an accent is its base letter with the mark drawn on it;
ligatures are written out (`æ` as `ae`); pictographs are left out, since the words stand without
them. What remains unknown (another script) makes a text that cannot be written: nothing of it is.
"""

import unicodedata
from functools import lru_cache
from math import cos, pi, sin

from PIL import Image, ImageDraw, ImageFont

from registry.embeds.strokes import Point

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Lines = tuple[tuple[Point, ...], ...]

SOLIDUS, STROKE = "\u0338", "\u0335"
_LIGATURES = "æ=ae Æ=Ae œ=oe Œ=Oe ß=ss ẞ=SS ĳ=ij Ĳ=IJ •=· „=“"
_DASHES = "\u2013=- \u2014=- \u2212=- \u2010=- \u2011=- \u00d7=x"
WRITTEN_OUT = dict(pair.split("=") for pair in f"{_LIGATURES} {_DASHES}".split(" "))
WRITTEN_OUT |= {"\u0131": "i", "\u02bc": "\u2019", "\u201a": "\u2018", "\u00a0": " ", "\u202f": " "}
STRUCK = {letter: base + SOLIDUS for letter, base in zip("øØłŁ", "oOlL", strict=True)}
STRUCK |= {letter: base + STROKE for letter, base in zip("đĐħŧ", "dDht", strict=True)}


def _arc(radius: float, height: float, begin: float, end: float) -> tuple[Point, ...]:
    """Degrees, clockwise from the right, as one looks at it."""
    angles = [(begin + (end - begin) * step / 16) * pi / 180 for step in range(17)]
    return tuple((radius * cos(angle), height + radius * sin(angle)) for angle in angles)


WAVE = tuple((x / 100, -0.08 - 0.035 * sin(x * pi / 13)) for x in range(-14, 15, 2))
# In sizes of the letters: across from the middle, up (negative) from where the mark begins.
ABOVE: dict[str, Lines] = {
    "\u0300": (((-0.11, -0.16), (0.03, -0.03)),),
    "\u0301": (((0.11, -0.16), (-0.03, -0.03)),),
    "\u0302": (((-0.13, -0.03), (0, -0.15), (0.13, -0.03)),),
    "\u0303": (WAVE,),
    "\u0304": (((-0.13, -0.08), (0.13, -0.08)),),
    "\u0306": (_arc(0.12, -0.13, 15, 165),),
    "\u0307": (((0, -0.08), (0, -0.08)),),
    "\u0308": (((-0.1, -0.08), (-0.1, -0.08)), ((0.1, -0.08), (0.1, -0.08))),
    "\u030a": (_arc(0.075, -0.1, 0, 360),),
    "\u030b": (((0.02, -0.16), (-0.1, -0.03)), ((0.17, -0.16), (0.05, -0.03))),
    "\u030c": (((-0.13, -0.15), (0, -0.03), (0.13, -0.15)),),
}
# The same from the baseline downwards.
BELOW: dict[str, Lines] = {
    "\u0323": (((0, 0.13), (0, 0.13)),),
    "\u0326": (((0.02, 0.09), (-0.03, 0.2)),),
    "\u0327": (((0.01, 0.02), (0, 0.07), (0.07, 0.13), (0.02, 0.2), (-0.08, 0.19)),),
    "\u0328": (((0.1, 0.02), (0.04, 0.11), (0.09, 0.19), (0.17, 0.17)),),
    "\u0331": (((-0.13, 0.12), (0.13, 0.12)),),
}
ACROSS = {SOLIDUS, STROKE}
KNOWN_MARKS = {*ABOVE, *BELOW, *ACROSS}
JOINERS = "\u200d\ufe0e\ufe0f\u20e3"
THICK, FINE = 0.075, 4


def writable(text: str) -> str:
    """The text as it can be written, or nothing where a letter of it cannot."""
    plain = "".join(WRITTEN_OUT.get(char, char) for char in unicodedata.normalize("NFC", text))
    kept = " ".join("".join(char for char in plain if not _is_left_out(char)).split())
    is_known = all(
        (base == " " or _knows(base)) and KNOWN_MARKS.issuperset(marks)
        for base, marks in _letters(kept)
    )
    return kept if is_known else ""


def length(text: str, size: int) -> float:
    """Pixels from its beginning to its end. ``text`` is writable."""
    return font(size).getlength("".join(base for base, _ in _letters(text)))


def write(
    picture: Image.Image, at: Point, text: str, fill: str, size: int, *, bold: bool = False
) -> None:
    """``at`` is the upper left corner of the line. ``text`` is writable."""
    letters, face, pen = _letters(text), font(size), ImageDraw.Draw(picture)
    bases = "".join(base for base, _ in letters)
    baseline = at[1] + _ascent(size)
    pen.text((at[0], baseline), bases, fill, face, anchor="ls", stroke_width=int(bold))
    for place, (base, marks) in enumerate(letters):
        left = at[0] + face.getlength(bases[: place + 1]) - face.getlength(base)
        if base in "ij" and ABOVE.keys() & set(marks):
            _take_the_dot(picture, (left, baseline), base, size)
        for count, mark in enumerate(marks):
            lines = _lines(base, mark, size, raised=count)
            _draw(picture, (left, baseline), lines, fill, THICK * size + (2 if bold else 0))


def _letters(text: str) -> list[tuple[str, str]]:
    """Base letters, each with its marks."""
    found: list[tuple[str, str]] = []
    for char in text:
        parts = STRUCK.get(char) or unicodedata.normalize("NFD", char)
        if found and unicodedata.combining(char):
            found[-1] = (found[-1][0], found[-1][1] + char)
        else:
            base, marks = parts[0], parts[1:]
            # `ǿ` is an `ø` with a mark.
            struck = STRUCK.get(base, base)
            found.append((struck[0], struck[1:] + marks))
    return found


def _is_left_out(char: str) -> bool:
    """Pictographs, and what joins and colours them."""
    if char in JOINERS:
        return True
    return unicodedata.category(char) in {"So", "Sk"} and char not in "©°™^`"


def _lines(base: str, mark: str, size: int, *, raised: int) -> Lines:
    """A mark as lines in pixels, from the beginning of its letter on the baseline. ``raised``: how
    many marks are under it."""
    if mark in ACROSS:
        return _across(base, mark, size)
    left, top, right, _ = font(size).getbbox(base, anchor="ls")
    middle = (left + right) / 2
    if mark in BELOW:
        return _moved(BELOW[mark], middle, 0, size)
    ceiling = _without_dot(size) if base in "ij" else top
    return _moved(ABOVE[mark], middle, ceiling - (0.05 + 0.17 * raised) * size, size)


def _moved(lines: Lines, x: float, y: float, size: int) -> Lines:
    return tuple(tuple((x + dx * size, y + dy * size) for dx, dy in line) for line in lines)


def _across(base: str, mark: str, size: int) -> Lines:
    left, top, right, bottom = font(size).getbbox(base, anchor="ls")
    middle, part = (top + bottom) / 2, 0.06 * size
    if mark == STROKE:
        height = middle if base.isupper() else top + 2 * part
        begin = (left + right) / 2 if base == "d" else left - part
        return (((begin, height), (begin + 5 * part, height)),)
    if base in "oO":
        return (((left - part / 2, bottom), (right + part / 2, top)),)
    return (((left - part, middle + part), (left + 3 * part, middle - part)),)


def _take_the_dot(picture: Image.Image, at: Point, base: str, size: int) -> None:
    left, top, right, _ = font(size).getbbox(base, anchor="ls")
    ground = picture.getpixel((0, picture.height - 1))
    box = (at[0] + left - 1, at[1] + top - 2, at[0] + right + 1, at[1] + _without_dot(size) - 2)
    ImageDraw.Draw(picture).rectangle(box, fill=ground)


def _draw(picture: Image.Image, at: Point, lines: Lines, fill: str, width: float) -> None:
    """Round lines with smooth edges: drawn larger, and made small."""
    half = width / 2 + 1
    xs, ys = zip(*(point for line in lines for point in line), strict=True)
    left, top = int(at[0] + min(xs) - half), int(at[1] + min(ys) - half)
    size = int(max(xs) - min(xs) + 2 * half) + 2, int(max(ys) - min(ys) + 2 * half) + 2
    mask = Image.new("L", (size[0] * FINE, size[1] * FINE))
    pen = ImageDraw.Draw(mask)
    for line in lines:
        points = [((at[0] + x - left) * FINE, (at[1] + y - top) * FINE) for x, y in line]
        pen.line(points, 255, round(width * FINE))
        for x, y in points:
            round_end = width * FINE / 2
            pen.ellipse((x - round_end, y - round_end, x + round_end, y + round_end), fill=255)
    picture.paste(fill, (left, top), mask.resize(size, Image.Resampling.LANCZOS))


@lru_cache(maxsize=16)
def font(size: int) -> Font:
    return ImageFont.load_default(size)


def _ascent(size: int) -> int:
    face = font(size)
    return face.getmetrics()[0] if isinstance(face, ImageFont.FreeTypeFont) else size


def _without_dot(size: int) -> float:
    """Where letters without a dot and an ascender end."""
    return font(size).getbbox("x", anchor="ls")[1]


@lru_cache(maxsize=4096)
def _knows(char: str) -> bool:
    return char.isprintable() and _shape(char) != _shape("\U0010ffff")


def _shape(char: str) -> tuple[tuple[int, int], bytes]:
    mask = font(32).getmask(char)
    return mask.size, bytes(mask)
