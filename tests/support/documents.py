"""A schema with all that generated code can express, and documents near to it."""

import copy
import random
from collections.abc import Iterator
from typing import Any

SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "A post */ with hostile words: </script> \u2028",
    "required": ["title", "blocks"],
    "additionalProperties": False,
    "$defs": {
        "link": {
            "type": "object",
            "required": ["url"],
            "properties": {
                "url": {"type": "string", "minLength": 3},
                "next": {"$ref": "#/$defs/link"},
            },
            "additionalProperties": False,
        }
    },
    "properties": {
        "title": {
            "type": "string",
            "minLength": 1,
            "maxLength": 20,
            "description": 'Quotes " and \\',
        },
        "class": {"type": ["string", "null"]},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "ratio": {"type": "number", "exclusiveMinimum": 0},
        "kind": {"enum": ["news", 'it\'s "odd"', None]},
        "is-open": {"type": "boolean"},
        "2nd": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
        "link": {"$ref": "#/$defs/link"},
        "blocks": {
            "type": "array",
            "minItems": 1,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["type", "text"],
                        "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                        "additionalProperties": False,
                    },
                    {
                        "type": "object",
                        "required": ["type"],
                        "properties": {"type": {"const": "rule"}},
                        "additionalProperties": False,
                    },
                ]
            },
        },
    },
}
FULL: dict[str, Any] = {
    "title": "Hello",
    "class": None,
    "stars": 3,
    "ratio": 0.5,
    "kind": "news",
    "is-open": True,
    "2nd": ["a", "b"],
    "extra": {"a": 1},
    "link": {"url": "abc", "next": {"url": "abc"}},
    "blocks": [{"type": "text", "text": "x"}, {"type": "rule"}],
}
VALUES: list[Any] = [None, True, 0, 7, -1.5, "", "x", "a text that is far too long", [], {}, ["x"]]


def documents(count: int, *, seed: int = 1) -> Iterator[Any]:
    """Yield documents: the full one with up to three random changes each."""
    choice = random.Random(seed)
    yield FULL
    for _ in range(count - 1):
        document = copy.deepcopy(FULL)
        for _ in range(choice.randint(1, 3)):
            change(document, choice)
        yield document


def change(document: Any, choice: random.Random) -> None:
    """Remove, add or replace one value of a document, at any depth."""
    places = [document]
    while isinstance(places[-1], dict | list) and places[-1] and choice.random() < 0.6:
        parent = places[-1]
        key = choice.choice(list(parent) if isinstance(parent, dict) else list(range(len(parent))))
        if not isinstance(parent[key], dict | list):
            break
        places.append(parent[key])
    target = places[-1]
    value = copy.deepcopy(choice.choice(VALUES))
    if isinstance(target, list):
        target.append(value)
        return
    key = choice.choice([*target, "unknown"])
    if choice.random() < 0.3:
        target.pop(key, None)
    else:
        target[key] = value
