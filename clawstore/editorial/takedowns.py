"""Taking down texts of publishers: the decision of a maintainer, and its email."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clawstore.editorial.actions import update_page
from clawstore.editorial.errors import StoreContent
from clawstore.editorial.models import ContentPage
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.own_matters import refuse_own_matter
from moderation.mails import appeal_address
from moderation.queries import title_of as title_of_decision
from moderation.rules import REVERSALS
from profiles.queries import holder_of
from registry.agents.actions import checked_reason
from registry.rules.permissions import require_moderator
from wordclaw.content.errors import ItemNotFound, NothingPublished
from wordclaw.content.items.holds import take_down_item
from wordclaw.policy.models import DomainKind


@transaction.atomic
def take_down_page(page: ContentPage, *, reason: str, by: Actor) -> bool:
    """Unpublish a text of a publisher; they get the reason by email.

    The publisher keeps it as a draft, which is not published again before a maintainer lifts the
    hold or upholds an appeal. Returns False if the text is not published. Raises NotMaintainer,
    OwnContent, StoreContent or InvalidReason.
    """
    domain = page.domain
    require_moderator(by, about=domain.subject)
    if domain.kind == DomainKind.STORE:
        raise StoreContent
    refuse_own_matter(page.item, by)
    text = checked_reason(reason, is_required=True)
    message = _("A maintainer took it down: %s") % text
    try:
        item = take_down_item(domain, page.pk, message=message)
    except (ItemNotFound, NothingPublished):
        return False
    # Without a tenant: the log of the domain would show its members who decided.
    record(
        "content_item.taken_down",
        "content_item",
        str(item.pk),
        by=by,
        domain=domain.name,
        contentType=page.kind,
        version=item.version,
        title=title_of(page),
        reason=text,
    )
    update_page(item)
    return True


def title_of(page: ContentPage) -> str:
    """Return the title of a page in the first of its languages."""
    return next((str(texts["title"]) for texts in page.texts.values()), page.slug)


def mail_publisher_about_takedown(event: AuditLog, *, cause: UUID) -> bool:
    """Email the holder of a scope about a takedown, or about its end."""
    domain = event.details["domain"]
    holder = holder_of(domain)
    if holder is None:
        return False
    is_measure = event.action in REVERSALS
    return mail_notice(
        holder,
        "decision",
        subject=title_of_decision(event),
        template="content_taken_down",
        cause=cause,
        event=event,
        is_measure=is_measure,
        page=page_url("studio_item", domain, event.entity_id),
        appeal_at=appeal_address(event, holder) if is_measure else "",
    )
