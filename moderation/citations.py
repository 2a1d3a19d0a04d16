"""Find the files, lines and quotations that a report names."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from foundation.text.expressions import compile_text

# Enough to judge a line without opening the file.
CONTEXT_LINES = 3
MAX_CITATIONS = 10
MAX_LINES_CITED = 40
LINE_LENGTH = 400
MAX_QUOTES = 5
# Shorter quotations are words that many files have.
SHORTEST_QUOTE = 12

# After a path: ``:12``, ``:12-20``, ``#L12-L20``, ``, line 12``, `` lines 12 to 20``.
LINES = compile_text(
    r"^`?\s*(?::|#L|[:,]?\s*\(?(?:at |in |on )?lines?\s+|\s+L)(\d{1,6})"
    r"(?:\s*(?:-|\x{2013}|to|and)\s*L?(\d{1,6}))?",
    ignore_case=True,
)
# Before a path: ``line 12 of AGENTS.md``.
LINES_BEFORE = compile_text(
    r"\blines?\s+(\d{1,6})(?:\s*(?:-|\x{2013}|to|and)\s*(\d{1,6}))?\s+(?:of|in)\s+`?$",
    ignore_case=True,
)
# The longest text before a path that can name its lines.
BEFORE_LENGTH = 60
QUOTE = compile_text(r"`([^`\n]+)`|“([^”\n]+)”|\"([^\"\n]+)\"|(?m:^)>[ ]?(.+)")


@dataclass(frozen=True, slots=True)
class Citation:
    """A file that a report names, with its lines; ``first`` is 0 if it names none."""

    path: str
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        if not self.first:
            return self.path
        lines = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.path}:{lines}"


def find_citations(details: str, paths: Collection[str]) -> list[Citation]:
    """The citations of a text, in its order; ``paths`` are the files of the package.

    A file may be named by the last part of its path, if no other file has that name.
    """
    places: dict[int, Citation] = {}
    cited_characters: set[int] = set()
    # The longest name first: ``docs/README.md`` is no citation of ``README.md``.
    for name, path in sorted(_names_of(paths).items(), key=lambda names: -len(names[0])):
        for start in _offsets_of(name, details):
            end = start + len(name)
            if start not in cited_characters and not _is_part_of_name(details, start, end):
                cited_characters.update(range(start, end))
                places[start] = _cite(path, details, start, end)
    citations = [places[start] for start in sorted(places)]
    return list(dict.fromkeys(citations))[:MAX_CITATIONS]


def _names_of(paths: Collection[str]) -> dict[str, str]:
    """The path of each name that means one file.

    Reporters know AGENTS.md, not its folder.
    """
    names = {path: path for path in paths}
    counts = Counter(path.rpartition("/")[2] for path in paths)
    for path in paths:
        last_part = path.rpartition("/")[2]
        # A name without a dot may be a common word.
        if counts[last_part] == 1 and "." in last_part:
            names.setdefault(last_part, path)
    return names


def _offsets_of(path: str, details: str) -> Iterator[int]:
    start = details.find(path)
    while start >= 0:
        yield start
        start = details.find(path, start + len(path))


def _is_part_of_name(details: str, start: int, end: int) -> bool:
    """Whether the text at these offsets belongs to a longer name."""
    before, after = details[start - 1 : start], details[end : end + 1]
    return before.isalnum() or before in tuple("_/.-") or after.isalnum() or after in tuple("_/-")


def _cite(path: str, details: str, start: int, end: int) -> Citation:
    before = details[max(0, start - BEFORE_LENGTH) : start]
    lines = LINES.search(details[end:]) or LINES_BEFORE.search(before)
    if lines is None:
        return Citation(path)
    first = int(lines[1])
    last = max(first, int(lines[2] or first))
    return Citation(path, first, min(last, first + MAX_LINES_CITED - 1))


def find_quotes(details: str) -> list[str]:
    """The quotations of a text that are long enough to be looked for."""
    quotes = (next(filter(None, match.groups()), "").strip() for match in QUOTE.finditer(details))
    long_quotes = (quote for quote in quotes if len(quote) >= SHORTEST_QUOTE)
    return list(dict.fromkeys(long_quotes))[:MAX_QUOTES]


def locate_quotes(quotes: Sequence[str], texts: Mapping[str, str]) -> list[Citation]:
    """The first place of each quotation; ``texts`` are the texts of the files by path."""
    citations = []
    for quote in quotes:
        for path, text in texts.items():
            place = text.find(quote)
            if place >= 0:
                line = text.count("\n", 0, place) + 1
                citations.append(Citation(path, line, line))
                break
    return citations


@dataclass(frozen=True, slots=True)
class ExcerptLine:
    number: int
    text: str
    is_cited: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The cited lines of a file in context; no lines if its text is not stored."""

    citation: Citation
    lines: list[ExcerptLine]


def make_excerpt(citation: Citation, text: str) -> Excerpt:
    """The excerpt of a text; its first lines if the citation names none."""
    all_lines = text.removesuffix("\n").split("\n")
    first = max(1, citation.first - CONTEXT_LINES)
    last = max(citation.last + CONTEXT_LINES, first + 2 * CONTEXT_LINES)
    lines = [
        ExcerptLine(number, line[:LINE_LENGTH], citation.first <= number <= citation.last)
        for number, line in enumerate(all_lines[first - 1 : last], start=first)
    ]
    return Excerpt(citation, lines)
