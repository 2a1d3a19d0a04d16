"""Parse the text of a search into an `AgentSearch`, without the database."""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from foundation.refusals import InvalidParameter
from foundation.text.languages import NAMES as LANGUAGE_NAMES
from foundation.text.normalise import fold
from foundation.text.stop_words import STOP_WORDS
from foundation.text.terms import words_in
from registry.models import Channel
from registry.search.intents import Intent, read_intents

BEST_MATCH = "match"
RECENT = "recent"
SORTS = (RECENT, "name", "downloads", "rating", "new", "downloads-30d")
FREE, PAID = "free", "paid"
PRICES = (FREE, PAID)
# Characters, before folding. A longer text is refused.
MAX_TEXT_LENGTH = 256
MAX_TAGS = 20
# Further words still count for an exact name, but are not looked up.
MAX_WORDS = 16
# Each one is a pass over all agents.
MAX_OPERATORS = 20

# `fold` removes control characters, so they are blanks here too.
_CONTROL = dict.fromkeys(range(32), " ")
_OPERATOR = re.compile(r"(-?)(scope|tag|category):(\S+)")


@dataclass(frozen=True, slots=True)
class Operator:
    """``tag:writing``, or ``-tag:writing`` to exclude. The kind of ``-x`` is "word"."""

    kind: str
    value: str
    excludes: bool = False


@dataclass(frozen=True)
class AgentSearch:
    """A search as parsed by `parse_search`. The default finds every listed agent.

    ``text`` is folded and has neither operators nor the words of the intents, which are filters.
    ``name`` is the folded text with those words: it may be the name of an agent.
    """

    text: str = ""
    name: str = ""
    operators: tuple[Operator, ...] = ()
    intents: tuple[Intent, ...] = ()
    category: str = ""
    tags: tuple[str, ...] = ()
    channel: str = ""
    scope: str = ""
    license: str = ""
    provider: str = ""
    no_secrets: bool = False
    language: str = ""
    price: str = ""
    sort: str = RECENT

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words to look up, at most `MAX_WORDS`."""
        return telling_words(self.text)[:MAX_WORDS]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the texts of an agent must have."""
        read = (intent.value for intent in self.intents if intent.kind == "language")
        return tuple(dict.fromkeys([*([self.language] if self.language else []), *read]))

    @property
    def ignored_word_count(self) -> int:
        """The number of words beyond `MAX_WORDS`."""
        return max(0, len(telling_words(self.text)) - MAX_WORDS)

    @property
    def excluded_words(self) -> tuple[str, ...]:
        words = (op.value for op in self.operators if op.kind == "word" and op.excludes)
        return tuple(word for value in words for word in words_in(value))

    def as_plain_text(self) -> "AgentSearch":
        """The search in which the words that were read as filters are text."""
        return replace(self, text=self.name, intents=())

    @property
    def has_text(self) -> bool:
        """Whether it has text, if only such as became filters."""
        return self.name != ""


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
    language: str = "",
    price: str = "",
    sort: str = "",
) -> AgentSearch:
    """Fold the text, take its operators out and choose the sort.

    Without a ``sort``, a text is sorted by best match and everything else by the last update.
    Raises InvalidParameter for values outside of the limits above, and for an unknown channel,
    language or price.
    """
    _refuse_unknown_values(sort=sort, channel=channel, language=language, price=price)
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidParameter(f"q must have at most {MAX_TEXT_LENGTH} characters.", parameter="q")
    if len(tags) > MAX_TAGS:
        raise InvalidParameter(f"At most {MAX_TAGS} tags can be combined.", parameter="tag")
    plain, operators = read_operators(text)
    remainder, intents = read_intents(plain)
    name = fold(plain).replace('"', "") or fold(plain)
    default_sort = BEST_MATCH if name else RECENT
    return AgentSearch(
        text=remainder.replace('"', ""),
        name=name,
        operators=operators,
        intents=intents,
        category=category,
        # Sorted, so that the same search in another order is the same entry of the cache.
        tags=tuple(sorted({tag.strip().lower() for tag in tags if tag.strip()})),
        channel=channel,
        scope=scope.strip().lstrip("@").lower(),
        license=license,
        provider=provider,
        no_secrets=no_secrets,
        language=language,
        price=price,
        sort=default_sort if sort in {"", BEST_MATCH} else sort,
    )


def _refuse_unknown_values(*, sort: str, channel: str, language: str, price: str) -> None:
    if sort and sort not in (*SORTS, BEST_MATCH):
        raise InvalidParameter(f"sort must be one of {', '.join(SORTS)}.", parameter="sort")
    if channel and channel not in Channel.values:
        raise InvalidParameter(
            f"channel must be one of {', '.join(Channel.values)}.", parameter="channel"
        )
    if language and language not in LANGUAGE_NAMES:
        codes = ", ".join(LANGUAGE_NAMES)
        raise InvalidParameter(f"language must be one of {codes}.", parameter="language")
    if price and price not in PRICES:
        raise InvalidParameter(f"price must be one of {', '.join(PRICES)}.", parameter="price")


def read_operators(text: str) -> tuple[str, tuple[Operator, ...]]:
    """The text without its operators, and the operators, each once."""
    chunks: list[str] = []
    operators: dict[Operator, None] = {}
    for chunk in text.translate(_CONTROL).split():
        operator = _parse_operator(fold(chunk)) if len(operators) < MAX_OPERATORS else None
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
    if chunk.startswith("-") and words_in(chunk):
        return Operator("word", chunk.lstrip("-"), excludes=True)
    return None


@lru_cache(maxsize=1024)
def telling_words(text: str) -> tuple[str, ...]:
    """The words of a folded text, each once, without stop words.

    A text that has only stop words keeps them.
    """
    words = words_in(text)
    words_with_meaning = [word for word in words if word not in STOP_WORDS]
    return tuple(dict.fromkeys(words_with_meaning or words))
