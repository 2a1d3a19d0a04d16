"""API keys on pages: created once, shown once, revoked for good."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from foundation.access.actions import (
    MAX_ACTIVE_KEYS,
    create_key,
    create_own_key,
    decide_device_login,
    poll_device_login,
    resolve_key,
    start_device_login,
)
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.clock import now
from foundation.refusals import InsufficientScope
from tests.support.factories import make_agent

pytestmark = pytest.mark.once

KEY = re.compile(r"claw_[A-Za-z0-9_-]{43}")


def make(ada_client: Client, **changes: object) -> HttpResponse:
    form = {"form_id": str(uuid4()), "name": "ci", "scopes": ["read"], "lifetime": "30"}
    return ada_client.post("/account/keys/new", form | changes)  # type: ignore[return-value]


def test_new_key_is_shown_once_and_works(ada_client: Client, ada: User) -> None:
    page = make(ada_client, scopes=["agents:publish", "read"], name="  my pipeline ")

    [raw] = set(KEY.findall(page.content.decode()))
    assert page.status_code == 201
    key = resolve_key(raw)
    assert key is not None
    assert (key.name, key.scopes, key.created_by) == ("my pipeline", "read,agents:publish", ada)
    assert key.expires_at is not None
    assert timedelta(days=29) < key.expires_at - now() <= timedelta(days=30)
    assert "no-store" in page["Cache-Control"]
    assert raw not in str(page.cookies) + str(ada_client.session.items())
    assert raw not in ada_client.get("/account/keys").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"scopes": []}, "Select at least one scope."),
        ({"scopes": ["everything"]}, "everything is not one of the available choices"),
        ({"scopes": ["reports:moderate"]}, "reports:moderate is not one of the available choices"),
        ({"lifetime": "9999"}, "9999 is not one of the available choices"),
        ({"bound_to": "@grace/other"}, "@grace/other is not one of the available choices"),
        ({"form_id": "no uuid"}, "Not saved"),
    ],
)
def test_invalid_key_form_creates_nothing_and_keeps_the_input(
    ada_client: Client, wrong: dict[str, object], words: str
) -> None:
    page = make(ada_client, **({"name": "kept words"} | wrong))

    assert page.status_code == 422
    assert words in page.content.decode()
    assert "name" in wrong or b'value="kept words"' in page.content
    assert not ApiKey.objects.exists()


def test_form_sent_twice_creates_one_key(ada_client: Client) -> None:
    form_id = str(uuid4())

    first, second = make(ada_client, form_id=form_id), make(ada_client, form_id=form_id)

    assert (first.status_code, second.status_code) == (201, 409)
    assert KEY.search(second.content.decode()) is None
    assert ApiKey.objects.count() == 1
    # The form of the response creates another key.
    [second_result] = re.findall(r'name="form_id" value="([^"]+)"', second.content.decode())
    assert make(ada_client, form_id=second_result).status_code == 201


def test_key_may_be_bound_to_an_agent_and_never_expire(ada_client: Client, ada: User) -> None:
    make_agent(ada)

    page = make(ada_client, bound_to="@ada/coach", lifetime="never", scopes=["agents:yank"])

    assert page.status_code == 201
    key = ApiKey.objects.get()
    assert (key.bound_to, key.expires_at) == ("@ada/coach", None)


def test_moderation_scope_is_offered_to_maintainers_only(root: User, ada_client: Client) -> None:
    desk = Client()
    desk.force_login(root)

    assert b"reports:moderate" not in ada_client.get("/account/keys/new").content
    assert make(desk, scopes=["reports:moderate"]).status_code == 201


def test_number_of_active_keys_is_limited(ada_client: Client, ada: User) -> None:
    for _ in range(MAX_ACTIVE_KEYS):
        create_key(ada, name="one of many", scopes=["read"], by=ANONYMOUS)

    assert make(ada_client).status_code == 409
    assert ApiKey.objects.count() == MAX_ACTIVE_KEYS


def test_key_may_not_create_a_key(ada: User) -> None:
    by = Actor(user=ada, scopes=frozenset({"read", "agents:publish"}))

    with pytest.raises(InsufficientScope):
        create_own_key(uuid4(), name="more", scopes=["read"], days=None, by=by)


def test_revoked_key_stays_revoked(ada_client: Client, ada: User) -> None:
    key, raw = create_key(ada, name="old", scopes=["read"], by=ANONYMOUS)

    for _ in range(2):
        page = ada_client.post(f"/account/keys/{key.pk}/revoke", follow=True)
        assert page.status_code == 200
        assert b"Key revoked" in page.content

    assert resolve_key(raw) is None


def test_key_of_another_user_cannot_be_revoked(ada_client: Client, grace: User) -> None:
    key, raw = create_key(grace, name="hers", scopes=["read"], by=ANONYMOUS)

    assert ada_client.post(f"/account/keys/{key.pk}/revoke").status_code == 404
    assert ada_client.get(f"/account/keys/{key.pk}/revoke").status_code == 405
    assert resolve_key(raw) is not None
    assert b"hers" not in ada_client.get("/account/keys").content


def test_key_of_a_device_is_listed_as_such(ada_client: Client, ada: User) -> None:
    codes = start_device_login(client_id="cli", requested_from="192.0.2.1", user_agent="x")
    decide_device_login(codes.user_code, approve=True, by=Actor(user=ada))
    key, _ = poll_device_login(codes.device_code, client_id="cli", by=ANONYMOUS)
    create_key(ada, name="Device login: not one", scopes=["read"], by=ANONYMOUS)

    page = ada_client.get("/account/keys").content.decode()

    assert key.from_device
    assert page.count(">Device login</p>") == 1
    assert key.key_prefix in page
