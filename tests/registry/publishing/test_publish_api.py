"""POST /v1/agents/publish: success, refusals and malformed forms."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import FakePayload

from foundation.access.actions import revoke_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import iso, now
from registry.agents.actions import delist_agent
from registry.models import Agent, Version, VersionAsset
from registry.package.limits import PackageLimits
from registry.publishing import multipart
from tests.support.http import Api
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, PUBLISH, parts, png, tgz

# What a publish writes is tested on PostgreSQL by test_publish_version.
pytestmark = pytest.mark.once

Files = Callable[[], list[str]]
BASE = "http://127.0.0.1:8000"


@pytest.fixture
def key(ada: User, key_for: Callable[..., str]) -> str:
    return key_for(ada, "agents:publish")


def code_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/json"
    assert answer.json().keys() == {"error"}
    code: str = answer.json()["error"]["code"]
    return code


def assert_nothing_stored(stored_files: Files) -> None:
    assert (Agent.objects.count(), Version.objects.count(), stored_files()) == (0, 0, [])
    assert list(Path(shop_settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


# --- Success ---------------------------------------------------------------------------------


def test_publish_returns_the_version(api: Api, ada: User, key: str) -> None:
    document = manifest(version="1.0.0+b.1")
    data = tarball(None, document)

    answer = api.upload(PUBLISH, parts(document), key=key)

    version = Version.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "id": "@ada/planner",
        "version": "1.0.0+b.1",
        "agentId": str(version.agent_id),
        "versionId": str(version.pk),
        "channel": "community",
        "tarballSha256": hashlib.sha256(data).hexdigest(),
        "tarballSizeBytes": len(data),
        "url": f"{BASE}/agents/@ada/planner/versions/1.0.0+b.1",
        "tarballUrl": f"{BASE}/v1/agents/ada/planner/versions/1.0.0+b.1/tarball",
        "assets": [],
        "findings": [],
    }
    assert version.uploaded_by_user_id == ada.pk


def test_publish_answers_with_the_warnings(api: Api, key: str) -> None:
    files = {"README.md": "# Planner\n\nSee [more](docs/none.md).\n"}

    form = parts() | {"tarball": tgz(tarball(files))}
    [finding] = api.upload(PUBLISH, form, key=key).json()["findings"]

    assert (finding["code"], finding["path"]) == ("broken_reference", "README.md")
    assert (finding["severity"], finding["line"]) == ("warning", 3)
    assert finding["help"] == f"{BASE}/guide/authors#broken_reference"


def test_audit_log_names_the_key(api: Api, ada: User, key: str) -> None:
    api.upload(PUBLISH, parts(), key=key)

    log = AuditLog.objects.get(action="version.published")
    assert (log.user_id, log.api_key_id) == (ada.pk, ApiKey.objects.get().pk)
    assert log.door == "api"
    assert len(log.address_hash) == 64
    assert log.request_id


def test_assets_keep_their_paths(api: Api, key: str) -> None:
    shots = ["store/screenshots/a.png", "store/screenshots/b.png", "store/deep/er/c.png"]
    document = manifest(store={"icon": ICON, "screenshots": shots})
    form = parts(document) | {
        "icon": image(ICON),
        "screenshot-0": image(shots[0]),
        "screenshot-1": [image(shots[1], "blue"), image(shots[2], "green")],
    }

    answer = _send(api, key, form)

    assert answer.status_code == 200
    assets = answer.json()["assets"]
    assert [(asset["kind"], asset["path"]) for asset in assets] == [
        ("icon", ICON),
        *(("screenshot", path) for path in shots),
    ]
    for asset, colour in zip(assets, ["red", "red", "blue", "green"], strict=True):
        data = png(colour)
        assert asset.keys() == {
            "id", "kind", "path", "url", "contentType", "sizeBytes", "sha256", "ordering",
        }  # fmt: skip
        assert (asset["contentType"], asset["sizeBytes"]) == ("image/png", len(data))
        assert asset["sha256"] == hashlib.sha256(data).hexdigest()
        local = asset["url"].removeprefix(BASE)
        assert b"".join(api.get(local).streaming_content) == data


def test_screenshots_are_ordered_by_number(api: Api, key: str) -> None:
    shots = [f"store/{n}.png" for n in range(11)]
    form = parts(manifest(store={"screenshots": shots}))
    form |= {f"screenshot-{n}": image(path) for n, path in reversed(list(enumerate(shots)))}

    answer = _send(api, key, form)

    assert [asset["path"] for asset in answer.json()["assets"]] == shots


def test_session_publishes_with_a_csrf_token(api: Api, ada: User) -> None:
    api.client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    assert code_of(api.client.post(PUBLISH, parts())) == "csrf_failed"

    api.client.cookies["csrftoken"] = token = "a" * 32
    answer = api.client.post(PUBLISH, parts(), headers={"X-CSRFToken": token})

    assert answer.status_code == 200


def test_channel_may_be_requested(api: Api, key: str) -> None:
    assert code_of(api.upload(PUBLISH, parts(channel="official"), key=key)) == "not_official"
    assert code_of(api.upload(PUBLISH, parts(channel="stable"), key=key)) == "invalid_channel"
    assert api.upload(PUBLISH, parts(channel="community"), key=key).json()["channel"] == "community"


# --- Credentials -----------------------------------------------------------------------------


def test_invalid_key_is_401_before_other_faults(
    api: Api, ada: User, key_for: Callable[..., str], stored_files: Files
) -> None:
    revoked_key = key_for(ada, "agents:publish")
    revoke_key(ApiKey.objects.get().pk, by=Actor(user=ada))
    expired_key = key_for(ada, "agents:publish", expires_at=now() + timedelta(days=1))
    ApiKey.objects.filter(revoked_at=None).update(expires_at=now())

    for invalid_key in ("", "claw_unknown", revoked_key, expired_key):
        for form in (parts(), {}, parts(metadata="{")):
            answer = api.upload(PUBLISH, form, key=invalid_key)
            assert (answer.status_code, code_of(answer)) == (401, "unauthorized")
    assert_nothing_stored(stored_files)


def test_key_of_an_inactive_user_is_401(api: Api, ada: User, key: str) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert api.upload(PUBLISH, parts(), key=key).status_code == 401


def test_key_without_the_scope_is_403(
    api: Api, ada: User, key_for: Callable[..., str], stored_files: Files
) -> None:
    weak = key_for(ada, "read", "agents:yank")

    answer = api.upload(PUBLISH, parts(), key=weak)

    assert (answer.status_code, code_of(answer)) == (403, "insufficient_scope")
    assert answer.json()["error"]["details"] == {"scope": "agents:publish"}
    assert_nothing_stored(stored_files)


def test_bound_key_is_403_for_another_agent(
    api: Api, ada: User, key_for: Callable[..., str], stored_files: Files
) -> None:
    bound = key_for(ada, "agents:publish", bound_to="@ada/other")

    assert code_of(api.upload(PUBLISH, parts(), key=bound)) == "insufficient_scope"
    assert_nothing_stored(stored_files)
    assert api.upload(PUBLISH, parts(manifest(id="@ada/other")), key=bound).status_code == 200


# --- Refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"metadata": None}, 400, "missing_metadata"),
        ({"tarball": None}, 400, "missing_tarball"),
        ({"metadata": None, "tarball": None}, 400, "missing_metadata"),
        ({"metadata": ""}, 400, "invalid_metadata"),
        ({"metadata": "{"}, 400, "invalid_metadata"),
        ({"metadata": "{}"}, 422, "invalid_manifest"),
        ({"metadata": "null\0"}, 400, "invalid_metadata"),
        ({"metadata": tgz(b"{}", "agent.json")}, 400, "missing_metadata"),
        ({"tarball": "text"}, 400, "missing_tarball"),
        ({"tarball": tgz(b"junk")}, 422, "validation_failed"),
        ({"channel": "\0"}, 422, "invalid_channel"),
    ],
)
def test_incomplete_form_is_refused(
    api: Api, key: str, stored_files: Files, form: dict[str, Any], status: int, code: str
) -> None:
    answer = api.upload(PUBLISH, parts(**form), key=key)

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert_nothing_stored(stored_files)


def test_refusals_have_details(api: Api, key: str, as_root: Actor) -> None:
    wrong = api.upload(PUBLISH, parts(manifest(version="x", tags=["A B"])), key=key)
    assert wrong.status_code == 422
    errors = wrong.json()["error"]["details"]["errors"]
    assert [error["path"] for error in errors] == ["version", "tags[0]"]
    assert all(error.keys() == {"path", "message"} for error in errors)

    assert api.upload(PUBLISH, parts(), key=key).status_code == 200
    second_result = api.upload(PUBLISH, parts(), key=key)
    assert (second_result.status_code, code_of(second_result)) == (409, "version_not_monotonic")
    assert second_result.json()["error"]["details"] == {
        "id": "@ada/planner",
        "current": "1.0.0",
        "requested": "1.0.0",
    }

    document = manifest(version="1.0.1")
    bad = tgz(tarball({"run.sh": "x"}, document))
    invalid = api.upload(PUBLISH, parts(document, tarball=bad), key=key)
    assert (invalid.status_code, code_of(invalid)) == (422, "validation_failed")
    for finding in invalid.json()["error"]["details"]["findings"]:
        assert {"code", "severity", "path", "message"} <= finding.keys()
        assert finding["help"] == f"{shop_settings.BASE_URL}/guide/authors#{finding['code']}"

    foreign = api.upload(PUBLISH, parts(manifest(id="@grace/x1")), key=key)
    assert (foreign.status_code, code_of(foreign)) == (403, "scope_mismatch")

    delist_agent(Agent.objects.get(), reason="Spam.", by=as_root)
    refusal = api.upload(PUBLISH, parts(document), key=key)
    assert (refusal.status_code, code_of(refusal)) == (403, "agent_delisted")
    assert refusal.json()["error"]["details"] == {"reason": "Spam."}


def test_oversized_tarball_is_413_before_other_faults(
    api: Api, key: str, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multipart, "LIMITS", PackageLimits(tarball_bytes=len(tarball()) - 1))

    for form in (parts(), parts(metadata="{"), parts(metadata=None)):
        answer = api.upload(PUBLISH, form, key=key)
        assert (answer.status_code, code_of(answer)) == (413, "tarball_too_large")
    assert_nothing_stored(stored_files)


def test_tarball_of_101_mib_is_413_and_not_stored(api: Api, key: str, stored_files: Files) -> None:
    """The stream is read to its end and stored up to the limit."""
    answer = _post(api, key, b"", **_long_stream(101 * 1024 * 1024))

    assert (answer.status_code, code_of(answer)) == (413, "tarball_too_large")
    assert_nothing_stored(stored_files)


def test_body_with_a_huge_content_length_is_not_read(
    api: Api, key: str, stored_files: Files
) -> None:
    answer = _post(api, key, b"", CONTENT_LENGTH=str(10**12))

    assert (answer.status_code, code_of(answer)) == (413, "tarball_too_large")
    assert_nothing_stored(stored_files)


def test_metadata_of_3_mib_is_413(api: Api, key: str, stored_files: Files) -> None:
    metadata = json.dumps(manifest(description="x" * 3 * 1024 * 1024))

    answer = api.upload(PUBLISH, parts(metadata=metadata), key=key)

    assert (answer.status_code, code_of(answer)) == (413, "metadata_too_large")
    assert_nothing_stored(stored_files)


# --- Malformed forms -------------------------------------------------------------------------

BOUNDARY = "a-boundary"


def image(path: str, colour: str = "red") -> tuple[str, bytes]:
    return path, png(colour)


def part(name: str, content: bytes, filename: str | None = None, *headers: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    head = "\r\n".join([disposition, *headers])
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
OCTETS = "Content-Type: application/octet-stream"
METADATA = part("metadata", json.dumps(manifest()).encode())
TARBALL = part("tarball", tarball(), "package.tgz", "Content-Type: application/gzip")


def _send(api: Api, key: str, form: dict[str, Any]) -> Any:
    """Sends a form like the npm client: paths as file names, repeated parts."""
    body = b""
    for name, value in form.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, tuple):
                body += part(name, item[1], item[0], OCTETS)
            elif isinstance(item, SimpleUploadedFile):
                body += part(name, item.read(), item.name, OCTETS)
            else:
                body += part(name, str(item).encode())
    return _post(api, key, body + END)


def _post(api: Api, key: str, body: bytes, kind: str = "", **environ: Any) -> Any:
    kind = kind or f"multipart/form-data; boundary={BOUNDARY}"
    headers = {"Authorization": f"Bearer {key}"}
    environ = {"CONTENT_TYPE": kind} | environ
    return api.client.generic("POST", PUBLISH, body, kind, headers=headers, **environ)


def _long_stream(size: int) -> dict[str, Any]:
    """Returns a WSGI input with a tarball of this size that takes no memory."""
    head = part("tarball", b"", "package.tgz").removesuffix(b"\r\n")
    tail = b"\r\n" + METADATA + END
    total = len(head) + size + len(tail)

    class Stream(FakePayload):
        place = 0

        def read(self, size: int = -1, /) -> bytes:
            length = min(size if size >= 0 else total, total - self.place)
            begin, self.place = self.place, self.place + length
            return self._between(begin, self.place)

        @staticmethod
        def _between(begin: int, end: int) -> bytes:
            middle_end = len(head) + size
            zeros = max(0, min(end, middle_end) - max(begin, len(head)))
            return (
                head[begin:end]
                + bytes(zeros)
                + tail[max(0, begin - middle_end) :][: max(0, end - max(begin, middle_end))]
            )

    return {"wsgi.input": Stream(), "CONTENT_LENGTH": str(total)}


def test_form_of_the_npm_client_is_accepted(api: Api, key: str) -> None:
    assert _post(api, key, METADATA + TARBALL + END).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "missing_metadata"),
        (END, 400, "missing_metadata"),
        (b"no boundary at all", 400, "missing_metadata"),
        (METADATA, 400, "missing_tarball"),
        (TARBALL + END, 400, "missing_metadata"),
        (METADATA + TARBALL[: len(TARBALL) // 2], 400, "missing_tarball"),
        (METADATA + part("tarball", b"", "package.tgz") + END, 422, "validation_failed"),
        (METADATA + part("tarball", tarball()) + END, 400, "missing_tarball"),
        (METADATA + part("tarball", tarball(), "") + END, 400, "missing_tarball"),
        (part("metadata", b"{}", "metadata.json") + TARBALL + END, 400, "missing_metadata"),
        (part("metadata", b"\xff\xfe") + TARBALL + END, 400, "invalid_metadata"),
        (part("a", b"b") * 200 + END, 400, "malformed"),
        (part("a", b"b", "c") * 200 + END, 400, "malformed"),
        (METADATA + TARBALL + part("icon", png(), "../../etc/passwd") + END, 422, None),
        (METADATA + TARBALL + part("icon", png(), "C:\\icon.png") + END, 422, None),
        (METADATA + TARBALL + part("icon", png(), "a\0b.png") + END, 422, None),
        (METADATA + TARBALL + part("icon", png(), "&#0;&#x202e;.png") + END, 422, None),
    ],
)
def test_malformed_form_is_refused(
    api: Api, key: str, stored_files: Files, body: bytes, status: int, code: str | None
) -> None:
    answer = _post(api, key, body)

    assert (answer.status_code, code_of(answer)) == (status, code or "validation_failed")
    assert_nothing_stored(stored_files)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("application/json", "missing_metadata"),
        ("text/plain", "missing_metadata"),
        ("application/x-www-form-urlencoded", "missing_metadata"),
        ("multipart/mixed; boundary=a-boundary", "missing_metadata"),
        ("multipart/form-data", "invalid_multipart"),
        ("multipart/form-data; boundary=", "invalid_multipart"),
        ("multipart/form-data; boundary=\xff\xfe", "invalid_multipart"),
        ("multipart/form-data; boundary=" + "b" * 500, "invalid_multipart"),
        ("multipart/form-data; boundary=another", "missing_tarball"),
        ("multipart/form-data; boundary=a-boundary; charset=nonsense", None),
        ("multipart/form-data; charset=utf-16; boundary=a-boundary", None),
        ("MULTIPART/FORM-DATA; boundary=a-boundary", None),
    ],
)
def test_unusual_content_type(
    api: Api, key: str, stored_files: Files, kind: str, code: str | None
) -> None:
    answer = _post(api, key, METADATA + TARBALL + END, kind)

    if code is None:
        assert answer.status_code in {200, 400}
    else:
        assert (answer.status_code, code_of(answer)) == (400, code)
        assert_nothing_stored(stored_files)


def test_body_is_not_read_for_an_invalid_session(api: Api, stored_files: Files) -> None:
    """The CSRF token is read from the header only, so a stranger cannot fill the disk."""
    api.client.cookies["sessionid"] = "made up"
    api.client.cookies["csrftoken"] = "a" * 32
    stream = _long_stream(1024 * 1024)

    kind = f"multipart/form-data; boundary={BOUNDARY}"
    answer = api.client.generic("POST", PUBLISH, CONTENT_TYPE=kind, **stream)

    assert (answer.status_code, code_of(answer)) == (403, "csrf_failed")
    assert stream["wsgi.input"].place == 0
    assert_nothing_stored(stored_files)


def test_missing_content_type_is_refused(api: Api, key: str, stored_files: Files) -> None:
    answer = api.client.generic(
        "POST", PUBLISH, b"", content_type="", headers={"Authorization": f"Bearer {key}"}
    )

    assert (answer.status_code, code_of(answer)) == (400, "missing_metadata")
    assert_nothing_stored(stored_files)


@pytest.mark.parametrize("length", ["", "abc", "-5", "0", "10"])
def test_wrong_content_length_is_refused(
    api: Api, key: str, stored_files: Files, length: str
) -> None:
    answer = _post(api, key, METADATA + TARBALL + END, CONTENT_LENGTH=length)

    assert answer.status_code == 400
    assert code_of(answer) in {"missing_metadata", "missing_tarball", "invalid_multipart"}
    assert_nothing_stored(stored_files)


def test_repeated_parts_cannot_bypass_the_checks(api: Api, key: str, stored_files: Files) -> None:
    other = part("metadata", json.dumps(manifest(tagline="Other")).encode())
    answer = _post(api, key, METADATA + other + TARBALL + END)
    assert code_of(answer) == "validation_failed"
    assert_nothing_stored(stored_files)

    junk = part("tarball", b"junk", "package.tgz")
    assert code_of(_post(api, key, METADATA + TARBALL + junk + END)) == "validation_failed"
    assert_nothing_stored(stored_files)

    assert _post(api, key, METADATA + junk + TARBALL + END).status_code == 200
    assert [v.tarball_sha256 for v in Version.objects.all()] == [
        hashlib.sha256(tarball()).hexdigest()
    ]


def test_parts_may_come_in_any_order(api: Api, key: str) -> None:
    assert _post(api, key, TARBALL + METADATA + END).status_code == 200


def test_unknown_parts_are_ignored(api: Api, key: str, stored_files: Files) -> None:
    additions = (
        part("extra", b"x") + part("file", b"x", "x.bin") + part("screenshot-x", b"x", "y.png")
    )

    assert _post(api, key, METADATA + TARBALL + additions + END).status_code == 200
    assert (VersionAsset.objects.count(), len(stored_files())) == (0, 1)


def test_base64_part_is_decoded(api: Api, key: str) -> None:
    encoded_part = part(
        "tarball",
        base64.b64encode(tarball()),
        "package.tgz",
        "Content-Transfer-Encoding: base64",
    )
    broken_cache = part("tarball", b"!!!", "package.tgz", "Content-Transfer-Encoding: base64")

    assert code_of(_post(api, key, METADATA + broken_cache + END)) in {
        "invalid_multipart",
        "validation_failed",
    }
    assert _post(api, key, METADATA + encoded_part + END).status_code == 200


def test_published_bytes_are_returned_unchanged(api: Api, key: str) -> None:
    data = tarball(None, manifest())
    answer = api.upload(PUBLISH, parts(), key=key).json()

    tarball_url = answer["tarballUrl"].removeprefix(BASE)
    assert b"".join(api.get(tarball_url).streaming_content) == data
    detail = api.get("/v1/agents/Ada/PLANNER").json()
    assert detail["latestVersion"]["manifest"] == manifest()
    assert detail["latestVersion"]["uploadedAt"] == iso(Version.objects.get().uploaded_at)
