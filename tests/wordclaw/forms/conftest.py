"""A type for forms, and the form of it."""

from typing import Any

import pytest

from tests.wordclaw.conftest import ContentApi

CLAIM = {
    "fields": [
        {"name": "title", "type": "text", "required": True, "max": 40, "label": "Title"},
        {"name": "email", "type": "text"},
        {"name": "stars", "type": "number", "min": 1, "max": 5},
        {"name": "level", "type": "select", "options": ["easy", "hard"]},
        {"name": "agrees", "type": "checkbox"},
        {"name": "origin", "type": "text"},
        {"name": "files", "type": "asset-list"},
    ]
}
FIELDS: list[dict[str, Any]] = [
    {"name": "title", "required": True},
    {"name": "email", "type": "email"},
    {"name": "stars"},
    {"name": "level"},
]


def form_body(**fields: Any) -> dict[str, Any]:
    return {"name": "Claim", "slug": "claim", "contentType": "claims", "fields": FIELDS} | fields


@pytest.fixture
def claims(content: ContentApi) -> ContentApi:
    """Ada's domain with the private type ``claims``."""
    content.make_type("claims", schemaManifest=CLAIM)
    return content


@pytest.fixture
def form(claims: ContentApi) -> dict[str, Any]:
    body = form_body(defaultData={"origin": "web"}, successMessage="Thank you.")
    answer = claims.post("/forms", body)
    assert answer.status_code == 201, answer.content
    definition: dict[str, Any] = answer.json()
    return definition
