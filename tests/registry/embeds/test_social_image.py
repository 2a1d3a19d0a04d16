"""The preview picture as a file: its address, caching and contents."""

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageChops

from foundation.accounts.models import User
from registry.embeds import drawing
from registry.embeds.drawing import HEIGHT, WIDTH, PreviewContent, draw_preview
from registry.embeds.social_image import preview_content, social_image_url
from registry.models import Agent
from registry.publishing.sweep import sweep_files
from tests.support.factories import make_agent, make_version

pytestmark = pytest.mark.once

PICTURE = "/agents/@ada/coach/picture.png"
CONTENT = PreviewContent(
    full_id="@ada/coach",
    name="Coach",
    tagline="Logs meals",
    release="Version 1.0.0 · Community",
    facts=(("Writes", "3 files"), ("Licence", "MIT")),
    instance="Clawstore",
)


@pytest.fixture
def pictures(storage_folder: Path) -> Path:
    """The folder of the drawn previews."""
    return storage_folder / "pictures"


def test_picture_is_drawn_once_per_content(client: Client, coach: Agent, pictures: Path) -> None:
    first = client.get(PICTURE)
    assert Image.open(BytesIO(first.content)).size == (1200, 630)
    (file,) = pictures.iterdir()
    file.write_bytes(b"stored")

    assert client.get(PICTURE).content == b"stored"
    Agent.objects.filter(pk=coach.pk).update(download_count=7, downloads_30d=7)
    assert client.get(PICTURE).content == b"stored"
    Agent.objects.filter(pk=coach.pk).update(tagline="Another")
    second = client.get(PICTURE)
    assert Image.open(BytesIO(second.content)).format == "PNG"
    assert second["ETag"] != first["ETag"]


def test_conditional_request_draws_nothing(client: Client, coach: Agent, pictures: Path) -> None:
    etag = client.get(PICTURE)["ETag"]
    (file,) = pictures.iterdir()
    file.unlink()

    response = client.get(PICTURE, headers={"if-none-match": etag})
    assert (response.status_code, response.content) == (304, b"")
    assert list(pictures.iterdir()) == []


def test_sweep_deletes_old_pictures(client: Client, coach: Agent, pictures: Path) -> None:
    client.get(PICTURE)
    for file in pictures.iterdir():
        os.utime(file, (0, 0))

    assert sweep_files() == 1
    assert client.get(PICTURE).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["وكيل", "😀", "a\u200bb", "x" * 128, "Zwölf", "文" * 128, "ไทย", "\u202eevil", "회의록"],
)
def test_any_name_gives_a_picture(client: Client, ada: User, pictures: Path, name: str) -> None:
    make_version(make_agent(ada, "coach", display_name=name, tagline=name), f"1.0.0+{'y' * 90}")

    response = client.get(PICTURE)
    assert Image.open(BytesIO(response.content)).size == (1200, 630)


def test_picture_shows_the_counts_of_the_label(coach: Agent) -> None:
    coach.row_facts = {"files": 1, "secrets": 0, "plugins": 1200}

    content = preview_content(coach)
    assert content.release == "Version 1.0.0 · Community"
    assert content.facts == (
        ("Writes", "1 file"),
        ("Secrets", "none"),
        ("Plugins", "1,200"),
        ("Licence", "Apache-2.0"),
    )


def test_agent_without_a_version_shows_its_licence_alone(ada: User) -> None:
    content = preview_content(make_agent(ada, "bare"))

    assert (content.release, content.facts) == ("", (("Licence", "Apache-2.0"),))
    assert Image.open(BytesIO(draw_preview(content))).size == (1200, 630)


def test_address_changes_with_the_content_and_costs_no_query(coach: Agent) -> None:
    coach = Agent.objects.select_related("latest_version").get(pk=coach.pk)
    with CaptureQueriesContext(connection) as queries:
        first = social_image_url(coach)
        coach.row_facts = coach.row_facts | {"secrets": 9}
        second = social_image_url(coach)

    assert len(queries) == 0
    assert first.startswith(f"{settings.BASE_URL}{PICTURE}?v=")
    assert first != second


def test_digest_depends_on_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [
        CONTENT,
        *(
            replace(CONTENT, **{part: "other"})
            for part in ("full_id", "name", "tagline", "release", "instance")
        ),
        replace(CONTENT, facts=(("Writes", "4 files"),)),
    ]
    digests = {content.digest for content in contents}
    monkeypatch.setattr(drawing, "EDITION", drawing.EDITION + 1)

    assert len(digests | {CONTENT.digest}) == len(contents) + 1


def pixels(**changes: Any) -> Image.Image:
    return Image.open(BytesIO(draw_preview(replace(CONTENT, **changes)))).convert("RGB")


def difference(first: Image.Image, second: Image.Image) -> tuple[int, int, int, int] | None:
    """The box in which two pictures differ by more than their palettes do."""
    delta = ImageChops.difference(first, second).convert("L").point(lambda n: 255 * (n > 24))
    return delta.getbbox()


def test_name_that_no_font_has_is_replaced_by_the_id() -> None:
    by_id = pixels(name="ไทย")

    assert difference(by_id, pixels(name="😀")) is None
    assert difference(by_id, pixels(name="Coach")) is not None


@pytest.mark.parametrize("name", ["言語交換パートナー", "회의록", "Личный", "Ημερολόγιο", "Łódź"])
def test_name_in_another_script_is_drawn(name: str) -> None:
    assert difference(pixels(name=name), pixels(name="ไทย")) is not None


@pytest.mark.parametrize(
    "text", ["word " * 60, "x" * 300, "文" * 300, "ДоНаУ" * 60, "W" * 300, "اب" * 150]
)
def test_text_stays_inside_the_margins(text: str) -> None:
    picture = pixels(
        name=text,
        tagline=text,
        full_id=f"@{'w' * 39}/{'w' * 64}",
        release=text,
        facts=(("Writes", text), ("Secrets", text), ("Plugins", text), ("Licence", text)),
        instance=text[:40],
    )
    margin = drawing.MARGIN - 2

    for box in ((0, 84, margin, HEIGHT), (WIDTH - margin, 84, WIDTH, HEIGHT)):
        assert len(picture.crop(box).getcolors()) == 1, box
    # The row above the rule is empty, so nothing runs into the facts.
    assert len(picture.crop((0, drawing.RULE_TOP - 6, WIDTH, drawing.RULE_TOP)).getcolors()) == 1
