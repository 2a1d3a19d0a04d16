"""What is looked for, read out of what somebody typed. Knows no database."""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from foundation.refusals import InvalidParameter
from foundation.text.normalise import UNSPACED, fold, words_of
from registry.models import Channel

BEST_MATCH = "match"
SORTS = ("recent", "name", "downloads", "rating", "new", "downloads-30d")
MOST_TEXT = 4096
MOST_TAGS = 20
# What stands behind these is still part of an exact name, and not looked for otherwise.
MOST_TERMS = 16
# A loose search looks through all descriptions for each.
MOST_PIECES = 8
MOST_OPERATORS = 20

_OPERATOR = re.compile(r"(-?)(scope|tag|category):(\S+)")
_WORDS = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Han, Hangul, Katakana, Latin and digits; Hiragana mostly stands between words.
_IN_PAIRS = re.compile("[\u3005\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af]+")
_RUNS = re.compile(f"{_IN_PAIRS.pattern}|[\u30a1-\u30ff]+|[a-z0-9]+")
_AROUND = "\"'“”.,;:!?()[]{}"
_ONLY_BETWEEN = frozenset(_AROUND + "&+|/–—-·・")  # noqa: RUF001
# Words that say nothing about an agent in a shop of agents. Alone they are looked for all the same.
SMALL_WORDS = frozenset(
    """a about agent agents am an and any are as at be before by can do does for from get has have
    help how i if in into is it its make me my need of on or our please so some that the their them
    then they this to want what when where which who why will with without you your""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must be there: whole ``words`` or, without these, the text as it is."""

    text: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operator:
    """``tag:x`` or, to leave out, ``-tag:x``; a word to leave out has the kind ``word``."""

    kind: str
    value: str
    leaves_out: bool = False


@dataclass(frozen=True)
class AgentSearch:
    """What is looked for. ``sort`` "" means by match where there is text, else the newest.

    `checked` moves the operators out of the text into ``operators``. ``loosely``: some of the
    words are enough, and the description counts; see `registry.search.fallback`.
    """

    text: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    channel: str = ""
    scope: str = ""
    sort: str = ""
    license: str = ""
    provider: str = ""
    no_secrets: bool = False
    operators: tuple[Operator, ...] = ()
    loosely: bool = False

    def checked(self) -> "AgentSearch":
        """The same search, folded and read; refuses what no search can mean."""
        if self.sort and self.sort not in (*SORTS, BEST_MATCH):
            raise InvalidParameter(f"sort must be one of {', '.join(SORTS)}.", parameter="sort")
        if self.channel and self.channel not in Channel.values:
            raise InvalidParameter(
                f"channel must be one of {', '.join(Channel.values)}.", parameter="channel"
            )
        if len(self.text) > MOST_TEXT or len(self.tags) > MOST_TAGS:
            raise InvalidParameter(f"q must have at most {MOST_TEXT} characters.", parameter="q")
        text, operators = read_text(self.text)
        return replace(
            self,
            text=text,
            operators=operators,
            tags=tuple(sorted({tag.strip().lower() for tag in self.tags if tag.strip()})),
            scope=self.scope.strip().lstrip("@").lower(),
        )

    @property
    def effective_sort(self) -> str:
        if self.sort == BEST_MATCH:
            return BEST_MATCH if self.text else "recent"
        return self.sort or (BEST_MATCH if self.text else "recent")

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        terms = terms_of(self.text)
        return pieces_of(terms) if self.loosely else terms


def read_text(raw: str) -> tuple[str, tuple[Operator, ...]]:
    """The folded text without its operators, and these; each once."""
    kept, operators = [], dict[Operator, None]()
    for chunk in fold(raw).split():
        operator = _operator_in(chunk) if len(operators) < MOST_OPERATORS else None
        if operator is None:
            kept.append(chunk)
        else:
            operators[operator] = None
    return " ".join(kept), tuple(operators)


def is_operator(chunk: str) -> bool:
    """Whether one word of what was typed is an operator."""
    return _operator_in(fold(chunk)) is not None


def _operator_in(chunk: str) -> Operator | None:
    if found := _OPERATOR.fullmatch(chunk):
        leaves_out, kind, value = found.groups()
        return Operator(kind, value.lstrip("@") if kind == "scope" else value, bool(leaves_out))
    if chunk.startswith("-") and words_of(chunk):
        return Operator("word", chunk.lstrip("-"), leaves_out=True)
    return None


@lru_cache(maxsize=1024)
def terms_of(text: str) -> tuple[Term, ...]:
    """The terms of a folded text: each once, without words that say nothing here."""
    chunks = [chunk.strip(_AROUND).lstrip("#") or chunk for chunk in text.split()]
    said = [chunk for chunk in chunks if chunk not in SMALL_WORDS and not _only_between(chunk)]
    return tuple(_term(chunk) for chunk in list(dict.fromkeys(said or chunks))[:MOST_TERMS])


def _only_between(chunk: str) -> bool:
    return all(sign in _ONLY_BETWEEN for sign in chunk)


def pieces_of(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """What a loose search looks for: terms whose signs are taken as blanks, and of what is written
    without blanks the words as far as the script tells them; ids stay whole."""
    pieces = [piece for term in terms for piece in (_pieces_of(term) or [term])]
    return tuple(dict.fromkeys(pieces))[: max(MOST_PIECES, len(terms))]


def _pieces_of(term: Term) -> list[Term]:
    if term.words or (term.text.startswith("@") and "/" in term.text):
        return []
    if not UNSPACED.search(term.text):
        words = words_of(term.text)
        are_words = all(len(word) > 1 for word in words)  # Not so in c++, d&d and what's.
        return [Term(word, (word,)) for word in words if are_words and word not in SMALL_WORDS]
    return [_term(piece) for run in _RUNS.findall(term.text) for piece in _pairs_in(run)]


def _pairs_in(run: str) -> list[str]:
    """Most Chinese and many Japanese and Korean words are two signs long."""
    if len(run) < 3 or not _IN_PAIRS.match(run):
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _term(chunk: str) -> Term:
    if not _WORDS.fullmatch(chunk) or UNSPACED.search(chunk):
        return Term(chunk)
    return Term(chunk, tuple(words_of(chunk)))
