"""Every page of the studio with every role follows the table of rights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clawstore.studio.urls import urlpatterns
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.webhooks.actions import create_webhook, send_test
from foundation.webhooks.models import WebhookDelivery
from profiles.actions import make_development_user
from tests.clawstore.studio.conftest import post_form
from tests.support.factories import SYSTEM
from tests.support.http import client_of
from tests.support.studio import make_asset, make_guide, make_guides, make_sale, make_submission
from wordclaw.content.items.actions import publish_item
from wordclaw.content.models import ContentItem
from wordclaw.content.models.assets import Asset
from wordclaw.forms.models import FormSubmission
from wordclaw.payments.models import Entitlement
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation, invite_member
from wordclaw.policy.models import PolicyDecision
from wordclaw.policy.rules import may_role
from wordclaw.workflow.models import ReviewTask

pytestmark = pytest.mark.once

MAX_QUERIES = 13
READ, WRITE, ADMIN, AUDIT = "content.read", "content.write", "content.admin", "audit.read"
REVIEW, HOOKS, SELL = "content.review", "webhooks.write", "payments.write"
ROLES = ("owner", "admin", "editor", "reviewer", "reader", "")


@dataclass(frozen=True)
class StudioPage:
    """A page: the rights for reading it and for sending its form."""

    parts: tuple[str, ...] = ()
    read: str | None = READ
    write: str | None = None
    form: tuple[tuple[str, str], ...] = ()
    # Roles that may send the form although the table of rights does not allow it.
    extra_roles: tuple[str, ...] = ()

    def may_send(self, role: str) -> bool:
        return self.write is None or may_role(role, self.write) or role in self.extra_roles


ITEM, TYPE = ("item",), ("guide",)
OFFER = (("amount", "21"), ("policy_name", "Reading"))
# The pages of a domain by the name of their route; a new page needs an entry.
PAGES = {
    "studio_domain": StudioPage(),
    "studio_new_type": StudioPage((), ADMIN, ADMIN, (("do", "save"), ("name", "x"))),
    "studio_ready_made": StudioPage(("posts",), None, ADMIN),
    "studio_type": StudioPage(TYPE),
    "studio_edit_type": StudioPage(TYPE, ADMIN, ADMIN, (("do", "save"), ("name", "x"))),
    "studio_delete_type": StudioPage(TYPE, ADMIN, ADMIN),
    "studio_type_code": StudioPage(TYPE),
    "studio_type_file": StudioPage((*TYPE, "zod")),
    "studio_new_item": StudioPage(TYPE, WRITE, WRITE, (("do", "save"), ("v:/title/en", "x"))),
    "studio_publish_items": StudioPage(TYPE, None, WRITE, (("item", "item"),)),
    "studio_copy_item": StudioPage(ITEM, WRITE, WRITE, (("do", "save"), ("v:/title/en", "x"))),
    "studio_workflow": StudioPage(TYPE, ADMIN, ADMIN, (("do", "save"), ("name", "Editing"))),
    "studio_reviews": StudioPage(),
    "studio_review": StudioPage(("task",), READ, REVIEW, (("do", "claim"),)),
    "studio_submit": StudioPage(ITEM, READ, WRITE),
    "studio_comment": StudioPage(ITEM, None, WRITE, (("body", "x"),), ("reviewer",)),
    "studio_feedback": StudioPage((), READ, WRITE, (("name", "Ann"), ("agent", "@ada/coach"))),
    "studio_item_feedback": StudioPage(
        ITEM, READ, WRITE, (("name", "Ann"), ("ttl_seconds", "86400"))
    ),
    "studio_revoke_feedback": StudioPage(("job",), None, WRITE),
    "studio_forms": StudioPage(),
    "studio_new_form": StudioPage((), ADMIN, ADMIN, (("name", "x"),)),
    "studio_edit_form": StudioPage(("claim",), ADMIN, ADMIN, (("name", "x"),)),
    "studio_preview_form": StudioPage(("claim",)),
    "studio_switch_form": StudioPage(("claim",), ADMIN, ADMIN, (("do", "off"),)),
    "studio_export_form": StudioPage(("claim",)),
    "studio_form": StudioPage(("claim",)),
    "studio_submission": StudioPage(("submission",), READ, WRITE, (("body", "x"),)),
    "studio_sales": StudioPage((), SELL),
    "studio_sale": StudioPage(("sale",), SELL, SELL, (("reason", "x"),)),
    "studio_offer": StudioPage(("offer",), SELL, SELL, (("do", "start"),)),
    "studio_type_sales": StudioPage(TYPE, SELL, SELL, OFFER),
    "studio_item_sales": StudioPage(ITEM, SELL, SELL, OFFER),
    "studio_members": StudioPage((), READ, ADMIN, (("login", "root"), ("role", "admin"))),
    "studio_member": StudioPage(("mary",), READ, ADMIN, (("do", "role"), ("role", "admin"))),
    "studio_activity": StudioPage((), AUDIT),
    "studio_jobs": StudioPage((), AUDIT, AUDIT),
    "studio_decisions": StudioPage((), AUDIT),
    "studio_webhooks": StudioPage((), HOOKS, HOOKS, (("url", "https://a.org"), ("events", "*"))),
    "studio_event_help": StudioPage((), HOOKS),
    "studio_webhook": StudioPage(("hook",), HOOKS, HOOKS, (("do", "delete"),)),
    "studio_delivery": StudioPage(("hook", "delivery"), HOOKS, HOOKS),
    "studio_markdown": StudioPage((), None, WRITE, (("v:/body", "x"),)),
    "studio_planned": StudioPage(),
    "studio_assets": StudioPage((), READ, WRITE),
    "studio_upload_asset": StudioPage((), None, WRITE, (("for", "f-picture"),)),
    "studio_delete_asset": StudioPage(("asset",), WRITE, WRITE),
    "studio_deleted": StudioPage((), ADMIN, ADMIN, (("item", "item"),)),
    "studio_job": StudioPage(("job", "cancel"), None, WRITE),
    "studio_item": StudioPage(ITEM, READ, WRITE, (("do", "save"), ("v:/title/en", "x"))),
    "studio_history": StudioPage(ITEM),
    "studio_version": StudioPage((*ITEM, "1"), READ, WRITE),
    "studio_changes": StudioPage((*ITEM, "1", "2")),
    "studio_uses": StudioPage(ITEM),
    "studio_schedule": StudioPage(
        ITEM, READ, WRITE, (("action", "archive"), ("run_at", "2030-01-01T10:00"))
    ),
    "studio_preview": StudioPage(ITEM, WRITE, WRITE, (("ttl_seconds", "300"),)),
    "studio_state": StudioPage((*ITEM, "archive"), WRITE, WRITE),
}
# The list of a user's domains, an answer to an invitation, and a page for all who have a link.
WITHOUT_DOMAIN = {"studio", "studio_invitation", "preview"}


@pytest.fixture
def guide(ada: User, grace: User, root: User) -> ContentItem:
    """A guide of Ada's domain with a member of each role; Grace has another domain."""
    by_ada = Actor(user=ada, door="page")
    domain = make_guides("ada", by_ada)
    make_guides("grace", Actor(user=grace, door="page"))
    for role in ("admin", "editor", "reviewer", "reader"):
        user = make_development_user(f"mary-{role}", by=SYSTEM)
        invite_member(domain, login=user.username, role=role, by=by_ada)
        accept_invitation(domain, by=Actor(user=user, door="page"))
    make_development_user("mary", by=SYSTEM)
    invite_member(domain, login="mary", role="reader", by=by_ada)
    item = make_guide(domain, by_ada)
    publish_item(domain, item.pk, by=by_ada)
    make_asset(domain)
    states = {"from_state": "draft", "to_state": "published"}
    ReviewTask.objects.create(domain=domain, item=item, version=1, **states)
    make_submission(domain, by_ada)
    make_sale(item, grace)
    webhook, _ = create_webhook("ada", url="https://a.org", events=["*"], by=by_ada)
    send_test("ada", str(webhook.pk), by=by_ada)
    return item


