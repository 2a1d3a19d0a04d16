"""A version's facts in counts: what a row in a list shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.analysis.facts import analyse


@dataclass(frozen=True, slots=True)
class Brief:
    """``files`` are written to the workspace, ``yours`` of them once and then kept;
    ``is_recognised``: the licence is on the SPDX list."""

    files: int = 0
    yours: int = 0
    secrets: int = 0
    plugins: int = 0
    skills: int = 0
    model: str = ""
    is_recognised: bool = False


def brief_of(manifest: Mapping[str, Any]) -> Brief:
    """What a manifest declares, in short. One that came in by import may be sparse."""
    facts = analyse(manifest, (), {})
    return Brief(
        files=len(facts.workspace),
        yours=len(facts.yours),
        secrets=len(facts.secrets),
        plugins=len(facts.plugins),
        skills=len(facts.skills),
        model=facts.model.name,
        is_recognised=facts.license.recognised,
    )


def read_brief(stored: Mapping[str, Any]) -> Brief:
    """What was kept of one; a count that was not kept is nought."""
    return Brief(**{name: stored[name] for name in Brief.__slots__ if name in stored})
