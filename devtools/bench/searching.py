"""Measure searches of every kind, each with words that no cache has seen."""

from collections.abc import Iterator
from itertools import cycle, islice
from random import Random
from urllib.parse import quote_plus

SEARCHES_OF_A_KIND = 60
SENTENCES = (
    "i need something that keeps my {a} in order and reminds me of every {b}",
    "an agent that reads the {a} and says what matters about the {b}",
    "how do i turn a messy {a} into a plan for the next {b}",
    "small steps towards a better {a} for people who have little time for {b}",
)


def searches_by_kind(count: int = SEARCHES_OF_A_KIND) -> dict[str, list[str]]:
    """Different searches of each kind, made of the names and words of the catalogue."""
    from devtools.synthetic.words import CATEGORIES, ROLES
    from registry.models import Agent, SearchWord

    rng = Random(7)
    topics = [topic for _, words in CATEGORIES.values() for topic in words]
    names = list(Agent.objects.listed().order_by("pk").values_list("display_name", flat=True)[:400])
    rng.shuffle(names)
    words = SearchWord.objects.filter(word__regex="^[a-z]{5,}$")
    rare = list(words.order_by("agents", "pk").values_list("word", flat=True)[:400])
    common = list(words.order_by("-agents").values_list("word", flat=True)[:count])
    rng.shuffle(rare)

    def mistype(word: str) -> str:
        place = rng.randrange(1, len(word) - 1)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    long_topics = [topic for topic in topics if len(topic) > 5]
    typos = dict.fromkeys(mistype(rng.choice(long_topics)) for _ in range(4 * count))
    kinds: dict[str, Iterator[str]] = {
        "exact": iter(names),
        "prefix": (f"{name.split()[0]} {name.split()[1][:3]}" for name in names),
        "one rare word": iter(rare),
        "one common word": cycle(common),
        "four words": (
            " ".join([*rng.sample(topics, 3), rng.choice(ROLES).lower()]) for _ in cycle([0])
        ),
        "a typo": (typo for typo in typos if typo not in topics),
        "a sentence": (
            sentence.format(a=rng.choice(topics), b=rng.choice(topics))
            for sentence in cycle(SENTENCES)
        ),
        "nothing": (nonsense_text(rng) for _ in cycle([0])),
    }
    return {kind: list(islice(texts, count)) for kind, texts in kinds.items()}


def nonsense_text(rng: Random) -> str:
    """Two words that no language has."""
    return " ".join("".join(rng.sample("bcdfghjklmnpqrstvwxz", 7)) for _ in range(2))


def search_paths(address: str, texts: list[str]) -> list[str]:
    return [f"{address}?q={quote_plus(text)}" for text in texts]
