"""Recognises texts in encodings that write other alphabets with ASCII characters.

Such a file is valid UTF-8, so a model gets the escapes instead of the text: UTF-7, the ISO 2022
family with its escape sequences, and HZ.
"""

import base64
import binascii
import unicodedata
from collections.abc import Iterator
from itertools import islice

from foundation.text.expressions import compile_bytes
from registry.package.checks.encoding import count_line_ends

# The sequences that switch to Japanese, Korean and Chinese characters.
_ISO_2022 = compile_bytes(rb"\x1b\$(?:[@AB]|[()*+][ABCDEG])|\x1b\([IJ]")
_HZ = compile_bytes(rb"~\{((?:[!-w][!-~]){2,200})~\}")
_UTF_7 = compile_bytes(rb"\+([A-Za-z0-9+/]{6,400})-")
MAX_RUNS = 1_000
# A word between a plus and a dash may look encoded by chance, a sentence hardly.
MIN_CHARACTERS = 5


def find_seven_bit_text(data: bytes) -> tuple[str, int]:
    """Returns the name of the encoding and its first line, or ("", 0)."""
    if b"\x1b" in data and (match := _ISO_2022.search(data)):
        return "ISO-2022", _line_of(data, match.start())
    if b"~{" in data and (match := _HZ.search(data)) and _is_chinese(match[1]):
        return "HZ", _line_of(data, match.start())
    runs = list(_utf_7_runs(data)) if b"+" in data else []
    text = "".join(part for _, part in runs)
    if len(text) >= MIN_CHARACTERS:
        return "UTF-7", _line_of(data, runs[0][0])
    return "", 0


def _line_of(data: bytes, position: int) -> int:
    return count_line_ends(data, 0, position) + 1


def _is_chinese(run: bytes) -> bool:
    text = bytes(byte | 0x80 for byte in run).decode("gb2312", "replace")
    return "\ufffd" not in text


def _utf_7_runs(data: bytes) -> Iterator[tuple[int, str]]:
    """Yields the starts of encoded words, and what they stand for."""
    for match in islice(_UTF_7.finditer(data), MAX_RUNS):
        run = match[1]
        try:
            raw = base64.b64decode(run + b"=" * (-len(run) % 4), validate=True)
            text = raw[: len(raw) // 2 * 2].decode("utf-16-be")
        except (binascii.Error, UnicodeDecodeError):
            continue
        has_rest = any(raw[len(raw) // 2 * 2 :])
        is_text = all(_is_letter(character) for character in text)
        if is_text and not has_rest:
            yield match.start(), text


def _is_letter(character: str) -> bool:
    return character == " " or (
        character < "\ua000" and unicodedata.category(character)[0] in "LP" and character > "\x1f"
    )
