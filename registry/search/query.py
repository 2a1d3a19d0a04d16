"""Parse the text of a search into an `AgentSearch`, without the database."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from foundation.refusals import InvalidParameter
from foundation.text.normalise import fold, is_unspaced, words_of
from registry.models import Channel

BEST_MATCH = "match"
RECENT = "recent"
SORTS = (RECENT, "name", "downloads", "rating", "new", "downloads-30d")
# Characters, before folding. A longer text is refused.
MAX_TEXT_LENGTH = 256
MAX_TAGS = 20
# Further terms still count for an exact name or a prefix, but are not matched.
MAX_TERMS = 16
# A loose search reads the descriptions once for each term.
MAX_LOOSE_TERMS = 8
MAX_OPERATORS = 20

_OPERATOR = re.compile(r"(-?)(scope|tag|category):(\S+)")
_WORDS = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_HAN_AND_HANGUL = re.compile(
    "[\u3005\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af]+"
)
# Runs of Han, Hangul, Katakana, or Latin and digits. Hiragana is mostly between words.
_RUNS = re.compile(f"{_HAN_AND_HANGUL.pattern}|[\u30a1-\u30ff]+|[a-z0-9]+")
_PUNCTUATION = "\"'“”.,;:!?()[]{}"
_SEPARATORS = frozenset(_PUNCTUATION + "&+|/–—-·・")  # noqa: RUF001
# Ignored unless the text has no other words: nearly every agent could be described with them.
STOP_WORDS = frozenset(
    """a about agent agents am an and any are as at be before by can do does for from get has have
    help how i if in into is it its make me my need of on or our please so some that the their them
    then they this to want what when where which who why will with without you your""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the text that must match: all its ``words``, or itself without any."""

    text: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operator:
    """``tag:writing``, or ``-tag:writing`` to exclude. The kind of ``-x`` is "word"."""

    kind: str
    value: str
    excludes: bool = False


@dataclass(frozen=True)
class AgentSearch:
    """A search as parsed by `parse_search`. The default finds every listed agent.

    ``text`` is folded and has no operators. ``loose``: some of the terms are enough and the
    description counts (see `registry.search.fallback`).
    """

    text: str = ""
    operators: tuple[Operator, ...] = ()
    category: str = ""
    tags: tuple[str, ...] = ()
    channel: str = ""
    scope: str = ""
    license: str = ""
    provider: str = ""
    no_secrets: bool = False
    sort: str = RECENT
    loose: bool = False

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms to match, at most `MAX_TERMS`."""
        terms = split_terms(self.text)[:MAX_TERMS]
        return split_loose_terms(terms) if self.loose else terms

    @property
    def ignored_term_count(self) -> int:
        """The number of terms beyond `MAX_TERMS`."""
        return max(0, len(split_terms(self.text)) - MAX_TERMS)


def parse_search(
    text: str = "",
    *,
    category: str = "",
    tags: tuple[str, ...] = (),
    channel: str = "",
    scope: str = "",
    license: str = "",
    provider: str = "",
    no_secrets: bool = False,
    sort: str = "",
) -> AgentSearch:
    """Fold the text, take its operators out and choose the sort.

    Without a ``sort``, a text is sorted by best match and everything else by the last update.
    Raises InvalidParameter for values outside of the limits above and for an unknown channel.
    """
    if sort and sort not in (*SORTS, BEST_MATCH):
        raise InvalidParameter(f"sort must be one of {', '.join(SORTS)}.", parameter="sort")
    if channel and channel not in Channel.values:
        raise InvalidParameter(
            f"channel must be one of {', '.join(Channel.values)}.", parameter="channel"
        )
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidParameter(f"q must have at most {MAX_TEXT_LENGTH} characters.", parameter="q")
    if len(tags) > MAX_TAGS:
        raise InvalidParameter(f"At most {MAX_TAGS} tags can be combined.", parameter="tag")
    folded, operators = read_operators(text)
    default_sort = BEST_MATCH if folded else RECENT
    return AgentSearch(
        text=folded,
        operators=operators,
        category=category,
        tags=tuple(sorted({tag.strip().lower() for tag in tags if tag.strip()})),
        channel=channel,
        scope=scope.strip().lstrip("@").lower(),
        license=license,
        provider=provider,
        no_secrets=no_secrets,
        sort=default_sort if sort in {"", BEST_MATCH} else sort,
    )


def read_operators(text: str) -> tuple[str, tuple[Operator, ...]]:
    """The folded text without its operators, and the operators, each once."""
    chunks: list[str] = []
    operators: dict[Operator, None] = {}
    for chunk in fold(text).split():
        operator = _parse_operator(chunk) if len(operators) < MAX_OPERATORS else None
        if operator is None:
            chunks.append(chunk)
        else:
            operators[operator] = None
    return " ".join(chunks), tuple(operators)


def is_operator(chunk: str) -> bool:
    """Whether a chunk of text without blanks is an operator."""
    return _parse_operator(fold(chunk)) is not None


def _parse_operator(chunk: str) -> Operator | None:
    if match := _OPERATOR.fullmatch(chunk):
        minus, kind, value = match.groups()
        return Operator(kind, value.lstrip("@") if kind == "scope" else value, bool(minus))
    if chunk.startswith("-") and words_of(chunk):
        return Operator("word", chunk.lstrip("-"), excludes=True)
    return None


@lru_cache(maxsize=1024)
def split_terms(text: str) -> tuple[Term, ...]:
    """The terms of a folded text, each once, without stop words."""
    chunks = [chunk.strip(_PUNCTUATION).lstrip("#") or chunk for chunk in text.split()]
    telling = [chunk for chunk in chunks if chunk not in STOP_WORDS and not _is_separator(chunk)]
    return tuple(_parse_term(chunk) for chunk in dict.fromkeys(telling or chunks))


def _is_separator(chunk: str) -> bool:
    return all(character in _SEPARATORS for character in chunk)


def split_loose_terms(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """The smaller terms that a loose search looks for; ids are not split.

    Punctuation inside of a term counts as a blank, and text of a script without blanks between
    words is split as far as the script shows the words.
    """
    parts = [part for term in terms for part in (_split_term(term) or [term])]
    return tuple(dict.fromkeys(parts))[: max(MAX_LOOSE_TERMS, len(terms))]


def _split_term(term: Term) -> list[Term]:
    if term.words or (term.text.startswith("@") and "/" in term.text):
        return []
    if is_unspaced(term.text):
        return [_parse_term(part) for run in _RUNS.findall(term.text) for part in _pairs(run)]
    words = words_of(term.text)
    # The parts of "c++", "d&d" and "what's" are no words.
    if any(len(word) == 1 for word in words):
        return []
    return [Term(word, (word,)) for word in words if word not in STOP_WORDS]


def _pairs(run: str) -> list[str]:
    # Most Chinese and many Japanese and Korean words have two characters.
    if len(run) < 3 or not _HAN_AND_HANGUL.match(run):
        return [run]
    return [run[start : start + 2] for start in range(len(run) - 1)]


def _parse_term(chunk: str) -> Term:
    if not _WORDS.fullmatch(chunk) or is_unspaced(chunk):
        return Term(chunk)
    return Term(chunk, tuple(words_of(chunk)))
