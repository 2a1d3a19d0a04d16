"""Stores the vectors of agents and their neighbours, in a job after the publish."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import F, Q

from foundation.batches import in_batches
from foundation.caching.actions import bump_revision
from foundation.text.embedding import Embedder, load_embedder
from registry.agents.revisions import RANKING, site_revisions
from registry.models import Agent, AgentVector, IndexedAgent, VectorBlock
from registry.search_index.actions import is_findable, read_texts
from registry.search_index.columns import Flag
from registry.search_index.queries import read_columns
from registry.vectors.blocks import (
    BLOCK_SIZE,
    MAX_NEIGHBOURS,
    Array,
    pack_neighbours,
    pack_vector,
    unpack_neighbours,
    unpack_vectors,
)
from registry.vectors.queries import Vectors, read_block, read_vectors
from registry.vectors.texts import digest_of, embedded_text

# Agents that are compared with all others at once.
COMPARED_AT_ONCE = 128
MIN_SIMILARITY = 0.3
"""Of similar agents."""


def embed_next(count: int) -> int:
    """Embed up to ``count`` agents without a vector; returns their number.

    Each call is a transaction of its own, so what was interrupted goes on with the next call.
    """
    embedder = load_embedder()
    if embedder is None:
        return 0
    agents_without_vector = Agent.objects.filter(~Q(vector__model=embedder.name) | Q(vector=None))
    agents = agents_without_vector.filter(is_listed=True, indexed__isnull=False).order_by(
        "created_at", "pk"
    )
    # Only stored vectors count: callers go on until there are none, and an agent without a vector
    # would be first each time.
    return embed_agents(list(agents.values_list("pk", flat=True)[:count]))


def forget_models() -> None:
    """Mark the vector of every agent as made by another model."""
    AgentVector.objects.update(model="")


def embed_agents(agent_ids: Collection[UUID]) -> int:
    """Store vectors of agents with changed texts, and their neighbours.

    Returns the number of changed vectors; 0 without a model.
    """
    embedder = load_embedder()
    if embedder is None:
        return 0
    numbers = _save_vectors(embedder, _embed_changed_texts(embedder, agent_ids))
    if numbers:
        revisions = site_revisions()
        for batch in in_batches(numbers, COMPARED_AT_ONCE):
            _save_neighbours(read_vectors((revisions.catalogue, revisions.ranking)), batch)
    return len(numbers)


def _embed_changed_texts(
    embedder: Embedder, agent_ids: Collection[UUID]
) -> dict[UUID, tuple[str, Array]]:
    """Digest and vector of each agent whose text has changed.

    In no transaction: a text takes a tenth of a second, and SQLite has one writer at a time.
    """
    agents = list(Agent.objects.filter(pk__in=agent_ids, indexed__isnull=False).order_by("pk"))
    texts = _read_texts(agents)
    rows = AgentVector.objects.filter(agent__in=agents, model=embedder.name)
    digests = dict(rows.values_list("agent", "digest"))
    return {
        agent_id: (digest_of(text), pack_vector(embedder.embed_text(text)))
        for agent_id, text in texts.items()
        if digests.get(agent_id) != digest_of(text)
    }


def _read_texts(agents: Sequence[Agent]) -> dict[UUID, str]:
    texts = read_texts([agent for agent in agents if is_findable(agent)])
    return {agent_id: embedded_text(agent_texts) for agent_id, agent_texts in texts.items()}


@transaction.atomic
def _save_vectors(embedder: Embedder, changes: dict[UUID, tuple[str, Array]]) -> list[int]:
    """Store the vectors of agents whose text is still the same; returns their numbers."""
    # Two jobs that write one block would lose a change, so agents are locked in one order first.
    locked_agents = Agent.objects.select_for_update().filter(pk__in=changes, indexed__isnull=False)
    agents = list(locked_agents.order_by("pk"))
    numbers = dict(IndexedAgent.objects.filter(agent__in=agents).values_list("agent", "number"))
    vectors: dict[int, Array] = {}
    rows: list[AgentVector] = []
    # A text that has changed meanwhile has a job of its own, which may already be done.
    for agent_id, text in _read_texts(agents).items():
        digest, vector = changes[agent_id]
        if digest == digest_of(text):
            vectors[numbers[agent_id]] = vector
            rows.append(AgentVector(agent_id=agent_id, model=embedder.name, digest=digest))
    if not rows:
        return []
    _save_blocks(vectors, embedder.width)
    AgentVector.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["model", "digest"],
        unique_fields=["agent"],
    )
    bump_revision(RANKING)
    return sorted(vectors)


def _save_blocks(vectors: dict[int, Array], width: int) -> None:
    by_block: dict[int, list[int]] = defaultdict(list)
    for number in vectors:
        by_block[number // BLOCK_SIZE].append(number)
    for block, numbers in sorted(by_block.items()):
        VectorBlock.objects.get_or_create(block=block)
        row = VectorBlock.objects.select_for_update().get(block=block)
        data = read_block(row.data, width).copy()
        for number in numbers:
            data[number % BLOCK_SIZE] = vectors[number]
        row.data, row.revision = data.tobytes(), row.revision + 1
        row.save()


# --- Neighbours ------------------------------------------------------------------------------


def _save_neighbours(vectors: Vectors, numbers: Sequence[int]) -> None:
    """Store the neighbours of some agents, and these as neighbours of others."""
    revisions = site_revisions()
    flags = read_columns((revisions.catalogue, revisions.ranking)).rows["flags"]
    is_listed = (flags[: len(vectors.rows)] & Flag.LISTED) > 0
    pairs: dict[int, dict[int, float]] = defaultdict(dict)
    for number in numbers:
        near, similarities = vectors.nearest(unpack_vectors(vectors.rows[number]), is_listed)
        is_near = (similarities >= MIN_SIMILARITY) & (near != number)
        near, similarities = near[is_near], similarities[is_near]
        best = np.argsort(-similarities)[: 2 * MAX_NEIGHBOURS]
        for neighbour, similarity in zip(
            near[best].tolist(), similarities[best].tolist(), strict=True
        ):
            pairs[number][neighbour] = similarity
            if is_listed[number]:
                pairs[neighbour][number] = similarity
    _merge_neighbours(pairs, replaced_numbers=set(numbers))


@transaction.atomic
def _merge_neighbours(
    new_pairs: dict[int, dict[int, float]], replaced_numbers: Collection[int]
) -> None:
    changed_rows: list[AgentVector] = []
    for batch in in_batches(sorted(new_pairs)):
        rows = AgentVector.objects.select_for_update(of=("self",)).order_by("pk")
        rows = rows.filter(agent__indexed__number__in=batch)
        for row in rows.annotate(number=F("agent__indexed__number")):
            before = bytes(row.similar)
            pairs = {} if row.number in replaced_numbers else _pairs_of(before)
            pairs = {n: s for n, s in pairs.items() if n not in replaced_numbers} | new_pairs[
                row.number
            ]
            row.similar = pack_neighbours(np.array(list(pairs)), np.array(list(pairs.values())))
            changed_rows += [row] if row.similar != before else []
    AgentVector.objects.bulk_update(changed_rows, ["similar"], batch_size=500)


def _pairs_of(content: bytes) -> dict[int, float]:
    neighbours = unpack_neighbours(content)
    return dict(zip(neighbours["number"].tolist(), neighbours["similarity"].tolist(), strict=True))
