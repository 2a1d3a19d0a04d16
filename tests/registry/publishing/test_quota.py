"""Quotas, free disk space, and credentials that end during an upload."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foundation.access.actions import revoke_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.files import multipart
from foundation.refusals import InsufficientStorage, Unauthenticated
from registry.models import Draft, Version
from registry.publishing import publish as publish_module
from registry.publishing.actions import publish_draft, save_draft
from registry.publishing.errors import QuotaExceeded, TooManyDrafts
from registry.publishing.publish import publish_version
from registry.publishing.quota import used_bytes
from tests.support.http import Api, status_and_code
from tests.support.packages import manifest
from tests.support.uploads import PUBLISH, publish, tgz, upload

pytestmark = pytest.mark.django_db


def draft_upload(version: str) -> Any:
    return upload(manifest(version=version))


def test_drafts_of_an_account_are_limited(as_ada: Actor, settings: Any) -> None:
    settings.ACCOUNT_DRAFTS = 2
    first = save_draft(draft_upload("1.0.0"), by=as_ada)
    save_draft(draft_upload("1.0.1"), by=as_ada)

    with pytest.raises(TooManyDrafts) as refusal:
        save_draft(draft_upload("1.0.2"), by=as_ada)

    assert (refusal.value.code, refusal.value.status) == ("too_many_drafts", 409)
    assert Draft.objects.count() == 2
    publish_draft(first.pk, by=as_ada)
    assert save_draft(draft_upload("1.0.2"), by=as_ada)


@pytest.mark.once
def test_drafts_of_others_do_not_count(as_ada: Actor, as_grace: Actor, settings: Any) -> None:
    settings.ACCOUNT_DRAFTS = 1
    save_draft(draft_upload("1.0.0"), by=as_ada)

    assert save_draft(upload(manifest(id="@grace/tools")), by=as_grace)


@pytest.mark.once
def test_full_drafts_page_refuses_the_upload_unread(ada: User, settings: Any) -> None:
    settings.ACCOUNT_DRAFTS = 0
    browser = Client()
    browser.force_login(ada)

    page = browser.post("/publish", {"tarball": tgz(b"x")})

    assert page.status_code == 409
    assert "First publish or discard one" in page.text


@pytest.mark.once
def test_bytes_of_an_account_are_limited(as_ada: Actor, settings: Any) -> None:
    publish(as_ada)
    settings.ACCOUNT_QUOTA_MIB = used_bytes(as_ada) / (1024 * 1024)

    with pytest.raises(QuotaExceeded) as refusal:
        publish(as_ada, version="1.0.1")

    assert (refusal.value.code, refusal.value.status) == ("quota_exceeded", 403)
    assert "Discard drafts" in refusal.value.message
    assert Version.objects.count() == 1


@pytest.mark.once
def test_published_draft_is_counted_once(as_ada: Actor, settings: Any) -> None:
    draft = save_draft(draft_upload("1.0.0"), by=as_ada)
    settings.ACCOUNT_QUOTA_MIB = used_bytes(as_ada) / (1024 * 1024)

    assert publish_draft(draft.pk, by=as_ada)


@pytest.mark.once
def test_without_the_reserve_nothing_is_stored(
    as_ada: Actor, settings: Any, stored_files: Callable[[], list[str]]
) -> None:
    settings.RESERVED_DISK_MIB = 10**9

    with pytest.raises(InsufficientStorage):
        publish(as_ada)

    assert stored_files() == []
    assert Version.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize("moment", ["derive_data", "store_tarball"])
@pytest.mark.parametrize("end", ["revoke", "suspend"])
def test_credential_that_ends_during_an_upload_publishes_nothing(
    ada: User, key_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch, moment: str, end: str
) -> None:
    key_for(ada, "agents:publish")
    key = ApiKey.objects.get()
    by = Actor(user=ada, key_id=key.pk, scopes=frozenset({"agents:publish"}), door="api")
    original = getattr(publish_module, moment)

    def end_credential(*arguments: Any) -> Any:
        if end == "revoke":
            revoke_key(key.pk, by=Actor(user=ada))
        else:
            User.objects.filter(pk=ada.pk).update(is_active=False)
        return original(*arguments)

    monkeypatch.setattr(publish_module, moment, end_credential)

    with pytest.raises(Unauthenticated):
        publish_version(upload(), by=by)

    assert Version.objects.count() == 0


def test_free_space_is_checked_while_files_arrive(
    api: Api, ada: User, key_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(size: int) -> None:
        assert size == 0
        raise InsufficientStorage

    # The disk fills up after the upload has begun.
    monkeypatch.setattr(multipart, "require_free_space", refuse)
    parts = {f"screenshot-{n}": SimpleUploadedFile("p.png", bytes(300 * 1024)) for n in range(5)}

    refusal = api.upload(PUBLISH, parts, key=key_for(ada, "agents:publish"))

    assert status_and_code(refusal) == (507, "insufficient_storage")
