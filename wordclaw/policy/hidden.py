"""Items that the product hides from a member of a domain, in lists."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from foundation.actor import Actor
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import role_in

Rows = TypeVar("Rows", bound=QuerySet[Any])


def without_hidden(rows: Rows, path: str, domain: Domain, by: Actor) -> Rows:
    """Return the rows whose item the actor may read.

    ``path``: the column with the ID of the item. `authorize` hides single resources.
    """
    hidden_ids = hidden_items(domain, by)
    return rows if hidden_ids is None else rows.exclude(**{f"{path}__in": hidden_ids})


def hidden_items(domain: Domain, by: Actor) -> Any:
    """Return a query of the IDs of items that the actor must not read; None for none."""
    return content_host().hidden_items(domain, by, role_in(domain, by))
