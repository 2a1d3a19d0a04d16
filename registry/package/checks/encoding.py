"""Detects text and decodes it to UTF-8 while the bytes of a file arrive."""

import codecs

from charset_normalizer import from_bytes

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 512
# Enough for a good guess, which takes some 20 ms.
MAX_GUESSED_BYTES = 4_096
# A guess from fewer bytes that are not ASCII would be chance.
MIN_GUESSED_BYTES = 4
# The encodings that people have, by the names that they know. Rare ones would win by chance.
_COMMON_ENCODINGS = {
    "gb18030": "GBK",
    "big5": "Big5",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp1250": "Windows-1252 or Latin-1",
    "cp1252": "Windows-1252 or Latin-1",
}


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
    """Returns the probable encoding of a text that is not UTF-8, or "".

    Pages and facts are about what a model gets, so a text in another encoding is not repaired. The
    result is a string that every database can store. A character that is cut off at the end is
    left out.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data).removeprefix("\ufeff").replace("\0", "\ufffd")
    return end_lines_visibly(text)


def end_lines_visibly(text: str) -> str:
    """Returns the text with a line feed for each carriage return that is alone.

    Markdown, editors and browsers end a line there, so our line numbers must, too.
    """
    if "\r" not in text:
        return text
    return "\r\n".join(part.replace("\r", "\n") for part in text.split("\r\n"))


def count_line_ends(data: bytes, start: int = 0, end: int | None = None) -> int:
    """Returns how many lines end between two positions: at LF, CR LF, or CR alone.

    The CR of a CR LF is no end, also if the LF comes after `end`.
    """
    end = len(data) if end is None else end
    count = data.count(b"\n", start, end)
    if b"\r" in data:
        pairs = data.count(b"\r\n", start, end) + (data[end - 1 : end + 1] == b"\r\n")
        count += data.count(b"\r", start, end) - pairs
    return count


def guess_encoding(head: bytes, sample: bytes) -> str:
    """Returns the probable encoding of a text that is not UTF-8, for people, or "".

    `head` is the beginning of the file, `sample` begins with its first line that is not UTF-8.
    """
    if wide := detect_wide_encoding(head):
        return wide.upper()
    sample = sample[:MAX_GUESSED_BYTES]
    if sum(byte >= 0x80 for byte in sample) < MIN_GUESSED_BYTES:
        return ""
    match = from_bytes(sample, cp_isolation=list(_COMMON_ENCODINGS)).best()
    return _COMMON_ENCODINGS.get(match.encoding, "") if match else ""


class Utf8Probe:
    """Finds the first line of a file that is not UTF-8 while its bytes arrive."""

    def __init__(self) -> None:
        self.bad_line = 0
        """The line, from 1, or 0 if all so far is UTF-8 without a zero byte."""
        self.sample = b""
        """The beginning of that line and of what follows."""
        self._lines = 0
        self._pending_return = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    def feed(self, chunk: bytes, *, at_end: bool = False) -> None:
        if self.bad_line:
            return
        pending = self._decoder.getstate()[0]
        end = (pending + chunk).find(b"\0")
        try:
            self._decoder.decode(chunk, at_end)
        except UnicodeDecodeError as error:
            end = error.start if end == -1 else min(end, error.start)
        # A CR at the end may belong to a LF that follows, so the next chunk counts it.
        text = self._pending_return + pending + chunk
        if end != -1:
            bad_place = len(self._pending_return) + end
            self.bad_line = self._lines + count_line_ends(text, 0, bad_place) + 1
            start = text.rfind(b"\n", 0, bad_place) + 1
            self.sample = text[max(start, bad_place - MAX_GUESSED_BYTES // 2) :][:MAX_GUESSED_BYTES]
        text = self._pending_return + chunk
        self._pending_return = text[-1:] if text.endswith(b"\r") else b""
        self._lines += count_line_ends(text, 0, len(text) - len(self._pending_return))


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
