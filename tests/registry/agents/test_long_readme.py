"""The beginning of a long README, and the link to the rest."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.text.markdown import MAX_BRACKETS
from registry.publishing.publish import publish_version
from tests.support.packages import manifest
from tests.support.uploads import upload

pytestmark = pytest.mark.once

END = "\n\nThe very end.\n"
LONG = "A word. " * 20_000 + END
UNCLOSED = "[" * (MAX_BRACKETS + 1) + END
PAGE = "/agents/@ada/planner"


@pytest.mark.parametrize("readme", [LONG, UNCLOSED], ids=["long", "unclosed"])
def test_shortened_readme_links_to_the_whole_file(
    as_ada: Actor, client: Client, storage_folder: Path, readme: str
) -> None:
    publish_version(upload(files={"README.md": readme}), by=as_ada)
    address = "/v1/agents/ada/planner/versions/1.0.0/files/README.md"

    page = client.get(PAGE).content.decode()

    assert "The very end." not in page
    assert "Only the beginning of the README is shown, at most 100 kB." in page
    assert f'<a href="{address}" rel="nofollow">Whole README as plain text</a>' in page
    full_page = client.get(address)
    assert (full_page.status_code, full_page["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert full_page.getvalue().decode() == readme


def test_complete_readme_has_no_link(
    as_ada: Actor, client: Client, storage_folder: Path, django_assert_max_num_queries: Any
) -> None:
    publish_version(upload(files={"README.md": "All of it."}), by=as_ada)
    run_due_jobs()

    with django_assert_max_num_queries(12):
        page = client.get(PAGE).content.decode()

    assert "All of it." in page
    assert "is longer" not in page


def test_shortened_description_says_so(as_ada: Actor, client: Client, storage_folder: Path) -> None:
    publish_version(upload(manifest(description=UNCLOSED)), by=as_ada)

    page = client.get(PAGE).content.decode()

    assert "Only the beginning of the description is shown." in page
    assert "The very end." not in page.partition('class="prose"')[2]
