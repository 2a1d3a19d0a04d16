"""The columns of an agent that a search reads."""

from collections.abc import Iterable

from foundation.text.normalise import fold, words_of
from registry.models import Agent

# Control characters, which `fold` removes: a separator never occurs inside an author's text.
FIELD, WORD, TAG = "\x1f", "\x1e", "\x1d"
MAX_FOLDED_NAME_LENGTH = 512
MAX_DESCRIPTION_WORDS = 400


def folded_name_of(display_name: str) -> str:
    # Folding can make one character up to eighteen.
    return fold(display_name)[:MAX_FOLDED_NAME_LENGTH]


def search_text_of(agent: Agent, tags: Iterable[str]) -> str:
    """The normalised texts of an agent for exact matches.

    Id, display name, tagline and tags come first, then their words, then the tags' words. A
    separator of its kind encloses each part. The name is also listed without hyphens.
    """
    full_id = f"@{agent.scope}/{agent.name}"  # Not its property: a migration's agent has none.
    fields = [fold(text) for text in (full_id, agent.display_name, agent.tagline, *tags)]
    name_words = words_of(" ".join([agent.name, *fields[1:3], agent.name.replace("-", "")]))
    return "".join(
        [
            _enclosed(FIELD, fields),
            _enclosed(WORD, name_words),
            _enclosed(TAG, words_of(" ".join(fields[3:]))),
        ]
    )


def more_words_of(agent: Agent, tags: Iterable[str]) -> str:
    """All words of an agent with its description, for matches of last resort."""
    words = words_of(fold(" ".join([agent.name, agent.display_name, agent.tagline, *tags])))
    description_words = words_of(fold(agent.description))[:MAX_DESCRIPTION_WORDS]
    return _enclosed(WORD, dict.fromkeys([*words, *description_words]))


def _enclosed(separator: str, parts: Iterable[str]) -> str:
    return "".join(f"{separator}{part}" for part in parts) + separator
