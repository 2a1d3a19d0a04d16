"""The endpoints of people: /v1/me, /v1/users, profiles and /v1/health."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clawstore import VERSION
from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.clock import iso
from profiles.models import Profile
from tests.support.factories import make_agent, make_version
from tests.support.http import Api, status_and_code

PROFILE = "/v1/users/ada/profile"
Mint = Callable[..., str]


@pytest.fixture
def key(ada: User, key_for: Mint) -> str:
    return key_for(ada, "read", "profile:write")


def profile_columns() -> tuple[str | None, ...]:
    row = Profile.objects.get(github_login="ada")
    return row.bio, row.website, row.location, row.display_name


@pytest.mark.once
def test_health_names_the_version(api: Api) -> None:
    assert api.get("/v1/health").json() == {"ok": True, "version": VERSION}


def test_me_describes_the_user_of_the_key(api: Api, ada: User, key: str) -> None:
    make_version(make_agent(ada, "listed"))
    make_agent(ada, "unlisted")
    Profile.objects.update(bio="Bio.", website="https://example.org", location="London")

    assert api.get("/v1/me", key=key).json() == {
        "id": str(ada.pk),
        "name": "Ada Lovelace",
        "email": "ada@localhost.localdomain",
        "image": None,
        "scope": "ada",
        "ownedAgentCount": 2,
        "profile": {
            "bio": "Bio.",
            "website": "https://example.org",
            "location": "London",
            "avatarUrl": None,
            "displayName": "Ada Lovelace",
        },
    }


@pytest.mark.once
def test_me_needs_a_valid_credential_with_the_scope(
    api: Api, ada: User, key_for: Mint, key: str
) -> None:
    assert status_and_code(api.get("/v1/me")) == (401, "unauthorized")
    answer = api.get("/v1/me", key=key_for(ada, "agents:publish"))
    assert status_and_code(answer) == (403, "insufficient_scope")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert status_and_code(api.get("/v1/me", key=key)) == (401, "unauthorized")


@pytest.mark.once
def test_session_of_an_inactive_user_is_anonymous(api: Api, ada: User) -> None:
    api.client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    assert api.get("/v1/me").status_code == 200

    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert status_and_code(api.get("/v1/me")) == (401, "unauthorized")


def test_person_without_a_display_name_has_the_login(api: Api, key: str) -> None:
    Profile.objects.update(display_name=None)

    assert api.get("/v1/me", key=key).json()["name"] == "ada"


@pytest.mark.once
@pytest.mark.parametrize("login", ["ada", "ADA", "Ada"])
def test_person_has_profile_and_agents(api: Api, ada: User, login: str) -> None:
    for name, delisted_at in (("first", None), ("second", None), ("gone", ada.created_at)):
        make_version(make_agent(ada, name, delisted_at=delisted_at))
    make_agent(ada, "unlisted")

    person = api.get(f"/v1/users/{login}").json()

    agents = person.pop("agents")
    assert person == {
        "githubLogin": "ada",
        "displayName": "Ada Lovelace",
        "avatarUrl": None,
        "bio": None,
        "website": None,
        "location": None,
        "createdAt": iso(ada.created_at),
    }
    assert [agent["name"] for agent in agents] == ["second", "first"]
    assert agents[1] == {
        "scope": "ada",
        "name": "first",
        "tagline": "The tagline of first",
        "avgRating": None,
        "downloadCount": 0,
    }


@pytest.mark.once
def test_person_has_no_email_address(api: Api, ada: User) -> None:
    assert b"localdomain" not in api.get("/v1/users/ada").content


@pytest.mark.once
@pytest.mark.parametrize("login", ["nobody", "%25", "🦞", "x" * 4000, "ada%20", "@ada"])
def test_unknown_person_is_not_found(api: Api, ada: User, login: str) -> None:
    assert status_and_code(api.get(f"/v1/users/{login}")) == (404, "user_not_found")


@pytest.mark.once
def test_the_number_of_queries_does_not_grow_with_agents(api: Api, ada: User) -> None:
    make_version(make_agent(ada, "one"))
    with CaptureQueriesContext(connection) as single:
        api.get("/v1/users/ada")
    for number in range(3):
        make_version(make_agent(ada, f"more-{number}"))
    with CaptureQueriesContext(connection) as many:
        api.get("/v1/users/ada")

    assert len(single) == len(many)


def test_edit_changes_only_the_given_fields(api: Api, ada: User, key: str) -> None:
    before = Profile.objects.get().updated_at
    fields = {"bio": "Bio.", "website": " https://example.org ", "location": "London"}

    assert api.put(PROFILE, fields, key=key).json() == {"ok": True}
    assert profile_columns() == ("Bio.", "https://example.org", "London", "Ada Lovelace")
    assert Profile.objects.get().updated_at > before

    assert api.put(PROFILE, {"bio": None, "displayName": "Ada"}, key=key).json() == {"ok": True}
    assert profile_columns() == (None, "https://example.org", "London", "Ada")
    assert api.put(PROFILE, {}, key=key).json() == {"ok": True}
    assert api.put(PROFILE, {"unknown": 1, "githubLogin": "x"}, key=key).status_code == 200
    assert profile_columns() == (None, "https://example.org", "London", "Ada")
    assert User.objects.get(pk=ada.pk).name == "Ada Lovelace"
    assert api.put(PROFILE, {"website": "  "}, key=key).json() == {"ok": True}
    assert profile_columns() == (None, None, "London", "Ada")


def test_profile_edit_is_recorded(api: Api, ada: User, key: str) -> None:
    api.put(PROFILE, {"bio": "Secret words."}, key=key)

    log = AuditLog.objects.get(action="profile.edited")
    assert (log.user_id, log.entity_id, log.details) == (ada.pk, "ada", {"fields": ["bio"]})
    assert log.api_key_id is not None


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"bio": "x" * 281}, "bio"),
        ({"location": "x" * 101}, "location"),
        ({"displayName": "x" * 256}, "displayName"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "example.org"}, "website"),
        ({"website": "https://" + "x" * 2050}, "website"),
        ({"bio": "a\0b"}, "bio"),
        ({"location": "a\0b"}, "location"),
        ({"displayName": "a\0b"}, "displayName"),
        ({"displayName": "a\u202eb"}, "displayName"),
        ({"bio": 5}, "bio"),
        ({"bio": ["x"]}, "bio"),
        ({"location": {}}, "location"),
        ({"website": True}, "website"),
    ],
)
def test_invalid_profile_field_is_named(
    api: Api, key: str, body: dict[str, Any], path: str
) -> None:
    before = profile_columns()

    answer = api.put(PROFILE, body | {"location": body.get("location", "London")}, key=key)

    assert status_and_code(answer) == (422, "invalid_body")
    paths = {
        error["path"].rpartition(".")[2] for error in answer.json()["error"]["details"]["errors"]
    }
    assert paths == {path}
    assert profile_columns() == before


@pytest.mark.once
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"5"])
def test_profile_that_is_not_an_object_is_refused(api: Api, key: str, body: bytes) -> None:
    assert status_and_code(api.put(PROFILE, body, key=key)) == (422, "invalid_body")


@pytest.mark.once
def test_profile_of_another_user_cannot_be_edited(
    api: Api, ada: User, grace: User, root: User, key_for: Mint, key: str
) -> None:
    for user in (grace, root):
        answer = api.put(PROFILE, {"bio": "x"}, key=key_for(user, "profile:write"))
        assert status_and_code(answer) == (403, "forbidden")
    assert status_and_code(api.put(PROFILE, {"bio": "x"})) == (401, "unauthorized")
    weak = key_for(ada, "read", "agents:publish")
    assert status_and_code(api.put(PROFILE, {"bio": "x"}, key=weak)) == (403, "insufficient_scope")
    assert status_and_code(api.put("/v1/users/nobody/profile", {}, key=key)) == (
        404,
        "user_not_found",
    )
    assert profile_columns()[0] is None
