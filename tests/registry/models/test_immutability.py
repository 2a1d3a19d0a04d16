"""Versions are added, yanked, unyanked and counted only; agents are never deleted."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.core import serializers
from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError
from django.db.models.deletion import Collector, RestrictedError
from django.test import RequestFactory

from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.immutable import RowIsImmutable
from registry.models import Agent, AgentTag, Category, Version, VersionAsset
from tests.support.factories import make_agent, make_version
from tests.support.uploads import publish

Attack = Callable[[Version], Any]

CORE_FIELDS = (
    "agent_id",
    "version",
    "channel",
    "manifest",
    "tarball_r2_key",
    "tarball_sha256",
    "tarball_size_bytes",
    "download_count",
    "uploaded_by_user_id",
    "uploaded_at",
    "yanked_at",
    "yanked_by_user_id",
    "yanked_reason",
    "yanked_by_co_maintainer",
)


@pytest.fixture
def version(ada: User) -> Version:
    return make_version(make_agent(ada), "1.0.0")


def everything() -> list[dict[str, Any]]:
    tables: list[type[models.Model]] = [Version, Agent, VersionAsset, AuditLog, User]
    return [row for table in tables for row in table._base_manager.order_by("pk").values()]


def changed(version: Version) -> Version:
    version.tarball_sha256 = "f" * 64
    return version


WAYS_TO_CHANGE_A_VERSION: dict[str, Attack] = {
    "save": lambda v: changed(v).save(),
    "save some fields": lambda v: changed(v).save(update_fields=["tarball_sha256"]),
    "save the counter": lambda v: v.save(update_fields=["download_count"]),
    "forced save": lambda v: changed(v).save(force_update=True),
    "save_base": lambda v: changed(v).save_base(),
    "raw save_base": lambda v: changed(v).save_base(raw=True),
    "update": lambda v: Version.objects.update(tarball_sha256="f"),
    "update of one": lambda v: Version.objects.filter(pk=v.pk).update(version="9.9.9"),
    "update of the counter": lambda v: Version.objects.update(download_count=F("download_count")),
    "update of the mark": lambda v: Version.objects.update(yanked_at=now()),
    "update of a locked row": lambda v: Version.objects.select_for_update().update(version="2.0.0"),
    "update of a slice of values": lambda v: Version.objects.values("pk").update(version="2.0.0"),
    "update through the base manager": lambda v: Version._base_manager.update(version="2.0.0"),
    "update through the default manager": lambda v: Version._default_manager.update(version="2.0"),
    "bulk_update": lambda v: Version.objects.bulk_update([changed(v)], ["tarball_sha256"]),
    "update_or_create": lambda v: Version.objects.update_or_create(
        pk=v.pk, defaults={"tarball_sha256": "f" * 64}
    ),
    "upsert": lambda v: Version.objects.bulk_create(
        [changed(v)],
        update_conflicts=True,
        update_fields=["tarball_sha256"],
        unique_fields=["id"],
    ),
    "the agent's versions": lambda v: v.agent.versions.update(version="2.0.0"),
    "update_or_create by the agent": lambda v: v.agent.versions.update_or_create(
        version=v.version, defaults={"channel": "official"}
    ),
    "moving to another agent": lambda v: make_agent(v.agent.owner_user, "other").versions.add(v),
    "moving one by one": lambda v: make_agent(v.agent.owner_user, "other").versions.add(
        v, bulk=False
    ),
    "setting an agent's versions": lambda v: make_agent(v.agent.owner_user, "other").versions.set(
        [v]
    ),
    "adding to who uploaded": lambda v: v.agent.owner_user.uploaded_versions.add(v),
    "adding to who yanked": lambda v: v.agent.owner_user.yanked_versions.add(v),
    "a serialised row": lambda v: [
        row.save() for row in serializers.deserialize("json", serializers.serialize("json", [v]))
    ],
}


def assert_refused(attack: Callable[[Any], Any], row: models.Model, name: str) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                attack(row)
        except RowIsImmutable:
            return
    pytest.fail(f"Not refused: {name}")


def test_a_version_cannot_be_changed(version: Version) -> None:
    before = Version.objects.values().get()

    for name, attack in WAYS_TO_CHANGE_A_VERSION.items():
        assert_refused(attack, Version.objects.get(), name)
        assert (name, Version.objects.values().get()) == (name, before)


def test_no_field_of_a_version_can_be_saved_or_updated(version: Version) -> None:
    rows = Version.objects.filter(pk=version.pk)
    for field in CORE_FIELDS:
        value = getattr(version, field)
        assert_refused(lambda row, field=field: row.save(update_fields=[field]), version, field)
        assert_refused(lambda _, new={field: value}: rows.update(**new), version, field)


def test_a_yank_mark_cannot_be_cleared_through_the_yanker(version: Version, root: User) -> None:
    Version.objects.filter(pk=version.pk).yank(at=now(), by_id=root.pk, reason="bad")

    for attack in (
        lambda marks, row: marks.clear(),
        lambda marks, row: marks.clear(bulk=False),
        lambda marks, row: marks.remove(row),
        lambda marks, row: marks.remove(row, bulk=False),
        lambda marks, row: marks.set([]),
    ):
        with pytest.raises(RowIsImmutable), transaction.atomic():
            attack(root.yanked_versions, Version.objects.get())

    assert Version.objects.get().yanked_by_user_id == root.pk


WAYS_TO_DELETE_A_VERSION: dict[str, Attack] = {
    "delete": lambda v: v.delete(),
    "delete keeping parents": lambda v: v.delete(keep_parents=True),
    "delete all": lambda v: Version.objects.all().delete(),
    "delete one": lambda v: Version.objects.filter(pk=v.pk).delete(),
    "raw delete": lambda v: Version.objects.filter(pk=v.pk)._raw_delete("default"),
    "raw delete by the base manager": lambda v: Version._base_manager.all()._raw_delete("default"),
    "the agent's versions": lambda v: v.agent.versions.all().delete(),
    "the uploader's versions": lambda v: v.agent.owner_user.uploaded_versions.all().delete(),
    "a serialised row": lambda v: [
        row.object.delete()
        for row in serializers.deserialize("json", serializers.serialize("json", [v]))
    ],
}


def test_a_version_cannot_be_deleted(version: Version) -> None:
    for name, attack in WAYS_TO_DELETE_A_VERSION.items():
        assert_refused(attack, Version.objects.get(), name)
        assert (name, list(Version.objects.all())) == (name, [version])


def test_versions_cannot_be_removed_from_an_agent(version: Version) -> None:
    """The foreign key takes no null, so Django offers neither clear nor remove."""
    versions = version.agent.versions
    assert not hasattr(versions, "clear")
    assert not hasattr(versions, "remove")


def test_existing_version_cannot_be_overwritten(version: Version) -> None:
    copy = Version(**Version.objects.values().get() | {"tarball_sha256": "e" * 64})
    row_again = changed(Version.objects.get())
    row_again._state.adding = True

    for impostor in (copy, row_again):
        with pytest.raises(IntegrityError), transaction.atomic():
            impostor.save()

    assert Version.objects.get().tarball_sha256 == "0" * 64


def test_ignored_conflicts_leave_the_first_row(version: Version) -> None:
    copy = Version(**Version.objects.values().get() | {"tarball_sha256": "e" * 64})

    Version.objects.bulk_create([copy], ignore_conflicts=True)

    assert Version.objects.get().tarball_sha256 == "0" * 64


def test_allowed_changes_touch_only_their_columns(version: Version, root: User) -> None:
    values_before = Version.objects.values().get()
    moment = now()
    rows = Version.objects.filter(pk=version.pk)

    assert rows.yank(at=moment, by_id=root.pk, reason="broken") == 1
    assert Version.objects.values().get() == values_before | {
        "yanked_at": moment,
        "yanked_by_user_id": root.pk,
        "yanked_reason": "broken",
    }
    assert rows.yank(at=now(), by_id=root.pk, reason="again") == 0
    assert Version.objects.get().yanked_reason == "broken"
    assert rows.unyank() == 1
    assert rows.unyank() == 0
    assert Version.objects.values().get() == values_before
    assert rows.count_download() == 1
    assert Version.objects.values().get() == values_before | {"download_count": 1}


WAYS_TO_DELETE_AN_AGENT: dict[str, Attack] = {
    "delete": lambda v: v.agent.delete(),
    "delete all": lambda v: Agent.objects.all().delete(),
    "delete one": lambda v: Agent.objects.filter(pk=v.agent_id).delete(),
    "raw delete": lambda v: Agent.objects.filter(pk=v.agent_id)._raw_delete("default"),
    "delete listed": lambda v: Agent.objects.listed().delete(),
    "the owner's agents": lambda v: v.agent.owner_user.agents.all().delete(),
    "the category's agents": lambda v: v.agent.category.agents.all().delete(),
}


def test_agent_cannot_be_deleted(version: Version) -> None:
    for name, attack in WAYS_TO_DELETE_AN_AGENT.items():
        assert_refused(attack, Version.objects.get(), name)
        assert (name, [agent.full_id for agent in Agent.objects.all()]) == (name, ["@ada/coach"])


def test_agent_without_versions_cannot_be_deleted(ada: User) -> None:
    agent = make_agent(ada)

    for attack in (agent.delete, Agent.objects.all().delete):
        with pytest.raises(RowIsImmutable), transaction.atomic():
            attack()

    assert Agent.objects.count() == 1


@pytest.mark.parametrize("parent", [User, Category])
def test_nothing_cascades_into_agents_and_versions(
    version: Version, ada: User, parent: type[models.Model]
) -> None:
    before = everything()
    target = {User: ada, Category: version.agent.category}[parent]

    for attack in (target.delete, parent.objects.filter(pk=target.pk).delete):  # type: ignore[attr-defined]
        with pytest.raises((ProtectedError, RestrictedError)), transaction.atomic():
            attack()

    assert everything() == before


def test_user_who_yanked_or_delisted_cannot_be_deleted(
    version: Version, ada: User, root: User
) -> None:
    Version.objects.filter(pk=version.pk).yank(at=now(), by_id=root.pk, reason=None)

    with pytest.raises(ProtectedError), transaction.atomic():
        root.delete()

    assert User.objects.filter(pk=root.pk).exists()


@pytest.mark.parametrize("kind", ["version", "agent"])
def test_collector_of_django_deletes_neither(as_ada: Actor, kind: str) -> None:
    """Django's collector bypasses managers."""
    version = publish(as_ada)
    before = everything()

    with pytest.raises((RowIsImmutable, ProtectedError)), transaction.atomic():
        delete_by_collector(version if kind == "version" else version.agent)

    assert everything() == before


