"""Taking down texts of publishers at the desk, and reporting them."""

from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from clawstore.editorial.actions import wrong_pages
from clawstore.editorial.errors import StoreContent
from clawstore.editorial.models import ContentPage
from clawstore.editorial.takedowns import take_down_page
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.refusals import Unauthenticated
from moderation.actions import decide_appeal, post_appeal
from moderation.errors import DecisionNotFound, OwnContent
from moderation.holds import lift_hold
from moderation.models import HeldText
from registry.errors import InvalidReason, NotMaintainer
from registry.models import Agent
from tests.clawstore.editorial.conftest import Author
from tests.support.audit import last_audit_row
from tests.support.factories import make_user
from tests.support.http import client_of
from tests.support.page import desk_address
from wordclaw.content.errors import ItemHeld
from wordclaw.content.items.actions import publish_item, replace_data
from wordclaw.content.models import ContentItem
from wordclaw.policy.members import accept_invitation, invite_member

pytestmark = pytest.mark.django_db
ABOUT_COACH = [{"agent": "@ada/coach"}]
GUIDE = {
    "slug": "first",
    "title": {"en": "First steps"},
    "body": {"en": "Buy pills."},
    "agents": ABOUT_COACH,
}
TEXTS: dict[str, dict[str, Any]] = {
    "guides": GUIDE,
    "posts": GUIDE,
    "faqs": {"question": {"en": "How?"}, "answer": {"en": "Buy pills."}, "agents": ABOUT_COACH},
    "listings": {
        "agent": ABOUT_COACH[0],
        "tagline": {"en": "Buy pills."},
        "description": {"en": "Buy pills."},
    },
}
SHOWN_AT = {
    "guides": "/@ada/guides/first",
    "posts": "/@ada/posts/first",
    "faqs": "/@ada/texts",
    "listings": "/agents/@ada/coach?lang=en",
}


def take_down(desk: Client, page: ContentPage, reason: str = "It sells pills.") -> Any:
    """Choose the measure at the desk and confirm it."""
    fields = {"measure": "take_down", "reason": reason}
    assert 'name="confirmed"' in desk.post(desk_address(page), fields).text
    return desk.post(desk_address(page), fields | {"confirmed": "yes"}, follow=True)


@pytest.mark.parametrize("kind", TEXTS)
def test_maintainer_takes_down_each_kind(
    kind: str, ada: User, ada_writes: Author, client: Client, coach: Agent, desk: Client
) -> None:
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    item = ada_writes.publish(kind, **TEXTS[kind])
    page = ContentPage.objects.get(item=item)
    assert "Buy pills." in client.get(SHOWN_AT[kind]).text
    assert "Buy pills." in desk.get(desk_address(page)).text

    answer = take_down(desk, page)
    run_due_jobs()

    assert "publisher emailed" in answer.text
    after = client.get(SHOWN_AT[kind])
    assert "Buy pills." not in after.text
    assert after.status_code == (404 if kind in ("guides", "posts") else 200)
    event = last_audit_row("content_item.taken_down")
    assert (event.entity_id, event.tenant) == (str(item.pk), "")
    assert event.details["reason"] == "It sells pills."
    [letter] = [m for m in mail.outbox if m.to == ["ada@example.org"]]
    assert "It sells pills." in letter.body
    assert "root" not in letter.body
    studio = client_of(ada).get(f"/studio/@ada/items/{item.pk}/history").text
    assert "It sells pills." in studio
    assert "root" not in studio
    assert list(wrong_pages()) == []


@pytest.mark.once
def test_text_is_held_until_an_appeal_is_upheld(
    ada: User, ada_writes: Author, client: Client, coach: Agent, as_root: Actor, desk: Client
) -> None:
    item = ada_writes.publish("guides", **GUIDE)
    page = ContentPage.objects.select_related("domain", "item__domain").get(pk=item.pk)

    assert take_down_page(page, reason="Pills.", by=as_root)
    assert take_down_page(page, reason="Pills.", by=as_root) is False

    item = ContentItem.objects.with_readers_parts().get(pk=item.pk)
    assert (item.status, item.version, item.published_version) == ("draft", 3, None)
    replace_data(ada_writes.domain, item.pk, {**GUIDE, "body": {"en": "Walk."}}, by=ada_writes.by)
    with pytest.raises(ItemHeld):
        publish_item(ada_writes.domain, item.pk, by=ada_writes.by)
    assert client.get("/@ada/guides/first").status_code == 404
    held_text = HeldText.objects.get(pk=item.pk)
    for address in ("/admin/moderation/heldtext/", desk_address(held_text)):
        assert "First steps" in desk.get(address).text
        assert "Pills." in desk.get(address).text
    event = last_audit_row("content_item.taken_down")
    editor = client_of(ada).get(f"/studio/@ada/items/{item.pk}").text
    assert f"decision={event.pk}" in editor
    assert 'value="publish"' not in editor
    assert "Taken down" in client_of(ada).get("/studio/@ada/types/guides").text
    with pytest.raises(DecisionNotFound):
        post_appeal(event.pk, text="No.", by=Actor(user=make_user("eve"), door="page"))

    appeal = post_appeal(
        event.pk, text="It is about walking.", by=replace(ada_writes.by, door="page")
    )
    assert desk_address(held_text) in desk.get(desk_address(appeal)).text
    decide_appeal(appeal.pk, uphold=True, notes="Right.", by=as_root)
    run_due_jobs()

    assert last_audit_row("content_item.hold_lifted").tenant == ""
    publish_item(ada_writes.domain, item.pk, by=ada_writes.by)
    assert client.get("/@ada/guides/first").status_code == 200
    assert not HeldText.objects.get(pk=item.pk).held_at


