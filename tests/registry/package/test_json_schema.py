"""The JSON Schema of agent.json, made from the model that checks packages."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.package.manifest.field_texts import FIELD_TEXTS
from registry.package.manifest.json_schema import list_fields, manifest_schema
from registry.package.manifest.schema import ManifestError, parse_manifest
from tests.support.packages import manifest

pytestmark = pytest.mark.once


def test_every_field_has_a_text_and_every_text_a_field():
    assert [field.path for field in list_fields() if not field.text] == []
    assert {field.path for field in list_fields()} == set(FIELD_TEXTS)


def test_schema_and_package_check_have_the_same_rules():
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


FULL = manifest(
    homepage="https://example.org",
    repository="https://example.org/r",
    author={"name": "Ada", "url": "https://example.org/ada"},
    agent={"defaults": {"model": "anthropic/claude", "thinking": "low"}},
    dependencies={
        "plugins": [{"spec": "npm:a", "required": True, "minVersion": "1.0"}],
        "skills": [{"slug": "a", "required": False}],
        "providers": {"any": ["anthropic"]},
    },
    setup={"secrets": [{"key": "A_KEY", "prompt": "For a", "required": True, "target": "env"}]},
    store={"icon": "store/icon.png", "screenshots": ["store/a.png"]},
    **{"$schema": "https://claws.example.org/agent.schema.json"},
)
BEYOND_A_SCHEMA = re.compile(
    "bytes|SPDX|semantic version|path in the package|stay inside|http or https URL"
    "|not a workspace path|must not be (MEMORY|USER).md|different tags|must not contain|null"
    "|entries|must be spelled"
)
"""Messages of rules about the meaning of a text, which no JSON Schema expresses."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A full manifest with one to three values that are others, missing or too many."""
    document = deepcopy(FULL)
    for _ in range(draw(st.integers(1, 3))):
        *parents, key = draw(st.sampled_from([place for place in places(document) if place]))
        parent = document
        for part in parents:
            parent = parent[part]
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            parent[key] = deepcopy(draw(VALUES))
        elif change == "remove":
            del parent[key]
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(["extra", "Name", "$schema"]))] = deepcopy(draw(VALUES))
        else:
            parent.append(deepcopy(draw(VALUES)))
    return document


VALUES = st.sampled_from(
    [
        *(0, 1, 2, -1, 1.5, True, False, [], {}, [[]], {"a": "b"}, ["a"] * 30, ["*.md"] * 201),
        *("", "a", "A", "a-b", "A_KEY", "env", "@ada/planner", "@ada/p", "@Ada/planner", "1.0.0"),
        *("https://example.org", "ftp://x", "MIT", "x" * 65, "x" * 129, "x" * 141, "x" * 1_001),
    ]
)


@settings(deadline=None, max_examples=300)
@given(documents())
def test_schema_and_check_agree_where_a_schema_can_say_it(document: Any):
    fits = jsonschema_rs.is_valid(manifest_schema(), document)
    messages = messages_of(document)

    if not messages:
        assert fits, list(jsonschema_rs.iter_errors(manifest_schema(), document))
    elif not all(map(BEYOND_A_SCHEMA.search, messages)):
        assert not fits, messages


def messages_of(document: Any) -> list[str]:
    try:
        parse_manifest(document)
    except ManifestError as error:
        return [violation.message for violation in error.violations]
    return []


def test_starter_fits_the_schema():
    path = Path(__file__).parents[3] / "clawstore/about/starter/agent.json"
    document = json.loads(path.read_text())

    jsonschema_rs.validate(manifest_schema(), document | {"$schema": "https://x.example/a.json"})
