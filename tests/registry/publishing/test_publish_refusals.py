"""Every refusal of a publish, in the order of the wire; and after each, nothing is there."""

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from foundation.access.errors import InvalidKeyRequest
from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import NOBODY, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.refusals import InsufficientScope, Refusal, Unauthenticated
from profiles.actions import GitHubIdentity, create_profile, username_for
from registry import errors
from registry.agents.actions import delist_agent, yank_version
from registry.models import Agent, AgentTag, Version, VersionAsset, VersionFile
from registry.package.limits import PackageLimits
from registry.publishing import publish as pipeline
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload
from tests.support.factories import SYSTEM
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, icon, publish, upload

Files = Callable[[], list[str]]


def counts() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in (Agent, Version, VersionAsset, VersionFile, AgentTag, AuditLog)
    }


@pytest.fixture
def nothing_changes(db: None, stored_files: Files) -> Callable[[Upload, Actor], Refusal]:
    """Hands an upload in, wants a refusal, and looks whether a row or a file came of it."""

    def attempt(sent: Upload, by: Actor) -> Refusal:
        before, files = counts(), stored_files()
        with pytest.raises(Refusal) as refused:
            publish_version(sent, by=by)
        assert counts() == before
        assert stored_files() == files
        return refused.value

    return attempt


Attempt = Callable[[Upload, Actor], Refusal]
BROKEN = io.BytesIO(b"not a tarball")


def test_nobody_publishes(nothing_changes: Attempt) -> None:
    assert isinstance(nothing_changes(upload(), NOBODY), Unauthenticated)


@pytest.mark.parametrize("scopes", [set(), {"read", "agents:yank"}])
def test_a_key_without_the_scope_does_not_publish(
    nothing_changes: Attempt, ada: User, scopes: set[str]
) -> None:
    by = Actor(user=ada, scopes=frozenset(scopes), door="api")

    refusal = nothing_changes(upload(), by)

    assert isinstance(refusal, InsufficientScope)
    assert refusal.details == {"scope": "agents:publish"}


def test_a_bound_key_publishes_its_agent_and_no_other(nothing_changes: Attempt, ada: User) -> None:
    scopes = frozenset({"agents:publish"})
    by = Actor(user=ada, scopes=scopes, bound_to="@ada/planner", door="api")

    refusal = nothing_changes(upload(manifest(id="@ada/other")), by)

    assert isinstance(refusal, InsufficientScope)
    assert publish(by).agent.full_id == "@ada/planner"


