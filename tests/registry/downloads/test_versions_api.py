"""GET …/versions and below: lists, details, tarballs, pictures."""

import hashlib
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.db.utils import OperationalError
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import iso
from registry.agents.actions import yank_version
from registry.models import Agent, Version, VersionAsset
from registry.publishing.publish import publish_version
from tests.support.factories import make_agent, make_version
from tests.support.http import Api, read_stream, status_and_code
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, icon, png, publish, upload

VERSIONS = "/v1/agents/ada/planner/versions"
TARBALL = f"{VERSIONS}/1.0.0/tarball"


def counts() -> tuple[int, int]:
    return Version.objects.get().download_count, Agent.objects.get().download_count


# --- The list --------------------------------------------------------------------------------


def test_every_version_is_listed_newest_first(
    api: Api, ada: User, as_ada: Actor, as_root: Actor
) -> None:
    for number in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
        publish(as_ada, version=number)
    yank_version(Agent.objects.get(), "1.1.0", reason="Broken.", by=as_root)

    items = api.get(VERSIONS).json()["items"]

    rows = {row.version: row for row in Version.objects.all()}
    assert [
        {key: item[key] for key in item if key != "withheld"} for item in items
    ] == [
        {
            "id": str(rows[number].pk),
            "version": number,
            "channel": channel,
            "tarballSizeBytes": rows[number].tarball_size_bytes,
            "downloadCount": 0,
            "uploadedAt": iso(rows[number].uploaded_at),
            "yankedAt": iso(rows[number].yanked_at) if number == "1.1.0" else None,
            "yankedReason": "Broken." if number == "1.1.0" else None,
        }
        for number, channel in [
            ("2.0.0-rc.1", "beta"),
            ("1.1.0", "community"),
            ("1.0.0", "community"),
        ]
    ]  # fmt: skip


def test_an_agent_without_versions_has_an_empty_list(api: Api, ada: User) -> None:
    make_agent(ada, "planner")

    assert api.get(VERSIONS).json() == {"items": []}


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_have_each_version_once(api: Api, ada: User, limit: int) -> None:
    agent = make_agent(ada, "planner")
    rows = [make_version(agent, f"1.0.{patch}") for patch in range(10)]
    moment = rows[0].uploaded_at
    additions = [make_version(agent, f"2.0.{patch}", uploaded_at=moment) for patch in range(10)]

    numbers: list[str] = []
    path = f"{VERSIONS}?limit={limit}"
    while path:
        page = api.get(path).json()
        numbers += [item["id"] for item in page["items"]]
        next_cursor = page.get("nextCursor")
        path = f"{VERSIONS}?limit={limit}&cursor={next_cursor}" if next_cursor else ""

    expectation = sorted(
        [*rows, *additions], key=lambda v: (-v.uploaded_at.timestamp(), v.pk.bytes)
    )
    assert numbers == [str(version.pk) for version in expectation]


@pytest.mark.once
def test_the_number_of_queries_is_constant(api: Api, ada: User) -> None:
    agent = make_agent(ada, "planner")
    make_version(agent, "1.0.0")
    with CaptureQueriesContext(connection) as first:
        api.get(VERSIONS)
    for patch in range(1, 6):
        make_version(agent, f"1.0.{patch}")
    with CaptureQueriesContext(connection) as second:
        api.get(VERSIONS)

    assert len(first) == len(second)


# --- One version -----------------------------------------------------------------------------


@pytest.mark.once
def test_the_detail_of_a_version(api: Api, ada: User, as_ada: Actor, as_root: Actor) -> None:
    document = manifest(store={"icon": ICON})
    version = publish_version(upload(document, assets=(icon(),)), by=as_ada)
    asset = VersionAsset.objects.get()
    yank_version(version.agent, "1.0.0", reason="Old.", by=as_root)
    row = Version.objects.get()

    body = api.get(f"{VERSIONS}/1.0.0").json()

    withholding = body.pop("withheld", None)
    assert not withholding
    assert body == {
        "provenance": None,
        "id": str(row.pk),
        "version": "1.0.0",
        "channel": "community",
        "manifest": document,
        "tarballSha256": row.tarball_sha256,
        "tarballSizeBytes": row.tarball_size_bytes,
        "downloadCount": 0,
        "uploadedByUserId": str(ada.pk),
        "uploadedAt": iso(row.uploaded_at),
        "yankedAt": iso(row.yanked_at),
        "yankedByUserId": str(as_root.user_id),
        "yankedReason": "Old.",
        "assets": [
            {
                "id": str(asset.pk),
                "kind": "icon",
                "path": ICON,
                "url": f"http://127.0.0.1:8000{VERSIONS}/1.0.0/assets/{asset.pk}",
                "contentType": "image/png",
                "sizeBytes": len(png()),
                "sha256": hashlib.sha256(png()).hexdigest(),
                "ordering": 0,
            }
        ],
    }


