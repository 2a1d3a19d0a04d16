"""Text as a search compares it. What is stored and what is asked go through the same functions,
so that the two always meet."""

import re
import unicodedata
from collections.abc import Iterable

from registry.models import Agent

# What no text has after folding, so that a mark is never found in somebody's words.
FIELD, WORD, TAG = "\x1f", "\x1e", "\x1d"
LONGEST_NAME = 512
MOST_WORDS_OF_DESCRIPTION = 400
LETTERS_OF_A_SHORT_WORD = 3

_CONTROLS = dict.fromkeys(range(32), " ")
# Letters that have a stroke instead of an accent, and marks that a keyboard has twice.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}  # noqa: RUF001
    | {"’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "‑": "-"}  # noqa: RUF001
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORDS = re.compile(r"[^\W_]+")
_NO_PLURALS = frozenset({"news"})
# Scripts that are written without blanks between words: there any part may be a word.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af]"
)


def fold(text: str) -> str:
    """Without case, accents and differences of width; white space as single blanks.

    Only accents fall, not the marks that make another letter of a Japanese or an Indian one.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_CONTROLS)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", plain)).translate(_PLAIN)
    return " ".join(unicodedata.normalize("NFC", bare).split())


def words_of(folded: str) -> list[str]:
    """Every word of a folded text once, in its order."""
    return list(dict.fromkeys(_WORDS.findall(folded)))


def folded_name_of(display_name: str) -> str:
    # One sign may fold to eighteen.
    return fold(display_name)[:LONGEST_NAME]


def search_text_of(agent: Agent, tags: Iterable[str]) -> str:
    """What a search reads of an agent: its id, display name, tagline and tags as they stand, then
    the words of the name and the tagline, then those of the tags, each between marks of its kind.

    The name in the id is there without its hyphens too, as some people type it.
    """
    full_id = f"@{agent.scope}/{agent.name}"  # Not its property: a migration's agent has none.
    fields = [fold(text) for text in (full_id, agent.display_name, agent.tagline, *tags)]
    named = words_of(" ".join([agent.name, *fields[1:3], agent.name.replace("-", "")]))
    return "".join(
        [
            _between(FIELD, fields),
            _between(WORD, named),
            _between(TAG, words_of(" ".join(fields[3:]))),
        ]
    )


def more_words_of(agent: Agent, tags: Iterable[str]) -> str:
    """All words of an agent, those of its description too, between marks: what is looked at when
    nothing fits by the letter."""
    said = fold(" ".join([agent.name, agent.display_name, agent.tagline, *tags]))
    described = words_of(fold(agent.description))[:MOST_WORDS_OF_DESCRIPTION]
    return _between(WORD, dict.fromkeys([*words_of(said), *described]))


def _between(mark: str, parts: Iterable[str]) -> str:
    return "".join(f"{mark}{part}" for part in parts) + mark


def short_singular_of(word: str) -> str:
    """*tax* for *taxes*, *log* for *logs*: what is too short for `stem_of`; "" where a word is
    no such plural. Only ever looked for as a whole word."""
    for ending in ("es", "s"):
        rest = word.removesuffix(ending)
        is_one = rest.endswith(("s", "x", "z", "ch", "sh")) == (ending == "es")
        if (
            len(rest) == LETTERS_OF_A_SHORT_WORD
            and rest != word
            and is_one
            and word not in _NO_PLURALS
        ):
            return rest
    return ""


def stem_of(word: str) -> str:
    """What an English word most likely has in common with its other forms; at least four letters
    stay. Others stay as they are. Only ever looked for as the beginning of a word."""
    for ending in ("ings", "ing", "ers", "er", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            rest = word[: -len(ending)]
            doubled = rest[-1] == rest[-2] and ending in {"ings", "ing", "ers", "er", "ed"}
            return rest[:-1] if doubled and len(rest) > 4 else rest
    return word
