"""Release notes from the CHANGELOG.md of a package."""

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.actor import Actor
from registry.agents.derived_data import get_release_notes
from registry.models import Version, VersionRendering
from tests.support.page import Page
from tests.support.uploads import publish_planner


def test_release_notes_are_the_section_of_the_version(versions: list[Version]) -> None:
    (notes,) = VersionRendering.objects.filter(document="release_notes")

    assert (notes.version, notes.html) == (
        versions[1],
        "<ul>\n<li>Bills <em>you</em>.</li>\n</ul>\n",
    )
    assert get_release_notes([version.pk for version in versions]) == {versions[1].pk: notes}


@pytest.mark.once
@pytest.mark.parametrize("tab", ["", "/versions", "/changes"])
def test_release_notes_are_on_the_agent_version_and_diff_pages(
    versions: list[Version], read: Callable[..., Page], tab: str
) -> None:
    page = read(f"/agents/@ada/planner{tab}")

    assert "Bills" in page.text


@pytest.mark.once
def test_ids_of_notes_and_readme_are_different(as_ada: Actor, read: Callable[..., Page]) -> None:
    files = {"README.md": "# Added\n", "CHANGELOG.md": "## 1.0.0\n\n### Added\n\n- All.\n"}
    publish_planner("1.0.0", as_ada, files)

    ids = [a["id"] for _, a in read("/agents/@ada/planner").tags if "id" in a]

    assert sorted(set(ids)) == sorted(ids)


def test_release_notes_are_in_the_feed(versions: list[Version], client: Client) -> None:
    feed = client.get("/feeds/@ada/planner.atom").content.decode()

    assert feed.count("Bills &lt;em&gt;you&lt;/em&gt;") == 1
