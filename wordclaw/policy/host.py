"""The product around the content runtime."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


def ignore_change(_change: Any) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class FeedbackSubject:
    """A subject of feedback beside content: its live version and its page."""

    title: str
    version: str
    path: str


def allow_decision(_task: Any, _actor: Any) -> None:
    """Let everyone decide who has the right."""


def show_all(*_arguments: Any) -> None:
    """Hide no item of a domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentHost:
    """The product's declarations in ``settings.CONTENT_HOST``.

    ``domain_owner`` returns the user who owns a domain's name, or None. ``known_agents`` returns
    those of the ids that exist. People with ``store_admin_role`` are admins of the store's domain.
    ``item_changed`` and ``type_changed`` get an item or a content type after a change that readers
    can see, in the transaction of the change; a refusal that they raise undoes it. ``form_changed``
    gets a form after each change of its definition.
    ``may_decide`` gets a review task and the actor who decides it, and raises a refusal if that
    person must not. ``hidden_items`` gets a domain, a member and their role, and returns the IDs of
    the items that this member must not read, as a query, or None. ``hides`` says so of one
    resource: it gets the domain, the member, the role, and the type and the ID of the resource.
    ``feedback_subjects`` finds a live subject by its type: a function of the
    domain's name and the subject's ID.
    """

    domain_owner: Callable[[str], UUID | None]
    known_agents: Callable[[set[str]], set[str]]
    store_admin_role: str
    item_changed: Callable[[Any], None] = ignore_change
    type_changed: Callable[[Any], None] = ignore_change
    form_changed: Callable[[Any], None] = ignore_change
    may_decide: Callable[[Any, Any], None] = allow_decision
    hidden_items: Callable[[Any, Any, str], Any] = show_all
    hides: Callable[[Any, Any, str, str, str], bool | None] = show_all
    feedback_subjects: Mapping[str, Callable[[str, str], FeedbackSubject | None]] = field(
        default_factory=dict
    )


def content_host() -> ContentHost:
    # By name, because imports go down only and the runtime is beneath the product.
    host: ContentHost = import_string(settings.CONTENT_HOST)
    return host
