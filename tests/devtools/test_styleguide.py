"""The gallery, for whoever works on the look."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from devtools.styleguide.changes import GROWING
from devtools.styleguide.states import STATES
from registry.analysis.diff.capabilities import KINDS
from tests.support.page import Page

pytestmark = pytest.mark.once

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"


def test_every_component_is_shown() -> None:
    assert sorted(STATES) == sorted(path.stem for path in COMPONENTS.glob("*.html"))


def test_every_kind_of_change_is_shown_growing_or_not() -> None:
    shown = STATES["change_label"]["every line"]["summary"]

    assert {change.kind for change in shown.capabilities} == set(KINDS)
    assert {(c.kind, c.sign) for c in shown.asks_for_more} == {(c.kind, c.sign) for c in GROWING}


def test_every_component_says_what_it_needs(read: Callable[..., Page]) -> None:
    page = read("/gallery")

    captions = [text for text in page.texts if "Needs" in text]
    assert len(captions) == len(STATES)


def test_a_state_shows_something_and_takes_no_id_twice(read: Callable[..., Page]) -> None:
    page = read("/gallery")

    exhibits = [a for a in page.all("div") if a.get("class") == "exhibit-state"]
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(exhibits) == sum(map(len, STATES.values()))
    assert sorted(ids, key=str) == sorted(set(ids), key=str)


def test_a_gallery_asks_the_database_nothing(queries_of: Callable[[str], int]) -> None:
    assert queries_of("/gallery") == 0


def test_in_production_there_is_none(tmp_path: Path) -> None:
    """Asked of another process, since addresses are settled at its start."""
    production = {
        "CLAWSTORE_MODE": "production",
        "BASE_URL": "https://shop.example",
        "ALLOWED_HOSTS": "shop.example",
        "DATA_DIR": str(tmp_path),
        **dict.fromkeys(
            ["SECRET_KEY", "ADDRESS_SALT", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"], "x" * 60
        ),
        "CONTACT_EMAIL": "a@shop.example",
        "EMAIL_URL": "smtp://mail.example:25",
        "DJANGO_SETTINGS_MODULE": "clawstore.settings",
        "TRUSTED_PROXIES": "0",
    }
    asked = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "try: resolve('/gallery'); print('there')\n"
        "except Resolver404: print('not there')"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **production},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "not there\n"
