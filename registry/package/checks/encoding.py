"""Detects text and decodes it to UTF-8 while the bytes of a file arrive."""

import codecs

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 512


def detect_wide_encoding(head: bytes) -> str | None:
    """Returns the UTF-16 or UTF-32 encoding of a text, or None for any other data.

    Without a byte order mark, zero bytes in every second place of a sample mean UTF-16.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:_SAMPLE_BYTES]
    even_zeros, odd_zeros = sample[::2].count(0), sample[1::2].count(0)
    threshold = len(sample) * 2 // 5
    if len(sample) >= 8 and odd_zeros >= threshold and not even_zeros:
        return "utf-16-le"
    if len(sample) >= 8 and even_zeros >= threshold and not odd_zeros:
        return "utf-16-be"
    return None


def decode_excerpt(data: bytes) -> str:
    """Returns the beginning of a text file as a string that every database can store.

    A character that is cut off at the end is left out.
    """
    decoder = codecs.getincrementaldecoder(detect_wide_encoding(data) or "utf-8")("replace")
    return decoder.decode(data).removeprefix("\ufeff").replace("\0", "\ufffd")


class TextDecoder:
    """Decodes a file chunk by chunk; afterwards `is_text` says whether it is text.

    A file is binary if it contains a zero byte once UTF-16 and UTF-32 are decoded. Bytes that are
    not UTF-8 do not make it binary, because older 8-bit encodings are text, too.
    """

    def __init__(self, head: bytes) -> None:
        encoding = detect_wide_encoding(head)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
        self.is_text = True

    def to_utf8(self, chunk: bytes) -> bytes:
        if self._decoder:
            return self._decoder.decode(chunk).encode(errors="replace").replace(b"\0", b"?")
        if self.is_text and b"\0" in chunk:
            self.is_text = False
        return chunk
