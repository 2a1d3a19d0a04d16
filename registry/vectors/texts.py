"""Makes the vector of an agent from its texts."""

from hashlib import blake2b

import numpy as np

from foundation.text.embedding import Embedder, Vector, unit
from registry.search_index.entries import AgentTexts

# Characters of the files of a package that are embedded.
MAX_FILE_CHARACTERS = 6_000
# How much each text counts. The tagline says best what an agent is for.
NAME, TAGLINE, TAGS, CATEGORY, DESCRIPTION, FILES = 1.0, 1.5, 1.0, 0.7, 1.0, 0.3

WeightedTexts = tuple[tuple[float, str], ...]


def weighted_texts(texts: AgentTexts) -> WeightedTexts:
    agent = texts.agent
    return (
        (NAME, agent.display_name),
        (TAGLINE, agent.tagline),
        (TAGS, " ".join(texts.tags)),
        (CATEGORY, agent.category_id),
        (DESCRIPTION, agent.description),
        (FILES, " ".join(texts.files)[:MAX_FILE_CHARACTERS]),
    )


def digest_of(texts: WeightedTexts) -> str:
    return blake2b(repr(texts).encode("utf-8", "replace"), digest_size=20).hexdigest()


def embed_texts(embedder: Embedder, texts: WeightedTexts) -> Vector:
    """The vector of an agent, of length one; zeros if it says nothing that is known."""
    vectors = [weight * embedder.embed(text) for weight, text in texts]
    return unit(np.sum(vectors, axis=0))
