"""Content of a domain for tests of the studio."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.clock import now
from foundation.webhooks.actions import create_webhook, send_test
from wordclaw.content.items.actions import create_item, publish_item, replace_data
from wordclaw.content.models import ContentItem
from wordclaw.content.models.assets import Asset
from wordclaw.content.paywall import ITEM
from wordclaw.content.types.actions import create_content_type
from wordclaw.forms.definitions.actions import create_form
from wordclaw.forms.models import FormSubmission
from wordclaw.forms.submissions.actions import submit_form
from wordclaw.payments.models import (
    Entitlement,
    LicencePolicy,
    LicencePolicyVersion,
    Offer,
    Payment,
)
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import invite_member
from wordclaw.policy.models import Domain
from wordclaw.workflow.models import ReviewComment, ReviewTask

# A field of each kind.
GUIDE: dict[str, Any] = {
    "fields": [
        {"name": "title", "type": "text", "required": True, "localized": True, "max": 80},
        {"name": "body", "type": "markdown", "localized": True},
        {"name": "stars", "type": "number", "min": 1, "max": 5},
        {"name": "is_open", "type": "checkbox"},
        {"name": "level", "type": "select", "options": ["easy", "hard"]},
        {
            "name": "seo",
            "type": "group",
            "fields": [
                {"name": "summary", "type": "text", "required": True},
                {"name": "keywords", "type": "array", "items": {"type": "text"}},
            ],
        },
        {"name": "related", "type": "content-ref-list", "allowedContentTypeSlugs": ["guide"]},
        {"name": "agent", "type": "agent-ref"},
        {
            "name": "blocks",
            "type": "block-set",
            "blocks": [
                {
                    "name": "quote",
                    "fields": [{"name": "text", "type": "textarea", "required": True}],
                },
                {
                    "name": "link",
                    "label": "Link",
                    "fields": [{"name": "address", "type": "text"}],
                },
            ],
        },
    ],
    "localization": {"supportedLocales": ["en", "nl"], "defaultLocale": "en"},
}


def make_guides(name: str, by: Actor) -> Domain:
    """The domain of a name, with the content type ``guide``."""
    domain = find_domain(name, by)
    create_content_type(domain, {"name": "Guides", "slug": "guide"}, manifest=GUIDE, by=by)
    return domain


def make_guide(domain: Domain, by: Actor) -> ContentItem:
    """A draft with a value in each kind of field."""
    other = create_item(domain, "guide", {"title": {"en": "Other"}}, by=by)
    data = {
        "title": {"en": "Begin", "nl": "Begin hier"},
        "body": {"en": "*One*\n\nTwo"},
        "stars": 4.5,
        "is_open": False,
        "level": "hard",
        "seo": {"summary": "", "keywords": ["a", ""]},
        "related": [{"contentItemId": str(other.pk)}],
        "blocks": [{"blockType": "quote", "text": "Q"}, {"blockType": "link", "address": "x"}],
    }
    return create_item(domain, "guide", data, by=by)


def make_asset(domain: Domain, name: str = "a.txt", *, has_file: bool = False) -> Asset:
    """The row of an asset, without its file unless that is asked for."""
    asset: Asset = Asset.objects.create(
        domain=domain,
        name=name,
        content_type="text/plain",
        size_bytes=3,
        sha256="0" * 64,
        storage_key=f"content-assets/{domain.pk}/{name}",
    )
    if has_file:
        default_storage.save(asset.storage_key, ContentFile(b"abc"))
    return asset


def make_sample_content(name: str, by: Actor) -> str:
    """A domain whose guide was published and changed again; returns the guide's id."""
    domain = make_guides(name, by)
    guide = make_guide(domain, by)
    publish_item(domain, guide.pk, by=by)
    data = guide.data | {"title": {"en": "Begin 𝕳𝖊𝖗𝖊 " + "x" * 60}, "stars": 2}
    invite_member(domain, login="grace", role="reader", by=by)
    replace_data(domain, guide.pk, data, message="Another title", by=by)
    return str(guide.pk)


def make_review_task(item_id: str) -> ReviewTask:
    """A waiting review of the first version of an item, with a comment."""
    item = ContentItem.objects.get(pk=item_id)
    ReviewComment.objects.create(
        domain=item.domain, item=item, version=1, pointer="/title", body="Shorter, please."
    )
    task: ReviewTask = ReviewTask.objects.create(
        domain=item.domain, item=item, version=1, from_state="draft", to_state="published"
    )
    return task


def make_submission(domain: Domain, by: Actor) -> FormSubmission:
    """A submission without an account, of the form ``claim`` on the type ``guide``."""
    fields = [{"name": "title", "required": True}, {"name": "body"}, {"name": "level"}]
    columns = {"name": "Wish", "slug": "claim", "fields": fields}
    create_form(domain, columns, content_type="guide", by=by)
    data = {"title": "A wish", "body": "Please.\n\nThanks."}
    return submit_form(domain, "claim", data, network="n", by=ANONYMOUS)


def make_delivery(tenant: str = "dora") -> dict[str, str]:
    """The IDs of a webhook and of a message that waits for it."""
    webhook, _ = create_webhook(tenant, url="https://hooks.example.org/x", events=["*"], by=Actor())
    delivery = send_test(tenant, str(webhook.pk), by=Actor())
    return {"webhook": str(webhook.pk), "delivery": str(delivery.pk)}


def make_sale(item: ContentItem, buyer: User) -> Entitlement:
    """A paid sale of an item under an offer that was stopped since."""
    domain = item.content_type.domain
    policy = LicencePolicy.objects.create(domain=domain)
    version = LicencePolicyVersion.objects.create(policy=policy, version=1, name="Reading")
    subject = {"subject_type": ITEM, "subject_id": str(item.pk), "amount_satoshis": 21}
    offer = Offer.objects.create(domain=domain, policy=policy, is_active=False, **subject)
    sold = {"domain": domain, "offer": offer, "policy_version": version, "user": buyer}
    payment = Payment.objects.create(
        **sold,
        payment_hash="0" * 64,
        provider="mock",
        amount_satoshis=21,
        status="paid",
        expires_at=now(),
    )
    sale: Entitlement = Entitlement.objects.create(
        **sold, payment=payment, status="active", activated_at=now()
    )
    return sale
