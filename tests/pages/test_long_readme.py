"""A README that is longer than a page: its beginning, and the way to the rest."""

from pathlib import Path
from typing import Any

from django.test import Client

from foundation.actor import Actor
from registry.publishing.publish import publish_version
from tests.registry.conftest import storage_folder
from tests.registry.pipeline.uploads import upload

__all__ = ["storage_folder"]
LONG = "A word. " * 20_000 + "\n\nThe very end.\n"
PAGE = "/agents/@ada/planner"


def test_what_is_cut_leads_to_the_whole(
    as_ada: Actor, client: Client, storage_folder: Path
) -> None:
    publish_version(upload(files={"README.md": LONG}), by=as_ada)
    address = "/v1/agents/ada/planner/versions/1.0.0/files/README.md"

    page = client.get(PAGE).content.decode()

    assert "The very end." not in page
    assert f'<a href="{address}" rel="nofollow">All of it, as plain text</a>' in page
    whole = client.get(address)
    assert (whole.status_code, whole["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert whole.getvalue().decode() == LONG


def test_what_is_whole_leads_nowhere(
    as_ada: Actor, client: Client, storage_folder: Path, django_assert_max_num_queries: Any
) -> None:
    publish_version(upload(files={"README.md": "All of it."}), by=as_ada)

    with django_assert_max_num_queries(12):
        page = client.get(PAGE).content.decode()

    assert "All of it." in page
    assert "The README is longer" not in page