def delete_by_collector(row: models.Model) -> None:
    collector = Collector(using="default")
    collector.collect([row])
    collector.delete()


def make_asset(version: Version) -> VersionAsset:
    asset: VersionAsset = VersionAsset.objects.create(
        version=version,
        kind="icon",
        r2_key="assets/a.png",
        content_type="image/png",
        size_bytes=1,
        sha256="0" * 64,
        path="icon.png",
    )
    return asset


@pytest.fixture
def rows(version: Version) -> dict[str, models.Model]:
    log = AuditLog.objects.first()
    assert log is not None
    return {"asset": make_asset(version), "audit log": log}


WAYS_TO_TOUCH_A_ROW: dict[str, Callable[[Any], Any]] = {
    "save": lambda row: row.save(),
    "raw save_base": lambda row: row.save_base(raw=True),
    "delete": lambda row: row.delete(),
    "update": lambda row: type(row).objects.update(id=uuid4()),
    "delete all": lambda row: type(row).objects.all().delete(),
    "raw delete": lambda row: type(row).objects.all()._raw_delete("default"),
    "bulk_update": lambda row: type(row).objects.bulk_update([row], [row._meta.fields[-1].name]),
    "update_or_create": lambda row: type(row).objects.update_or_create(
        pk=row.pk, defaults={row._meta.fields[1].name: None}
    ),
    "upsert": lambda row: type(row).objects.bulk_create(
        [row],
        update_conflicts=True,
        update_fields=[row._meta.fields[-1].name],
        unique_fields=["id"],
    ),
    "base manager": lambda row: type(row)._base_manager.update(id=uuid4()),
    "the collector": lambda row: delete_by_collector(row),
}


