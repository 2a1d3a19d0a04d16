"""The card, the picture, what a page says to other programs, and the page that hands it all out."""

import json
import re
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image, ImageOps

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent, yank_version
from registry.embeds.drawing import rgb, wrap
from registry.embeds.identicon import FIGURES
from registry.embeds.lettering import length, writable, write
from registry.embeds.strokes import polylines_of
from registry.models import Agent
from registry.publishing.sweep import sweep_files
from tests.support.factories import make_agent, make_version
from tests.support.page import Page

pytestmark = pytest.mark.once

CARD = "/embed/@ada/coach"
PAGE = "/agents/@ada/coach"
PICTURE = f"{PAGE}/picture.png"
HOSTILE = '</script><script>alert(1)</script><!-- & "'


@pytest.fixture
def coach(ada: User) -> Agent:
    agent = make_agent(ada, "coach")
    make_version(agent, "1.2.3")
    return agent


@pytest.fixture
def pictures(tmp_path: Path, settings: Any) -> Path:
    backend = {"BACKEND": "registry.storage.FolderStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return tmp_path / "pictures"


# --- The card ----------------------------------------------------------------------------------


def test_the_card_may_be_framed_by_anybody_and_nothing_else_may(
    client: Client, coach: Agent
) -> None:
    card = client.get(CARD)
    policy = dict(part.split(" ", 1) for part in card["Content-Security-Policy"].split("; "))

    assert policy["frame-ancestors"] == "*"
    assert policy["script-src"] == policy["form-action"] == policy["default-src"] == "'none'"
    assert "X-Frame-Options" not in card
    for other in (PAGE, f"{PAGE}/share", "/"):
        answer = client.get(other)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
    assert "frame-src" not in client.get(PAGE)["Content-Security-Policy"]


def test_the_card_is_the_same_for_everybody(client: Client, coach: Agent, ada: User) -> None:
    before = client.get(CARD)
    assert before["Cache-Control"] == "public, max-age=300"
    assert not before.cookies
    client.force_login(ada)

    assert client.get(CARD).content == before.content
    assert Page(before.content.decode()).all("script") == []
    assert Page(before.content.decode()).all("form") == []


def test_the_card_leads_to_the_shop_in_a_window_of_its_own(read: Callable, coach: Agent) -> None:
    links = [link for link in read(CARD).all("a") if link.get("href")]

    assert {link["href"] for link in links} == {settings.BASE_URL + PAGE}
    assert {(link["target"], link["rel"]) for link in links} == {("_blank", "noopener")}


@pytest.mark.parametrize(("asked", "given"), [("dark", "dark"), ("light", "light"), ("x", None)])
def test_whoever_frames_it_may_choose_the_colours(
    read: Callable, coach: Agent, asked: str, given: str | None
) -> None:
    assert read(f"{CARD}?theme={asked}").all("html")[0].get("data-theme") == given


def test_of_a_delisted_agent_there_is_nothing_whoever_asks(
    client: Client, coach: Agent, ada: User, as_root: Actor
) -> None:
    delist_agent(coach, reason="No", by=as_root)
    client.force_login(ada)

    assert [client.get(p).status_code for p in (CARD, PICTURE, f"{PAGE}/share")] == [410] * 3


# --- The page ----------------------------------------------------------------------------------


def test_what_is_to_be_copied_works(client: Client, read: Callable, coach: Agent) -> None:
    page = read(f"{PAGE}/share")

    code = " ".join(page.texts)
    addresses = set(re.findall(rf'{re.escape(settings.BASE_URL)}(/[^\s"<>)\]]+)', code))
    assert {CARD, PAGE, "/feeds/@ada/coach.atom", "/badges/@ada/coach/rating.svg"} <= addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address
    assert f"{PAGE}/share" in read(PAGE).links()


# --- The picture -------------------------------------------------------------------------------


def test_the_picture_is_drawn_once_for_what_it_says(
    client: Client, coach: Agent, pictures: Path
) -> None:
    first = client.get(PICTURE)
    assert Image.open(BytesIO(first.content)).size == (1200, 630)
    kept = list(pictures.iterdir())
    kept[0].write_bytes(b"kept")

    assert client.get(PICTURE).content == b"kept"
    Agent.objects.filter(pk=coach.pk).update(download_count=7, downloads_30d=7)
    assert client.get(PICTURE).content == b"kept"
    Agent.objects.filter(pk=coach.pk).update(tagline="Another")
    again = client.get(PICTURE)
    assert Image.open(BytesIO(again.content)).format == "PNG"
    assert again["ETag"] != first["ETag"]


def test_the_picture_is_asked_about_in_short(client: Client, coach: Agent, pictures: Path) -> None:
    etag = client.get(PICTURE)["ETag"]
    pictures.joinpath(f"{etag.strip(chr(34))}.png").unlink()

    again = client.get(PICTURE, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert list(pictures.iterdir()) == []


def test_pictures_go_with_the_sweep(client: Client, coach: Agent, pictures: Path) -> None:
    client.get(PICTURE)
    import os

    for file in pictures.iterdir():
        os.utime(file, (0, 0))

    assert sweep_files() == 1
    assert client.get(PICTURE).status_code == 200


@pytest.mark.parametrize("name", ["وكيل", "😀", "a\u200bb", "x" * 128, "Zwölf", "文" * 128])
def test_any_name_gives_a_picture(client: Client, ada: User, pictures: Path, name: str) -> None:
    make_version(make_agent(ada, "coach", display_name=name, tagline=name), f"1.0.0+{'y' * 90}")

    answer = client.get(PICTURE)
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Plain words, 12 · @ada/coach", "Plain words, 12 · @ada/coach"),
        ("Łódź, Øre, Đà Nẵng, façade, İ", "Łódź, Øre, Đà Nẵng, façade, İ"),
        ("e\u0301te\u0301", "été"),  # However it was typed.
        ("Ærø, Gruß \u2013 cœur", "Aerø, Gruss - coeur"),
        ("Recipe Scaler 🍲👩🏽\u200d🍳", "Recipe Scaler"),
        *[(unknown, "") for unknown in ("وكيل", "😀", "文", "Tandem 文", "a\u200bb", "a\u20d2")],
    ],
)
def test_what_the_face_does_not_know_is_not_drawn(said: str, written: str) -> None:
    assert writable(said) == written


