"""Export and import: no byte, key or role is lost."""

import hashlib
import re
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from clawstore.editorial.actions import wrong_pages
from clawstore.editorial.agent_texts import wrong_agent_texts
from clawstore.editorial.rendering import store_missing_renderings
from foundation.access.actions import resolve_key
from foundation.accounts.models import User
from foundation.actor import Actor
from profiles.models import Profile
from profiles.pictures import read_picture, store_picture
from registry.agents.actions import pick_agent, withhold_version
from registry.downloads.recorder import EventKind, make_event, record_event
from registry.downloads.recount import find_differences
from registry.models import Agent, Version, VersionWithholding
from registry.transfers.actions import accept_transfer, offer_agent
from reviews.queries import wrong_ratings
from tests.clawstore.editorial.conftest import Author
from tests.support.catalogue import (
    contents,
    counts,
    create_sample_shop,
    delete_all_rows,
    lines,
    write,
)
from tests.support.factories import make_agent, make_version
from wordclaw.content.assets.actions import add_asset, delete_asset
from wordclaw.content.assets.errors import AssetInUse
from wordclaw.content.assets.upload import JudgedUpload
from wordclaw.content.items.actions import create_item, publish_item
from wordclaw.content.models import Asset, ContentItem
from wordclaw.content.types.actions import create_content_type

# test_between_databases imports and exports the same tables on PostgreSQL.
pytestmark = pytest.mark.once
COVER = {
    "type": "object",
    "x-wordclaw-field-kind": "asset",
    "properties": {"assetId": {"type": "string"}},
}


