"""Manifests become schemas that mean what the fields say."""

from typing import Any

import pytest

from wordclaw.schema.compiled import compile_schema
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.manifest import compile_manifest

pytestmark = pytest.mark.once
FITTING: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "text": ({"max": 3}, "abc", "abcd"),
    "textarea": ({"min": 2}, "ab", "a"),
    "markdown": ({}, "# a", 1),
    "number": ({"min": 1, "max": 5}, 2.5, 6),
    "checkbox": ({}, True, "yes"),
    "date": ({}, "2026-11-30", "30.11.2026"),
    "select": ({"options": ["a", {"value": "b", "label": "B"}]}, "b", "c"),
    "asset": ({}, {"assetId": "1"}, {"assetId": 1}),
    "asset-list": ({"max": 1}, [{"assetId": "1"}], [{"assetId": "1"}, {"assetId": "2"}]),
    "content-ref": ({}, {"contentItemId": "1"}, {}),
    "content-ref-list": ({}, [{"contentItemId": "1"}], {"contentItemId": "1"}),
    "agent-ref": ({}, {"agent": "@a/b"}, {"agent": "@a/b", "more": 1}),
    "agent-ref-list": ({}, [], [1]),
    "group": ({"fields": [{"name": "a", "type": "number"}]}, {"a": 1}, {"b": 1}),
    "array": ({"items": {"type": "text"}}, ["a"], [1]),
    "block-set": (
        {"blocks": [{"name": "quote", "fields": [{"name": "text", "type": "text"}]}]},
        [{"blockType": "quote", "text": "x"}],
        [{"blockType": "video"}],
    ),
}


@pytest.mark.parametrize("kind", FITTING)
def test_field_accepts_its_values_and_no_others(kind: str):
    options, good, bad = FITTING[kind]
    manifest = {"fields": [{"name": "it", "type": kind, "required": True, **options}]}

    schema = compile_schema(compile_manifest(manifest))

    assert schema.errors({"it": good}) == []
    assert schema.errors({"it": bad})
    assert schema.errors({})[0].keyword == "required"
    assert schema.errors({"it": good, "other": 1})[0].keyword == "additionalProperties"


@pytest.mark.parametrize(
    ("manifest", "pointer"),
    [
        ([], ""),
        ({"fields": []}, "/fields"),
        ({"fields": [{"name": "a", "type": "text"}], "extra": 1}, ""),
        ({"fields": [{"name": "a", "type": "colour"}]}, "/fields/0/type"),
        ({"fields": [{"name": "1a", "type": "text"}]}, "/fields/0/name"),
        ({"fields": [{"name": "a", "type": "text"}] * 2}, "/fields/1/name"),
        ({"fields": [{"name": "a", "type": "text", "max": "3"}]}, "/fields/0/max"),
        ({"fields": [{"name": "a", "type": "select"}]}, "/fields/0/options"),
        ({"fields": [{"name": "a", "type": "group", "fields": 3}]}, "/fields/0/fields"),
        ({"fields": [{"name": "a", "type": "text", "colour": 1}]}, "/fields/0"),
        ({"fields": ["a"]}, "/fields/0"),
    ],
)
def test_fault_of_a_manifest_is_named_by_its_pointer(manifest: Any, pointer: str):
    with pytest.raises(SchemaError) as refusal:
        compile_manifest(manifest)

    assert refusal.value.pointer == pointer


def test_groups_of_endless_depth_are_refused():
    field: dict[str, Any] = {"name": "a", "type": "text"}
    for _ in range(20):
        field = {"name": "a", "type": "group", "fields": [field]}

    with pytest.raises(SchemaError, match="nested deeper"):
        compile_manifest({"fields": [field]})


def test_order_of_fields_is_kept():
    names = ["zebra", "apple", "mango"]
    manifest = {"fields": [{"name": name, "type": "text"} for name in names]}

    assert list(compile_manifest(manifest)["properties"]) == names