@pytest.mark.once
def test_maintainer_lifts_a_hold_at_the_desk(
    ada: User, ada_writes: Author, coach: Agent, as_root: Actor, desk: Client
) -> None:
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    item = ada_writes.publish("guides", **GUIDE)
    page = ContentPage.objects.select_related("domain", "item__domain").get(pk=item.pk)
    take_down_page(page, reason="Pills.", by=as_root)
    fields = {"measure": "lift_hold", "reason": "Corrected.", "confirmed": "yes"}
    address = desk_address(HeldText.objects.get(pk=item.pk))
    with pytest.raises(Unauthenticated):
        lift_hold(page.item, reason="Mine.", by=Actor())

    desk.post(address, fields)
    run_due_jobs()

    letters = [m for m in mail.outbox if m.to == ["ada@example.org"]]
    assert "can publish" in letters[-1].body
    assert "Corrected." in letters[-1].body
    publish_item(ada_writes.domain, item.pk, by=ada_writes.by)


@pytest.mark.once
def test_only_maintainers_without_relation_take_down_texts_of_publishers(
    store: Author, ada: User, ada_writes: Author, coach: Agent, as_root: Actor, as_grace: Actor
) -> None:
    ada_writes.publish("guides", **GUIDE)
    pages = ContentPage.objects.select_related("domain", "item__domain")
    page = pages.get(domain__name="ada")
    judy = Actor(user=make_user("judy", maintainer=True), door="admin")
    invite_member(ada_writes.domain, login="judy", role="reader", by=ada_writes.by)
    accept_invitation(ada_writes.domain, by=judy)

    for by, refusal in (
        (Actor(), Unauthenticated),
        (as_grace, NotMaintainer),
        (Actor(user=ada), NotMaintainer),
        (judy, OwnContent),
    ):
        with pytest.raises(refusal):
            take_down_page(page, reason="Pills.", by=by)
    with pytest.raises(InvalidReason):
        take_down_page(page, reason=" ", by=as_root)
    with pytest.raises(StoreContent):
        take_down_page(pages.filter(domain__name="store")[0], reason="No.", by=as_root)
    assert ContentPage.objects.filter(pk=page.pk).exists()
    assert str(OwnContent.message) in client_of(judy.require_user()).get(desk_address(page)).text


def test_desk_lists_and_finds_texts(ada_writes: Author, coach: Agent, desk: Client) -> None:
    ada_writes.publish("guides", **GUIDE)
    ada_writes.publish("faqs", **TEXTS["faqs"])

    rows = desk.get("/admin/editorial/contentpage/", {"q": "ada"}).text
    assert "First steps" in rows
    assert "How?" in rows
    assert "How?" not in desk.get("/admin/editorial/contentpage/", {"q": "first"}).text
    by_store = desk.get("/admin/editorial/contentpage/", {"by": "store"}).text
    assert "First steps" not in by_store
    assert "/change/" in by_store


@pytest.mark.once
@pytest.mark.parametrize(
    "address", ["/@ada/guides/first", "/@ada/texts", "/agents/@ada/coach/guides"]
)
def test_texts_lead_to_the_report_form_of_an_agent(
    address: str, ada_writes: Author, client: Client, coach: Agent
) -> None:
    ada_writes.publish("guides", **GUIDE)

    link = f"/agents/@ada/coach/report?page={address.replace('/', '%2F').replace('@', '%40')}"
    assert f'href="{link}"' in client.get(address).text
    assert f"{address}: </textarea>" in client.get(link).text


@pytest.mark.once
def test_text_without_agent_leads_to_the_policy_of_moderation(
    ada_writes: Author, client: Client
) -> None:
    ada_writes.publish("posts", **GUIDE | {"agents": []})

    page = client.get("/@ada/posts/first").text.split("</article>")[0]
    assert 'href="/about/moderation" rel="nofollow"' in page


@pytest.mark.once
def test_texts_of_the_store_have_no_report_link(store: Author, client: Client) -> None:
    store.publish("guides", slug="first", title={"en": "First"}, body={"en": "Read."})

    assert "Report this page" not in client.get("/guides/first").text
