"""Refusals of a publish, their order, and that they change nothing."""

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from foundation.access.errors import InvalidKeyRequest
from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.refusals import InsufficientScope, Refusal, Unauthenticated
from profiles.actions import open_account
from profiles.identity import Identity
from profiles.models import Scope
from registry.agents.actions import delist_agent, yank_version
from registry.errors import NotOwner
from registry.models import Agent, AgentTag, Version, VersionAsset, VersionFile
from registry.package.limits import PackageLimits
from registry.publishing import errors
from registry.publishing import publish as publish_module
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload
from tests.support.factories import SYSTEM
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, icon, publish, upload

pytestmark = pytest.mark.once

Files = Callable[[], list[str]]


def counts() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in (Agent, Version, VersionAsset, VersionFile, AgentTag, AuditLog)
    }


@pytest.fixture
def nothing_changes(db: None, stored_files: Files) -> Callable[[Upload, Actor], Refusal]:
    """Publishes, expects a refusal, and checks that no row or file was added."""

    def attempt(refused_upload: Upload, by: Actor) -> Refusal:
        before, files = counts(), stored_files()
        with pytest.raises(Refusal) as error:
            publish_version(refused_upload, by=by)
        assert counts() == before
        assert stored_files() == files
        return error.value

    return attempt


Attempt = Callable[[Upload, Actor], Refusal]
BROKEN = io.BytesIO(b"not a tarball")


def test_anonymous_actor_cannot_publish(nothing_changes: Attempt) -> None:
    assert isinstance(nothing_changes(upload(), ANONYMOUS), Unauthenticated)


@pytest.mark.parametrize("scopes", [set(), {"read", "agents:yank"}])
def test_key_without_the_scope_cannot_publish(
    nothing_changes: Attempt, ada: User, scopes: set[str]
) -> None:
    by = Actor(user=ada, scopes=frozenset(scopes), door="api")

    refusal = nothing_changes(upload(), by)

    assert isinstance(refusal, InsufficientScope)
    assert refusal.details == {"scope": "agents:publish"}


def test_bound_key_publishes_only_its_agent(nothing_changes: Attempt, ada: User) -> None:
    scopes = frozenset({"agents:publish"})
    by = Actor(user=ada, scopes=scopes, bound_to="@ada/planner", door="api")

    refusal = nothing_changes(upload(manifest(id="@ada/other")), by)

    assert isinstance(refusal, InsufficientScope)
    assert publish(by).agent.full_id == "@ada/planner"


@pytest.mark.parametrize(
    "bound_to", ["ada/planner", "@nobody", "@Ada/planner", "@ada/p", "@ada/x y"]
)
def test_key_cannot_be_bound_to_an_invalid_id(
    ada: User, key_for: Callable[..., str], bound_to: str
) -> None:
    with pytest.raises(InvalidKeyRequest):
        key_for(ada, "agents:publish", bound_to=bound_to)


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("", "invalid_metadata"),
        ("{", "invalid_metadata"),
        ("NaN", "invalid_metadata"),
        ('{"a": 1, "a": 2}', "invalid_metadata"),
        ("[" * 100_000, "invalid_metadata"),
        ('{"version": ' + "9" * 5000 + "}", "invalid_metadata"),
        ("null", "invalid_manifest"),
        ("[]", "invalid_manifest"),
        ('"text"', "invalid_manifest"),
        ("{}", "invalid_manifest"),
    ],
)
def test_malformed_metadata_is_refused(
    nothing_changes: Attempt, as_ada: Actor, metadata: str, code: str
) -> None:
    assert nothing_changes(Upload(metadata, io.BytesIO(tarball())), as_ada).code == code


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"version": "1.0"}, "version"),
        ({"version": "01.0.0"}, "version"),
        ({"version": "1.0.0\n"}, "version"),
        ({"version": "1.1٢.0"}, "version"),
        ({"version": "v1.0.0"}, "version"),
        ({"version": "1.0.0-" + "a" * 200}, "version"),
        ({"id": "ada/planner"}, "id"),
        ({"id": "@Ada/planner"}, "id"),
        ({"id": "@ada/-planner"}, "id"),
        ({"id": "@ada/pla/nner"}, "id"),
        ({"id": "@ada/../grace"}, "id"),
        ({"name": "x" * 129}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "a\ud800b"}, "name"),
        ({"tagline": "t" * 141}, "tagline"),
        ({"tagline": "right \u202e left"}, "tagline"),
        ({"description": ""}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"description": 5}, "description"),
        ({"tags": ["Not Kebab"]}, "tags[0]"),
        ({"tags": [f"t{n}" for n in range(21)]}, "tags"),
        ({"license": "Nonsense-9"}, "license"),
        ({"license": "MIT" + " OR MIT" * 200}, "license"),
        ({"homepage": "javascript:alert(1)"}, "homepage"),
        ({"homepage": "https://example.org/" + "h" * 3000}, "homepage"),
        ({"repository": "file:///etc/passwd"}, "repository"),
        ({"schemaVersion": True}, "schemaVersion"),
        ({"schemaVersion": 2}, "schemaVersion"),
        ({"surprise": 1}, "surprise"),
        ({"openclaw": {"entrypoints": {"MEMORY.md": "a.md"}}}, "openclaw.entrypoints.MEMORY.md"),
    ],
)
def test_invalid_manifest_is_refused_with_the_path(
    nothing_changes: Attempt, as_ada: Actor, changes: dict[str, Any], path: str
) -> None:
    refusal = nothing_changes(upload(manifest(**changes)), as_ada)

    assert refusal.code == "invalid_manifest"
    assert [error["path"] for error in refusal.details["errors"]] == [path]


