"""Security and cache headers of every response."""

import pytest
from django.test import Client

from foundation.accounts.models import User
from tests.support.factories import make_agent, make_version

PAGES = ["/", "/agents", "/about/terms", "/v1/docs"]
SHARED = "public, max-age=0, must-revalidate"
PRIVATE = "private, max-age=0, must-revalidate"

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def directives(answer) -> dict[str, list[str]]:
    parts = (part.split() for part in answer["Content-Security-Policy"].split("; "))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", [*PAGES, "/admin/", "/signin", "/nowhere"])
def test_page_policy_allows_only_our_own_host(client: Client, path: str):
    policy = directives(client.get(path))

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert not [value for values in policy.values() for value in values if "unsafe" in value]


@pytest.mark.parametrize("path", ["/v1/agents", "/v1/nowhere", "/v1/agents?limit=0"])
def test_json_policy_allows_nothing(client: Client, path: str):
    answer = client.get(path)

    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/", "/v1/agents", "/admin/login/", "/nowhere"])
def test_every_response_has_the_security_headers(client: Client, path: str):
    answer = client.get(path)

    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/agents", "/about/privacy", "/v1/agents", "/v1/health"])
def test_anonymous_response_is_public(client: Client, ada: User, path: str):
    make_agent(ada, "coach")
    answer = client.get(path)

    assert answer["Cache-Control"] == SHARED
    assert not answer.cookies
    assert "cookie" not in answer.get("Vary", "").lower()
    second_answer = client.get(path, headers={"if-none-match": answer["ETag"]})
    assert (second_answer.status_code, second_answer.content) == (304, b"")
    assert second_answer["Cache-Control"] == SHARED


def test_changed_page_has_another_etag(client: Client, ada: User):
    before = client.get("/agents")
    make_version(make_agent(ada, "coach"))

    assert client.get("/agents", headers={"if-none-match": before["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/agents", "/v1/agents"])
def test_response_with_a_session_is_private(client: Client, ada: User, path: str):
    etag = client.get(path)["ETag"]
    client.force_login(ada)

    answer = client.get(path, headers={"if-none-match": etag})

    assert answer["Cache-Control"] == PRIVATE
    assert "ETag" not in answer
    assert answer.status_code == 200


def test_response_with_a_key_is_private(api, ada: User, key_for):
    assert api.get("/v1/agents", key=key_for(ada, "read"))["Cache-Control"] == PRIVATE


def test_page_with_a_csrf_cookie_is_private(client: Client):
    answer = client.get("/signin")

    assert list(answer.cookies) == ["csrftoken"]
    assert "private" in answer["Cache-Control"]
    assert client.get("/agents")["Cache-Control"] == PRIVATE


@pytest.mark.parametrize("path", ["/nowhere", "/agents/@nobody/nothing", "/v1/agents/a/b"])
def test_refusal_is_not_cached(client: Client, path: str):
    assert client.get(path)["Cache-Control"] == "no-store"


def test_head_has_the_headers_of_a_get(client: Client):
    for path in ("/agents", "/v1/agents"):
        assert client.head(path)["ETag"] == client.get(path)["ETag"]