@pytest.mark.once
def test_a_plus_in_the_address_is_part_of_the_number(api: Api, as_ada: Actor) -> None:
    publish(as_ada, version="3.0.0+build.1")

    for path in ("3.0.0+build.1", "3.0.0%2Bbuild.1"):
        assert api.get(f"{VERSIONS}/{path}").json()["version"] == "3.0.0+build.1"
        assert read_stream(api.get(f"{VERSIONS}/{path}/tarball"))
    assert status_and_code(api.get(f"{VERSIONS}/3.0.0%20build.1")) == (404, "version_not_found")
    assert status_and_code(api.get(f"{VERSIONS}/3.0.0")) == (404, "version_not_found")


@pytest.mark.once
@pytest.mark.parametrize(
    "number", ["1.0.1", "1.0", "v1.0.0", "1.0.0-BETA", "latest", "🦞", "x" * 4000, "1.0.0%0a"]
)
def test_the_number_must_match_exactly(api: Api, as_ada: Actor, number: str) -> None:
    publish(as_ada, version="1.0.0-beta")
    publish(as_ada)

    for tail in ("", "/tarball"):
        assert status_and_code(api.get(f"{VERSIONS}/{number}{tail}")) == (404, "version_not_found")
    assert api.get(f"{VERSIONS}/{number}/assets/{uuid4()}").status_code == 404


# --- Tarballs --------------------------------------------------------------------------------


@pytest.mark.once
def test_a_tarball_is_served_byte_for_byte(api: Api, as_ada: Actor) -> None:
    publish(as_ada)
    data = tarball(None, manifest())
    sha256 = hashlib.sha256(data).hexdigest()

    response = api.get(TARBALL, accept_encoding="gzip, br")

    assert (response.status_code, read_stream(response)) == (200, data)
    assert response["Content-Type"] == "application/gzip"
    assert response["Content-Length"] == str(len(data))
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{sha256}"'
    assert response["X-Content-SHA256"] == sha256
    assert "Content-Encoding" not in response
    assert not response.cookies
    assert api.get(f"{VERSIONS}/1.0.0").json()["tarballSha256"] == sha256


@pytest.mark.once
def test_a_get_is_a_download_and_a_head_is_not(api: Api, as_ada: Actor) -> None:
    publish(as_ada)
    updated_at = Agent.objects.get().updated_at

    bare = api.head(TARBALL)
    assert counts() == (0, 0)
    full = api.get(TARBALL)
    assert counts() == (1, 1)
    api.get(TARBALL)
    assert counts() == (2, 2)

    for header in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "X-Content-SHA256"):
        assert bare[header] == full[header]
    assert (bare.status_code, bare.content) == (200, b"")
    assert Agent.objects.get().updated_at == updated_at
    assert api.get("/v1/agents/ada/planner").json()["downloadCount"] == 2


@pytest.mark.once
def test_a_conditional_request_is_304_and_not_counted(api: Api, as_ada: Actor) -> None:
    publish(as_ada)
    etag = api.head(TARBALL)["ETag"]

    for value in (etag, f"W/{etag}", "*", f'"other", {etag}'):
        response = api.get(TARBALL, if_none_match=value)
        assert (response.status_code, response.content) == (304, b"")
        assert response["ETag"] == etag
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert counts() == (0, 0)

    for value in ('"other"', "garbage", ""):
        assert api.get(TARBALL, if_none_match=value).status_code == 200
    assert counts() == (3, 3)


