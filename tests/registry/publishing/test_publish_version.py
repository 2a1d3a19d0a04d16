"""The rows, the listing and the files after a publish."""

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage

from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.agents.actions import yank_version
from registry.models import (
    Agent,
    AgentTag,
    Version,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.package.manifest.fields import MAX_LICENSE
from registry.publishing.publish import publish_version
from registry.publishing.upload import UploadedAsset
from registry.search import parse_search, search
from tests.support.factories import SYSTEM
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, icon, png, publish, upload


def tags() -> list[str]:
    return list(AgentTag.objects.order_by("tag").values_list("tag", flat=True))


def listed(text: str = "", **filters: Any) -> list[str]:
    page = search(parse_search(text, **filters), columns=("scope", "name"), fallback=False)
    return [f"@{row['scope']}/{row['name']}" for row in page.rows]


@pytest.mark.once
def test_publish_adds_the_version_and_stores_its_bytes(
    as_ada: Actor, stored_files: Callable[[], list[str]]
) -> None:
    document = manifest(tags=["b", "a", "b"])
    data = tarball(None, document)

    version = publish_version(upload(document), by=as_ada)

    sha256 = hashlib.sha256(data).hexdigest()
    key = f"tarballs/ada/planner/1.0.0.{sha256}.tgz"
    row = Version.objects.get()
    assert row == version
    assert (row.version, row.channel, row.manifest) == ("1.0.0", "community", document)
    assert (row.tarball_r2_key, row.tarball_sha256) == (key, sha256)
    assert (row.tarball_size_bytes, row.download_count) == (len(data), 0)
    assert row.uploaded_by_user_id == as_ada.user_id
    assert (row.yanked_at, row.yanked_by_user_id, row.yanked_reason) == (None, None, None)
    assert stored_files() == [key]
    assert default_storage.open_stream(key).read() == data  # type: ignore[attr-defined]


@pytest.mark.once
def test_first_publish_creates_and_lists_the_agent(as_ada: Actor) -> None:
    version = publish(
        as_ada,
        tags=["b", "a", "b"],
        homepage="https://example.org/",
        repository="https://example.org/git",
    )

    agent = Agent.objects.get()
    assert (agent.scope, agent.name, agent.owner_user_id) == ("ada", "planner", as_ada.user_id)
    assert (agent.display_name, agent.tagline) == ("Planner", "Plans a day")
    assert agent.description == "# Planner\n\nPlans a day."
    assert (agent.category_id, agent.license) == ("productivity", "MIT")
    assert (agent.homepage, agent.repository) == (
        "https://example.org/",
        "https://example.org/git",
    )
    assert agent.latest_version_id == version.pk
    assert (agent.is_listed, agent.offers_beta) == (True, False)
    assert (agent.download_count, agent.avg_rating, agent.review_count) == (0, None, 0)
    assert agent.updated_at == version.uploaded_at
    assert agent.created_at <= version.uploaded_at
    assert tags() == ["a", "b"]
    assert listed() == ["@ada/planner"]


def test_publish_stores_files_findings_and_prose(as_ada: Actor) -> None:
    publish_version(upload(files={"data.xyz": "x", "README.md": "# Read *me*\n"}), by=as_ada)

    assert sorted(VersionFile.objects.values_list("path", "kind", "size_bytes")) == [
        ("README.md", "markdown", 12),
        ("agent.json", "text", len(json.dumps(manifest(), indent=2))),
        ("data.xyz", "text", 1),
        ("docs/notes.md", "markdown", 7),
        ("workspace/AGENTS.md", "markdown", 18),
        ("workspace/USER.md", "markdown", 21),
    ]
    assert list(VersionFinding.objects.values_list("code", "severity", "path")) == [
        ("unknown_extension", "warning", "data.xyz")
    ]
    html = dict(VersionRendering.objects.values_list("document", "html"))
    assert html.keys() == {"description", "readme"}
    assert "<em>me</em>" in html["readme"]
    assert not VersionRendering.objects.filter(is_cut=True).exists()


@pytest.mark.once
def test_publish_is_in_the_audit_log(ada: User) -> None:
    by = Actor(user=ada, door="api", address_hash="a" * 64, request_id="request-1")

    version = publish(by)

    log = AuditLog.objects.get(action="version.published")
    assert (log.entity_type, log.entity_id) == ("version", "@ada/planner@1.0.0")
    assert (log.user_id, log.api_key_id, log.door) == (ada.pk, None, "api")
    assert (log.address_hash, log.request_id) == ("a" * 64, "request-1")
    assert log.details == {
        "channel": "community",
        "sha256": version.tarball_sha256,
        "size": version.tarball_size_bytes,
    }


def test_second_publish_refreshes_the_listing(as_ada: Actor) -> None:
    publish(as_ada, tags=["old", "both"], homepage="https://example.org/")
    first_row = Agent.objects.get()

    second = publish(
        as_ada,
        version="1.1.0",
        name="Planner Pro",
        tagline="Plans a year",
        description="More.",
        category="education",
        license="Apache-2.0",
        tags=["both", "new"],
    )

    agent = Agent.objects.get()
    assert (agent.pk, agent.created_at) == (first_row.pk, first_row.created_at)
    assert (agent.display_name, agent.tagline) == ("Planner Pro", "Plans a year")
    assert (agent.description, agent.category_id, agent.license) == (
        "More.",
        "education",
        "Apache-2.0",
    )
    assert agent.homepage is None
    assert agent.latest_version_id == second.pk
    assert agent.updated_at == second.uploaded_at
    assert tags() == ["both", "new"]
    assert listed("year") == ["@ada/planner"]
    assert listed("both") == ["@ada/planner"]
    assert listed(category="productivity") == []


@pytest.mark.once
def test_prerelease_changes_neither_latest_nor_the_listing(as_ada: Actor) -> None:
    stable = publish(as_ada)
    before = Agent.objects.values().get()

    beta = publish(
        as_ada, version="2.0.0-rc.1", name="Next", tagline="Soon", category="other", tags=["next"]
    )

    assert beta.channel == "beta"
    assert Agent.objects.values().get() == before | {
        "offers_beta": True,
        "updated_at": beta.uploaded_at,
        "revision": before["revision"] + 1,
        "version_count": 2,
        "days_between_versions": 0,
    }
    assert Agent.objects.get().latest_version_id == stable.pk
    assert tags() == ["planning"]
    assert listed(channel="beta") == ["@ada/planner"]
    assert listed("Next") == []


def test_older_beta_is_not_offered(as_ada: Actor) -> None:
    publish(as_ada, version="1.0.0-beta.1")
    assert Agent.objects.get().offers_beta
    publish(as_ada, version="1.0.0")

    assert not Agent.objects.get().offers_beta
    assert listed(channel="beta") == []
    assert listed() == ["@ada/planner"]


def test_agent_with_only_betas_shows_the_newest_and_is_not_listed(as_ada: Actor) -> None:
    publish(as_ada, version="0.1.0-alpha", tagline="First")
    publish(as_ada, version="0.1.0-beta", tagline="Second", tags=["fresh"])

    agent = Agent.objects.get()
    assert (agent.latest_version_id, agent.is_listed, agent.offers_beta) == (None, False, True)
    assert agent.tagline == "Second"
    assert tags() == ["fresh"]
    assert listed() == []
    assert listed(channel="beta") == ["@ada/planner"]


def test_first_stable_version_replaces_the_listing(as_ada: Actor) -> None:
    publish(as_ada, version="1.0.0-beta", tagline="Beta", tags=["beta"])
    publish(as_ada, version="1.0.0", tagline="Stable", tags=["stable"])

    assert Agent.objects.get().tagline == "Stable"
    assert tags() == ["stable"]


def test_official_publisher_may_choose_the_channel(ada: User) -> None:
    grant_role(ada, "official", by=SYSTEM)
    by = Actor(user=User.objects.get(pk=ada.pk), door="api")

    official = publish(by, channel="official")
    community = publish(by, version="1.0.1", channel="community")
    silent = publish(by, version="1.0.2")

    assert [v.channel for v in (official, community, silent)] == [
        "official",
        "community",
        "community",
    ]
    assert listed(channel="official") == []
    assert listed(channel="community") == ["@ada/planner"]


@pytest.mark.once
@pytest.mark.parametrize("channel", [None, "", "beta"])
def test_prerelease_is_published_to_beta(as_ada: Actor, channel: str | None) -> None:
    assert publish(as_ada, version="1.0.0-x", channel=channel).channel == "beta"


def test_assets_are_stored_with_type_size_and_digest(
    as_ada: Actor, stored_files: Callable[[], list[str]]
) -> None:
    document = manifest(store={"icon": ICON, "screenshots": ["store/a.png", "store/b.png"]})
    shots = [("store/a.png", png("blue")), ("store/b.png", png("green"))]
    assets = (
        icon(),
        *(UploadedAsset("screenshot", path, io.BytesIO(data)) for path, data in shots),
    )

    publish_version(upload(document, assets=assets), by=as_ada)

    rows = VersionAsset.objects.order_by("ordering")
    expectation = [("icon", ICON, png()), *(("screenshot", path, data) for path, data in shots)]
    assert [(row.kind, row.path, row.content_type, row.size_bytes, row.sha256) for row in rows] == [
        (kind, path, "image/png", len(data), hashlib.sha256(data).hexdigest())
        for kind, path, data in expectation
    ]
    for row, (_, path, data) in zip(rows, expectation, strict=True):
        stem = path.removesuffix(".png")
        assert row.r2_key == f"assets/ada/planner/1.0.0/{stem}.{row.sha256}.png"
        assert default_storage.open_stream(row.r2_key).read() == data  # type: ignore[attr-defined]
    small_copies = {f"small/{row.small_sha256}.webp" for row in rows}
    assert len(small_copies & set(stored_files())) == 3
    assert len(stored_files()) == 7


@pytest.mark.once
def test_build_metadata_is_part_of_the_number(as_ada: Actor) -> None:
    version = publish(as_ada, version="1.0.0+build.5")

    assert version.version == "1.0.0+build.5"
    assert "/1.0.0+build.5." in version.tarball_r2_key


def test_version_is_always_later_than_the_one_before(as_ada: Actor) -> None:
    """Versions in the order of time are in the order of their numbers, too."""
    numbers = [f"1.0.{patch}" for patch in range(5)]
    for number in numbers:
        publish(as_ada, version=number)

    moments = list(Version.objects.order_by("uploaded_at").values_list("uploaded_at", flat=True))
    assert [v.version for v in Version.objects.newest_first()] == numbers[::-1]
    assert len(set(moments)) == 5


def test_publish_after_a_yank_lists_the_agent_again(as_ada: Actor) -> None:
    first = publish(as_ada)
    yank_version(first.agent, "1.0.0", reason=None, by=as_ada)
    assert listed() == []

    second = publish(as_ada, version="1.0.1")

    assert Agent.objects.get().latest_version_id == second.pk
    assert listed() == ["@ada/planner"]


def test_longest_allowed_values_are_stored(as_ada: Actor) -> None:
    """A value that is longer than its column would fail on PostgreSQL only."""
    longest = "0.0." + "9" * 15 + "-" + "a" * (128 - 20)
    license = "MIT" + " OR MIT" * ((MAX_LICENSE - 3) // 7)
    path = "/".join(["d" * 200] * 5)[:1019] + ".md"
    document = manifest(
        version=longest,
        id="@ada/" + "n" * 64,
        name="ΐ" * 128,
        tagline="İ" * 140,
        homepage="https://example.org/" + "h" * 2028,
        repository="https://example.org/" + "r" * 2028,
        license=license,
        description="d" * 99_999,
        tags=[f"{'t' * 61}-{n:02}" for n in range(20)],
        store={"icon": path.replace(".md", ".png")},
    )

    version = publish_version(
        upload(document, files={path: "x"}, assets=(icon(path.replace(".md", ".png")),)),
        by=as_ada,
    )

    assert version.version == longest
    assert Agent.objects.get().license == license
    assert VersionFile.objects.filter(path=path).exists()
    assert AuditLog.objects.filter(entity_id=f"{version.agent.full_id}@{longest}").exists()


@pytest.mark.once
def test_licence_is_listed_in_the_spelling_of_spdx(as_ada: Actor) -> None:
    document = manifest(id="@ada/free", version="1.0.0", license=" mit  or apache-2.0")

    version = publish_version(upload(document), by=as_ada)

    assert version.agent.license == "MIT OR Apache-2.0"
    # The manifest stays as the author wrote it.
    assert version.manifest["license"] == " mit  or apache-2.0"
