"""Liveness and readiness probes."""

import os
import threading

import pytest
from django.core.files.storage import default_storage
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from clawstore.ops import health
from foundation.files.folder import FolderStorage

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def nothing_known_yet():
    health.forget_checks()
    yield
    health.forget_checks()


def test_healthz_uses_no_database_and_is_not_cached(client: Client):
    # No database mark: a query would fail this test.
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_readyz_names_its_checks(client: Client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "storage": "ok", "meaning": "ok"},
    }
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probe_by_ip_address_over_plain_http_is_answered(client: Client, settings, path: str):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["shop.example"], True

    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_readyz_reports_a_missing_database_without_details(client: Client):
    # No database mark again: the connection refuses.
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "checks": {"database": "failed", "migrations": "failed", "storage": "ok", "meaning": "ok"},
    }


@pytest.mark.django_db
def test_readyz_fails_until_migrations_are_applied(client: Client, monkeypatch: pytest.MonkeyPatch):
    # The probe has a connection of its own, which sees nothing of this test's transaction.
    plan = [("moderation.0001_initial", False)]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: plan)

    assert client.get("/readyz").json()["checks"]["migrations"] == "failed"


@pytest.mark.django_db
def test_database_that_becomes_silent_during_the_probe_is_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    has_ended = threading.Event()
    monkeypatch.setattr(health, "DEADLINE", 0.2)
    monkeypatch.setattr(health, "check_migrations", has_ended.wait)

    answer = client.get("/readyz")
    has_ended.set()

    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "failed")


@pytest.mark.django_db
def test_readyz_fails_if_the_storage_takes_no_file(client: Client, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device: /secret/place")

    monkeypatch.setattr(FolderStorage, "require_writable", full)
    answer = client.get("/readyz")

    assert answer.json()["checks"]["storage"] == "failed"
    assert "secret" not in answer.text


@pytest.mark.django_db
def test_readyz_names_a_missing_model_and_stays_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path
):
    monkeypatch.setattr("foundation.text.embedding.PACKAGE", "absent")
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["meaning"]) == (200, "missing")


@pytest.mark.django_db
def test_readyz_neither_leaves_a_file_nor_waits_for_the_disk(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    # Beside large uploads, a sync takes longer than a prober waits.
    monkeypatch.setattr(os, "fsync", lambda descriptor: pytest.fail("synced"))

    assert client.get("/readyz").json()["checks"]["storage"] == "ok"
    assert default_storage.listdir("ready")[1] == []
