"""The style guide page."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from devtools.styleguide.capability_changes import GROWING
from devtools.styleguide.states import STATES
from registry.analysis.diff.capabilities import KINDS
from tests.support.page import Page

pytestmark = pytest.mark.once

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"


def test_style_guide_has_every_component() -> None:
    assert sorted(STATES) == sorted(path.stem for path in COMPONENTS.glob("*.html"))


def test_style_guide_has_every_kind_of_change() -> None:
    summary = STATES["change_label"]["every line"]["summary"]

    assert {change.kind for change in summary.capabilities} == set(KINDS)
    assert {(c.kind, c.sign) for c in summary.asks_for_more} == {(c.kind, c.sign) for c in GROWING}


def test_every_component_documents_its_context(read: Callable[..., Page]) -> None:
    page = read("/gallery")

    captions = [text for text in page.texts if "Needs" in text]
    assert len(captions) == len(STATES)


def test_every_state_is_shown_with_unique_ids(read: Callable[..., Page]) -> None:
    page = read("/gallery")

    exhibits = [a for a in page.all("div") if a.get("class") == "exhibit-state"]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(exhibits) == sum(map(len, STATES.values()))
    assert sorted(ids, key=str) == sorted(set(ids), key=str)


def test_style_guide_takes_only_the_query_of_every_page(queries_of: Callable[[str], int]) -> None:
    assert queries_of("/gallery") == 1


def test_style_guide_is_not_served_in_production(tmp_path: Path) -> None:
    """In another process, because URLs are fixed when it starts."""
    production = {
        "CLAWSTORE_MODE": "production",
        "BASE_URL": "https://shop.example",
        "ALLOWED_HOSTS": "shop.example",
        "DATA_DIR": str(tmp_path),
        **{
            name: secrets.token_urlsafe(64)
            for name in (
                "SECRET_KEY",
                "ADDRESS_SALT",
                "GITHUB_CLIENT_ID",
                "GITHUB_CLIENT_SECRET",
            )
        },
        "CONTACT_EMAIL": "a@shop.example",
        "EMAIL_URL": "smtp://mail.example:25",
        "DJANGO_SETTINGS_MODULE": "clawstore.settings",
        "TRUSTED_PROXIES": "0",
    }
    script = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "try: resolve('/gallery'); print('there')\n"
        "except Resolver404: print('not there')"
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **production},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "not there\n"
