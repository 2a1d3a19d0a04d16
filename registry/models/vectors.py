"""Agents as vectors, which compare what they are about (ADR 38)."""

import numpy as np
from django.db import models

from registry.models.agents import Agent

NEIGHBOUR = np.dtype([("number", "<u4"), ("similarity", "<f2")])


class VectorBlock(models.Model):
    """The vectors of the agents of one block, by agent number."""

    block = models.PositiveIntegerField(primary_key=True)
    revision = models.BigIntegerField(default=0)
    data = models.BinaryField(default=b"", help_text="registry.vectors.blocks")

    class Meta:
        db_table = "search_vectors"

    def __str__(self) -> str:
        return f"{self.block}"


class AgentVector(models.Model):
    """The texts that the vector of an agent was made of, and similar agents."""

    agent = models.OneToOneField(Agent, models.PROTECT, primary_key=True, related_name="vector")
    model = models.CharField(max_length=32, help_text="Name of the table of words")
    digest = models.CharField(max_length=40, help_text="Of the texts")
    similar = models.BinaryField(default=b"", help_text="NEIGHBOUR, the most similar one first")

    class Meta:
        db_table = "agent_vectors"
        indexes = [models.Index(fields=["model", "agent"], name="agent_vectors_by_model")]

    def __str__(self) -> str:
        return f"{self.agent_id}"

    @property
    def similar_numbers(self) -> list[int]:
        """The numbers of similar agents in the search index, the most similar one first."""
        numbers: list[int] = np.frombuffer(self.similar, NEIGHBOUR)["number"].tolist()
        return numbers
