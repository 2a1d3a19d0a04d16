"""Making and changing content types in the studio."""

import pytest
from django.test import Client

from foundation.actor import Actor
from tests.clawstore.studio.conftest import Editor
from wordclaw.content.items.actions import create_item, publish_item
from wordclaw.content.models import ContentType
from wordclaw.policy.models import Domain

pytestmark = pytest.mark.once


def test_type_is_made_of_fields(ada_client: Client) -> None:
    editor = Editor(ada_client, "/studio/@ada/new-type")
    # The fourteenth kind is a group, the seventh a choice.
    editor.send("add:/fields", {"k:/fields": "13", "v:/fields/0/localized": "1"})
    editor.send(
        "add:/fields/1/fields", {"v:/fields/1/label": "Search engine", "k:/fields/1/fields": "0"}
    )
    editor.send("add:/fields", {"k:/fields": "6", "v:/fields/1/fields/0/label": "Summary text"})
    editor.send("add:/fields/2/options", {"v:/fields/2/name": "level"})
    editor.send("add:/fields/2/options", {"v:/fields/2/options/0": "easy"})
    editor.send("up:/fields/2", {"v:/fields/2/options/1": "hard"})

    refusal = editor.send("save", {"name": "My guides", "v:/fields/1/name": "title"})

    assert refusal.status_code == 422
    assert 'href="#f-fields-1' in editor.html
    result = editor.send("save", {"v:/fields/1/name": "level", "languages": "en, NL"})
    assert result.status_code == 302, editor.html
    content_type = ContentType.objects.get(domain__name="ada")
    assert (content_type.slug, content_type.visibility) == ("my-guides", "private")
    schema = content_type.schema
    assert list(schema["properties"]) == ["title", "level", "search_engine"]
    assert schema["properties"]["level"]["enum"] == ["easy", "hard"]
    assert list(schema["properties"]["search_engine"]["properties"]) == ["summary_text"]
    assert schema["x-wordclaw-localization"] == {
        "supportedLocales": ["en", "nl"],
        "defaultLocale": "en",
    }
    # The form of the type sends back what it shows.
    second_result = Editor(ada_client, "/studio/@ada/types/my-guides/fields")
    assert second_result.send("save").status_code == 302
    assert ContentType.objects.get(domain__name="ada").schema_version == 1


def test_new_text_of_a_type_with_languages_is_in_each_of_them(ada_client: Client) -> None:
    editor = Editor(ada_client, "/studio/@ada/new-type")

    editor.send("add:/fields", {"k:/fields": "2"})
    assert "v:/fields/1/localized" not in editor.form.fields
    editor.send("add:/fields", {"k:/fields": "2", "languages": "en, nl"})
    assert editor.form.fields["v:/fields/2/localized"] == "1"
    editor.send("add:/fields", {"k:/fields": "3"})
    assert "v:/fields/3/localized" not in editor.form.fields


def test_type_is_made_of_a_pasted_schema(ada_client: Client) -> None:
    editor = Editor(ada_client, "/studio/@ada/new-type")
    editor.send("to-schema", {"name": "Page"})
    assert '"title"' in editor.form.fields["schema"]

    for text, words in [("{", "not valid JSON"), ('{"type": "strnig"}', "strnig")]:
        assert editor.send("save", {"schema": text}).status_code in (400, 422)
        assert words in editor.html
        assert editor.form.fields["schema"].replace("\r\n", "\n") == text

    assert editor.send("save", {"schema": '{"type": "object"}'}).status_code == 302
    assert ContentType.objects.get(domain__name="ada").schema == {"type": "object"}


def test_breaking_change_is_shown_first(ada_client: Client, domain: Domain, by_ada: Actor) -> None:
    item = create_item(domain, "guide", {"title": {"en": "No stars"}}, by=by_ada)
    publish_item(domain, item.pk, by=by_ada)
    editor = Editor(ada_client, "/studio/@ada/types/guide/fields")

    check = editor.send("check", {"v:/fields/2/required": "1"})
    assert check.status_code == 200
    assert "No stars" in editor.html
    assert editor.send("save").status_code == 409
    assert ContentType.objects.get(domain__name="ada").schema_version == 1
    assert editor.send("save-breaking").status_code == 302
    assert "stars" in ContentType.objects.get(domain__name="ada").schema["required"]


def test_type_without_items_is_deleted(ada_client: Client, domain: Domain, by_ada: Actor) -> None:
    item = create_item(domain, "guide", {"title": {"en": "One"}}, by=by_ada)
    address = "/studio/@ada/types/guide/delete"

    assert ada_client.post(address).status_code == 409
    item.deleted_at = item.created_at
    item.save()
    assert ada_client.post(address).status_code == 302
    assert not ContentType.objects.filter(domain=domain, deleted_at=None).exists()
