"""Messages to the webhooks of a domain about events of the audit log."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.audit.models import AuditLog
from foundation.notices.mails import page_url
from foundation.webhooks.rules import Message
from registry.models import Version
from registry.rules.identifiers import scope_and_name
from wordclaw.policy.actions import STORE

EVENTS = {
    "agent.created": _("The first version of an agent was published"),
    "agent.delisted": _("An agent was delisted"),
    "agent.relisted": _("An agent was relisted"),
    "agent.deprecated": _("An agent was deprecated by its publisher"),
    "agent.undeprecated": _("An agent is no longer deprecated"),
    "agent.archived": _("An agent was archived by its publisher"),
    "agent.unarchived": _("An agent is no longer archived"),
    "agent.transfer_offered": _("An agent was offered to this scope"),
    "agent.transferred": _("An agent moved to another scope"),
    "version.published": _("A version was published"),
    "version.deprecated": _("A version was deprecated by its publisher"),
    "version.undeprecated": _("A version is no longer deprecated"),
    "version.yanked": _("A version was yanked"),
    "version.unyanked": _("A version is offered again"),
    "version.withheld": _("A version was withheld by a maintainer"),
    "version.withholding_lifted": _("A version is available again"),
    "review.posted": _("A review was posted"),
    "review.edited": _("A review was edited"),
    "review.deleted": _("A review was deleted"),
    "report.resolved": _("A report was resolved"),
    "report.dismissed": _("A report was dismissed"),
    "content_item.published": _("A text was published"),
    "content_item.unpublished": _("A text was unpublished"),
    "content_item.archived": _("A text was archived"),
    "content_item.deleted": _("A text was deleted"),
    "content_item.taken_down": _("A text was taken down by a maintainer"),
    "content_item.revision_requested": _("A reader asked for a change of a text"),
    "agent.revision_requested": _("A reader asked for a change of an agent"),
    "review_task.submitted": _("A text waits for a review"),
    "review_task.decided": _("A review of a text was decided"),
    "form.submitted": _("A form was submitted"),
    "payment.settled": _("A payment was settled"),
    "follow.new_version": _("An agent that you follow has a new version"),
    "follow.asks_more": _("An agent that you follow asks for more"),
    "follow.yanked": _(
        "An agent that you follow, or a version, was yanked, deprecated or archived"
    ),
    "follow.moved": _("An agent that you follow moved to another publisher"),
    "follow.withheld": _("A version of an agent that you follow was withheld"),
}
"""Every event that a webhook can subscribe to."""

PAST_TENSES = {
    "content_item.publish": "content_item.published",
    "content_item.unpublish": "content_item.unpublished",
    "content_item.archive": "content_item.archived",
    "content_item.delete": "content_item.deleted",
    "review_task.submit": "review_task.submitted",
    "review_task.decide": "review_task.decided",
}
"""Events whose name in the audit log is a verb."""

AGENT_EVENTS = (
    *("agent.delisted", "agent.relisted", "agent.deprecated", "agent.undeprecated"),
    *("agent.archived", "agent.unarchived"),
)
VERSION_EVENTS = (
    *("version.published", "version.yanked", "version.unyanked"),
    *("version.withheld", "version.withholding_lifted"),
    *("version.deprecated", "version.undeprecated"),
)
REVIEW_EVENTS = ("review.posted", "review.edited", "review.deleted")
REPORT_EVENTS = ("report.resolved", "report.dismissed")
CONTENT_EVENTS = (
    *(*PAST_TENSES, "content_item.taken_down"),
    *("content_item.revision_requested", "agent.revision_requested"),
)


def messages_of(event: AuditLog) -> Iterator[Message]:
    """Return the messages about an event.

    They go to the domain that it concerns, and to the store's. Texts and forms concern their own
    domain alone.
    """
    build = BUILDERS.get(event.action)
    return build(event) if build else iter(())


def _about_agent(event: AuditLog) -> Iterator[Message]:
    return _to_publisher_and_store(event, event.entity_id)


def _about_transfer(event: AuditLog) -> Iterator[Message]:
    """To both scopes and the store; an offer only to the scope that gets it."""
    details = event.details
    data = {name: details[name] for name in ("fromScope", "toScope")}
    if event.action == "agent.transfer_offered":
        body = data | {"id": event.entity_id, "url": page_url("offer", details["id"])}
        yield _message(event, details["toScope"], event.action, body)
        return
    scope, name = scope_and_name(details["to"])
    body = data | {"id": event.entity_id, "movedTo": details["to"]}
    body["url"] = page_url("agent", scope, name)
    for tenant in (details["fromScope"], details["toScope"], STORE):
        yield _message(event, tenant, event.action, body)


def _about_version(event: AuditLog) -> Iterator[Message]:
    agent_id, _at, number = event.entity_id.rpartition("@")
    data = {"version": number}
    if event.action == "version.published":
        scope, name = scope_and_name(agent_id)
        if Version.objects.filter(agent__scope=scope, agent__name=name).count() == 1:
            yield from _to_publisher_and_store(event, agent_id, data, name="agent.created")
    yield from _to_publisher_and_store(event, agent_id, data)


def _about_review(event: AuditLog) -> Iterator[Message]:
    agent_id, _by, reviewer = event.entity_id.partition(" by ")
    data = {"reviewId": event.details.get("id"), "reviewer": reviewer}
    if "rating" in event.details:
        data["rating"] = event.details["rating"]
    return _to_publisher_and_store(event, agent_id, data)


def _about_report(event: AuditLog) -> Iterator[Message]:
    # Without the reporter and the notes: publishers do not learn who reported them.
    data = {"reportId": event.entity_id}
    return _to_publisher_and_store(event, event.details["agent"], data)


def _to_publisher_and_store(
    event: AuditLog, agent_id: str, data: dict[str, Any] | None = None, *, name: str = ""
) -> Iterator[Message]:
    scope, agent_name = scope_and_name(agent_id)
    body = {"id": agent_id, "url": page_url("agent", scope, agent_name)} | (data or {})
    for tenant in (scope, STORE):
        yield _message(event, tenant, name or event.action, body)


def _about_content(event: AuditLog) -> Iterator[Message]:
    details = event.details
    names = ("contentType", "version", "item", "decision", "contentItem", "feedback")
    data = {"id": event.entity_id} | {name: details[name] for name in names if name in details}
    tenant = event.tenant or details.get("domain", "")
    if tenant:
        yield _message(event, tenant, PAST_TENSES.get(event.action, event.action), data)


def _about_form(event: AuditLog) -> Iterator[Message]:
    # Without what was sent: receivers with a key read it, and others must not.
    names = ("form", "contentType", "contentItem")
    data = {"id": event.entity_id} | {name: event.details[name] for name in names}
    yield _message(event, event.tenant, event.action, data, about=event.details["formId"])


def _about_payment(event: AuditLog) -> Iterator[Message]:
    # Without the buyer, who bought from the publisher and not from the receivers.
    names = ("offer", "subject", "amountSatoshis")
    data = {"id": event.entity_id} | {name: event.details[name] for name in names}
    yield _message(event, event.tenant, event.action, data)


def _message(
    event: AuditLog, tenant: str, name: str, data: dict[str, Any], *, about: str = ""
) -> Message:
    # The name is part of the ID, because one event may be told under two names.
    message_id = f"msg_{event.pk.hex}" + ("" if name != "agent.created" else "_created")
    return Message(tenant=tenant, id=message_id, event=name, data=data, about=about)


BUILDERS: dict[str, Callable[[AuditLog], Iterator[Message]]] = {
    **dict.fromkeys(AGENT_EVENTS, _about_agent),
    **dict.fromkeys(("agent.transfer_offered", "agent.transferred"), _about_transfer),
    **dict.fromkeys(VERSION_EVENTS, _about_version),
    **dict.fromkeys(REVIEW_EVENTS, _about_review),
    **dict.fromkeys(REPORT_EVENTS, _about_report),
    **dict.fromkeys(CONTENT_EVENTS, _about_content),
    "form.submitted": _about_form,
    "payment.settled": _about_payment,
}
"""The function that makes the messages, by the name of the event in the audit log."""
