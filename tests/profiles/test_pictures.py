"""Profile pictures: fetched by the worker from GitHub, resized by us."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from clawstore.account.actions import delete_account
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from profiles import pictures
from profiles.actions import edit_profile, open_account, refresh_picture
from profiles.identity import Identity
from profiles.models import Profile
from profiles.pictures import NoPicture, download, may_be_fetched, small_picture, store_picture
from registry.publishing.sweep import sweep_files
from tests.support.factories import SYSTEM
from tests.support.servers.github import GitHub, github_server

pytestmark = pytest.mark.once

PATH = "/u/1"
PNG = {"Content-Type": "image/png"}
Files = Callable[[], list[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[GitHub]:
    with github_server() as server:
        yield server


@pytest.fixture
def github(server: GitHub, settings: Any) -> GitHub:
    server.files.clear()
    server.requested_paths.clear()
    settings.GITHUB_PICTURE_ORIGINS = [server.url]
    return server


def drawn(colour: str = "red", size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def arrive(github: GitHub, login: str = "emmy") -> User:
    address = github.url + PATH
    return open_account(Identity(login=login, github_id=7, avatar_url=address), by=SYSTEM)


def again(user: User, address: str) -> None:
    identity = Identity(login=user.username, github_id=7, avatar_url=address)
    refresh_picture(user, identity, by=Actor(user=user))


def results() -> list[Any]:
    run_due_jobs()
    jobs = Job.objects.filter(kind="profiles.fetch_picture").order_by("created_at")
    return [job.result for job in jobs]


def address_of(user: User) -> str:
    return f"/pictures/{user.pk}/{Profile.objects.get(user=user).picture_sha256}.png"


def test_sign_in_stores_a_small_copy_of_the_picture(
    github: GitHub, db: None, storage_folder: Path, stored_files: Files, client: Client
) -> None:
    github.files[PATH] = (200, PNG, drawn())
    user = arrive(github)
    assert "<img" not in client.get("/@emmy").text.split("</header>", 2)[1]

    assert results() == [{"kept": True}]

    profile = Profile.objects.get(user=user)
    assert stored_files() == [profile.picture_key]
    answer = client.get(address_of(user))
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size, picture.getpixel((64, 64))) == (
            "PNG",
            (128, 128),
            (255, 0, 0, 255),
        )
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert (
        client.get(address_of(user), headers={"If-None-Match": answer["ETag"]}).status_code == 304
    )
    assert f'src="{address_of(user)}"' in client.get("/@emmy").text
    log = AuditLog.objects.get(action="profile.picture_kept")
    assert (log.entity_id, log.user_id, log.door) == ("emmy", None, "worker")


def test_stored_picture_has_no_metadata() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (50, 50), "blue").save(out, "JPEG", exif=exif, comment=b"secret")

    small = small_picture(out.getvalue())

    assert b"home" not in small
    assert b"secret" not in small
    with Image.open(io.BytesIO(small)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (128, 128)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_supported_picture_formats_are_stored(kind: str) -> None:
    assert small_picture(drawn(kind=kind)).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "make_bytes",
    [
        lambda: b"",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        lambda: b"\x89PNG\r\n\x1a\n",
        lambda: drawn()[:100],
        lambda: drawn(kind="BMP"),
        lambda: drawn(size=(20_000, 1_000)),
    ],
    ids=["nothing", "a drawing", "a start", "cut", "another kind", "too many pixels"],
)
def test_file_that_is_no_picture_is_not_stored(make_bytes: Callable[[], bytes]) -> None:
    data = make_bytes()
    with pytest.raises(NoPicture):
        small_picture(data)


@pytest.mark.parametrize(
    "address",
    [
        "https://tracker.example/u/1",
        "http://avatars.githubusercontent.com/u/1",
        "https://avatars.githubusercontent.com:8443/u/1",
        "https://avatars.githubusercontent.com.evil.example/u/1",
        "https://avatars.githubusercontent.com@evil.example/u/1",
        "https://evil.example\\@avatars.githubusercontent.com/u/1",
        "https://avatars.githubusercontent.com\\.evil.example/u/1",
        "https://avatars.githubusercontent.com\t.evil.example/u/1",
        "//avatars.githubusercontent.com/u/1",
        "file:///etc/passwd",
        "http://127.0.0.1/u/1",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/u/1",
        "",
    ],
)
def test_picture_of_another_host_is_not_requested(
    address: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.GITHUB_PICTURE_ORIGINS == ["https://avatars.githubusercontent.com"]
    assert may_be_fetched("https://avatars.githubusercontent.com/u/1?v=4")

    def asked(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a request went out")

    monkeypatch.setattr("requests.get", asked)
    with pytest.raises(NoPicture):
        download(address)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((302, {"Location": "/elsewhere"}, b""), "The answer was 302."),
        ((404, {}, b""), "The answer was 404."),
        ((200, PNG, b"x" * (pictures.MAX_BYTES + 1)), "It is larger than 1048576 bytes."),
        ((200, PNG, b"no picture"), "The picture is not a valid PNG, JPEG, WebP or GIF."),
    ],
    ids=["elsewhere", "gone", "too large", "no picture"],
)
def test_unusable_picture_is_given_up_and_the_identicon_stays(
    github: GitHub,
    db: None,
    stored_files: Files,
    client: Client,
    answer: tuple[int, dict[str, str], bytes],
    reason: str,
) -> None:
    github.files[PATH] = answer
    github.files["/elsewhere"] = (200, PNG, drawn())
    arrive(github)

    assert results() == [{"kept": False, "why": reason}]

    assert github.requested_paths == [PATH]
    assert stored_files() == []
    assert 'class="identicon"' in client.get("/@emmy").text


def test_failing_host_is_asked_again_later(github: GitHub, db: None, storage_folder: Path) -> None:
    github.files[PATH] = (503, {}, b"")
    user = arrive(github)

    assert run_due_jobs().retry_count == 1

    github.files[PATH] = (200, PNG, drawn())
    Job.objects.update(run_at="2020-01-01T00:00Z")
    assert results() == [{"kept": True}]
    assert Profile.objects.get(user=user).picture_key


def test_slow_host_is_abandoned(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    github.files[PATH] = (200, PNG, drawn())
    monkeypatch.setattr(pictures, "TOTAL_TIMEOUT", -1.0)

    with pytest.raises(TimeoutError):
        download(github.url + PATH)


def test_unreachable_host_is_asked_again_later(settings: Any) -> None:
    settings.GITHUB_PICTURE_ORIGINS = ["http://127.0.0.1:9"]

    with pytest.raises(requests.ConnectionError):
        download("http://127.0.0.1:9/u/1")


@pytest.fixture
def emmy(github: GitHub, db: None, storage_folder: Path) -> User:
    """A user with a red picture."""
    github.files[PATH] = (200, PNG, drawn())
    user = arrive(github)
    run_due_jobs()
    return user


def test_new_picture_replaces_the_old_file(
    emmy: User,
    github: GitHub,
    stored_files: Files,
    client: Client,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    old = address_of(emmy)
    github.files["/u/2"] = (200, PNG, drawn("green"))
    again(emmy, github.url + "/u/2")

    with django_capture_on_commit_callbacks(execute=True):
        assert results()[-1] == {"kept": True}

    profile = Profile.objects.get(user=emmy)
    assert profile.avatar_url == github.url + "/u/2"
    assert stored_files() == [profile.picture_key]
    assert client.get(old).status_code == 404
    assert client.get(address_of(emmy)).status_code == 200
    edits = AuditLog.objects.filter(action="profile.edited").values_list("details", flat=True)
    assert list(edits) == [{"fields": ["avatar_url"]}]


def test_unchanged_picture_changes_nothing(emmy: User, github: GitHub, stored_files: Files) -> None:
    before = Profile.objects.values().get(user=emmy)
    logs = AuditLog.objects.count()

    again(emmy, github.url + PATH)

    assert results() == [{"kept": True}] * 2
    assert Profile.objects.values().get(user=emmy) == before
    assert stored_files() == [before["picture_key"]]
    assert AuditLog.objects.count() == logs


def test_account_deletion_deletes_the_picture(
    emmy: User,
    stored_files: Files,
    client: Client,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    address = address_of(emmy)

    with django_capture_on_commit_callbacks(execute=True):
        delete_account("emmy", by=Actor(user=emmy))

    assert stored_files() == []
    assert client.get(address).status_code == 404
    profile = Profile.objects.get(user=emmy)
    columns = (profile.picture_key, profile.picture_sha256, profile.picture_size_bytes)
    assert columns == (None, None, None)


def test_picture_fetched_after_account_deletion_is_not_stored(
    github: GitHub,
    db: None,
    storage_folder: Path,
    stored_files: Files,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    user = arrive(github)
    address = github.url + PATH
    delete_account("emmy", by=Actor(user=user))

    with django_capture_on_commit_callbacks(execute=True):
        assert store_picture(user.pk, address, small_picture(drawn())) is False

    assert stored_files() == []
    assert Profile.objects.get(user=user).picture_key is None
    assert results() == [{"kept": False, "why": "The picture no longer exists."}]


def test_profile_edit_keeps_the_picture(emmy: User) -> None:
    """An edit must not overwrite columns that it has not read."""
    stale = Profile.objects.get(user=emmy)
    edit_profile("emmy", {"bio": "Rings."}, by=Actor(user=emmy))

    assert Profile.objects.get(user=emmy).picture_key == stale.picture_key is not None


def test_sweep_deletes_only_pictures_without_a_profile(emmy: User, storage_folder: Path) -> None:
    for path in storage_folder.rglob("*.png"):
        os.utime(path, (0, 0))
    assert sweep_files() == 0

    Profile.objects.filter(user=emmy).update(
        picture_key=None, picture_sha256=None, picture_size_bytes=None
    )
    assert sweep_files() == 1


@pytest.mark.parametrize("path", ["pictures/{user}/{other}.png", "pictures/{other_user}/{sha}.png"])
def test_picture_with_another_user_or_digest_is_not_found(
    emmy: User, ada: User, client: Client, path: str
) -> None:
    sha = Profile.objects.get(user=emmy).picture_sha256
    address = path.format(user=emmy.pk, sha=sha, other="0" * 64, other_user=ada.pk)

    assert client.get(f"/{address}").status_code == 404


def test_picture_without_stored_bytes_is_not_found(emmy: User, client: Client) -> None:
    default_storage.delete(Profile.objects.get(user=emmy).picture_key)

    assert client.get(address_of(emmy)).status_code == 404