ACCENTED = "áàâãāăȧäåa̋ǎạçąşłøđíij́"


@pytest.mark.parametrize("letter", [c for c in ACCENTED if not unicodedata.combining(c)])
def test_an_accent_is_drawn_on_its_letter_and_takes_no_room(letter: str) -> None:
    bare = {"ł": "l", "ø": "o", "đ": "d"}.get(letter, unicodedata.normalize("NFD", letter)[0])

    assert length(f"m{letter}m", 66) == length(f"m{bare}m", 66)
    drawn, plain = (_drawn(text) for text in (letter, bare))
    has_mark = letter != bare
    assert (drawn != plain) is has_mark
    # Nothing is cut off: the mark ends within the line.
    assert drawn.getbbox()[1] > 0
    assert drawn.getbbox()[3] < drawn.height


def _drawn(text: str) -> Image.Image:
    picture = Image.new("RGB", (200, 100), "#ffffff")
    write(picture, (60, 8), text, "#000000", 66)
    return ImageOps.invert(picture)


def test_an_i_with_an_accent_has_no_dot() -> None:
    dotted, accented = (_drawn(text).convert("L") for text in ("i", "ï"))
    left, top, right, _ = dotted.getbbox()
    middle = (left + right) // 2
    # Between the two dots of the accent, where the one of its own was.
    where_the_dot_was = (middle, top, middle + 1, top + 4)

    assert dotted.crop(where_the_dot_was).getbbox() is not None
    assert accented.crop(where_the_dot_was).getbbox() is None


def test_lines_fit_and_say_when_something_is_left_out() -> None:
    lines = wrap("word " * 60 + "x" * 200, 42, 600, most=3)

    assert len(lines) == 3
    assert lines[-1].endswith("...")
    assert wrap("", 42, 600, most=3) == []
    assert wrap("x" * 90, 42, 600, most=9) == [
        line for line in wrap("x" * 90, 42, 600, most=9) if line.strip("x") == ""
    ]


