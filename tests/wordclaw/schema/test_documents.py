"""Languages, merge patches and differences of documents."""

from typing import Any

import pytest

from wordclaw.schema.compiled import compile_schema
from wordclaw.schema.diff import diff_documents
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.locales import resolve_locale
from wordclaw.schema.merge import merge_patch

pytestmark = pytest.mark.once
LOCALIZED = {
    "type": "object",
    "x-wordclaw-localization": {"supportedLocales": ["en", "nl", "de"], "defaultLocale": "en"},
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "x-wordclaw-localized": True},
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string", "x-wordclaw-localized": True}},
            },
        },
    },
}


def test_localized_field_is_a_map_with_the_default_language():
    schema = compile_schema(LOCALIZED)

    assert schema.errors({"title": {"en": "Hello", "nl": "Hallo"}}) == []
    assert schema.errors({"title": "Hello"})[0].pointer == "/title"
    assert schema.errors({"title": {"nl": "Hallo"}})[0].keyword == "required"
    assert schema.errors({"title": {"en": "Hello", "fr": "Salut"}})
    assert schema.errors({"title": {"en": 1}})[0].pointer == "/title/en"


def test_reader_gets_a_language_then_the_fallback_then_the_default():
    schema = compile_schema(LOCALIZED)
    document = {
        "title": {"en": "Hello", "nl": "Hallo"},
        "parts": [{"text": {"en": "one", "de": "eins"}}, {"text": {"en": "two"}}],
    }
    assert schema.localization is not None

    resolution_of_key, resolution = resolve_locale(
        schema.schema, document, schema.localization, locale="de", fallback="nl"
    )

    assert resolution_of_key == {"title": "Hallo", "parts": [{"text": "eins"}, {"text": "two"}]}
    assert resolution.as_json() == {
        "requestedLocale": "de",
        "fallbackLocale": "nl",
        "defaultLocale": "en",
        "localizedFieldCount": 3,
        "resolvedFieldCount": 3,
        "fallbackFieldCount": 2,
        "unresolvedFields": [],
    }


@pytest.mark.parametrize(
    "localization",
    [
        {"supportedLocales": [], "defaultLocale": "en"},
        {"supportedLocales": ["english"], "defaultLocale": "english"},
        {"supportedLocales": ["EN_gb"], "defaultLocale": "EN_gb"},
        {"supportedLocales": ["en"], "defaultLocale": "nl"},
        {"supportedLocales": ["en", "en"], "defaultLocale": "en"},
        "en",
    ],
)
def test_wrong_localization_is_refused(localization: Any):
    with pytest.raises(SchemaError):
        compile_schema({"type": "object", "x-wordclaw-localization": localization})


def test_localized_field_needs_declared_languages():
    with pytest.raises(SchemaError) as refusal:
        compile_schema({"properties": {"a": {"x-wordclaw-localized": True}}})

    assert refusal.value.pointer == "/properties/a/x-wordclaw-localized"


# The cases of the appendix of RFC 7396.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_follows_the_standard(target: Any, patch: Any, result: Any):
    assert merge_patch(target, patch) == result


def test_difference_names_each_field():
    before = {"a": 1, "b": {"c": "x", "d": True}, "list": [1, 2, 3], "gone": None}
    after = {"a": 1, "b": {"c": "y", "d": 1}, "list": [1, 3, 4], "new": []}

    changes = {(change.pointer, change.op) for change in diff_documents(before, after)}

    assert changes == {
        ("/b/c", "replace"),
        ("/b/d", "replace"),
        ("/gone", "remove"),
        ("/list/1", "remove"),
        ("/list/2", "add"),
        ("/new", "add"),
    }


def test_long_lists_are_replaced_whole():
    before, after = {"a": list(range(3000))}, {"a": list(range(3000))[::-1]}

    assert [change.pointer for change in diff_documents(before, after)] == ["/a"]
