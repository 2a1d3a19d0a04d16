"""Own matters: a user does not decide about a matter that concerns them.

The project declares the rule in ``settings.OWN_MATTER``. Actions that decide ask here, so a
decision is refused by every door.
"""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.actor import Actor
from foundation.refusals import NotAllowed


class OwnMatter(NotAllowed):
    """Base of the refusals of decisions about own matters."""

    code = "own_matter"
    message = (
        "This person reviewed your agent, or both of you are part of an open report. "
        "Another maintainer must decide."
    )


OwnMatterRule = Callable[[object, UUID], OwnMatter | None]
"""Takes a matter and a user's id; returns the refusal, or None if the user may decide."""


def own_matter_of(matter: object, by: Actor) -> OwnMatter | None:
    """Return the refusal of a decision, or None if the actor may decide.

    The matter is a row that the project's rule knows: an agent, a review, a person.
    """
    if by.user_id is None:
        return None
    rule: OwnMatterRule = import_string(settings.OWN_MATTER)
    return rule(matter, by.user_id)


def refuse_own_matter(matter: object, by: Actor) -> None:
    """Raise OwnMatter if the matter concerns the actor."""
    refusal = own_matter_of(matter, by)
    if refusal is not None:
        raise refusal
