"""Profile pictures from GitHub: fetched by the worker, resized, served by us.

Visitors' browsers therefore never contact another host.
"""

import base64
import hashlib
import io
import tempfile
from time import monotonic
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.files.sweep import StoredFolder
from foundation.jobs.actions import enqueue
from foundation.sandbox.errors import TaskStopped
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.pool import ChildPool, Lane
from profiles.models import Profile
from profiles.picture_tasks import PictureTasks
from profiles.revisions import bump_person
from profiles.rules import is_web_address

FOLDER = "avatars"
# GitHub's pictures are much smaller.
MAX_BYTES = 1024 * 1024
CONNECT_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT = 5.0, 10.0, 20.0  # Seconds.
CHUNK = 64 * 1024
SERVER_ERROR = 500
LIMITS = TaskLimits(cpu_seconds=10, wall_seconds=60.0, output_bytes=MAX_BYTES)
# Only the worker draws pictures, and waits as long as it takes.
LANE = Lane(
    ChildPool("profiles.picture_tasks:PictureTasks"), max_running=1, max_waiting=64, patience=60.0
)

STORED_PICTURES = StoredFolder(FOLDER, lambda key: Profile.objects.filter(picture_key=key).exists())


class NoPicture(Exception):
    """There is no usable picture, and a retry would not change that."""


def enqueue_picture_fetch(user: User, address: str) -> None:
    """Enqueue the fetch of a person's picture within the caller's transaction."""
    if address:
        enqueue("profiles.fetch_picture", {"user": str(user.pk)})


def fetch_picture(user_id: UUID) -> dict[str, Any]:
    """Fetch and store a picture. It may run twice.

    A failing host raises, so the job is retried. An invalid picture is given up, and the
    identicon stays.
    """
    profile = Profile.objects.filter(pk=user_id).first()
    address = profile.avatar_url if profile else None
    if profile is None or not address:
        return {"kept": False, "why": "The picture no longer exists."}
    try:
        picture = small_picture(download(address))
    except NoPicture as reason:
        return {"kept": False, "why": str(reason)}
    return {"kept": store_picture(profile.user_id, address, picture)}


def may_be_fetched(address: str) -> bool:
    """Whether an address is on one of the configured GitHub picture hosts.

    This prevents server-side request forgery through a profile.
    """
    if not is_web_address(address):
        return False
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower() in settings.GITHUB_PICTURE_ORIGINS


def download(address: str) -> bytes:
    """The bytes at an address, at most 1 MiB.

    Redirects are not followed, because they could lead to any host. Raises NoPicture.
    """
    if not may_be_fetched(address):
        raise NoPicture("The URL is not one of GitHub's picture hosts.")
    # The time-outs of the library restart with every read.
    deadline = monotonic() + TOTAL_TIMEOUT
    with requests.get(
        address,
        stream=True,
        allow_redirects=False,
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        headers={"Accept": "image/*", "Accept-Encoding": "identity"},
    ) as response:
        if response.status_code >= SERVER_ERROR:
            response.raise_for_status()
        if response.status_code != requests.codes.ok:
            raise NoPicture(f"The answer was {response.status_code}.")
        return _read_body(response, deadline)


def _read_body(response: requests.Response, deadline: float) -> bytes:
    data = b""
    for chunk in response.raw.stream(CHUNK, decode_content=False):
        data += chunk
        if len(data) > MAX_BYTES:
            raise NoPicture(f"It is larger than {MAX_BYTES} bytes.")
        if monotonic() > deadline:
            raise TimeoutError("The picture download was too slow.")
    return data


def small_picture(data: bytes) -> bytes:
    """A square PNG of 128 pixels, encoded again in the sandbox.

    Raises NoPicture for an invalid or too large image.
    """
    with LANE.session() as session, tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            picture = session.call(
                PictureTasks.draw_small, None, [cast(BinaryIO, file)], limits=LIMITS
            )
        except TaskStopped as error:
            raise NoPicture(f"Drawing it was stopped: {error.reason}.") from error
    if picture.problem:
        raise NoPicture(picture.problem)
    return base64.b64decode(picture.png)


def store_picture(user_id: UUID, address: str, picture: bytes) -> bool:
    """Store a picture and point the profile to it.

    Returns False if the person has left or has another picture since the fetch was requested.
    """
    sha256 = hashlib.sha256(picture).hexdigest()
    key = f"{FOLDER}/{user_id}/{sha256}.png"
    # Bytes before the row (ADR 3): a crash leaves an orphan file, which the sweep deletes.
    default_storage.save(key, ContentFile(picture))
    with transaction.atomic():
        profile = lock_profile(user_id)
        # The picture was removed or replaced while it was fetched.
        if profile.avatar_url != address:
            _delete_after_commit(key if key != profile.picture_key else None)
            return False
        if profile.picture_key == key:
            return True
        _delete_after_commit(profile.picture_key)
        _point_to(profile, key, sha256, len(picture))
        name = profile.github_login
        record("profile.picture_kept", "user", name, by=Actor(door="worker"), size=len(picture))
    return True


def lock_profile(user_id: UUID) -> Profile:
    """The profile's row, locked until the transaction ends."""
    profile: Profile = Profile.objects.select_for_update().get(pk=user_id)
    return profile


def remove_picture(profile: Profile) -> None:
    """Remove the picture of a locked profile; the commit deletes its file."""
    _delete_after_commit(profile.picture_key)
    _point_to(profile, None, None, None)


def _point_to(profile: Profile, key: str | None, sha256: str | None, size: int | None) -> None:
    profile.picture_key, profile.picture_sha256, profile.picture_size_bytes = key, sha256, size
    profile.save(update_fields=["picture_key", "picture_sha256", "picture_size_bytes"])
    bump_person(profile.pk)


def _delete_after_commit(key: str | None) -> None:
    if key:
        transaction.on_commit(lambda: default_storage.delete(key), robust=True)


def read_picture(user_id: UUID, sha256: str) -> bytes | None:
    """The current picture, if its digest is ``sha256``; otherwise None.

    The file can be missing after an import without files.
    """
    profiles = Profile.objects.filter(pk=user_id, picture_sha256=sha256)
    key = profiles.values_list("picture_key", flat=True).first()
    try:
        with default_storage.open(key) if key else io.BytesIO() as file:
            return file.read() or None
    except FileNotFoundError:
        return None
