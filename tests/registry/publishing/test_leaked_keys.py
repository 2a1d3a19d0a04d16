"""A key of this shop in an uploaded package is revoked, and its owner is told."""

import pytest
from django.core import mail

from foundation.access.actions import create_key, resolve_key
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.jobs.actions import run_due_jobs
from registry.models import Version
from registry.publishing.actions import save_draft
from registry.publishing.errors import ValidationFailed
from registry.publishing.publish import publish_version
from tests.support.uploads import upload


@pytest.fixture
def leaked_key(grace: User) -> str:
    return create_key(grace, name="laptop", scopes=["read"], by=Actor(user=grace))[1]


@pytest.mark.once
@pytest.mark.parametrize("action", [publish_version, save_draft])
def test_key_of_another_user_in_an_upload_is_revoked(action, ada: User, leaked_key: str) -> None:

    with pytest.raises(ValidationFailed) as refusal:
        action(upload(files={"notes.md": f"# Notes\n\nMy key: {leaked_key}\n"}), by=Actor(user=ada))

    assert resolve_key(leaked_key) is None
    assert not Version.objects.exists()
    (finding,) = refusal.value.details["findings"]
    assert (finding["code"], finding["path"], finding["line"]) == ("secret_detected", "notes.md", 3)
    event = AuditLog.objects.get(action="api_key.leaked")
    assert leaked_key not in str(event.details)
    mail.outbox.clear()
    run_due_jobs()
    (message,) = mail.outbox
    assert message.to == [User.objects.get(username="grace").email]
    assert "laptop" in message.body
    assert leaked_key not in message.body
    assert "@ada/" in message.body


def test_unknown_or_revoked_key_changes_nothing(ada: User, leaked_key: str) -> None:
    unknown_key = leaked_key[:-4] + "AbC1"
    with pytest.raises(ValidationFailed):
        publish_version(upload(files={"a.md": unknown_key}), by=Actor(user=ada))

    assert resolve_key(leaked_key) is not None
    assert not AuditLog.objects.filter(action="api_key.leaked").exists()