@pytest.mark.once
@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=5-1"},
        {"if_modified_since": "Sat, 21 Nov 2026 20:10:20 GMT"},
        {"if_match": "*"},
    ],
)
def test_malformed_range_and_other_conditions_get_the_full_body(
    api: Api, as_ada: Actor, headers: dict[str, str]
) -> None:
    publish(as_ada)

    response = api.get(TARBALL, **headers)

    assert (response.status_code, read_stream(response)) == (200, tarball(None, manifest()))


@pytest.mark.once
def test_a_failed_condition_is_412(api: Api, as_ada: Actor) -> None:
    publish(as_ada)

    assert status_and_code(api.get(TARBALL, if_match='"other"'))[0] == 412
    assert counts() == (0, 0)


@pytest.mark.once
def test_a_yanked_version_is_downloaded_when_pinned(
    api: Api, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada)
    yank_version(Agent.objects.get(), "1.0.0", reason=None, by=as_ada)

    assert read_stream(api.get(TARBALL)) == tarball(None, manifest())
    assert counts() == (1, 1)


@pytest.mark.once
def test_an_invalid_key_downloads_anonymously(api: Api, as_ada: Actor) -> None:
    publish(as_ada)

    assert api.get(TARBALL, key="claw_dead").status_code == 200


@pytest.mark.once
def test_a_version_without_stored_bytes_is_refused(api: Api, ada: User) -> None:
    """As after importing a catalogue without its files."""
    make_version(make_agent(ada, "planner"))

    assert status_and_code(api.get(TARBALL)) == (404, "file_not_stored")
    assert api.head(TARBALL).status_code == 404
    assert counts() == (0, 0)


@pytest.mark.once
def test_a_failed_count_does_not_fail_the_download(
    api: Api, as_ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(as_ada)

    def locked(version: Version) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("registry.downloads.api.record_event", locked)

    assert read_stream(api.get(TARBALL)) == tarball(None, manifest())
    assert counts() == (0, 0)


# --- Pictures --------------------------------------------------------------------------------


@pytest.fixture
def asset_url(as_ada: Actor) -> str:
    """The address of an icon."""
    publish_version(upload(manifest(store={"icon": ICON}), assets=(icon(),)), by=as_ada)
    return f"{VERSIONS}/1.0.0/assets/{VersionAsset.objects.get().pk}"


@pytest.mark.once
def test_an_asset_is_served_byte_for_byte(api: Api, asset_url: str) -> None:
    sha256 = hashlib.sha256(png()).hexdigest()

    response = api.get(asset_url)

    assert (response.status_code, read_stream(response)) == (200, png())
    assert (response["Content-Type"], response["Content-Length"]) == ("image/png", str(len(png())))
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{sha256}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "Content-Encoding" not in response
    not_modified = api.get(asset_url, if_none_match=response["ETag"])
    assert (not_modified.status_code, not_modified["ETag"]) == (304, response["ETag"])
    assert api.head(asset_url)["Content-Length"] == str(len(png()))
    assert counts() == (0, 0)


@pytest.mark.once
@pytest.mark.parametrize("name", ["1", "garbage", str(2**120), "x" * 4000, "🦞", "{7}"])
def test_an_unknown_asset_is_refused(api: Api, asset_url: str, name: str) -> None:
    path = f"{VERSIONS}/1.0.0/assets/{name}"

    assert status_and_code(api.get(path)) == (404, "asset_not_found")


@pytest.mark.once
def test_an_asset_belongs_to_its_version_and_agent(
    api: Api, asset_url: str, as_ada: Actor, as_grace: Actor
) -> None:
    publish(as_ada, version="1.0.1")
    publish(as_grace, "@grace/planner")

    for path in (
        asset_url.replace("1.0.0", "1.0.1"),
        asset_url.replace("/ada/", "/grace/"),
        asset_url.replace("1.0.0", "9.9.9"),
    ):
        assert status_and_code(api.get(path))[0] == 404
    assert api.get(asset_url.replace("/ada/planner", "/ADA/Planner")).status_code == 200


def test_an_asset_without_stored_bytes_is_refused(
    api: Api, asset_url: str, stored_files: Callable[[], list[str]]
) -> None:
    default_storage.delete(VersionAsset.objects.get().r2_key)

    assert status_and_code(api.get(asset_url)) == (404, "file_not_stored")
