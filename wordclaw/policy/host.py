"""The product around the content runtime."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentHost:
    """The product's declarations in ``settings.CONTENT_HOST``.

    ``domain_owner`` returns the user who owns a domain's name, or None. ``known_agents`` returns
    those of the ids that exist. People with ``store_admin_role`` are admins of the store's domain.
    """

    domain_owner: Callable[[str], UUID | None]
    known_agents: Callable[[set[str]], set[str]]
    store_admin_role: str


def content_host() -> ContentHost:
    host: ContentHost = import_string(settings.CONTENT_HOST)
    return host
