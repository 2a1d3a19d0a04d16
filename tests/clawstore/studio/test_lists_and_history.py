"""Lists of items, their history and changes of their state."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from clawstore.editorial.starters import add_starter
from foundation.actor import Actor
from foundation.clock import now
from foundation.jobs.models import Job
from tests.clawstore.studio.conftest import Editor, post_form
from tests.support.page import page_of
from wordclaw.content.items.actions import archive_item, create_item, publish_item, replace_data
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.scheduling.actions import schedule_change
from wordclaw.policy.models import Domain
from wordclaw.workflow.definitions.actions import create_workflow

LIST = "/studio/@ada/types/guide"


@pytest.fixture
def items(domain: Domain, by_ada: Actor) -> dict[str, ContentItem]:
    """An item in each state."""
    items_by_name = {}
    for name in ("Draft", "Published", "Changed", "Archived", "Scheduled"):
        data = {"title": {"en": f"{name} guide"}}
        if name == "Draft":
            data["title"]["nl"] = "Vertaald"
        items_by_name[name] = create_item(domain, "guide", data, by=by_ada)
    for name in ("Published", "Changed"):
        publish_item(domain, items_by_name[name].pk, by=by_ada)
    replace_data(
        domain, items_by_name["Changed"].pk, {"title": {"en": "Changed guide 2"}}, by=by_ada
    )
    archive_item(domain, items_by_name["Archived"].pk, by=by_ada)
    schedule_change(
        domain,
        str(items_by_name["Scheduled"].pk),
        action="publish",
        run_at=now() + timedelta(days=1),
        by=by_ada,
    )
    return items_by_name


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ("state=draft", {"Draft", "Scheduled"}),
        ("state=published", {"Published"}),
        ("state=changed", {"Changed"}),
        ("state=archived", {"Archived"}),
        ("state=scheduled", {"Scheduled"}),
        ("q=guide+2", {"Changed"}),
        ("missing=nl", {"Published", "Changed", "Archived", "Scheduled"}),
        ("missing=xx&state=nonsense&sort=nonsense&page=99", None),
    ],
)
def test_list_is_filtered(
    ada_client: Client, items: dict[str, ContentItem], filters: str, titles: set[str] | None
) -> None:
    response = ada_client.get(f"{LIST}?{filters}")

    addresses = {f"/studio/@ada/items/{item.pk}": name for name, item in items.items()}
    links = page_of(response).links()
    assert {addresses[link] for link in links if link in addresses} == (titles or set(items))


def test_marked_items_are_published_each_for_itself(
    ada_client: Client, items: dict[str, ContentItem], by_ada: Actor
) -> None:
    names = ("Draft", "Scheduled", "Archived")
    marks = [f"{items[name].pk} {items[name].version}" for name in ("Draft", "Scheduled")]
    # Another author saved this one after the list was shown.
    replace_data(
        items["Draft"].content_type.domain, items["Draft"].pk, {"title": {"en": "New"}}, by=by_ada
    )

    response = ada_client.post(
        f"{LIST}/publish?q=guide", {"item": [*marks, "no id 1"]}, follow=True
    )

    assert response.redirect_chain == [(f"{LIST}?q=guide", 302)]
    states = {name: ContentItem.objects.get(pk=items[name].pk).publication_state for name in names}
    assert states == {"Draft": "draft", "Scheduled": "published", "Archived": "draft"}
    page = response.content.decode()
    assert "Published 1 item." in page
    assert "Not published: “New”." in page


@pytest.mark.once
def test_published_items_are_not_published_again(
    ada_client: Client, items: dict[str, ContentItem]
) -> None:
    items["Published"].refresh_from_db()
    mark = f"{items['Published'].pk} {items['Published'].version}"

    response = ada_client.post(f"{LIST}/publish", {"item": mark}, follow=True)

    assert "The marked items were published already." in response.content.decode()
    version = items["Published"].version
    items["Published"].refresh_from_db()
    assert items["Published"].version == version


@pytest.mark.once
def test_items_of_another_type_and_governed_ones_are_not_published(
    ada_client: Client, guide: ContentItem, by_ada: Actor
) -> None:
    domain = guide.content_type.domain
    add_starter(domain, "posts", by=by_ada)

    ada_client.post("/studio/@ada/types/posts/publish", {"item": f"{guide.pk} {guide.version}"})

    guide.refresh_from_db()
    assert guide.publication_state == "draft"
    create_workflow(domain, "guide", name="Editing", by=by_ada)
    assert "Mark all" not in ada_client.get(LIST).content.decode()
    response = ada_client.post(
        f"{LIST}/publish", {"item": f"{guide.pk} {guide.version}"}, follow=True
    )
    assert "Not published" in response.content.decode()
    guide.refresh_from_db()
    assert guide.publication_state == "draft"


def test_changes_can_be_compared_and_discarded(
    ada_client: Client, items: dict[str, ContentItem]
) -> None:
    item = items["Changed"]
    item.refresh_from_db()
    ContentType.objects.filter(pk=item.content_type_id).update(visibility="public")

    links = page_of(ada_client.get(f"/studio/@ada/items/{item.pk}")).links()

    assert f"/studio/@ada/items/{item.pk}/changes/2...3" in links
    assert f"/studio/@ada/items/{item.pk}/versions/2#roll-back" in links
    assert f"/v1/domains/ada/content-items/{item.pk}" in links
    history = ada_client.get(f"/studio/@ada/items/{item.pk}/history").content.decode()
    assert len(re.findall(r"today, \d\d:\d\d UTC", history)) == 3


def test_list_has_pages(ada_client: Client, domain: Domain, by_ada: Actor) -> None:
    for number in range(30):
        create_item(domain, "guide", {"title": {"en": f"Guide {number}"}}, by=by_ada)

    pages = [ada_client.get(f"{LIST}?page={number}") for number in (1, 2)]

    links = [link for page in pages for link in page_of(page).links() if "/items/" in link]
    assert len(links) == len(set(links)) == 30


@pytest.mark.once
def test_version_is_rolled_back_to(ada_client: Client, guide: ContentItem) -> None:
    address = f"/studio/@ada/items/{guide.pk}"
    Editor(ada_client, address).send(
        "publish", {"v:/body/en": "*One*\n\nTwo words more", "message": "Longer"}
    )

    history = page_of(ada_client.get(f"{address}/history")).text
    assert "Version 3" in history
    assert "Longer" in history
    changes = ada_client.get(f"{address}/changes/1...2").content.decode()
    assert "<ins> words more</ins>" in changes
    version = ada_client.get(f"{address}/versions/1")
    assert "What rolling back would change" in page_of(version).text
    stale = post_form(ada_client, f"{address}/versions/1", {"base": "1"})
    assert stale.status_code == 412
    assert post_form(ada_client, f"{address}/versions/1", {"base": "3"}).status_code == 302

    guide.refresh_from_db()
    assert guide.data["body"]["en"] == "*One*\n\nTwo"
    assert (guide.version, guide.publication_state) == (4, "changed")
    assert ada_client.get(f"{address}/versions/9").status_code == 404


def test_change_is_scheduled_and_cancelled(ada_client: Client, guide: ContentItem) -> None:
    address = f"/studio/@ada/items/{guide.pk}/schedule"
    assert post_form(ada_client, address, {"action": "publish"}).status_code == 422
    fields = {"action": "publish", "run_at": "2031-05-01T10:30"}

    assert post_form(ada_client, address, fields).status_code == 302

    job = Job.objects.get(tenant="ada")
    assert job.run_at.isoformat() == "2031-05-01T10:30:00+00:00"
    for page in (address, "/studio/@ada/scheduled"):
        assert "1 May 2031, 10:30 UTC" in page_of(ada_client.get(page)).text
    cancel = f"/studio/@ada/jobs/{job.pk}/cancel"
    assert post_form(ada_client, cancel, {}).status_code == 302
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert post_form(ada_client, cancel, {}).status_code == 409


@pytest.mark.once
def test_preview_link_shows_the_working_copy(
    ada_client: Client, visitor: Client, guide: ContentItem
) -> None:
    address = f"/studio/@ada/items/{guide.pk}/preview"
    links = []
    for locale in ("", "nl"):
        html = post_form(ada_client, address, {"ttl_seconds": "300", "locale": locale})
        [link] = re.findall(r'href="[^"]*(/preview/[^"]+)"', html.content.decode())
        links.append(link)

    all_languages, dutch = (visitor.get(link) for link in links)

    assert "<em>One</em>" in all_languages.content.decode()
    assert "noindex" in all_languages.headers["X-Robots-Tag"]
    assert "no-store" in all_languages.headers["Cache-Control"]
    assert "Begin hier" in dutch.content.decode()
    assert "English" not in page_of(dutch).text
    post_form(ada_client, address, {"do": "revoke"})
    assert visitor.get(links[0]).status_code == 401


def test_state_is_changed_after_confirmation(
    ada_client: Client, guide: ContentItem, by_ada: Actor
) -> None:
    domain = guide.content_type.domain
    target = ContentItem.objects.get(pk=guide.data["related"][0]["contentItemId"])
    publish_item(domain, target.pk, by=by_ada)
    address = f"/studio/@ada/items/{target.pk}"

    assert "Begin" in page_of(ada_client.get(f"{address}/uses")).text
    for change in ("unpublish", "archive"):
        base = {"base": str(ContentItem.objects.get(pk=target.pk).version)}
        assert post_form(ada_client, f"{address}/{change}", base).status_code == 302
    in_use = post_form(ada_client, f"{address}/delete", {})
    assert in_use.status_code == 409
    assert "Begin" in page_of(in_use).text
    replace_data(domain, guide.pk, {"title": {"en": "Alone"}}, by=by_ada)
    assert post_form(ada_client, f"{address}/delete", {}).status_code == 302
    assert ada_client.get(address).status_code == 404

    assert "Other" in page_of(ada_client.get("/studio/@ada/deleted")).text
    restoration = post_form(ada_client, "/studio/@ada/deleted", {"item": str(target.pk)})
    assert restoration.headers["Location"] == address
    assert ada_client.get(address).status_code == 200


@pytest.mark.once
def test_former_unpublish_is_a_conflict(ada_client: Client, guide: ContentItem) -> None:
    response = post_form(ada_client, f"/studio/@ada/items/{guide.pk}/unpublish", {})

    assert response.status_code == 409
    assert "no published version" in page_of(response).text
