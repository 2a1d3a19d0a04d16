"""API keys: stored digests, validity, and the time of the last use."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.access import actions
from foundation.access.actions import create_key, resolve_key, revoke_key
from foundation.access.errors import InvalidKeyRequest, KeyNotFound
from foundation.access.models import ApiKey
from foundation.access.scopes import declared_scopes
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from tests.support.factories import SYSTEM
from tests.support.http import Api

Mint = Callable[..., str]


def test_key_is_stored_as_a_digest(ada: User) -> None:
    row, raw = create_key(ada, name=" Laptop ", scopes=["read", "agents:yank"], by=SYSTEM)

    assert raw.startswith("claw_")
    assert len(raw) >= 40
    key_row = ApiKey.objects.values().get()
    assert key_row["key_hash"] == hashlib.sha256(raw.encode()).hexdigest()
    assert key_row["key_prefix"] == raw[:13]
    assert raw not in str(list(ApiKey.objects.values()) + list(AuditLog.objects.values()))
    assert (row.name, row.scopes, row.bound_to) == ("Laptop", "read,agents:yank", "")
    assert (row.expires_at, row.revoked_at, row.last_used_at) == (None, None, None)
    log = AuditLog.objects.get(action="api_key.created")
    assert log.details == {"prefix": raw[:13], "scopes": "read,agents:yank"}


def test_keys_are_unique(ada: User) -> None:
    keys = {create_key(ada, name="x", scopes=["read"], by=SYSTEM)[1] for _ in range(20)}

    assert len(keys) == 20


@pytest.mark.once
@pytest.mark.parametrize("scopes", [[], ["nothing"], ["read", "admin"], [""], ["read,agents:yank"]])
def test_key_needs_at_least_one_known_scope(ada: User, scopes: list[str]) -> None:
    with pytest.raises(InvalidKeyRequest):
        create_key(ada, name="x", scopes=scopes, by=SYSTEM)

    assert ApiKey.objects.count() == 0


def test_all_scopes_fit_the_column(ada: User) -> None:
    row, raw = create_key(ada, name="x" * 500, scopes=declared_scopes(), by=SYSTEM)

    assert row.scope_set == set(declared_scopes())
    resolution_of_key = resolve_key(raw)
    assert resolution_of_key is not None
    assert resolution_of_key.scope_set == set(declared_scopes())


@pytest.mark.once
def test_key_with_a_past_expiry_is_refused(ada: User) -> None:
    with pytest.raises(InvalidKeyRequest):
        create_key(ada, name="x", scopes=["read"], expires_at=now(), by=SYSTEM)


def test_revoked_and_expired_keys_are_not_resolved(ada: User, key_for: Mint) -> None:
    key = key_for(ada, "read", expires_at=now() + timedelta(hours=1))
    assert resolve_key(key) is not None
    for change in (
        {"expires_at": now() - timedelta(milliseconds=1)},
        {"expires_at": None, "revoked_at": now()},
        {"expires_at": now() + timedelta(hours=1), "revoked_at": now()},
    ):
        ApiKey.objects.update(**change)
        assert resolve_key(key) is None
    ApiKey.objects.update(revoked_at=None)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert resolve_key(key) is None


@pytest.mark.once
@pytest.mark.parametrize("raw", ["", "claw_", "x", "claw_" + "x" * 10_000, "claw_é", "\x00"])
def test_arbitrary_text_resolves_to_no_key(ada: User, key_for: Mint, raw: str) -> None:
    key_for(ada, "read")

    assert resolve_key(raw) is None


@pytest.mark.once
def test_digest_of_a_key_is_not_accepted(ada: User, key_for: Mint) -> None:
    key = key_for(ada, "read")

    for candidate in (hashlib.sha256(key.encode()).hexdigest(), key[:-1], key + "x", key.upper()):
        assert resolve_key(candidate) is None


@pytest.mark.once
def test_last_use_is_written_at_most_once_a_minute(
    ada: User, key_for: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_for(ada, "read")
    creation_time = now()
    addresses = []
    for seconds in (0, 1, 59, 60, 61, 119, 120):
        monkeypatch.setattr(actions, "now", lambda s=seconds: creation_time + timedelta(seconds=s))
        resolve_key(key)
        used_values = ApiKey.objects.get().last_used_at
        assert used_values is not None
        addresses.append((used_values - creation_time).seconds)

    assert addresses == [0, 0, 0, 60, 60, 60, 120]


@pytest.mark.once
def test_key_used_within_a_minute_takes_one_query(ada: User, key_for: Mint) -> None:
    key = key_for(ada, "read")
    resolve_key(key)

    with CaptureQueriesContext(connection) as queries:
        resolve_key(key)

    assert len(queries) == 1


@pytest.mark.once
def test_revoked_key_stays_revoked_and_keeps_its_row(ada: User, key_for: Mint) -> None:
    key = key_for(ada, "read")
    row = ApiKey.objects.get()

    revoked_at = revoke_key(row.pk, by=Actor(user=ada)).revoked_at
    second_result = revoke_key(row.pk, by=Actor(user=ada))

    assert resolve_key(key) is None
    assert second_result.revoked_at == revoked_at == ApiKey.objects.get().revoked_at
    assert AuditLog.objects.filter(action="api_key.revoked").count() == 1


def test_key_of_another_user_cannot_be_revoked(
    ada: User, grace: User, root: User, key_for: Mint
) -> None:
    key_for(ada, "read")
    row = ApiKey.objects.get()

    for by in (Actor(user=grace), Actor(user=root), Actor()):
        with pytest.raises(KeyNotFound):
            revoke_key(row.pk, by=by)
    with pytest.raises(KeyNotFound):
        revoke_key(uuid4(), by=Actor(user=ada))
    assert ApiKey.objects.get().revoked_at is None


def test_invalid_key_reads_anonymously_and_cannot_write(api: Api, ada: User, key_for: Mint) -> None:
    key = key_for(ada, *declared_scopes())
    ApiKey.objects.update(revoked_at=now())
    writes: list[tuple[str, str]] = [
        ("POST", "/v1/agents/publish"),
        ("PUT", "/v1/users/ada/profile"),
        ("POST", "/v1/agents/ada/x1/reviews"),
        ("POST", "/v1/agents/ada/x1/versions/1.0.0/yank"),
        ("POST", "/v1/agents/ada/x1/versions/1.0.0/unyank"),
        ("POST", "/v1/reports"),
    ]

    for path in ("/v1/agents", "/v1/categories", "/v1/users/ada"):
        assert api.get(path, key=key).status_code == 200
    for method, path in writes:
        answer: Any = api.client.generic(
            method, path, b"{}", "application/json", headers={"Authorization": f"Bearer {key}"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
