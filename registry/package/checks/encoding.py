"""Turns the bytes of a file, as they stream by, into UTF-8; tells text from binary."""

import codecs

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 512


def wide_encoding(head: bytes) -> str | None:
    """The UTF-16 or UTF-32 form of a text, by its mark or by its zero bytes; None for all else."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    mostly = len(sample) * 2 // 5
    if len(sample) >= 8 and odd >= mostly and not even:
        return "utf-16-le"
    if len(sample) >= 8 and even >= mostly and not odd:
        return "utf-16-be"
    return None


def decoded(beginning: bytes) -> str:
    """The beginning of a text as a string; a character that is cut off at the end is left out."""
    decoder = codecs.getincrementaldecoder(wide_encoding(beginning) or "utf-8")("replace")
    return decoder.decode(beginning).removeprefix("\ufeff").replace("\0", "\ufffd")


class TextForm:
    """Feed it a file in order: `utf8()` answers with the bytes to read, `is_text` with the verdict.

    A file is text unless it holds a zero byte (UTF-16 is decoded first). Bytes that are not UTF-8
    do not make it binary: older encodings are text, too.
    """

    def __init__(self, head: bytes) -> None:
        encoding = wide_encoding(head)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
        self.is_text = True

    def utf8(self, chunk: bytes) -> bytes:
        if self._decoder:
            return self._decoder.decode(chunk).encode(errors="replace").replace(b"\0", b"?")
        if self.is_text and b"\0" in chunk:
            self.is_text = False
        return chunk
