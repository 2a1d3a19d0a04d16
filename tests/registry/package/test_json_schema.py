"""The JSON Schema of agent.json, made from the model that checks packages."""

import re
from typing import Any

import pytest

from registry.package.manifest.field_texts import FIELD_TEXTS
from registry.package.manifest.json_schema import list_fields, manifest_schema
from registry.package.manifest.schema import ManifestError, parse_manifest
from tests.support.packages import manifest

pytestmark = pytest.mark.once


def test_every_field_has_a_text_and_every_text_a_field():
    assert [field.path for field in list_fields() if not field.text] == []
    assert {field.path for field in list_fields()} == set(FIELD_TEXTS)


def test_schema_says_what_the_check_says():
    schema = manifest_schema()
    fields = schema["properties"]

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {
        *("schemaVersion", "id", "version", "name", "tagline", "description", "category"),
        *("tags", "author", "license", "agent", "files", "openclaw"),
    }
    assert fields["schemaVersion"]["const"] == 1
    assert fields["tagline"]["maxLength"] == 140
    assert fields["files"]["minItems"] == 1
    assert fields["setup"]["properties"]["secrets"]["items"]["additionalProperties"] is False
    assert re.search(fields["id"]["pattern"], "@ada/planner")
    assert not re.search(fields["id"]["pattern"], "@ada/planner/more")
    assert re.search(fields["homepage"]["pattern"], "https://example.org")


def test_schema_has_no_references_titles_or_null():
    def nodes(node: Any) -> list[Any]:
        children = node.values() if isinstance(node, dict) else node
        children = children if isinstance(node, dict | list) else ()
        return [node, *(node for child in children for node in nodes(child))]

    objects = [node for node in nodes(manifest_schema()) if isinstance(node, dict)]
    keys = {key for node in objects for key in node}

    assert keys.isdisjoint({"$ref", "$defs", "anyOf", "default"})
    assert not any(node.get("type") == "null" for node in objects)


def test_schema_address_is_a_known_key_at_the_root():
    address = "https://claws.example.org/agent.schema.json"

    assert parse_manifest(manifest(**{"$schema": address})).schema_address == address


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"$schema": 7}, "$schema"),
        ({"$schema": ""}, "$schema"),
        ({"$schema": "x" * 2_049}, "$schema"),
        ({"$schemas": "x"}, "$schemas"),
        ({"schema_address": "x"}, "schema_address"),
        ({"author": {"name": "Ada", "$schema": "x"}}, "author.$schema"),
    ],
)
def test_other_schema_keys_are_refused(changes: dict[str, Any], path: str):
    with pytest.raises(ManifestError) as error:
        parse_manifest(manifest(**changes))

    assert [violation.path for violation in error.value.violations] == [path]
