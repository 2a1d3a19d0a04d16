"""The space of a domain: one number for versions, schemas and assets."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation import clock
from tests.support.http import status_and_code
from tests.wordclaw.conftest import POST, ContentApi
from wordclaw.content import space
from wordclaw.content.models import ContentItemVersion, ContentSpace, ContentType
from wordclaw.policy.models import Domain

USED_UP = (507, "content_space_used_up")


def used() -> int:
    return space.used_bytes(Domain.objects.get(name="ada").pk)


def test_writes_change_the_number_that_recount_proves(
    content: ContentApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "MERGED_ROWS", 3)
    content.make_type()
    content.patch("/content-types/post", {"schema": POST | {"maxProperties": 4}})
    item = content.make_item(data={"title": "é" * 80})
    for number in range(4):
        content.put(f"/content-items/{item['id']}", {"data": {"title": str(number)}})
    content.publish(item)
    content.post(f"/content-items/{item['id']}/unpublish")
    before = used()
    assert content.upload(b"x" * 1000).status_code == 201
    assert used() == before + 1000
    rows = ContentSpace.objects.filter(domain__name="ada")
    assert rows.count() <= 4
    call_command("recount")

    row = rows.first()
    assert row is not None
    ContentSpace.objects.filter(pk=row.pk).update(size_bytes=row.size_bytes + 7)
    with pytest.raises(CommandError, match="1 differences"):
        call_command("recount")
    call_command("recount", repair=True)
    assert used() == before + 1000


@pytest.mark.once
def test_full_domain_stores_nothing_and_still_withdraws(content: ContentApi, settings: Any) -> None:
    content.make_type()
    item = content.make_item()
    content.publish(item)
    settings.DOMAIN_CONTENT_MIB = 0
    versions, types, before = (
        ContentItemVersion.objects.count(),
        ContentType.objects.count(),
        used(),
    )
    path = f"/content-items/{item['id']}"

    refusals = [
        content.put(path, {"data": {"title": "Two"}}),
        content.post("/content-types/post/items", {"data": {"title": "Two"}}),
        content.post(f"{path}/rollback", {"version": 1}),
        content.post("/content-types", {"name": "More", "slug": "more", "schema": POST}),
        content.patch("/content-types/post", {"schema": POST}),
        content.upload(b"x"),
    ]

    assert [status_and_code(refusal) for refusal in refusals] == [USED_UP] * len(refusals)
    assert "remediation" in refusals[0].json()["error"]
    counts = ContentItemVersion.objects.count(), ContentType.objects.count(), used()
    assert counts == (versions, types, before)
    assert content.post(f"{path}/unpublish").status_code == 200
    assert content.delete(path).status_code == 200
    assert status_and_code(content.post(f"{path}/restore")) == USED_UP


@pytest.mark.once
def test_deleted_asset_gives_its_space_back_when_its_file_is_gone(
    content: ContentApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = content.upload(b"x" * 1000).json()
    assert content.delete(f"/assets/{asset['id']}").status_code == 200
    assert used() == 1000
    call_command("recount")

    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(space, "now", lambda: later)

    assert used() == 0
