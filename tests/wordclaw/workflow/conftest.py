"""Members of a domain, and a type with a workflow."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.factories import make_user
from tests.support.http import Api
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi


@pytest.fixture
def member(
    api: Api, content: ContentApi, key_for: Callable[..., str]
) -> Callable[[str, str], ContentApi]:
    """Make a member of Ada's domain: ``member("eve", "editor")``."""

    def make(login: str, role: str) -> ContentApi:
        client = ContentApi(api, key_for(make_user(login), *ALL_SCOPES))
        assert content.post("/members", {"login": login, "role": role}).status_code == 201
        assert client.post("/members/accept").status_code == 200
        return client

    return make


@pytest.fixture
def editor(member: Callable[[str, str], ContentApi]) -> ContentApi:
    return member("eve", "editor")


@pytest.fixture
def reviewer(member: Callable[[str, str], ContentApi]) -> ContentApi:
    return member("rita", "reviewer")


@pytest.fixture
def workflow(content: ContentApi) -> dict[str, Any]:
    """A type with a workflow that publishes drafts and withdraws what is published."""
    content.make_type()
    return make_workflow(content)


def make_workflow(content: ContentApi, **fields: Any) -> dict[str, Any]:
    body = {"contentType": "post", "name": "Editing"} | fields
    workflow: dict[str, Any] = content.post("/workflows", body).json()
    for from_state, to_state in (
        ("draft", "published"),
        ("published", "draft"),
        ("changes_requested", "published"),
    ):
        body = {"fromState": from_state, "toState": to_state}
        answer = content.post(f"/workflows/{workflow['id']}/transitions", body)
        assert answer.status_code == 201, answer.content
    return workflow
