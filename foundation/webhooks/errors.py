"""Refusals about webhooks."""

from typing import Any

from foundation.refusals import Conflict, Invalid, NotFound, Refusal
from foundation.webhooks.rules import RETENTION


class WebhookNotFound(NotFound):
    code = "webhook_not_found"
    message = "There is no webhook with this ID."
    remediation = "List the webhooks of the domain to see their IDs."


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    message = "This webhook has no delivery with this ID."
    remediation = f"List the deliveries; they are kept for {RETENTION.days} days."


class InvalidWebhookField(Invalid):
    """Base of refusals of one field, which its form shows there."""

    field = ""
    remediation = "Correct the named field and send it again."

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.details["errors"] = [{"path": self.field, "message": self.message}]


class UnsafeWebhookUrl(InvalidWebhookField):
    field = "url"
    code = "webhook_url_unsafe"
    message = "A webhook needs an https address of a public host."
    remediation = "Use an address such as https://hooks.example.org/store."


class InvalidWebhookEvents(InvalidWebhookField):
    field = "events"
    code = "webhook_events_invalid"
    message = "Name at least one known event, a group such as version.*, or *."
    remediation = (
        "details.unknown lists the patterns that match no event, details.events all events."
    )


class TooManyWebhooks(Conflict):
    code = "webhook_limit_reached"
    message = "This domain has as many webhooks as it may have."
    remediation = "Delete a webhook that is no longer needed."


class WebhookVersionConflict(Refusal):
    status = 412
    code = "version_conflict"
    message = "The webhook was changed meanwhile."
    remediation = "Read it again and send If-Match with its present ETag."


class UndeliverableTarget(Exception):
    """The address of a webhook must not be called, or no host has it."""
