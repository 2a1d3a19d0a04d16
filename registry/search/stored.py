"""Stored searches, and the keys by which those that find an agent are looked up.

Ten thousand searches are followed, and few of them can find the one agent that was published. So
each search is stored with some keys, and an agent that it finds has one of them: `keys_of_agent`.
An agent with a key need not be found; `one_agent` says whether it is. Nothing here depends on
synonyms, which are looked up from the agent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

from foundation.text import normalise, stems, stop_words, terms
from foundation.text.normalise import is_unspaced
from foundation.text.stems import german_stem, stem
from foundation.text.terms import query_terms
from registry.search import intents, query
from registry.search.intents import Intent
from registry.search.query import AgentSearch, Operator, telling_words
from registry.search.synonyms import stems_with_synonym
from registry.search_index.entries import is_word, scope_term, tag_term

MAX_KEY_LENGTH = 120
# What a key begins with. ANY is the key of a search that has no other.
STEM, GERMAN_STEM, BEGINNING, TERM, CATEGORY, ANY = "s", "g", "b", "t", "c", "*"


@cache
def reading_rules() -> str:
    """A digest of the code that reads searches.

    What other code has read is read again.
    """
    digest = blake2b(digest_size=8)
    modules = (normalise, stems, stop_words, terms, intents, query)
    own_files = (Path(__file__), Path(__file__).with_name("forms.py"))
    for path in (*(Path(str(module.__file__)) for module in modules), *own_files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def search_as_json(search: AgentSearch) -> dict[str, Any]:
    return asdict(search)


def search_from_json(data: dict[str, Any]) -> AgentSearch:
    values = data | {
        "operators": tuple(Operator(**operator) for operator in data["operators"]),
        "intents": tuple(Intent(**intent) for intent in data["intents"]),
        "tags": tuple(data["tags"]),
    }
    return AgentSearch(**values)


def keys_of_search(search: AgentSearch) -> list[str]:
    """The keys of a search: an agent that it finds has at least one.

    Without fallback: neither by corrections nor by meaning.
    """
    return list(dict.fromkeys(key[:MAX_KEY_LENGTH] for key in _keys_of_search(search)))


def _keys_of_search(search: AgentSearch) -> Iterator[str]:
    scopes = [*([search.scope] if search.scope else []), *_required(search, "scope")]
    categories = [*([search.category] if search.category else []), *_required(search, "category")]
    tags = [*search.tags, *_required(search, "tag")]
    parts = _parts_of(search)
    # An agent has all that is required, so one of it is enough: what fewest agents have.
    if scopes:
        yield TERM + scope_term(scopes[0])
    elif parts:
        yield from _word_keys(parts)
    elif tags:
        yield TERM + tag_term(tags[0])
    elif categories:
        yield CATEGORY + categories[0]
    else:
        yield ANY


def _required(search: AgentSearch, kind: str) -> list[str]:
    return [op.value for op in search.operators if op.kind == kind and not op.excludes]


def _parts_of(search: AgentSearch) -> list[str]:
    """The words of which an agent has one; none if it may be found without any."""
    # A text of which all is filters, or an ID or a scope, is found by filters and names.
    if not search.text or search.name.startswith("@"):
        return []
    # Also the words that were read as filters, which are text if no agent fits with them.
    words = [*search.words, *telling_words(search.name)]
    return list(dict.fromkeys(part for word in words for part in query_terms(word)))


def _word_keys(parts: list[str]) -> Iterator[str]:
    for part in parts:
        yield STEM + stem(part)
        yield GERMAN_STEM + german_stem(part)
        if not is_unspaced(part):
            yield BEGINNING + part
    for first, second in pairwise(parts):
        yield STEM + stem(first + second)


def keys_of_agent(agent_terms: Iterable[str], category: str) -> set[str]:
    """The keys of an agent with these terms in the index."""
    keys = {ANY, CATEGORY + category}
    for term in agent_terms:
        keys.add(TERM + term)
        if not is_word(term):
            continue
        own_stem = stem(term)
        keys.add(STEM + own_stem)
        keys.update(STEM + other for other in stems_with_synonym().get(own_stem, ()))
        keys.add(GERMAN_STEM + german_stem(term))
        keys.update(BEGINNING + term[:end] for end in range(1, len(term) + 1))
    return {key[:MAX_KEY_LENGTH] for key in keys}
