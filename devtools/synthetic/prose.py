"""Texts of synthetic agents, with words as frequent as in English.

A few hundred words would be in thousands of agents each, and no search would ever meet a rare one.
"""

import gzip
import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import NamedTuple

from devtools.synthetic.agents import SyntheticAgent

MAX_VOCABULARY = 40_000
MIN_WORD_LENGTH = 3
# The most frequent words are in every sentence, and name nothing.
FIRST_SUBJECT = 400
SUBJECTS = 10
NAMED_SHARE = 0.6
SUBJECT_SHARE = 0.35


class Vocabulary(NamedTuple):
    """Words, the most frequent first, with the sums of their frequencies."""

    words: list[str]
    sums: list[int]
    subjects: list[str]
    subject_sums: list[float]


@cache
def english_vocabulary() -> Vocabulary:
    """The most frequent words of English, from a word list with frequencies."""
    path = files("spellchecker") / "resources" / "en.json.gz"
    frequencies: dict[str, int] = json.loads(gzip.decompress(path.read_bytes()))
    words = [w for w in frequencies if len(w) >= MIN_WORD_LENGTH and w.isascii() and w.isalpha()]
    words.sort(key=lambda word: (-frequencies[word], word))
    words = words[:MAX_VOCABULARY]
    subjects = words[FIRST_SUBJECT:]
    # Zipf's law: the second most frequent subject is half as frequent as the first.
    weights = (1 / rank for rank in range(FIRST_SUBJECT, FIRST_SUBJECT + len(subjects)))
    return Vocabulary(
        words,
        list(accumulate(frequencies[word] for word in words)),
        subjects,
        list(accumulate(weights)),
    )


def add_prose(agent: SyntheticAgent, names: set[tuple[str, str]]) -> SyntheticAgent:
    """The agent with subjects of its own in its texts, and often in its name.

    Its new name is added to ``names``. Equal agents get equal texts.
    """
    rng, vocabulary = Random(agent.id), english_vocabulary()
    subjects = rng.choices(vocabulary.subjects, cum_weights=vocabulary.subject_sums, k=SUBJECTS)
    display_name = agent.display_name
    name = f"{subjects[0].title()} {display_name}"
    if rng.random() < NAMED_SHARE and (agent.owner.id, name) not in names:
        display_name = name
        names.add((agent.owner.id, name))
    sentences = [_make_sentence(rng, vocabulary, subjects) for _ in range(rng.randrange(3, 9))]
    return replace(
        agent,
        name=display_name.lower().replace(" ", "-"),
        display_name=display_name,
        tagline=f"{agent.tagline}, with {subjects[0]} and {subjects[1]}",
        description=f"{agent.description}\n{' '.join(sentences)}\n",
        tags=sorted({*agent.tags, subjects[rng.randrange(3)]}),
    )


def _make_sentence(rng: Random, vocabulary: Vocabulary, subjects: list[str]) -> str:
    words = rng.choices(vocabulary.words, cum_weights=vocabulary.sums, k=rng.randrange(7, 15))
    for place in range(len(words)):
        if rng.random() < SUBJECT_SHARE:
            words[place] = rng.choice(subjects)
    return f"{' '.join(words).capitalize()}."
