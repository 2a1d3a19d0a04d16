"""Stored HTML of diffs."""

import zlib

import pytest
from django.conf import settings
from django.test import Client

from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from foundation.web.template_digest import template_sources
from registry.diffs import jobs, rendered
from registry.diffs.jobs import delete_unused_diffs
from registry.models import Version, VersionDiffPage
from tests.registry.diffs.conftest import PAGE, SECRET
from tests.support.uploads import publish_planner

pytestmark = pytest.mark.once


def test_publish_stores_the_html_of_the_upgrade(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due_jobs()
    monkeypatch.setattr(rendered, "render_to_string", None)

    first = client.get(f"{PAGE}/1.0.0...1.1.0")

    assert first.status_code == 200
    assert "now asks for <code>STRIPE_KEY</code>" in first.content.decode()
    assert client.get(PAGE).status_code == 200


def test_changed_template_renders_again_and_old_html_is_deleted(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(f"{PAGE}/1.0.0...1.1.0")
    VersionDiffPage.objects.update(html=zlib.compress(b"As it was."))
    assert b"As it was." in client.get(f"{PAGE}/1.0.0...1.1.0").content

    for module in (rendered, jobs):
        monkeypatch.setattr(module, "renderer_version", lambda: "other")

    assert b"STRIPE_KEY" in client.get(f"{PAGE}/1.0.0...1.1.0").content
    assert VersionDiffPage.objects.count() == 2
    assert delete_unused_diffs(Job()) == 0
    assert VersionDiffPage.objects.get().renderer == "other"


def test_renderer_version_depends_on_every_template() -> None:
    folder = settings.BASE_DIR / "templates" / "registry" / "version_diff"
    templates = {
        f"registry/version_diff/{path.relative_to(folder)}" for path in folder.rglob("*.html")
    }
    # The form to choose versions is outside: its options change with every publish.
    templates ^= {"registry/version_diff/choose.html", "registry/parts/release_notes.html"}
    templates |= {"components/change_label.html", "components/label/rest.html"}

    assert set(template_sources(rendered.TEMPLATE)) == templates


def test_markup_of_an_author_is_escaped(as_ada: Actor, client: Client) -> None:
    words = "<script>alert(1)</script>"
    secret = SECRET | {"prompt": words}
    publish_planner("1.0.0", as_ada, {"docs/plan.md": "Plan.\n"})
    notes = f"## 1.1.0\n\n- Notes {words}\n"
    files = {"docs/plan.md": f"Plan {words}\n", "docs/<b>new.md": words, "CHANGELOG.md": notes}
    publish_planner("1.1.0", as_ada, files, setup={"secrets": [secret]})

    first, second_answer = (client.get(f"{PAGE}/1.0.0...1.1.0").content.decode() for _ in range(2))

    assert first == second_answer
    assert "&lt;script&gt;alert(1)" in second_answer
    assert "<script>alert" not in second_answer
    assert "<b>" not in second_answer
