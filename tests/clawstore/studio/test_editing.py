"""Writing items in the studio."""

import pytest
from django.test import Client

from clawstore.editorial.starters import add_starter
from foundation.accounts.models import User
from foundation.actor import Actor
from tests.clawstore.studio.conftest import Editor, FormOfPage, post_form
from wordclaw.content.items.deletion import delete_item
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain


@pytest.mark.once
def test_form_sends_back_what_it_shows(ada_client: Client, guide: ContentItem) -> None:
    editor = Editor(ada_client, f"/studio/@ada/items/{guide.pk}")

    response = editor.send("save")

    assert response.status_code == 302
    data = guide.data
    guide.refresh_from_db()
    assert (guide.data, guide.version) == (data, 1)


def test_item_is_written_step_by_step_and_published(ada_client: Client, domain: Domain) -> None:
    editor = Editor(ada_client, "/studio/@ada/types/guide/new")
    editor.send("add:/blocks:1", {"v:/title/nl": "Hallo"})
    editor.send("add:/blocks:0", {"v:/blocks/0/address": "there"})
    editor.send("up:/blocks/1")

    refusal = editor.send("save", {"v:/stars": "9"})

    assert refusal.status_code == 422
    assert not ContentItem.objects.filter(domain=domain).exists()
    problems = {"#f-title-en", "#f-stars", "#f-blocks-0-text"}
    assert {link for link in problems if f'href="{link}"' in editor.html} == problems
    result = editor.send(
        "publish", {"v:/title/en": "Hi", "v:/stars": "3", "v:/blocks/0/text": "a\r\nb"}
    )
    assert result.status_code == 302, editor.html
    item = ContentItem.objects.get(domain=domain)
    assert item.data == {
        "title": {"en": "Hi", "nl": "Hallo"},
        "stars": 3,
        "blocks": [
            {"blockType": "quote", "text": "a\nb"},
            {"blockType": "link", "address": "there"},
        ],
    }
    assert (item.publication_state, item.version) == ("published", 2)


@pytest.mark.once
def test_empty_slug_is_made_from_the_title(
    ada_client: Client, domain: Domain, by_ada: Actor
) -> None:
    add_starter(domain, "posts", by=by_ada)
    editor = Editor(ada_client, "/studio/@ada/types/posts/new")

    refusal = editor.send("save", {"v:/title/en": "献立"})
    assert 'href="#f-slug"' in editor.html
    result = editor.send("publish", {"v:/title/en": "  Über Soup & Bread ", "v:/body/en": "x"})

    assert refusal.status_code == 422
    assert result.status_code == 302, editor.html
    item = ContentItem.objects.get(content_type__slug="posts")
    assert item.data["slug"] == "uber-soup-bread"
    editor = Editor(ada_client, f"/studio/@ada/items/{item.pk}")
    editor.send("save", {"v:/title/en": "Another title"})
    item.refresh_from_db()
    assert item.data["slug"] == "uber-soup-bread"


def test_duplicate_is_a_new_item_when_it_is_saved(ada_client: Client, guide: ContentItem) -> None:
    ids = set(ContentItem.objects.values_list("pk", flat=True))
    editor = Editor(ada_client, f"/studio/@ada/items/{guide.pk}/copy")
    assert ContentItem.objects.count() == len(ids)

    editor.send("save", {"v:/title/en": "The copy", "v:/stars": "4"})

    copy = ContentItem.objects.exclude(pk__in=ids).get()
    title = guide.data["title"] | {"en": "The copy"}
    assert copy.data == guide.data | {"title": title, "stars": 4}
    assert (copy.version, copy.publication_state) == (1, "draft")
    data = guide.data
    guide.refresh_from_db()
    assert (guide.data, guide.version) == (data, 1)


@pytest.mark.once
def test_preview_page_shows_the_working_copy(ada_client: Client, guide: ContentItem) -> None:
    response = ada_client.get(f"/studio/@ada/items/{guide.pk}/preview")

    assert guide.data["title"]["en"] in response.content.decode().partition("The working copy")[2]


@pytest.mark.once
def test_two_authors_keep_both_changes(ada_client: Client, guide: ContentItem) -> None:
    address = f"/studio/@ada/items/{guide.pk}"
    first, second = Editor(ada_client, address), Editor(ada_client, address)
    first.send("save", {"v:/title/nl": "Nieuw", "v:/stars": "2", "v:/body/nl": "Tekst"})

    refusal = second.send("save", {"v:/title/nl": "Anders", "v:/level": "0"})

    assert refusal.status_code == 412
    page = second.form.fields
    # What only one of the two has changed is merged; the rest is shown side by side.
    assert (page["v:/stars"], page["v:/body/nl"], page["v:/level"]) == ("2", "Tekst", "0")
    assert page["v:/title/nl"] == "Anders"
    assert [name for name in page if name.startswith("c:")] == ["c:/title/nl"]
    assert "Nieuw" in second.html
    second.send("other:/title/nl")
    assert second.form.fields["v:/title/nl"] == "Nieuw"
    assert second.send("save").status_code == 302
    guide.refresh_from_db()
    assert guide.version == 3
    assert guide.data["title"]["nl"] == "Nieuw"
    assert (guide.data["stars"], guide.data["level"]) == (2, "easy")


@pytest.mark.once
def test_text_survives_the_end_of_the_session(ada: User, guide: ContentItem) -> None:
    """Without a session, and with a token of an earlier one."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    editor = Editor(browser, f"/studio/@ada/items/{guide.pk}")
    browser.logout()

    refusal = editor.send("save", {"v:/title/en": "A long text\r\n<b>"})

    assert refusal.status_code == 401
    fields = FormOfPage(editor.html, "kept").fields
    assert fields["v:/title/en"] == "A long text\r\n<b>"
    browser.force_login(ada)
    # The token is that of the former session; another site could not send this origin.
    stale = fields | {"csrfmiddlewaretoken": "x" * 64, "do": "save"}
    second_answer = post_form(
        browser, editor.address, stale, headers={"Origin": "http://testserver"}
    )
    assert second_answer.status_code == 200
    assert "A long text" in second_answer.content.decode()
    foreign = post_form(browser, editor.address, stale, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    guide.refresh_from_db()
    assert guide.version == 1


@pytest.mark.once
def test_errors_keep_what_was_typed(ada_client: Client, guide: ContentItem) -> None:
    editor = Editor(ada_client, f"/studio/@ada/items/{guide.pk}")

    refusal = editor.send("save", {"v:/stars": "many", "v:/related/0": "no id"})

    assert refusal.status_code == 422
    assert editor.form.fields["v:/stars"] == "many"
    assert editor.form.fields["v:/related/0"] == "no id"
    assert 'href="#f-stars"' in editor.html
    second_answer = editor.send("save", {"v:/stars": "2"})
    assert second_answer.status_code == 422
    assert 'href="#f-related-0"' in editor.html


@pytest.mark.once
def test_text_for_a_deleted_item_is_shown(
    ada_client: Client, guide: ContentItem, by_ada: Actor
) -> None:
    editor = Editor(ada_client, f"/studio/@ada/items/{guide.pk}")
    delete_item(guide.content_type.domain, guide.pk, by=by_ada)

    refusal = editor.send("save", {"v:/body/nl": "Een lange tekst"})

    assert refusal.status_code == 404
    assert FormOfPage(editor.html, "kept").fields["v:/body/nl"] == "Een lange tekst"