def call(name: str, folder: Path, *arguments: str) -> None:
    call_command(name, str(folder), *arguments, stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("arguments", [(), ("--private",)])
def test_imported_catalogue_exports_the_same_bytes(
    arguments: tuple[str, ...],
    ada: User,
    grace: User,
    root: User,
    storage_folder: Path,
    use_storage: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    create_sample_shop(ada, grace, root)
    agent = Agent.objects.filter(owner_user=ada, delisted_at=None, has_offers=False)[0]
    former_path, by = f"/v1/agents/ada/{agent.name}", Actor(user=ada)
    offer = offer_agent(agent, to="grace", confirmation=agent.full_id, by=by)
    accept_transfer(offer.pk, by=Actor(user=grace))
    call("export_catalogue", tmp_path / "first", *arguments)
    delete_all_rows()
    use_storage(tmp_path / "new storage")

    call("import_catalogue", tmp_path / "first", *arguments)
    call("export_catalogue", tmp_path / "second", *arguments)

    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert first == second
    assert Client().get(former_path)["Location"] == f"/v1/agents/grace/{agent.name}"
    assert len([name for name in first if name.startswith("files/")]) == 4
    assert list(find_differences()) == []
    assert list(wrong_ratings()) == []


@pytest.mark.parametrize(("arguments", "files"), [((), 2), (("--private",), 4)])
def test_catalogue_with_a_withheld_version_is_imported(
    arguments: tuple[str, ...],
    files: int,
    ada: User,
    grace: User,
    root: User,
    storage_folder: Path,
    use_storage: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    """A backup restores a withheld version; a mirror gets only the reason."""
    create_sample_shop(ada, grace, root)
    coach = Agent.objects.get(name="coach")
    by_root = Actor(user=root, door="api")
    withhold_version(coach, "1.1.0", reason="malware", text="Bad.", by=by_root)
    call("export_catalogue", tmp_path / "first", *arguments)
    delete_all_rows()
    use_storage(tmp_path / "new storage")

    call("import_catalogue", tmp_path / "first")
    call("export_catalogue", tmp_path / "second", *arguments)

    first = contents(tmp_path / "first")
    assert contents(tmp_path / "second") == first
    assert len([name for name in first if name.startswith("files/")]) == files
    assert list(find_differences()) == []
    assert VersionWithholding.objects.in_force().get().text == "Bad."


def test_backup_includes_profile_pictures(
    ada: User,
    grace: User,
    storage_folder: Path,
    use_storage: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    Profile.objects.filter(user=ada).update(avatar_url="https://example.org/ada")
    store_picture(ada.pk, "https://example.org/ada", b"a picture")
    make_agent(ada)
    call("export_catalogue", tmp_path / "first")
    delete_all_rows()
    use_storage(tmp_path / "new storage")

    call("import_catalogue", tmp_path / "first")

    sha256 = Profile.objects.get(user=ada).picture_sha256
    assert read_picture(ada.pk, sha256) == b"a picture"
    assert Profile.objects.get(user=grace).picture_key is None


@pytest.mark.parametrize(
    "key",
    ["avatars/../../x.png", "/etc/passwd", "tarballs/ada/coach/1.0.0.tgz", "avatars/x/y.png"],
)
def test_import_refuses_a_picture_key_of_another_file(
    ada: User, storage_folder: Path, tmp_path: Path, key: str
) -> None:
    make_agent(ada)
    call("export_catalogue", tmp_path / "out")
    (tmp_path / "out" / "catalogue.json").unlink()
    [row] = lines(tmp_path / "out", "profiles")
    picture_columns = {"picture_key": key, "picture_sha256": "0" * 64, "picture_size_bytes": 1}
    write(tmp_path / "out", "profiles", [row | picture_columns])
    delete_all_rows()

    with pytest.raises(CommandError, match="does not name a picture of this person"):
        call("import_catalogue", tmp_path / "out")


def test_users_and_keys_work_after_a_restore(
    ada: User, grace: User, root: User, storage_folder: Path, tmp_path: Path
) -> None:
    root.set_password("a long password")
    root.save()
    key = create_sample_shop(ada, grace, root)
    before = counts()
    call("export_catalogue", tmp_path / "backup", "--private")
    delete_all_rows()
    assert resolve_key(key) is None

    call("import_catalogue", tmp_path / "backup")

    assert counts() == before
    resolution_of_key = resolve_key(key)
    assert resolution_of_key is not None
    assert resolution_of_key.created_by.username == "ada"
    row_again = User.objects.get(username="root")
    assert row_again.check_password("a long password")
    assert (row_again.has_role("maintainer"), row_again.is_staff, row_again.pk) == (
        True,
        True,
        root.pk,
    )
    assert row_again.get_all_permissions() == root.get_all_permissions()


def test_import_accepts_permissions_under_their_old_app_labels(
    root: User, storage_folder: Path, tmp_path: Path
) -> None:
    call("export_catalogue", tmp_path / "backup", "--private")
    (tmp_path / "backup" / "catalogue.json").unlink()
    former_permissions = {
        "audit.view_auditlog": "events.view_auditlog",
        "jobs.view_job": "events.view_job",
    }
    rows = lines(tmp_path / "backup", "roles")
    for row in rows:
        row["permissions"] = [former_permissions.get(name, name) for name in row["permissions"]]
    write(tmp_path / "backup", "roles", rows)
    delete_all_rows()

    call("import_catalogue", tmp_path / "backup")

    row_again = User.objects.get(username="root")
    assert row_again.has_perms(["audit.view_auditlog", "jobs.view_job"])


def test_synthetic_catalogue_equals_its_export(
    db: None, storage_folder: Path, tmp_path: Path
) -> None:
    call("make_catalogue", tmp_path / "made", "--agents", "60", "--files", "5")

    call("import_catalogue", tmp_path / "made")
    call("export_catalogue", tmp_path / "out")

    original, out = contents(tmp_path / "made"), contents(tmp_path / "out")
    assert {name: out[name] for name in original} == original
    assert list(find_differences()) == []
    assert list(wrong_ratings()) == []


def test_backup_includes_download_days_sketches_and_picks(
    ada: User, grace: User, root: User, storage_folder: Path, tmp_path: Path
) -> None:
    create_sample_shop(ada, grace, root)
    version = Version.objects.get(version="1.1.0")
    for network in ("a", "b"):
        record_event(make_event(version, EventKind.DOWNLOAD, network=network, user_id=None))
    pick_agent(version.agent, reason="Good", by=Actor(user=root, door="api"))
    call("export_catalogue", tmp_path / "backup", "--private")
    call("export_catalogue", tmp_path / "public")
    delete_all_rows()

    call("import_catalogue", tmp_path / "backup")

    agent = Agent.objects.get(name="coach")
    assert (agent.download_count, agent.downloads_30d, agent.networks_30d) == (2, 2, 2)
    assert (agent.pick.reason, agent.pick.picked_by_user_id) == ("Good", root.pk)
    assert list(find_differences()) == []
    names = {path.stem for path in (tmp_path / "public").glob("*.jsonl")}
    assert "download_days" in names
    assert names.isdisjoint({"network_sketches", "agent_picks", "download_seen"})


@pytest.mark.parametrize(
    ("name", "row", "complaint"),
    [
        ("download_days", {"day": "22.11.2026"}, "day is not an ISO 8601 date"),
        ("download_days", {"day": 5}, "day is not an ISO 8601 date"),
        ("download_days", {"day": "2026-11-22", "downloads": -1}, "CHECK|check"),
        ("network_sketches", {"day": "2026-11-22", "registers": "zz"}, "registers is not a sketch"),
    ],
)
def test_invalid_day_is_refused_with_its_line(
    ada: User,
    grace: User,
    root: User,
    storage_folder: Path,
    tmp_path: Path,
    name: str,
    row: dict[str, object],
    complaint: str,
) -> None:
    create_sample_shop(ada, grace, root)
    version = Version.objects.get(version="1.1.0")
    call("export_catalogue", tmp_path / "out", "--private")
    (tmp_path / "out" / "catalogue.json").unlink()
    of = "version_id" if name == "download_days" else "agent_id"
    (tmp_path / "out" / f"{name}.jsonl").unlink()
    write(
        tmp_path / "out",
        name,
        [{of: str(version.pk if of == "version_id" else version.agent_id), **row}],
    )
    delete_all_rows()

    with pytest.raises(CommandError, match=f"{name}.jsonl:1: .*({complaint})"):
        call("import_catalogue", tmp_path / "out")

    assert not Agent.objects.exists()


def test_published_content_of_publisher_and_store_is_whole_after_a_restore(
    ada: User,
    root: User,
    client: Client,
    storage_folder: Path,
    use_storage: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    make_version(make_agent(ada, "coach"), "1.0.0")
    for_ada, for_store = (
        Author(name, Actor(user=user, door="page"))
        for name, user in (("ada", ada), ("store", root))
    )
    asset = add_sample_asset(for_ada)
    publish_sample_texts(for_ada, for_store, asset)
    store_missing_renderings()
    addresses = (
        *(
            "/@ada/guides/first",
            "/@ada/texts",
            "/guides/first",
            "/collections/calm",
            "/about/terms",
        ),
        *("/about/terms/versions/1", "/agents/@ada/coach?lang=de", "/agents/@ada/coach/guides"),
        f"/v1/domains/ada/assets/{asset.pk}/content",
        "/v1/domains/ada/content-types/gallery/items",
    )
    before = [body_of(client.get(address)) for address in addresses]
    call("export_catalogue", tmp_path / "first", "--private")
    delete_all_rows()
    storage = use_storage(tmp_path / "new storage")
    cache.clear()

    call("import_catalogue", tmp_path / "first")
    store_missing_renderings()

    assert [body_of(client.get(address)) for address in addresses] == before
    assert (storage / asset.storage_key).read_bytes() == b"Calm, alone."
    assert list(wrong_pages()) == []
    assert list(wrong_agent_texts()) == []
    with pytest.raises(AssetInUse):
        delete_asset(for_ada.domain, asset.pk, by=for_ada.by)
    call("export_catalogue", tmp_path / "second", "--private")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert [name for name in contents(tmp_path / "first") if asset.storage_key in name]


def body_of(response: Any) -> bytes:
    """The bytes of a page or file; without the token of its forms."""
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return re.sub(rb'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', b"", body)


def add_sample_asset(author: Author) -> Asset:
    data = b"Calm, alone."
    upload = JudgedUpload(
        name="calm.txt",
        content_type="text/plain; charset=utf-8",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        width=None,
        height=None,
        access="public",
        file=BytesIO(data),
    )
    return add_asset(author.domain, upload, by=author.by)


def publish_sample_texts(for_ada: Author, for_store: Author, asset: Asset) -> None:
    """Publish texts of each kind, one of them edited since, and one with an asset."""
    guide = {"slug": "first", "title": {"en": "First steps"}, "body": {"en": "Read *this*."}}
    agent = {"agent": "@ada/coach"}
    edited_guide = for_ada.publish("guides", **guide, agents=[agent])
    for_ada.edit(edited_guide, title={"en": "A draft"})
    for_ada.publish("faqs", question={"en": "How?"}, answer={"en": "So."}, agents=[agent])
    for_ada.publish("listings", agent=agent, tagline={"en": "Counts", "de": "Zählt"})
    schema = {"type": "object", "properties": {"cover": COVER}}
    gallery = {"name": "Gallery", "slug": "gallery", "visibility": "public"}
    create_content_type(for_ada.domain, gallery, schema=schema, by=for_ada.by)
    data = {"cover": {"assetId": str(asset.pk)}}
    item = create_item(for_ada.domain, "gallery", data, by=for_ada.by)
    publish_item(for_ada.domain, item.pk, by=for_ada.by)
    for_store.publish("guides", **guide | {"body": {"en": "Of the *store*."}}, agents=[agent])
    words = [{"agent": agent, "words": {"en": "Quiet."}}]
    for_store.publish("collections", slug="calm", title={"en": "Calm"}, agents=words)
    terms = ContentItem.objects.with_readers_parts().get(content_page__slug="terms")
    for_store.publish_edit(terms, title={"en": "Conditions"})
