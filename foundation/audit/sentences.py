"""Entries of the audit log as sentences.

The project declares one sentence for each action in ``settings.EVENT_SENTENCES``.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.audit.models import AuditLog

# Who acts if no user does, by the door of the event.
ACTORS: Mapping[str, Any] = {
    "command": _("The operator"),
    "system": _("The system"),
    "worker": _("The system"),
}

# Details that name an agent, a version or a person.
NAMES = frozenset({"about", "agent"})
# Objects whose name is an id, by the words that a sentence has for them.
ID_WORDS: Mapping[str, Any] = {
    "api_key": _("API key"),
    "appeal": _("appeal"),
    "connected_app": _("app"),
    "device_login": _("device"),
    "draft": _("draft"),
    "report": _("report"),
}


class _Values(dict[str, Any]):
    """Values of a sentence. Entries of former releases may lack a detail."""

    def __missing__(self, name: str) -> str:
        return "—"


def sentence_of(event: AuditLog) -> SafeString:
    """An event as a sentence, with links to its actor and its object.

    The event must be loaded with its user, if it has one.
    """
    sentences: Mapping[str, Any] = import_string(settings.EVENT_SENTENCES)
    sentence = sentences.get(event.action, "{actor}: {action} {object}")
    details = {
        name: _name_link(str(value)) if name in NAMES else conditional_escape(value)
        for name, value in event.details.items()
    }
    values = _Values(
        details | {"actor": actor_of(event), "object": object_of(event), "action": event.action}
    )
    # Our own sentence; everything in it is escaped.
    return mark_safe(str(sentence).format_map(values))


def _name_link(name: str) -> SafeString:
    """The name of an agent, a version or a person; the log has logins without at sign."""
    full_name = name if name.startswith("@") else f"@{name}"
    return desk_link(full_name, full_name)


def actor_of(event: AuditLog) -> SafeString:
    """The user who acted, linked to their page, or what acted instead."""
    if event.user is None:
        words = ACTORS.get(event.door, gettext("A visitor"))
        return format_html("{}", words)
    return desk_link(f"@{event.user.username}", f"user:{event.user.username}")


def object_of(event: AuditLog) -> SafeString:
    """The object of an event by its name, linked to its page at the desk."""
    name = f"@{event.entity_id}" if event.entity_type == "user" else event.entity_id
    words = ID_WORDS.get(event.entity_type, name)
    return desk_link(str(words), f"{event.entity_type}:{event.entity_id}")


def desk_link(words: str, target: str) -> SafeString:
    """A link that looks up the target at the desk when it is followed.

    The log has names and not keys, so a link to the page itself would take a query for each.
    """
    return format_html('<a href="{}">{}</a>', reverse("desk_find", query={"q": target}), words)
