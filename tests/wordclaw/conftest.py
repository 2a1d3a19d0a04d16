"""Fixtures of the content runtime: a domain, a content type and keys."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.accounts.models import User
from tests.support.http import Api

ALL_SCOPES = (
    *("content:read", "content:write", "content:review", "content:admin", "audit:read"),
    *("webhooks:write", "payments:write"),
)
POST = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 80},
        "stars": {"type": "integer"},
        "is_open": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "next": {
            "type": "object",
            "x-wordclaw-field-kind": "content-ref",
            "allowedContentTypeSlugs": ["post"],
            "properties": {"contentItemId": {"type": "string"}},
            "required": ["contentItemId"],
        },
    },
}


class ContentApi:
    """A client of one domain with one key: ``content.post("/content-types", {...})``."""

    def __init__(
        self, api: Api, key: str, domain: str = "ada", *, is_dry_run: bool = False
    ) -> None:
        self.api, self.key, self.base = api, key, f"/v1/domains/{domain}"
        self.query = "?mode=dry_run" if is_dry_run else ""

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        path = (path if path.startswith("/v1/") else self.base + path) + self.query
        return self.api._send(method, path, body, self.key, headers)

    def get(self, path: str, **headers: str) -> Any:
        path = path if path.startswith("/v1/") else self.base + path
        return self.api.get(path, key=self.key, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.send("DELETE", path, **headers)

    def upload(self, data: bytes, name: str = "a.txt", **options: Any) -> Any:
        """Upload an asset; ``fields`` of the form, ``headers`` and ``query`` are options."""
        body = options.get("fields", {}) | {"file": SimpleUploadedFile(name, data)}
        path = f"{self.base}/assets{options.get('query', '')}"
        return self.api.upload(path, body, key=self.key, **options.get("headers", {}))

    def make_type(self, slug: str = "post", **fields: Any) -> dict[str, Any]:
        body = {"name": slug.title(), "slug": slug, "schema": POST} | fields
        if "schemaManifest" in fields:
            del body["schema"]
        response = self.post("/content-types", body)
        assert response.status_code == 201, response.content
        return response.json()

    def make_item(self, slug: str = "post", data: Any = None) -> dict[str, Any]:
        response = self.post(f"/content-types/{slug}/items", {"data": data or {"title": "One"}})
        assert response.status_code == 201, response.content
        return response.json()

    def publish(self, item: dict[str, Any]) -> dict[str, Any]:
        response = self.post(f"/content-items/{item['id']}/publish")
        assert response.status_code == 200, response.content
        return response.json()


@pytest.fixture
def content(api: Api, ada: User, key_for: Callable[..., str]) -> ContentApi:
    """Ada's domain with all rights, without a content type."""
    return ContentApi(api, key_for(ada, *ALL_SCOPES))


@pytest.fixture
def visitor(api: Api) -> ContentApi:
    """The same domain without a credential."""
    return ContentApi(api, "")


@pytest.fixture
def stranger(api: Api, grace: User, key_for: Callable[..., str]) -> ContentApi:
    """The same domain with the key of a user who is no member."""
    return ContentApi(api, key_for(grace, *ALL_SCOPES))
