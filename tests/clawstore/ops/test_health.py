"""Liveness and readiness probes."""

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from clawstore.ops import health


@pytest.fixture(autouse=True)
def nothing_known_yet():
    health._migrated_databases.clear()
    yield
    health._migrated_databases.clear()


def test_alive_asks_nothing_and_keeps_nothing(client: Client):
    # No database mark: a query would fail this test.
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_ready_names_what_it_looked_at(client: Client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "storage": "ok"},
    }
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_comes_by_address_over_plain_http(client: Client, settings, path: str):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["shop.example"], True

    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_a_database_that_is_gone_is_said_without_details(client: Client):
    # No database mark again: the connection refuses.
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "checks": {"database": "failed", "migrations": "failed", "storage": "ok"},
    }


@pytest.mark.django_db
def test_migrations_that_are_not_applied_stop_it_until_they_are(client: Client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'moderation'")

    assert client.get("/readyz").json()["checks"]["migrations"] == "failed"


@pytest.mark.django_db
def test_a_storage_that_takes_no_file_stops_it(client: Client, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device: /secret/place")

    monkeypatch.setattr(default_storage, "save", full)
    answer = client.get("/readyz")

    assert answer.json()["checks"] == {"database": "ok", "migrations": "ok", "storage": "failed"}
    assert "secret" not in answer.text


@pytest.mark.django_db
def test_looking_leaves_no_file_behind(client: Client):
    client.get("/readyz")

    assert default_storage.listdir("ready")[1] == []