@pytest.mark.parametrize("bound_to", ["ada/planner", "@ada", "@Ada/planner", "@ada/p", "@ada/x y"])
def test_a_key_is_bound_to_one_id_or_to_none(
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
def test_metadata_must_be_a_manifest(
    nothing_changes: Attempt, as_ada: Actor, metadata: str, code: str
) -> None:
    sent = Upload(metadata, io.BytesIO(tarball()))

    assert nothing_changes(sent, as_ada).code == code


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
def test_a_manifest_that_breaks_a_rule_is_refused_with_its_path(
    nothing_changes: Attempt, as_ada: Actor, changes: dict[str, Any], path: str
) -> None:
    refusal = nothing_changes(upload(manifest(**changes)), as_ada)

    assert refusal.code == "invalid_manifest"
    assert [error["path"] for error in refusal.details["errors"]] == [path]


def test_a_category_must_exist(nothing_changes: Attempt, as_ada: Actor) -> None:
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
def test_a_channel_must_fit_the_version(
    nothing_changes: Attempt, as_ada: Actor, version: str, channel: str
) -> None:
    refusal = nothing_changes(upload(manifest(version=version), channel=channel), as_ada)

    assert refusal.code == "invalid_channel"


def test_only_official_publishers_publish_officially(
    nothing_changes: Attempt, as_ada: Actor, root: User
) -> None:
    assert nothing_changes(upload(channel="official"), as_ada).code == "not_official"

    publish(as_ada)
    newer = upload(manifest(version="1.0.1"), channel="official")
    assert nothing_changes(newer, as_ada).code == "not_official"
    maintainer = Actor(user=root, door="api")
    own = upload(manifest(id="@root/tool"), channel="official")
    assert nothing_changes(own, maintainer).code == "not_official"


def test_everybody_publishes_under_their_own_scope(nothing_changes: Attempt, as_ada: Actor) -> None:
    refusal = nothing_changes(upload(manifest(id="@grace/planner")), as_ada)

    assert refusal.code == "scope_mismatch"
    assert refusal.details == {"scope": "ada"}
    assert refusal.message == "You can publish under @ada, not under @grace."


def test_a_maintainer_has_no_foreign_scope_either(
    nothing_changes: Attempt, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada)

    refusal = nothing_changes(upload(manifest(version="2.0.0")), as_root)

    assert refusal.code == "scope_mismatch"


def test_an_account_without_a_scope_is_told_why(nothing_changes: Attempt, ada: User) -> None:
    identity = GitHubIdentity(login="Ada", github_id=77)
    late = User.objects.create_user(username_for(identity))
    create_profile(late, identity, by=SYSTEM)

    for full_id in ("@ada/planner", "@ada-77/planner"):
        refusal = nothing_changes(upload(manifest(id=full_id)), Actor(user=late, door="api"))

        assert refusal.code == "scope_mismatch"
        assert refusal.details == {"scope": None}
        assert refusal.message.startswith("Your account has no scope")


def test_an_agent_has_one_owner(
    nothing_changes: Attempt, as_ada: Actor, as_grace: Actor, ada: User
) -> None:
    """The scope is Ada's, the agent is not: as after a transfer."""
    publish(as_ada)
    Agent.objects.update(owner_user=as_grace.user)

    assert nothing_changes(upload(manifest(version="1.0.1")), as_ada).code == "not_owner"


def test_nothing_is_published_to_a_delisted_agent(
    nothing_changes: Attempt, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada)
    delist_agent(Agent.objects.get(), reason="Spam.", by=as_root)

    refusal = nothing_changes(upload(manifest(version="1.0.1")), as_ada)

    assert (refusal.code, refusal.status) == ("agent_delisted", 403)
    assert refusal.details == {"reason": "Spam."}


@pytest.mark.parametrize(
    ("current", "requested"),
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
def test_a_version_is_strictly_newer_than_all_before(
    nothing_changes: Attempt, as_ada: Actor, current: str, requested: str
) -> None:
    publish(as_ada, version=current)

    refusal = nothing_changes(upload(manifest(version=requested)), as_ada)

    assert refusal.code == "version_not_monotonic"
    assert refusal.details == {"id": "@ada/planner", "current": current, "requested": requested}


def test_yanked_versions_and_betas_count_as_published(
    nothing_changes: Attempt, as_ada: Actor
) -> None:
    publish(as_ada)
    publish(as_ada, version="3.0.0-rc.1")
    yank_version(Agent.objects.get(), "3.0.0-rc.1", reason=None, by=as_ada)

    for requested in ("2.0.0", "3.0.0-rc.1", "3.0.0-rc.0"):
        refusal = nothing_changes(upload(manifest(version=requested)), as_ada)
        assert refusal.details["current"] == "3.0.0-rc.1"

    publish(as_ada, version="3.0.0")


def test_newest_means_highest_also_where_the_times_disagree(
    nothing_changes: Attempt, as_ada: Actor
) -> None:
    """An imported catalogue brings its own times."""
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
def test_a_package_with_errors_is_refused_with_its_findings(
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


def test_warnings_do_not_stop_a_publish(as_ada: Actor) -> None:
    publish_version(upload(files={"data.xyz": "x", "a.md": "[gone](no.md)"}), by=as_ada)

    assert Version.objects.count() == 1


@pytest.mark.parametrize("data", [b"", b"text", b"\x1f\x8b", tarball()[:-20], tarball() + b"x"])
def test_an_unreadable_tarball_is_refused(
    nothing_changes: Attempt, as_ada: Actor, data: bytes
) -> None:
    refusal = nothing_changes(Upload(json.dumps(manifest()), io.BytesIO(data)), as_ada)

    assert refusal.code == "validation_failed"
    assert {f["code"] for f in refusal.details["findings"]} >= {"archive_unreadable"}


def test_the_bytes_are_the_truth(nothing_changes: Attempt, as_ada: Actor) -> None:
    claimed = manifest(tagline="Another")
    sent = Upload(json.dumps(claimed), io.BytesIO(tarball()))

    refusal = nothing_changes(sent, as_ada)

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
def test_a_bad_picture_stops_the_publish(
    nothing_changes: Attempt, as_ada: Actor, path: str, data: bytes | None
) -> None:
    sent = upload(manifest(store={"icon": ICON}), assets=(icon(path, data),))

    refusal = nothing_changes(sent, as_ada)

    assert {f["code"] for f in refusal.details["findings"]} == {"asset_invalid"}


# --- Two faults at once: the earlier one of the wire is named -------------------------------

TOO_LARGE = Upload(None, BROKEN, too_large=True)
NO_SCOPE = {"scopes": frozenset({"read"})}


def sent(document: dict[str, Any] | None = None, **parts: Any) -> Upload:
    """With a tarball that breaks the rules; ``parts`` replace what is sent."""
    bad = io.BytesIO(tarball({"run.sh": "echo"}, document or manifest()))
    given = {"metadata": json.dumps(document or manifest()), "tarball": bad} | parts
    return Upload(**given)


FOREIGN = manifest(id="@grace/planner")
ORDER: list[tuple[str, Upload, type[Refusal]]] = [
    ("size before metadata", TOO_LARGE, errors.TarballTooLarge),
    ("metadata before tarball", Upload(None, None), errors.MissingMetadata),
    ("tarball before JSON", Upload("{", None), errors.MissingTarball),
    ("JSON before schema", sent(metadata="{"), errors.InvalidMetadata),
    (
        "schema before category",
        sent(manifest(category="none", version="x")),
        errors.InvalidManifest,
    ),
    (
        "category before scope",
        sent(manifest(id="@grace/planner", category="none")),
        errors.InvalidCategory,
    ),
    ("scope before number", sent(manifest(id="@grace/p2", version="0.0.1")), errors.ScopeMismatch),
    ("number before findings", sent(manifest(version="0.9.0")), errors.VersionNotMonotonic),
    ("findings last", sent(manifest(version="1.0.1")), errors.ValidationFailed),
]


@pytest.mark.parametrize(("sent", "refusal"), [row[1:] for row in ORDER], ids=[r[0] for r in ORDER])
def test_the_earlier_fault_is_named(
    nothing_changes: Attempt, as_ada: Actor, sent: Upload, refusal: type[Refusal]
) -> None:
    publish(as_ada)

    assert type(nothing_changes(sent, as_ada)) is refusal


def test_the_owner_is_asked_before_the_number(
    nothing_changes: Attempt, as_ada: Actor, as_grace: Actor
) -> None:
    publish(as_ada)
    Agent.objects.update(owner_user=as_grace.user)

    assert type(nothing_changes(sent(), as_ada)) is errors.NotOwner


def test_the_scope_is_asked_before_the_owner(
    nothing_changes: Attempt, as_ada: Actor, as_grace: Actor
) -> None:
    publish(as_ada)

    assert type(nothing_changes(sent(), as_grace)) is errors.ScopeMismatch


def test_the_credential_comes_first(nothing_changes: Attempt, ada: User) -> None:
    assert isinstance(nothing_changes(TOO_LARGE, NOBODY), Unauthenticated)
    weak = Actor(user=ada, scopes=frozenset({"read"}), door="api")
    assert isinstance(nothing_changes(TOO_LARGE, weak), InsufficientScope)


def test_the_limit_of_a_tarball_holds_for_every_door(
    nothing_changes: Attempt, as_ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that no form cut off is measured by the pipeline itself."""
    size = len(tarball())
    monkeypatch.setattr(pipeline, "LIMITS", PackageLimits(tarball_bytes=size - 1))
    assert nothing_changes(upload(), as_ada).code == "tarball_too_large"

    monkeypatch.setattr(pipeline, "LIMITS", PackageLimits(tarball_bytes=size))
    publish_version(upload(), by=as_ada)


def test_after_every_refusal_the_same_publish_can_succeed(as_ada: Actor, root: User) -> None:
    grant_role(root, "official", by=SYSTEM)
    with pytest.raises(Refusal):
        publish_version(sent(), by=as_ada)

    assert publish(as_ada).version == "1.0.0"
