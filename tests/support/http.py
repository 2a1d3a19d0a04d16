"""Clients of a test, and what their responses contain."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from foundation.accounts.models import User


def client_of(user: User | None = None) -> Client:
    """A client signed in as this user, or an anonymous one."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def status_and_code(response: Any) -> tuple[int, str]:
    """The status and the code of a refusal in the JSON envelope."""
    assert response.json().keys() == {"error"}
    return response.status_code, response.json()["error"]["code"]


def read_stream(response: Any) -> bytes:
    """The bytes of a response that is a file."""
    assert response.status_code == 200
    return b"".join(response.streaming_content)


class Api:
    """An API client: ``api.post("/v1/…", {"a": 1}, key=key)``.

    Keywords beyond ``key`` are headers, spelt as in Python: ``accept="text/html"``.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, *, key: str = "", **headers: str) -> HttpResponse:
        return self.client.get(path, headers=self._headers(key, headers))

    def head(self, path: str, *, key: str = "", **headers: str) -> HttpResponse:
        return self.client.head(path, headers=self._headers(key, headers))

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> HttpResponse:
        return self._send("POST", path, body, key, headers)

    def put(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> HttpResponse:
        return self._send("PUT", path, body, key, headers)

    def delete(self, path: str, *, key: str = "", **headers: str) -> HttpResponse:
        return self._send("DELETE", path, None, key, headers)

    def upload(
        self, path: str, parts: dict[str, Any], *, key: str = "", **headers: str
    ) -> HttpResponse:
        """A multipart form; files are SimpleUploadedFile, several of one name a list."""
        return self.client.post(path, parts, headers=self._headers(key, headers))

    def _send(
        self, method: str, path: str, body: Any, key: str, headers: dict[str, str]
    ) -> HttpResponse:
        """``body`` as JSON; bytes and text are sent as they are."""
        raw = body if isinstance(body, bytes | str) else b"" if body is None else _json(body)
        kind = headers.pop("content_type", "application/json")
        return self.client.generic(
            method, path, raw, content_type=kind, headers=self._headers(key, headers)
        )

    @staticmethod
    def _headers(key: str, headers: dict[str, str]) -> dict[str, str]:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return extra | ({"Authorization": f"Bearer {key}"} if key else {})


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
