"""The nearest spelling of what nobody has: one edit away from a word of the shop. An edit is a
letter too many, one too few, another one, or two that changed places."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from foundation.text.normalise import UNSPACED
from registry.agents.search_text import FIELD, TAG, WORD
from registry.models import Agent
from registry.search.query import Term, terms_of

SHORTEST, LONGEST = 3, 40


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word of the listed agents' names, taglines and tags, with how many agents have it; the
    ids too. ``letters`` are those that a slip may have replaced."""

    state: Any
    words: Counter[str]
    letters: str
    joined: str


_known = Vocabulary(None, Counter(), "", "")


def vocabulary() -> Vocabulary:
    """That of the shop as it is now: one look, and a new one only where the shop has changed."""
    global _known
    listed = Agent.objects.listed()
    state = listed.aggregate(count=Count("pk"), last=Max("updated_at"))
    if state != _known.state:
        _known = _read_vocabulary(state)
    return _known


def _read_vocabulary(state: Any) -> Vocabulary:
    words: Counter[str] = Counter()
    for text in Agent.objects.listed().values_list("search_text", flat=True).iterator():
        words.update(set(_words_in(text)))
    letters = {letter for word in words if not UNSPACED.search(word) for letter in word}
    return Vocabulary(state, words, "".join(sorted(letters)), WORD + WORD.join(words) + WORD)


def _words_in(text: str) -> Iterator[str]:
    fields, _, marked = text.partition(FIELD + WORD)
    yield fields.split(FIELD, 2)[1].removeprefix("@")
    for words in marked.split(TAG):
        yield from (word for word in words.split(WORD) if word)


def nearest_spelling(text: str) -> str:
    """The folded text with each unknown word replaced by the nearest known one; "" where one has
    none, or where all are known."""
    known = vocabulary()
    better = [_nearest_term(term, known) for term in terms_of(text)]
    spelled = " ".join(better)
    return spelled if all(better) and spelled != " ".join(t.text for t in terms_of(text)) else ""


def _nearest_term(term: Term, known: Vocabulary) -> str:
    if not term.words:
        return term.text if "/" not in term.text else _nearest(term.text.lstrip("@"), known)
    found = [_nearest(word, known) for word in term.words]
    return "-".join(found) if all(found) else ""


def _nearest(word: str, known: Vocabulary) -> str:
    if word in known.words or word in known.joined:
        return word
    if not SHORTEST <= len(word) <= LONGEST:
        return ""
    edits = set(edits_of(word, known.letters))
    near = {edit: known.words[edit] for edit in edits if edit in known.words}
    if not near:
        counts = {edit: _known_in_other_number(edit, known) for edit in edits}
        near = {edit: count for edit, count in counts.items() if count}
    # Who mistypes seldom does so at the first letter.
    return min(near, key=lambda w: (w[0] != word[0], -near[w], w), default="")


def _known_in_other_number(word: str, known: Vocabulary) -> int:
    """How many agents have the plural of a word, or the singular; the search finds one by the
    other."""
    if len(word) < SHORTEST:
        return 0
    single = word.removesuffix("s")
    count = known.words.get(f"{word}s", 0)
    return count + (known.words.get(single, 0) if len(single) >= SHORTEST else 0)


def edits_of(word: str, letters: str) -> Iterator[str]:
    """Every text that is one edit away."""
    for at in range(len(word) + 1):
        before, behind = word[:at], word[at:]
        if behind:
            yield before + behind[1:]
            yield from (before + letter + behind[1:] for letter in letters)
        if len(behind) > 1:
            yield before + behind[1] + behind[0] + behind[2:]
        yield from (before + letter + behind for letter in letters)
