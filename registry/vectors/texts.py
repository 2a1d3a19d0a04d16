"""The text by which an agent is found by meaning, and its vector."""

from hashlib import blake2b

from registry.search_index.entries import AgentTexts


def embedded_text(texts: AgentTexts) -> str:
    """The text of an agent, the most telling part first: the model reads a beginning."""
    agent = texts.agent
    parts = (agent.display_name, agent.tagline, " ".join(texts.tags), agent.description)
    return ". ".join(filter(None, (*parts, *texts.translations, *texts.files)))


def digest_of(text: str) -> str:
    """The hash of a text, by which a vector that fits no more is recognized."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=20).hexdigest()