def test_unknown_category_is_refused(nothing_changes: Attempt, as_ada: Actor) -> None:
    assert nothing_changes(upload(manifest(category="none")), as_ada).code == "invalid_category"


@pytest.mark.parametrize(
    ("version", "channel"),
    [
        ("1.0.0", "beta"),
        ("1.0.0", "stable"),
        ("1.0.0", "Official"),
        ("1.0.0", " community"),
        ("1.0.0-rc.1", "community"),
        ("1.0.0-rc.1", "official"),
        ("1.0.0", "x" * 100_000),
    ],
)
def test_channel_that_does_not_fit_the_version_is_refused(
    nothing_changes: Attempt, as_ada: Actor, version: str, channel: str
) -> None:
    refusal = nothing_changes(upload(manifest(version=version), channel=channel), as_ada)

    assert refusal.code == "invalid_channel"


def test_official_channel_needs_an_official_publisher(
    nothing_changes: Attempt, as_ada: Actor, root: User
) -> None:
    assert nothing_changes(upload(channel="official"), as_ada).code == "not_official"

    publish(as_ada)
    newer = upload(manifest(version="1.0.1"), channel="official")
    assert nothing_changes(newer, as_ada).code == "not_official"
    maintainer = Actor(user=root, door="api")
    own = upload(manifest(id="@root/tool"), channel="official")
    assert nothing_changes(own, maintainer).code == "not_official"


def test_foreign_scope_is_refused(nothing_changes: Attempt, as_ada: Actor) -> None:
    refusal = nothing_changes(upload(manifest(id="@grace/planner")), as_ada)

    assert refusal.code == "scope_mismatch"
    assert refusal.details == {"scope": "ada"}
    assert refusal.message == (
        "You can publish under @ada, not under @grace. Write @ada/planner as the id in agent.json."
    )


def test_foreign_scope_is_refused_for_a_maintainer(
    nothing_changes: Attempt, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada)

    refusal = nothing_changes(upload(manifest(version="2.0.0")), as_root)

    assert refusal.code == "scope_mismatch"


def test_refusal_names_the_derived_scope_of_the_account(
    nothing_changes: Attempt, ada: User
) -> None:
    late = open_account(Identity(login="Ada", github_id=77), by=SYSTEM)

    refusal = nothing_changes(upload(manifest(id="@ada/planner")), Actor(user=late, door="api"))

    assert refusal.code == "scope_mismatch"
    assert refusal.details == {"scope": "ada--77"}
    assert refusal.message.startswith("You can publish under @ada--77, not under @ada. Write ")


def test_account_without_a_scope_reads_how_to_get_one(nothing_changes: Attempt, ada: User) -> None:
    Scope.objects.all().delete()

    refusal = nothing_changes(upload(manifest()), Actor(user=ada, door="api"))

    assert (refusal.code, refusal.details) == ("scope_mismatch", {"scope": None})
    assert "Sign in once" in refusal.message


def test_agent_of_another_owner_is_refused(
    nothing_changes: Attempt, as_ada: Actor, as_grace: Actor, ada: User
) -> None:
    """As after a transfer: the scope is Ada's, the agent is not."""
    publish(as_ada)
    Agent.objects.update(owner_user=as_grace.user)

    assert nothing_changes(upload(manifest(version="1.0.1")), as_ada).code == "not_owner"


