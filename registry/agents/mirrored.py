"""Where an agent is mirrored from, as pages and the API show it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from foundation.accounts.models import User
from foundation.clock import iso_or_none
from profiles.models import Scope

SCOPE = "owner_user__held_scope__"
MIRROR_COLUMNS = (f"{SCOPE}mirrored_from", f"{SCOPE}mirrored_at")


class MirroredFromOut(BaseModel):
    """The shop that publishes an agent; ``url`` is the agent's page there.

    ``checkedAt`` is when it was compared last, to about an hour, or null before the first time.
    """

    shop: str
    url: str
    checkedAt: str | None


def mirrored_from(row: Mapping[str, Any]) -> dict[str, Any]:
    """The source of an agent, from its MIRROR_COLUMNS; empty if it is published here."""
    source, checked_at = (row[column] for column in MIRROR_COLUMNS)
    return _source(source, checked_at, row["scope"], row["name"])


def source_of_version(publisher: User, scope: str, name: str) -> dict[str, Any]:
    """Like `mirrored_from`, from the account that published a version."""
    held_scope: Scope | None = getattr(publisher, "held_scope", None)
    if held_scope is None:
        return {}
    return _source(held_scope.mirrored_from, held_scope.mirrored_at, scope, name)


def _source(
    source: str | None, checked_at: datetime | None, scope: str, name: str
) -> dict[str, Any]:
    if not source:
        return {}
    url = f"{source}/agents/@{scope}/{name}"
    return {"mirroredFrom": {"shop": source, "url": url, "checkedAt": iso_or_none(checked_at)}}