@pytest.fixture
def client_with() -> Callable[[str], Client]:
    """A client signed in with a role in Ada's domain; "" is Grace, who has none."""

    def client(role: str) -> Client:
        login = {"owner": "ada", "": "grace"}.get(role, f"mary-{role}")
        return client_of(User.objects.get(username=login))

    return client


def address_of(name: str, item: ContentItem, domain: str = "ada") -> str:
    asset = Asset.objects.get(domain__name="ada")
    sale = Entitlement.objects.get()
    values = {"item": str(item.pk), "job": str(uuid4()), "asset": str(asset.pk)}
    values["task"] = str(ReviewTask.objects.get().pk)
    values["sale"], values["offer"] = str(sale.pk), str(sale.offer_id)
    values["submission"] = str(FormSubmission.objects.get().pk)
    delivery = WebhookDelivery.objects.get(webhook__tenant="ada")
    values |= {"hook": str(delivery.webhook_id), "delivery": str(delivery.pk)}
    address = reverse(name, args=[domain, *[values.get(part, part) for part in PAGES[name].parts]])
    return address + ("?type=guide" if name == "studio_new_form" else "")


def state() -> tuple[Any, ...]:
    return (
        AuditLog.objects.count(),
        list(ContentItem.objects.order_by("pk").values_list("pk", "version", "deleted_at")),
        list(Entitlement.objects.values_list("status", "offer__is_active")),
    )


