"""A maintainer revokes another person's API key."""

import pytest
from django.core import mail
from django.test import Client

from foundation.access.actions import create_key, resolve_key
from foundation.access.errors import KeyNotFound
from foundation.access.models import ApiKey
from foundation.accounts.errors import InvalidSuspensionReason, OwnAccount
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.jobs.actions import run_due_jobs
from foundation.refusals import NotAllowed
from foundation.text.input import NIL_UUID
from moderation.actions import revoke_key
from tests.support.page import desk_address


@pytest.fixture
def leak(ada: User, as_ada: Actor) -> tuple[ApiKey, str]:
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    return create_key(ada, name="laptop", scopes=["agents:publish"], by=as_ada)


@pytest.mark.once
def test_revoked_key_stops_working_and_its_owner_gets_the_reason(
    leak: tuple[ApiKey, str], as_root: Actor
):
    key, raw = leak

    assert revoke_key(key.pk, reason="It was in a public chat.", by=as_root)
    run_due_jobs()

    assert resolve_key(raw) is None
    event = AuditLog.objects.get(action="api_key.withdrawn")
    assert event.details == {"prefix": key.key_prefix, "reason": "It was in a public chat."}
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert "It was in a public chat." in message.body
    assert key.key_prefix in message.body
    assert "root" not in message.body
    assert not revoke_key(key.pk, reason="Again.", by=as_root)
    assert AuditLog.objects.filter(action="api_key.withdrawn").count() == 1


@pytest.mark.once
def test_key_is_not_revoked_without_a_reason_or_a_right(
    leak: tuple[ApiKey, str], root: User, as_root: Actor, as_grace: Actor
):
    key, raw = leak
    own, _raw = create_key(root, name="own", scopes=["agents:yank"], by=as_root)

    with pytest.raises(InvalidSuspensionReason):
        revoke_key(key.pk, reason=" ", by=as_root)
    with pytest.raises(NotAllowed):
        revoke_key(key.pk, reason="Mine.", by=as_grace)
    with pytest.raises(OwnAccount):
        revoke_key(own.pk, reason="Mine.", by=as_root)
    with pytest.raises(KeyNotFound):
        revoke_key(NIL_UUID, reason="Nothing.", by=as_root)
    assert resolve_key(raw) == key
    assert not AuditLog.objects.filter(action="api_key.withdrawn").exists()


def test_person_page_shows_keys_with_revoke_and_names_the_uses_of_a_key(
    desk: Client, ada: User, leak: tuple[ApiKey, str]
):
    key, raw = leak
    page = desk.get(desk_address(ada)).text
    assert f"{desk_address(key)}?measure=revoke#decision" in page
    assert raw not in page

    form = {"measure": "revoke", "reason": "It was in a public chat.", "confirmed": "yes"}
    answer = desk.post(desk_address(key), form, follow=True)

    assert answer.request["PATH_INFO"] == desk_address(ada)
    assert f"Revoked the key {key.key_prefix}… of @ada; person emailed" in answer.text
    assert f"/admin/audit/auditlog/?q=key%3A{key.pk}" in answer.text
    assert "?measure=revoke" not in answer.text
