"""Stored parts of pages equal what is rendered anew, or are not shown."""

import zlib

import orjson
import pytest
from django.test import Client

from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from registry.agents import rendered, rendered_rows
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    withhold_version,
    yank_version,
)
from registry.agents.rendered import store_all_missing_parts, store_missing_parts, store_parts
from registry.agents.stored_pages import delete_parts
from registry.files.rendered import store_all_missing_file_lists, store_missing_file_lists
from registry.models import StoredPage, StoredRow, Version
from registry.publishing.reanalyse import reanalyse_version
from tests.registry.diffs.conftest import SECRET
from tests.support.uploads import icon, publish, publish_planner

pytestmark = pytest.mark.once

PAGE = "/agents/@ada/planner"
MARKUP = "<script>alert(1)</script>"
FORMER = "A former part."


@pytest.fixture
def planner(as_ada: Actor) -> Version:
    secret = SECRET | {"prompt": MARKUP}
    files = {"README.md": f"# Plans\n\n{MARKUP}\n", "CHANGELOG.md": f"## 1.0.0\n\n- {MARKUP}\n"}
    changes = {"tagline": MARKUP, "homepage": "https://example.org/?a=1&b=2"}
    version = publish_planner("1.0.0", as_ada, files, setup={"secrets": [secret]}, **changes)
    run_due_jobs()
    return version


def read(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def overwrite_parts() -> None:
    """Make it visible whether a page shows the stored parts."""
    parts = {name: [FORMER] for name in (*rendered.TEMPLATES, "list")}
    StoredPage.objects.update(content=zlib.compress(orjson.dumps(parts)))
    row = {heading: [FORMER] for heading in rendered_rows.HEADINGS}
    StoredRow.objects.update(content=zlib.compress(orjson.dumps(row)))


def test_stored_part_equals_one_that_is_rendered_now(planner: Version, client: Client) -> None:
    paths = [PAGE, f"{PAGE}/files", f"{PAGE}/versions/1.0.0", "/agents", "/", "/@ada"]
    from_store = {path: read(client, path) for path in paths}
    StoredPage.objects.all().delete()
    StoredRow.objects.all().delete()

    for path, html in from_store.items():
        assert read(client, path) == html, path
        assert "planner" in html, path
        assert MARKUP not in html, path


def test_pages_and_lists_show_the_stored_parts(planner: Version, client: Client) -> None:
    overwrite_parts()

    assert read(client).count(FORMER) == len(rendered.TEMPLATES)
    assert FORMER in read(client, "/agents")
    assert FORMER in read(client, f"{PAGE}/files")


def test_numbers_and_names_are_filled_in(planner: Version, client: Client, as_ada: Actor) -> None:
    planner.agent.__class__.objects.update(downloads_30d=4321, review_count=7, avg_rating=4.5)

    assert "4,321" in read(client)
    assert "from 7 reviews" in read(client, "/agents")


def test_withheld_version_shows_no_stored_part(
    planner: Version, client: Client, as_root: Actor, as_ada: Actor
) -> None:
    publish(as_ada, version="1.1.0")
    run_due_jobs()
    overwrite_parts()
    withhold_version(planner.agent, "1.0.0", reason="malware", text="It phones home.", by=as_root)

    assert FORMER not in read(client, f"{PAGE}/versions/1.0.0")
    store_parts(Version.objects.get(version="1.0.0"))
    assert FORMER not in read(client, f"{PAGE}/versions/1.0.0")

    lift_withholding(planner.agent, "1.0.0", reason="An error.", by=as_root)
    assert FORMER in read(client, f"{PAGE}/versions/1.0.0")


def test_delisted_agent_has_no_links_of_the_stored_part(
    planner: Version, client: Client, as_root: Actor, as_ada: Actor
) -> None:
    overwrite_parts()
    delist_agent(planner.agent, reason="It copies another agent.", by=as_root)
    client.force_login(as_ada.require_user())

    page = read(client)

    assert FORMER not in page
    assert f"{PAGE}/share" not in page


def test_row_of_another_version_is_not_used_and_replaced(
    planner: Version, client: Client, as_ada: Actor
) -> None:
    publish(as_ada, version="1.1.0")
    run_due_jobs()
    overwrite_parts()
    yank_version(planner.agent, "1.1.0", reason="Broken.", by=as_ada)

    assert FORMER not in read(client, "/agents")
    run_due_jobs()
    assert store_missing_parts() == 0
    assert StoredRow.objects.get().agent == planner.agent
    assert FORMER not in read(client, "/agents")


def test_page_is_whole_before_and_after_the_job(as_ada: Actor, client: Client) -> None:
    publish(as_ada, assets=(icon(),), store={"icon": "store/icon.png"})
    pages = [read(client, path) for path in (PAGE, f"{PAGE}/files", "/agents", "/agents?q=planner")]
    assert not StoredPage.objects.exists()
    assert not StoredRow.objects.exists()

    run_due_jobs()

    # Twice, because a job runs at least once.
    Job.objects.update(status=Job.Status.QUEUED)
    run_due_jobs()
    overwritten = {page.page for page in StoredPage.objects.all()}
    assert overwritten == {"agent", "files"}
    assert StoredRow.objects.count() == 1
    assert [
        read(client, path) for path in (PAGE, f"{PAGE}/files", "/agents", "/agents?q=planner")
    ] == pages


def test_recompute_replaces_the_parts(planner: Version, client: Client) -> None:
    before = read(client)
    overwrite_parts()

    assert reanalyse_version(planner)

    assert read(client) == before
    assert StoredPage.objects.count() == 2


def test_parts_of_former_templates_are_not_shown_and_replaced(
    planner: Version, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(client)
    overwrite_parts()
    monkeypatch.setattr(rendered, "renderer_version", lambda: "other")

    assert read(client) == before
    assert store_missing_parts() == 1
    assert StoredPage.objects.get(page=rendered.PAGE).rule_set == "other"


def test_import_gets_its_parts_from_the_job(planner: Version, client: Client) -> None:
    before = read(client)
    delete_parts(planner)
    StoredRow.objects.all().delete()

    assert read(client) == before
    assert store_all_missing_parts() == 1
    assert store_missing_parts() == 0
    assert store_missing_file_lists() == 1
    assert store_all_missing_file_lists() == 0


def test_failure_to_render_parts_does_not_undo_the_publish(
    as_ada: Actor, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rendered, "render_parts", fail)

    publish(as_ada, assets=(icon(),), store={"icon": "store/icon.png"})

    assert client.get(PAGE).status_code == 200


def test_stored_page_needs_a_constant_number_of_queries(
    planner: Version,
    client: Client,
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    read(client)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        read(client)
