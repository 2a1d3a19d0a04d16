"""The preview of a draft: its diff to the latest version."""

from typing import Any

import pytest
from django.test import Client

from foundation.actor import Actor
from registry.publishing.actions import save_draft
from tests.registry.diffs.conftest import SECRET
from tests.support.packages import manifest
from tests.support.page import Page
from tests.support.uploads import publish_planner, upload

pytestmark = pytest.mark.once


def read_draft_page(by: Actor, client: Client, **changes: Any) -> Page:
    document = manifest(id="@ada/planner", version="2.0.0", **changes)
    draft = save_draft(upload(document), by=by)
    client.force_login(by.require_user())
    return Page(client.get(f"/publish/drafts/{draft.pk}").content.decode())


def test_draft_shows_the_diff_to_the_latest_version(as_ada: Actor, client: Client) -> None:
    publish_planner("1.1.0", as_ada, setup={"secrets": [SECRET]})
    new_secret = {"key": "OTHER_KEY", "prompt": "To ask", "required": True, "target": "env"}

    page = read_draft_page(as_ada, client, setup={"secrets": [SECRET, new_secret]})

    assert "Changes from 1.1.0" in page.text
    assert "now asks for OTHER_KEY required" in page.text
    assert (
        "2.0.0 becomes the latest version and replaces 1.1.0 for installs and updates."
        in page.texts
    )
    assert "Operators will be asked for 1 more secret: OTHER_KEY." in page.texts
    assert "STRIPE_KEY required agent" not in page.text
    assert not [link for link in page.links() if "/versions/2.0.0" in link]


def test_first_draft_shows_no_diff(as_ada: Actor, client: Client) -> None:
    page = read_draft_page(as_ada, client)

    assert "What changes for those" not in page.text
    assert "The agent will appear in search, and anyone can install it." in page.texts
