"""Small copies of icons and screenshots: making, size and access."""

import io
import os
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from foundation.actor import Actor
from registry.agents.actions import withhold_version
from registry.examiner.records import ImageToShrink
from registry.examiner.small_images import MAX_BYTES, SIDES, shrink_image
from registry.models import Agent, VersionAsset
from registry.package.checks.checked_image import SVG
from registry.publishing.small_images import make_missing_small_images
from registry.publishing.upload import UploadedAsset
from tests.support.uploads import ICON, icon, publish

SHAPE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'


def encode(image: Image.Image, name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


def shrink(data: bytes, kind: Any = "icon", content_type: str = "image/png") -> Image.Image:
    small = shrink_image(ImageToShrink(kind, content_type, ""), io.BytesIO(data))
    assert 0 < len(small.data) <= MAX_BYTES[kind]
    return Image.open(io.BytesIO(small.data))


@pytest.mark.once
@pytest.mark.parametrize(("kind", "size"), [("icon", (2000, 1000)), ("screenshot", (1280, 800))])
def test_copy_is_small_and_keeps_the_shape(kind: Any, size: tuple[int, int]) -> None:
    copy = shrink(encode(noise(*size), "PNG"), kind)

    width, height = SIDES[kind]
    assert (copy.width, copy.format) == (width, "WEBP")
    assert copy.height == pytest.approx(width * size[1] / size[0], abs=1)
    assert copy.height <= height


@pytest.mark.once
def test_copy_has_neither_motion_nor_metadata_and_stands_upright() -> None:
    frames = [Image.new("RGB", (300, 100), colour) for colour in ("red", "blue")]
    copy_of_animation = shrink(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Ada"  # Turned by 90°, and the artist.
    copy_of_photo = shrink(encode(frames[0], "JPEG", exif=exif), "screenshot")

    assert getattr(copy_of_animation, "n_frames", 1) == 1
    red, _, blue = copy_of_animation.convert("RGB").getpixel((50, 20))  # type: ignore[misc]
    assert red > 250 > blue
    assert copy_of_photo.width < copy_of_photo.height
    assert not copy_of_photo.getexif()


@pytest.mark.once
def test_copy_of_a_drawing_is_transparent_where_the_drawing_is() -> None:
    copy = shrink(SHAPE, content_type=SVG).convert("RGBA")

    assert copy.size == (144, 144)
    assert copy.getpixel((100, 20)) == (0, 0, 0, 255)
    assert copy.getpixel((20, 100))[3] == 0  # type: ignore[index]


@pytest.mark.once
@pytest.mark.parametrize("data", [b"", b"<svg", SHAPE[:-9], b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize("content_type", [SVG, "image/png"])
def test_damaged_image_has_no_copy(data: bytes, content_type: str) -> None:
    assert shrink_image(ImageToShrink("icon", content_type, ""), io.BytesIO(data)).sha256 == ""


def publish_with_images(by: Actor, version: str = "1.0.0") -> Agent:
    shot = UploadedAsset("screenshot", "store/a.png", io.BytesIO(encode(noise(600, 300), "PNG")))
    store = {"icon": ICON, "screenshots": ["store/a.png"]}
    return publish(by, "@ada/coach", version, assets=(icon(), shot), store=store).agent


def test_row_shows_small_copies_and_a_publish_shares_them(as_ada: Actor, client: Client) -> None:
    publish_with_images(as_ada)
    agent = publish_with_images(as_ada, "1.1.0")

    copies = VersionAsset.objects.filter(kind="icon").values_list("small_sha256", flat=True)
    assert len(set(copies)) == 1
    address = f"/images/{copies[0]}.webp"
    assert address in client.get("/agents").text
    response = client.get(address)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "image/webp"
    assert client.get(address, headers={"if-none-match": f'"{copies[0]}"'}).status_code == 304
    assert agent.row_facts["thumbnail"]


@pytest.mark.once
def test_copy_of_a_withheld_image_is_not_found(
    as_ada: Actor, as_root: Actor, client: Client
) -> None:
    agent = publish_with_images(as_ada)
    address = f"/images/{VersionAsset.objects.filter(kind='icon').get().small_sha256}.webp"
    assert client.get(address).status_code == 200

    withhold_version(agent, "1.0.0", reason="malware", text="It phones home.", by=as_root)

    assert client.get(address).status_code == 404
    assert client.get("/images/..%2f..%2fsecret.webp").status_code == 404


def test_job_makes_missing_copies_once(as_ada: Actor) -> None:
    agent = publish_with_images(as_ada)
    Agent.objects.update(row_facts=agent.row_facts | {"small_icon": "", "thumbnail": ""})
    # As after an import. Nothing else clears the column.
    VersionAsset.objects.all().set_small_copy(None)  # type: ignore[arg-type]
    screenshot = VersionAsset.objects.get(kind="screenshot")
    default_storage.delete(screenshot.r2_key)

    assert [make_missing_small_images(), make_missing_small_images()] == [2, 0]

    row_facts = Agent.objects.get().row_facts
    assert row_facts["small_icon"] == VersionAsset.objects.get(kind="icon").small_sha256 != ""
    assert row_facts["thumbnail"] == VersionAsset.objects.get(kind="screenshot").small_sha256 == ""
