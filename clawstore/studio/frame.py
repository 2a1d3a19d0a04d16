"""The context that all pages of a domain share."""

from typing import Any

from clawstore.studio.doors import StudioRequest
from clawstore.studio.queries import scheduled_jobs, state_of
from clawstore.studio.titles import title_of
from moderation.holds import takedown_of
from wordclaw.content.models import ContentItem
from wordclaw.content.summaries import coverage_of
from wordclaw.policy.models import Domain, MemberRole
from wordclaw.policy.rules import may_role


def frame(request: StudioRequest, domain: Domain, *, tab: str) -> dict[str, Any]:
    """Return the context of the frame; ``may_…`` say what the role may do."""
    return {
        "domain": domain,
        "role": request.role,
        "tab": tab,
        "may_write": may_role(request.role, "content.write"),
        "may_admin": may_role(request.role, "content.admin"),
        "may_audit": may_role(request.role, "audit.read"),
        "may_webhooks": may_role(request.role, "webhooks.write"),
        "may_sell": may_role(request.role, "payments.write"),
    }


def item_frame(request: StudioRequest, item: ContentItem) -> dict[str, Any]:
    """Return the context of the pages of an item, with its state."""
    domain = item.content_type.domain
    return frame(request, domain, tab="content") | {
        "item": item,
        "content_type": item.content_type,
        "title": title_of(item.content_type, item.data, item.pk),
        "state": state_of(item),
        "coverage": coverage_of(item.content_type, item.data),
        "jobs": scheduled_jobs(domain).get(str(item.pk), []),
        "takedown": takedown_of(item.pk) if item.held_at else None,
        # Only the holder of the scope can appeal.
        "may_appeal": request.role == MemberRole.OWNER,
    }
