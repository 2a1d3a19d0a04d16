"""Vectors of agents: stored in a job, compared, and used for similar agents."""

import numpy as np
import pytest

from foundation.text.embedding import load_embedder
from registry.agents.similar import list_similar
from registry.models import Agent, AgentVector, VectorBlock
from registry.vectors import queries
from registry.vectors.actions import embed_agents, embed_next
from registry.vectors.blocks import pack_vector, unpack_vectors
from registry.vectors.queries import Vectors, signs_of


def similar_names(name: str) -> list[str]:
    return [agent.name for agent in list_similar("ada", name)]


def test_similar_agents_are_stored_both_ways(agents: dict[str, Agent]) -> None:
    assert similar_names("soup") == ["bread"]
    assert similar_names("bread") == ["soup"]
    assert similar_names("pods") == []


def test_unchanged_texts_are_not_embedded_again(agents: dict[str, Agent]) -> None:
    ids = [agent.pk for agent in agents.values()]
    revisions = list(VectorBlock.objects.values_list("revision", flat=True))

    assert (embed_agents(ids), embed_next(10)) == (0, 0)
    assert list(VectorBlock.objects.values_list("revision", flat=True)) == revisions


def test_a_changed_text_moves_the_agent_to_other_neighbours(agents: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=agents["bread"].pk).update(
        tagline="Watches the containers of a Kubernetes server", display_name="Container"
    )

    assert embed_agents([agents["bread"].pk]) == 1
    assert similar_names("pods") == ["bread"]


def test_a_vector_of_another_model_is_made_again(agents: dict[str, Agent]) -> None:
    AgentVector.objects.update(model="older")

    assert embed_next(10) == 3


def test_agent_that_gets_no_vector_does_not_run_the_job_for_ever(
    agents: dict[str, Agent], monkeypatch: pytest.MonkeyPatch
) -> None:
    AgentVector.objects.update(model="older")
    # As if its text changed during each run.
    monkeypatch.setattr("registry.vectors.actions._read_texts", lambda agents: {})

    assert embed_next(10) == 0


def test_without_a_model_nothing_is_embedded(
    agents: dict[str, Agent], monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr("foundation.text.embedding.PACKAGE", "absent")
    AgentVector.objects.update(model="older")

    assert embed_next(10) == 0


def test_of_many_vectors_the_likeliest_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(7)
    plain = dice.normal(size=(2_000, 256)).astype(np.float32)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    rows = pack_vector(plain)
    vectors = Vectors(None, {}, rows, signs_of(rows))
    query = plain[123] + 0.5 * plain[456]
    query /= np.linalg.norm(query)
    among = np.ones(2_000, bool)
    among[123] = False
    exact = np.argsort(-(unpack_vectors(rows) @ query))[:2].tolist()
    monkeypatch.setattr(queries, "MAX_COMPARED", 200)

    numbers, similarities = vectors.nearest(query, among)

    assert exact == [123, 456]
    assert 100 < len(numbers) <= 200
    assert numbers[similarities.argmax()] == 456


def test_model_reads_sentences_of_any_language() -> None:
    embedder = load_embedder()
    assert embedder is not None
    refunds, servers = map(
        embedder.embed_text,
        (
            "Handles refunds and returns by your rules",
            "Explains why a Kubernetes container crashes",
        ),
    )

    for need in ("a customer wants their money back", "Geld zurückgeben", "返金したい"):
        query = embedder.embed_query(need)
        assert float(query @ refunds) > float(query @ servers) + 0.1, need


@pytest.mark.parametrize("text", ["", "…", "?!", "bcdfghj klmnpqr", "\0"])
def test_text_without_words_has_no_direction(text: str) -> None:
    embedder = load_embedder()
    assert embedder is not None

    assert not embedder.embed_query(text).any()


@pytest.mark.once
def test_hostile_texts_stay_within_the_memory_of_the_model() -> None:
    """A ligature of eighteen letters, half a surrogate, and signs without end."""
    embedder = load_embedder()
    assert embedder is not None

    for text in ("\ufdfa" * 5_000, "\ud800" * 100, "\u0301" * 5_000, "🦞" * 5_000, "x" * 100_000):
        assert embedder.embed_text(text).shape == (embedder.width,)
        assert embedder.embed_query(text).shape == (embedder.width,)