def test_every_page_has_an_entry() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(PAGES) | WITHOUT_DOMAIN


@pytest.fixture
def empty_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without their HTML, for tests that read statuses alone."""
    monkeypatch.setattr(Template, "render", lambda *arguments, **options: "")


def test_pages_follow_the_table_of_rights(
    guide: ContentItem, client_with: Callable[[str], Client], empty_pages: None
) -> None:
    addresses = {name: address_of(name, guide) for name, page in PAGES.items() if page.read}
    for role in ROLES:
        client = client_with(role)
        statuses = {name: client.get(address).status_code for name, address in addresses.items()}
        refusal = 403 if role else 404

        assert (role, statuses) == (
            role,
            {n: 200 if may_role(role, PAGES[n].read or "") else refusal for n in addresses},
        )


def test_forms_follow_the_table_of_rights(
    guide: ContentItem, client_with: Callable[[str], Client], empty_pages: None
) -> None:
    """Refused forms change nothing, and the refusal is in the log of decisions."""
    addresses = {name: address_of(name, guide) for name in PAGES}
    before = state()
    for role in ROLES:
        client = client_with(role)
        for name, page in PAGES.items():
            if page.may_send(role):
                continue
            fields = {key: str(guide.pk) if text == "item" else text for key, text in page.form}
            status = post_form(client, addresses[name], fields).status_code
            assert status == (403 if role else 404), (role, name)
            denials = PolicyDecision.objects.filter(outcome="deny", environment="page")
            assert denials.exists(), (role, name)
            PolicyDecision.objects.all().delete()

        assert state() == before, role


def test_items_of_another_domain_do_not_exist(guide: ContentItem, grace: User) -> None:
    client = client_of(grace)
    for name, page in PAGES.items():
        if {"item", "task", "claim", "submission", "hook", "sale", "offer"} & set(page.parts):
            address = address_of(name, guide, domain="grace")
            assert client.get(address).status_code in (404, 405), name
            assert post_form(client, address, dict(page.form)).status_code in (404, 405), name


def test_visitor_is_asked_to_sign_in(guide: ContentItem, client: Client) -> None:
    for name, page in PAGES.items():
        address = address_of(name, guide)
        if page.read is not None:
            assert client.get(address).headers["Location"].startswith("/signin?next="), name
        if page.write is not None:
            assert post_form(client, address, dict(page.form)).status_code in (302, 401), name


def test_pages_need_few_queries(guide: ContentItem, ada_client: Client, ada: User) -> None:
    domain = find_domain("ada", Actor(user=ada))
    for _ in range(5):
        make_guide(domain, Actor(user=ada))
    # The first visit records the use of the session.
    ada_client.get("/studio")
    counts = {}
    for name in ["studio", *PAGES]:
        if name in PAGES and PAGES[name].read is None:
            continue
        address = "/studio" if name == "studio" else address_of(name, guide)
        with CaptureQueriesContext(connection) as queries:
            assert ada_client.get(address).status_code == 200
        counts[name] = len(queries)

    assert {name: count for name, count in counts.items() if count > MAX_QUERIES} == {}


def test_removed_member_sees_nothing(
    guide: ContentItem, client_with: Callable[[str], Client]
) -> None:
    editor = client_with("editor")
    address = "/studio/@ada/members/mary-editor"
    assert b"Leave this domain" in editor.get(address).content

    assert post_form(editor, address, {"do": "remove"}).headers["Location"] == "/studio"

    assert editor.get("/studio/@ada").status_code == 404


def test_invitation_is_accepted_in_the_studio(guide: ContentItem, ada_client: Client) -> None:
    invited_client = client_of(User.objects.get(username="mary"))
    assert invited_client.get("/studio/@ada").status_code == 404
    assert b"invited by @ada" in invited_client.get("/studio").content

    post_form(invited_client, "/studio/@ada/invitation", {"do": "accept"})

    assert invited_client.get("/studio/@ada").status_code == 200
    assert (
        post_form(
            ada_client, "/studio/@ada/members/mary", {"do": "role", "role": "editor"}
        ).status_code
        == 302
    )
    assert b"Editor" in invited_client.get("/studio").content


def test_form_of_another_site_changes_nothing(guide: ContentItem, ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    before = state()
    for name, page in PAGES.items():
        if page.write is None:
            continue
        for headers in ({}, {"Origin": "https://evil.example"}):
            answer = post_form(client, address_of(name, guide), dict(page.form), headers=headers)
            assert answer.status_code == 403, name

    assert state() == before
