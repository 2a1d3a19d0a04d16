"""Export of a user's data: complete, and without secrets."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from clawstore.account import actions
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from moderation.actions import report_agent
from reviews.actions import post_review
from tests.support.factories import make_agent, make_version


def exported(user: User) -> tuple[dict[str, list[dict[str, object]]], str]:
    browser = Client(headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})
    browser.post("/signin", {"login": user.username})
    answer = browser.post("/account/data/export")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{user.username}-')
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return json.loads(text), text


def test_export_has_every_part_even_if_empty(ada: User) -> None:
    document, _ = exported(ada)

    parts = [part.name for part in actions.PERSONAL_DATA]
    assert list(document) == ["instance", "login", "exported_at", *parts]
    assert {
        "user", "roles", "profile", "scope", "sign_in", "email_addresses", "api_keys", "sessions",
        "device_logins", "agents", "versions", "reviews", "reports_made", "audit_log",
    } <= set(parts)  # fmt: skip
    assert document["user"][0]["username"] == "ada"
    assert document["scope"][0]["name"] == "ada"
    assert document["reviews"] == []


@pytest.mark.once
def test_export_has_own_rows_only(
    ada: User, grace: User, as_ada: Actor, as_grace: Actor, key_for: Callable[..., str]
) -> None:
    make_version(own_agent := make_agent(ada))
    make_version(other_agent := make_agent(grace, "theirs"))
    post_review(other_agent, rating=5, title="Дa — 🦀", by=as_ada)
    post_review(own_agent, rating=1, by=as_grace)
    report_agent(other_agent.pk, reason="spam", details="It is.", by=as_ada)
    key, foreign = key_for(ada, "read"), key_for(grace, "read")

    document, text = exported(ada)

    assert [agent["name"] for agent in document["agents"]] == ["coach"]
    assert [version["version"] for version in document["versions"]] == ["1.0.0"]
    assert [review["title"] for review in document["reviews"]] == ["Дa — 🦀"]
    assert [report["details"] for report in document["reports_made"]] == ["It is."]
    assert [key_row["key_prefix"] for key_row in document["api_keys"]] == [key[:13]]
    assert str(grace.pk) not in {row["user_id"] for row in document["audit_log"]}
    assert foreign[:13] not in text


@pytest.mark.once
def test_export_has_no_secret(ada: User, key_for: Callable[..., str]) -> None:
    key_for(ada, "read")

    document, _text = exported(ada)

    assert "key_hash" not in document["api_keys"][0]
    assert "session_key" not in document["sessions"][0]
    assert "password" not in document["user"][0]
    assert document["sessions"][0]["user_agent"] == "Mozilla/5.0 Firefox/140.0"


def test_export_is_a_post_and_is_recorded(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)

    assert browser.get("/account/data/export").status_code == 405
    exported(ada)

    assert AuditLog.objects.filter(action="account.exported", user=ada).count() == 1
