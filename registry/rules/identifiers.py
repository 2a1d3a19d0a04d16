"""What the registry allows, and how versions are ordered. Answers, never acts."""

import re

AGENT_ID = re.compile(r"@[a-z0-9-]{1,64}/[a-z0-9][a-z0-9-]{0,62}[a-z0-9]")


def key_subject_problem(subject: str) -> str:
    """Return what is wrong with the subject of an API key, which is an agent; "" if nothing is."""
    return "" if AGENT_ID.fullmatch(subject) else "bound_to must be one @scope/name or empty."


def scope_and_name(full_id: str) -> tuple[str, str]:
    """The two parts of ``@scope/name``, as they are written; the at sign may be missing."""
    scope, _, name = full_id.removeprefix("@").partition("/")
    return scope, name


def id_and_number(pinned: str) -> tuple[str, str]:
    """The two parts of ``@scope/name@1.2.3``, the id without its at sign; no number of an agent's
    own id."""
    full_id, _, number = pinned.removeprefix("@").partition("@")
    return full_id, number
