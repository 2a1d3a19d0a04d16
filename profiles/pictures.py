"""The picture that GitHub has of a person: fetched behind a sign-in, made small, and handed out by
the shop itself, so that nobody's browser is sent to another host."""

import hashlib
import io
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageOps

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.jobs.actions import enqueue
from foundation.jobs.models import Job
from profiles.models import Profile
from profiles.revisions import bump_person
from profiles.rules import is_web_address

FOLDER = "avatars"
SIDE = 128  # Pixels: twice what a page shows, for sharp screens.
MOST_BYTES = 1024 * 1024
MOST_PIXELS = 4096 * 4096
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
TO_CONNECT, TO_READ, ALTOGETHER = 5.0, 10.0, 20.0  # Seconds.
CHUNK = 64 * 1024
FAILING = 500


class NoPicture(Exception):
    """There is nothing to keep, and asking again would not change that."""


def ask_for_picture(user: User, address: str) -> None:
    """Write down, with the caller's change, that the worker shall fetch this person's picture."""
    if address:
        enqueue("profiles.pictures.fetch_picture", {"user": str(user.pk)})


def fetch_picture(job: Job) -> dict[str, Any]:
    """What the worker does, perhaps twice. A host that fails is asked again later; what is no
    picture is given up, and the seal stays."""
    profile = Profile.objects.filter(pk=job.payload["user"]).first()
    address = profile.avatar_url if profile else None
    if profile is None or not address:
        return {"kept": False, "why": "The picture no longer exists."}
    try:
        picture = small_picture(download(address))
    except NoPicture as reason:
        return {"kept": False, "why": str(reason)}
    return {"kept": keep_picture(profile.user_id, address, picture)}


def may_be_fetched(address: str) -> bool:
    """Whether it lies where GitHub keeps pictures: the very hosts of the settings, nothing else.
    Whoever signs in chooses no address that the shop's machine would then ask."""
    if not is_web_address(address):
        return False
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower() in settings.GITHUB_PICTURE_ORIGINS


def download(address: str) -> bytes:
    """The bytes at an address, at most 1 MiB. Follows no redirect: it could lead anywhere."""
    if not may_be_fetched(address):
        raise NoPicture("The URL is not one of GitHub's picture hosts.")
    deadline = monotonic() + ALTOGETHER
    with requests.get(
        address,
        stream=True,
        allow_redirects=False,
        timeout=(TO_CONNECT, TO_READ),
        headers={"Accept": "image/*", "Accept-Encoding": "identity"},
    ) as answer:
        if answer.status_code >= FAILING:
            answer.raise_for_status()
        if answer.status_code != requests.codes.ok:
            raise NoPicture(f"The answer was {answer.status_code}.")
        return _read(answer, deadline)


def _read(answer: requests.Response, deadline: float) -> bytes:
    data = b""
    for chunk in answer.raw.stream(CHUNK, decode_content=False):
        data += chunk
        if len(data) > MOST_BYTES:
            raise NoPicture(f"It is larger than {MOST_BYTES} bytes.")
        if monotonic() > deadline:
            raise TimeoutError("The picture download was too slow.")
    return data


def small_picture(data: bytes) -> bytes:
    """A square PNG of 128 pixels, drawn anew: nothing of the file but what one sees."""
    # Pillow raises a dozen kinds of exception on damaged files: each means that it is damaged.
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise NoPicture(f"It has {image.width} by {image.height} pixels.")
            upright = ImageOps.exif_transpose(image).convert("RGBA")
        drawn = Image.new("RGBA", (SIDE, SIDE))
        drawn.paste(ImageOps.fit(upright, (SIDE, SIDE)))
    except NoPicture:
        raise
    except Exception as error:
        raise NoPicture("The picture is not a valid PNG, JPEG, WebP or GIF.") from error
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def keep_picture(user_id: UUID, address: str, picture: bytes) -> bool:
    """Store it and point the profile there. False where the person has left, or has another
    picture, since it was asked for."""
    sha256 = hashlib.sha256(picture).hexdigest()
    key = f"{FOLDER}/{user_id}/{sha256}.png"
    # Bytes before the row, as everywhere; what a crash leaves is an orphan for the sweep.
    default_storage.save(key, ContentFile(picture))
    with transaction.atomic():
        profile = hold_profile(user_id)
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


def hold_profile(user_id: UUID) -> Profile:
    """The profile's row, held until the transaction ends."""
    profile: Profile = Profile.objects.select_for_update().get(pk=user_id)
    return profile


def drop_picture(profile: Profile) -> None:
    """Take the picture off a held profile; its file goes with the commit."""
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
    """The PNG that the person has now, if it is this one; a catalogue may have come without it."""
    held = Profile.objects.filter(pk=user_id, picture_sha256=sha256)
    key = held.values_list("picture_key", flat=True).first()
    try:
        with default_storage.open(key) if key else io.BytesIO() as stored:
            return stored.read() or None
    except FileNotFoundError:
        return None
