"""Writing items in the studio."""

from django.test import Client

from tests.clawstore.studio.conftest import Editor
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain


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

    refused = editor.send("save", {"v:/stars": "9"})

    assert refused.status_code == 422
    assert ContentItem.objects.count() == 0
    problems = {"#f-title-en", "#f-stars", "#f-blocks-0-text"}
    assert {link for link in problems if f'href="{link}"' in editor.html} == problems
    done = editor.send(
        "publish", {"v:/title/en": "Hi", "v:/stars": "3", "v:/blocks/0/text": "a\r\nb"}
    )
    assert done.status_code == 302, editor.html
    item = ContentItem.objects.get()
    assert item.data == {
        "title": {"en": "Hi", "nl": "Hallo"},
        "stars": 3,
        "blocks": [
            {"blockType": "quote", "text": "a\nb"},
            {"blockType": "link", "address": "there"},
        ],
    }
    assert (item.publication_state, item.version) == ("published", 2)