def test_delisted_agent_cannot_be_published_to(
    nothing_changes: Attempt, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada)
    delist_agent(Agent.objects.get(), reason="Spam.", by=as_root)

    refusal = nothing_changes(upload(manifest(version="1.0.1")), as_ada)

    assert (refusal.code, refusal.status) == ("agent_delisted", 403)
    assert refusal.details == {"reason": "Spam."}


@pytest.mark.parametrize(
    ("current", "number"),
    [
        ("1.1.0", "1.1.0"),
        ("1.1.0", "1.0.9"),
        ("1.1.0", "1.1.0-rc.1"),
        ("1.1.0", "1.1.0+build"),
        ("1.1.0+a", "1.1.0+b"),
        ("1.0.0-rc.2", "1.0.0-rc.2"),
        ("1.0.0-rc.10", "1.0.0-rc.9"),
        ("1.0.0-beta", "1.0.0-alpha.9"),
        ("10.0.0", "9.0.0"),
    ],
)
def test_version_that_is_not_newer_is_refused(
    nothing_changes: Attempt, as_ada: Actor, current: str, number: str
) -> None:
    publish(as_ada, version=current)

    refusal = nothing_changes(upload(manifest(version=number)), as_ada)

    assert refusal.code == "version_not_monotonic"
    assert refusal.details == {"id": "@ada/planner", "current": current, "requested": number}


def test_new_version_must_be_newer_than_yanked_versions_and_betas(
    nothing_changes: Attempt, as_ada: Actor
) -> None:
    publish(as_ada)
    publish(as_ada, version="3.0.0-rc.1")
    yank_version(Agent.objects.get(), "3.0.0-rc.1", reason=None, by=as_ada)

    for number in ("2.0.0", "3.0.0-rc.1", "3.0.0-rc.0"):
        refusal = nothing_changes(upload(manifest(version=number)), as_ada)
        assert refusal.details["current"] == "3.0.0-rc.1"

    publish(as_ada, version="3.0.0")


def test_newest_version_is_the_highest_and_not_the_latest(
    nothing_changes: Attempt, as_ada: Actor
) -> None:
    """The times of an imported catalogue may differ from the order of its versions."""
    publish(as_ada, version="2.0.0")
    old = publish(as_ada, version="2.0.1")
    values = Version.objects.filter(pk=old.pk).values().get()
    Version.objects.create(**values | {"id": uuid4(), "version": "1.0.0", "uploaded_at": now()})

    refusal = nothing_changes(upload(manifest(version="2.0.0+x")), as_ada)

    assert refusal.code == "version_not_monotonic"
    assert refusal.details["current"] == "2.0.1"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"run.sh": "echo"}, "blocked_extension"),
        ({"notes.md": "AKIAIOSFODNN7EXAMPLX and sk-ant-api03-" + "aB3" * 31}, "secret_detected"),
    ],
)
def test_package_with_errors_is_refused_with_its_findings(
    nothing_changes: Attempt, as_ada: Actor, files: dict[str, str], code: str
) -> None:
    refusal = nothing_changes(upload(files=files), as_ada)

    assert refusal.code == "validation_failed"
    finding = refusal.details["findings"][0]
    assert (finding["code"], finding["severity"], finding["path"]) == (
        code,
        "error",
        next(iter(files)),
    )


def test_package_with_warnings_is_published(as_ada: Actor) -> None:
    publish_version(upload(files={"data.xyz": "x", "a.md": "[gone](no.md)"}), by=as_ada)

    assert Version.objects.count() == 1


@pytest.mark.parametrize("data", [b"", b"text", b"\x1f\x8b", tarball()[:-20], tarball() + b"x"])
def test_unreadable_tarball_is_refused(
    nothing_changes: Attempt, as_ada: Actor, data: bytes
) -> None:
    refusal = nothing_changes(Upload(json.dumps(manifest()), io.BytesIO(data)), as_ada)

    assert refusal.code == "validation_failed"
    assert {f["code"] for f in refusal.details["findings"]} >= {"archive_unreadable"}


