"""Identifiers of agents and versions: ``@scope/name`` and ``@scope/name@1.2.3``."""

import re

AGENT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]")
AGENT_ID = re.compile(rf"@[a-z0-9-]{{1,64}}/{AGENT_NAME.pattern}")


def key_subject_problem(subject: str) -> str:
    """The problem with the subject of an API key, which must be an agent; else ""."""
    return "" if AGENT_ID.fullmatch(subject) else "bound_to must be one @scope/name or empty."


def scope_and_name(full_id: str) -> tuple[str, str]:
    """Scope and name of ``@scope/name``; the at sign is optional."""
    scope, _, name = full_id.removeprefix("@").partition("/")
    return scope, name


def id_and_number(pinned_id: str) -> tuple[str, str]:
    """Agent id without at sign and version of ``@scope/name@1.2.3``.

    The version is "" for an agent's own id.
    """
    full_id, _, number = pinned_id.removeprefix("@").partition("@")
    return full_id, number
