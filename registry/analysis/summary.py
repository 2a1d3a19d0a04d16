"""Counts of a version's facts, as rows of a list show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.analysis.manifest_facts import read_declared_facts
from registry.analysis.model import Analysis


@dataclass(frozen=True, slots=True)
class FactSummary:
    """``files`` are written to the workspace; ``yours`` of them are never overwritten.

    ``is_recognised``: the licence is on the SPDX list.
    """

    files: int = 0
    yours: int = 0
    secrets: int = 0
    plugins: int = 0
    skills: int = 0
    model: str = ""
    is_recognised: bool = False


def summarise(facts: Analysis) -> FactSummary:
    return FactSummary(
        files=facts.files_written,
        yours=len(facts.yours),
        secrets=len(facts.secrets),
        plugins=len(facts.plugins),
        skills=len(facts.skills),
        model=facts.model.name,
        is_recognised=facts.license.recognised,
    )


def summarise_manifest(manifest: Mapping[str, Any]) -> FactSummary:
    """Counts of what a manifest declares; parts may be missing, as after an import."""
    return summarise(read_declared_facts(manifest))


def read_summary(columns: Mapping[str, Any]) -> FactSummary:
    """A summary from stored values; missing ones are empty, unknown ones ignored."""
    return FactSummary(**{name: columns[name] for name in FactSummary.__slots__ if name in columns})