def test_metadata_that_differs_from_the_package_is_refused(
    nothing_changes: Attempt, as_ada: Actor
) -> None:
    claimed_job = manifest(tagline="Another")
    refusal = nothing_changes(Upload(json.dumps(claimed_job), io.BytesIO(tarball())), as_ada)

    assert [f["code"] for f in refusal.details["findings"]] == ["manifest_mismatch"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (ICON, b"no picture"),
        (ICON, b""),
        (ICON, b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        ("store/other.png", None),
        ("../" + ICON, None),
        ("/" + ICON, None),
    ],
)
def test_invalid_asset_is_refused(
    nothing_changes: Attempt, as_ada: Actor, path: str, data: bytes | None
) -> None:
    refusal = nothing_changes(
        upload(manifest(store={"icon": ICON}), assets=(icon(path, data),)), as_ada
    )

    # A file under another path also leaves the icon of the manifest missing.
    codes = {f["code"] for f in refusal.details["findings"]}
    assert codes - {"broken_reference"} == {"asset_invalid"}


# --- With two faults, the one that comes first in the API is named ---------------------------

TOO_LARGE = Upload(None, BROKEN, too_large=True)
NO_SCOPE = {"scopes": frozenset({"read"})}


def bad_upload(document: dict[str, Any] | None = None, **parts: Any) -> Upload:
    """Returns an upload whose tarball has an error; ``parts`` replace its parts."""
    bad = io.BytesIO(tarball({"run.sh": "echo"}, document or manifest()))
    return Upload(**{"metadata": json.dumps(document or manifest()), "tarball": bad} | parts)


FOREIGN = manifest(id="@grace/planner")
ORDER: list[tuple[str, Upload, type[Refusal]]] = [
    ("size before metadata", TOO_LARGE, errors.TarballTooLarge),
    ("metadata before tarball", Upload(None, None), errors.MissingMetadata),
    ("tarball before JSON", Upload("{", None), errors.MissingTarball),
    ("JSON before schema", bad_upload(metadata="{"), errors.InvalidMetadata),
    (
        "schema before category",
        bad_upload(manifest(category="none", version="x")),
        errors.InvalidManifest,
    ),
    (
        "category before scope",
        bad_upload(manifest(id="@grace/planner", category="none")),
        errors.InvalidCategory,
    ),
    (
        "scope before number",
        bad_upload(manifest(id="@grace/p2", version="0.0.1")),
        errors.ScopeMismatch,
    ),
    ("number before findings", bad_upload(manifest(version="0.9.0")), errors.VersionNotMonotonic),
    ("findings last", bad_upload(manifest(version="1.0.1")), errors.ValidationFailed),
]


@pytest.mark.parametrize(
    ("bad", "refusal"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER]
)
def test_first_fault_is_named(
    nothing_changes: Attempt, as_ada: Actor, bad: Upload, refusal: type[Refusal]
) -> None:
    publish(as_ada)

    assert type(nothing_changes(bad, as_ada)) is refusal


def test_owner_is_checked_before_the_version(
    nothing_changes: Attempt, as_ada: Actor, as_grace: Actor
) -> None:
    publish(as_ada)
    Agent.objects.update(owner_user=as_grace.user)

    assert type(nothing_changes(bad_upload(), as_ada)) is NotOwner


def test_scope_is_checked_before_the_owner(
    nothing_changes: Attempt, as_ada: Actor, as_grace: Actor
) -> None:
    publish(as_ada)

    assert type(nothing_changes(bad_upload(), as_grace)) is errors.ScopeMismatch


def test_credential_is_checked_first(nothing_changes: Attempt, ada: User) -> None:
    assert isinstance(nothing_changes(TOO_LARGE, ANONYMOUS), Unauthenticated)
    weak = Actor(user=ada, scopes=frozenset({"read"}), door="api")
    assert isinstance(nothing_changes(TOO_LARGE, weak), InsufficientScope)


def test_tarball_limit_applies_without_the_multipart_reader(
    nothing_changes: Attempt, as_ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that did not pass the multipart reader is measured again."""
    size = len(tarball())
    monkeypatch.setattr(publish_module, "LIMITS", PackageLimits(tarball_bytes=size - 1))
    assert nothing_changes(upload(), as_ada).code == "tarball_too_large"

    monkeypatch.setattr(publish_module, "LIMITS", PackageLimits(tarball_bytes=size))
    publish_version(upload(), by=as_ada)


def test_publish_succeeds_after_a_refusal(as_ada: Actor, root: User) -> None:
    grant_role(root, "official", by=SYSTEM)
    with pytest.raises(Refusal):
        publish_version(bad_upload(), by=as_ada)

    assert publish(as_ada).version == "1.0.0"