def test_assets_and_audit_log_are_append_only(rows: dict[str, models.Model]) -> None:
    before = everything()

    for name, row in rows.items():
        for way, attack in WAYS_TO_TOUCH_A_ROW.items():
            assert_refused(attack, type(row)._base_manager.get(pk=row.pk), f"{way} of {name}")
            assert (name, way, everything()) == (name, way, before)


def test_audit_log_row_protects_its_user_and_key(ada: User, key_for: Callable[..., str]) -> None:
    key_for(ada, "read")
    key = ApiKey.objects.get()
    with transaction.atomic():
        record("thing.happened", "thing", "one", by=Actor(user=ada, key_id=key.pk, door="api"))

    with pytest.raises(RowIsImmutable), transaction.atomic():
        key.delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        ada.delete()


def test_tags_go_with_their_agent_only_by_a_refresh(version: Version) -> None:
    AgentTag.objects.create(agent=version.agent, tag="a")

    with pytest.raises(RowIsImmutable), transaction.atomic():
        Agent.objects.all().delete()

    assert AgentTag.objects.count() == 1


@pytest.mark.parametrize("model", [Agent, Version, VersionAsset, AuditLog])
def test_desk_can_neither_delete_nor_edit(root: User, model: type[models.Model]) -> None:
    """No superuser can delete rows of a model at the desk."""
    desk = admin.site._registry.get(model)
    if desk is None:
        return
    request = RequestFactory().get("/admin/")
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    request.user = User.objects.get(pk=root.pk)

    assert desk.has_delete_permission(request) is False
    assert desk.has_add_permission(request) is False
    fields = set(desk.get_fields(request)) if model is not Agent else set()
    assert fields <= set(desk.get_readonly_fields(request)) or not desk.has_change_permission(
        request
    )
