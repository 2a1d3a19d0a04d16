"""Finds the parts of an SVG to store: without the notes of drawing programs.

They contain titles, paths on the disk of their author, or a whole diagram. Left out are comments,
`metadata`, `desc`, elements and attributes of other vocabularies, the text of links, the HTML for
which a `switch` has a drawing, and the metadata of embedded pictures. The drawing itself stays the
same bytes, and is checked without them.
"""

import base64
import binascii
from collections.abc import Iterator
from xml.parsers import expat

from foundation.text.expressions import compile_bytes
from registry.package.checks.checked_image import ImagePart
from registry.package.checks.image_metadata import join_parts, parts_without_metadata

_SVG = "http://www.w3.org/2000/svg"
_DRAWN = frozenset({_SVG, "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"})
_TAG = compile_bytes(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = compile_bytes(
    rb"\s+(?:([A-Za-z_][A-Za-z0-9_.-]*):)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(\"[^\"]*\"|'[^']*')"
)
_LINK = compile_bytes(rb"[\"']\s*(?:https?:|mailto:)", ignore_case=True)
_PICTURE = compile_bytes(rb";base64,((?:[A-Za-z0-9+/=\s]|&#(?:1[03]|x[aAdD]);)+)")
_LINE_END = compile_bytes(rb"\s|&#(?:1[03]|x[aAdD]);")
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
)
MAX_RANGES = 20_000

Range = tuple[int, int]


def svg_without_metadata(data: bytes) -> tuple[ImagePart, ...]:
    """Returns the parts that are stored. Raises ValueError if the file cannot be read."""
    notes = [(start, end, b"") for start, end in _RangeFinder(data).find()]
    position, parts, insertion = 0, [], b""
    for start, end, replacement in sorted([*notes, *_cleaned_pictures(data)]):
        if start >= position:
            parts.append(ImagePart(position, start, insertion.hex()))
            insertion = replacement
        position = max(position, end)
    return (*parts, ImagePart(position, len(data), insertion.hex()))


def _cleaned_pictures(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yields the ranges of embedded pictures with metadata, and their new text."""
    for match in _PICTURE.finditer(data):
        encoded_picture = _LINE_END.sub(b"", match[1])
        try:
            picture = base64.b64decode(encoded_picture + b"=" * (-len(encoded_picture) % 4))
        except binascii.Error:
            continue
        content_type = next((kind for start, kind in _STARTS if picture.startswith(start)), "")
        parts = parts_without_metadata(picture, content_type)
        if (cleaned_picture := join_parts(picture, parts)) != picture:
            yield *match.span(1), base64.b64encode(cleaned_picture)


class _RangeFinder:
    """Collects the ranges of bytes that are left out."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ranges: list[Range] = []
        self._path: list[str] = []
        self._prefixes: dict[str, str] = {}
        self._left_out = 0
        """The depth at which the element that is left out began, or 0."""
        self._start = 0
        self._parser = parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CommentHandler = self._comment
        parser.StartNamespaceDeclHandler = self._declare
        parser.EntityDeclHandler = self._refuse

    def find(self) -> list[Range]:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise ValueError("no XML") from error
        return self._ranges

    def _refuse(self, *declaration: object) -> None:
        raise ValueError("has entities")

    def _add(self, start: int, end: int) -> None:
        self._ranges.append((start, end))
        if len(self._ranges) > MAX_RANGES:
            raise ValueError("has too many notes")

    def _declare(self, prefix: str | None, address: str) -> None:
        self._prefixes[prefix or ""] = address

    def _comment(self, text: str) -> None:
        if not self._left_out:
            start = self._parser.CurrentByteIndex
            self._add(start, self._data.index(b"-->", start) + 3)

    def _open(self, name: str, attributes: object) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if self._left_out:
            return
        start = self._parser.CurrentByteIndex
        if len(self._path) > 1 and _is_note(name, parent):
            self._left_out, self._start = len(self._path), start
            return
        for first, last in self._notes_in_tag(name, start):
            self._add(first, last)

    def _close(self, name: str) -> None:
        if len(self._path) == self._left_out:
            end = self._tag_end(self._start)
            if self._data[end - 2 : end] != b"/>":
                end = self._tag_end(self._parser.CurrentByteIndex)
            self._add(self._start, end)
            self._left_out = 0
        self._path.pop()

    def _tag_end(self, start: int) -> int:
        match = _TAG.match(self._data, start)
        if match is None:
            raise ValueError("has no tag here")
        return match.end()

    def _notes_in_tag(self, name: str, start: int) -> Iterator[Range]:
        local_name = name.rpartition(" ")[2]
        for match in _ATTRIBUTE.finditer(self._data, start, self._tag_end(start)):
            prefix, attribute, value = match[1] or b"", match[2], match[3]
            is_declaration = b"xmlns" in (prefix, attribute)
            space = self._prefixes.get(prefix.decode(), "") if prefix != b"xml" else "xml"
            is_foreign = bool(prefix) and not is_declaration and space not in (*_DRAWN, "xml")
            is_link = local_name == "a" and attribute == b"href" and bool(_LINK.match(value))
            # The source of a diagram, as draw.io has it.
            is_source = attribute == b"content" and local_name == "svg"
            if is_foreign or is_link or is_source:
                yield match.span()


def _is_note(name: str, parent: str) -> bool:
    space, _, local_name = name.rpartition(" ")
    if space != _SVG:
        # Elements of HTML are refused by the check, wherever they are.
        return space != "http://www.w3.org/1999/xhtml"
    is_fallback = local_name == "foreignObject" and parent == f"{_SVG} switch"
    return local_name in ("metadata", "desc") or is_fallback