def test_every_stroke_of_every_seal_can_be_drawn() -> None:
    for stroke in (stroke for figure in FIGURES for stroke in figure):
        for line in polylines_of(stroke):
            assert len(line) > 1
            assert all(4 < x < 28 and 4 < y < 28 for x, y in line), stroke


def test_curves_end_where_they_lead() -> None:
    (arc,) = polylines_of("M9 16a7 7 0 0 1 14 0")
    assert [round(n, 6) for n in arc[-1]] == [23, 16]
    assert min(y for _, y in arc) == pytest.approx(9)
    (wave,) = polylines_of("M8 11q4-4 8 0t8 0")
    assert (wave[24], wave[-1]) == ((16, 11), (24, 11))
    assert max(y for _, y in wave) == pytest.approx(13)


def test_colours_are_those_of_the_stylesheet() -> None:
    assert rgb(1, 0, 0) == (255, 255, 255)
    assert rgb(0, 0, 0) == (0, 0, 0)
    # oklch(0.628 0.2577 29.23) is pure red.
    assert rgb(0.628, 0.2577, 29.23) == (255, 0, 0)


# --- What the page says to programs ------------------------------------------------------------


def structured(client: Client) -> list[dict[str, Any]]:
    html = client.get(PAGE).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in found]


def test_search_engines_read_what_an_agent_is(client: Client, coach: Agent) -> None:
    (said,) = structured(client)

    assert (said["@type"], said["name"]) == ("SoftwareApplication", "Coach")
    assert (said["softwareVersion"], said["license"]) == ("1.2.3", "Apache-2.0")
    assert said["url"] == settings.BASE_URL + PAGE
    assert "aggregateRating" not in said


def test_a_rating_is_there_when_somebody_gave_one(client: Client, coach: Agent) -> None:
    Agent.objects.filter(pk=coach.pk).update(avg_rating=4.5, review_count=2)

    (said,) = structured(client)
    assert said["aggregateRating"]["ratingValue"] == 4.5
    assert said["aggregateRating"]["ratingCount"] == 2


def test_no_name_gets_out_of_the_data(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach", display_name=HOSTILE, tagline=HOSTILE))

    (said,) = structured(client)
    assert said["name"] == said["description"] == HOSTILE
    assert b"alert(1)</script>" not in client.get(PAGE).content


def test_what_is_not_offered_is_offered_to_no_engine(
    client: Client, coach: Agent, as_ada: Actor
) -> None:
    yank_version(coach, "1.2.3", reason="No", by=as_ada)

    assert structured(client) == []


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feeds/versions.atom"),
        ("/agents?q=coach", "/feeds/search.atom?q=coach"),
        ("/@ada", "/feeds/@ada.atom"),
        (PAGE, "/feeds/@ada/coach.atom"),
        (f"{PAGE}/versions", "/feeds/@ada/coach.atom"),
    ],
)
def test_a_reader_finds_the_feed(
    client: Client, read: Callable, coach: Agent, page: str, feed: str
) -> None:
    kinds = [link for link in read(page).all("link") if link.get("rel") == "alternate"]

    assert settings.BASE_URL + feed in [link["href"] for link in kinds]
    assert {link["type"] for link in kinds} == {"application/atom+xml"}
    assert all((link["title"] or "").strip() for link in kinds)
    assert client.get(feed).status_code == 200


def test_the_page_names_its_picture(client: Client, read: Callable, coach: Agent) -> None:
    metas = {meta.get("property"): meta.get("content") for meta in read(PAGE).all("meta")}

    address = metas["og:image"] or ""
    assert address.startswith(f"{settings.BASE_URL}{PICTURE}?v=")
    assert metas["og:title"] == "Coach · @ada/coach"
    Agent.objects.filter(pk=coach.pk).update(display_name="Another")
    later = {meta.get("property"): meta.get("content") for meta in read(PAGE).all("meta")}
    assert later["og:image"] != address
