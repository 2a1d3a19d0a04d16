"""The page of an agent: identity, install command, label and state."""

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from foundation.jobs.actions import run_due_jobs
from moderation.actions import lift_suspension, suspend_account
from registry.agents.actions import delist_agent, yank_version
from registry.analysis.facts import analyse
from registry.analysis.model import ANALYZER_VERSION
from registry.models import (
    Agent,
    AgentTag,
    Version,
    VersionAnalysis,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.package.checks.file import PackageFile
from registry.vectors.actions import embed_next
from tests.support.factories import make_agent, make_version, manifest_of
from tests.support.page import Page, page_of
from tests.support.uploads import publish

pytestmark = pytest.mark.once

Read = Callable[..., Page]


@pytest.fixture
def coach(ada: User) -> Agent:
    return make_agent(ada, "coach", display_name="Calorie Coach", tagline="Counts with you")


def add_computed_rows(version: Version) -> None:
    """Add the rows that a publish stores beside a version."""
    icon = {"kind": "icon", "path": "icon.png"}
    shot = {"kind": "screenshot", "path": "a.png"}
    for columns in (icon, shot, shot):
        VersionAsset.objects.create(
            version=version,
            r2_key="k",
            content_type="image/png",
            size_bytes=1,
            sha256="0" * 64,
            **columns,
        )
    for path, size in (("w/A.md", 900), ("README.md", 300)):
        VersionFile.objects.create(
            version=version, rule_set="1", path=path, kind="text", size_bytes=size, sha256="0" * 64
        )
    files = [PackageFile("w/A.md", 900, "0" * 64, "text")]
    VersionAnalysis.objects.create(
        version=version,
        rule_set=ANALYZER_VERSION,
        facts=analyse(version.manifest, files, {}).model_dump(mode="json", by_alias=True),
    )
    VersionFinding.objects.create(
        version=version,
        rule_set="1",
        code="broken_reference",
        severity="warning",
        path="README.md",
        line=3,
        message="There is no x.md.",
    )
    for document in ("description", "readme"):
        VersionRendering.objects.create(
            version=version, rule_set="1", document=document, html=f"<p>The <em>{document}</em></p>"
        )
    AgentTag.objects.create(agent=version.agent, tag=f"tag-{version.version.replace('.', '-')}")


def test_page_has_install_command_and_description(coach: Agent, read: Read) -> None:
    manifest = manifest_of(coach, "1.0.0") | {
        "openclaw": {"entrypoints": {"AGENTS.md": "w/A.md"}, "templates": {"USER.md": "w/U.md"}},
        "setup": {"secrets": [{"key": "FOOD_KEY", "prompt": "To look up food", "required": True}]},
    }
    add_computed_rows(make_version(coach, manifest=manifest))

    page = read("/agents/@ada/coach")

    assert "clawstore install @ada/coach" in page.texts
    for words in (
        "Calorie Coach",
        "Counts with you",
        "AGENTS.md",
        "USER.md",
        "FOOD_KEY",
        "To look up food",
        "required",
        "≈ 225 tokens",
        "There is no x.md.",
        "readme",
    ):
        assert words in page.texts
    assert page.canonical() == ["http://127.0.0.1:8000/agents/@ada/coach"]
    assert len([i for i in page.all("img") if "/assets/" in (i["src"] or "")]) == 3


def test_agent_without_an_icon_has_an_identicon(coach: Agent, read: Read) -> None:
    make_version(coach)

    page = read("/agents/@ada/coach")

    assert page.all("img") == []
    assert [svg for svg in page.all("svg") if svg.get("class") == "identicon"] != []


def test_address_in_capital_letters_redirects(coach: Agent, visitor: Client) -> None:
    make_version(coach, "1.0.0-RC.1+B.2")

    redirection = visitor.get("/agents/@Ada/COACH/versions/1.0.0-RC.1+B.2")

    assert redirection.status_code == 301
    assert redirection["Location"] == "/agents/@ada/coach/versions/1.0.0-RC.1+B.2"
    assert visitor.get(redirection["Location"]).status_code == 200
    assert visitor.get(redirection["Location"].lower()).status_code == 404
    redirect = visitor.get("/agents/@Ada/coach/downloads?days=7")
    assert redirect["Location"] == "/agents/@ada/coach/downloads?days=7"


def test_page_of_an_older_version_links_to_the_latest(coach: Agent, read: Read) -> None:
    make_version(coach, "1.0.0")
    make_version(coach, "1.1.0")

    old, new = read("/agents/@ada/coach/versions/1.0.0"), read("/agents/@ada/coach/versions/1.1.0")

    assert "clawstore install @ada/coach@1.0.0" in old.texts
    assert "Go to the latest version, 1.1.0" in old.texts
    assert old.canonical() == ["http://127.0.0.1:8000/agents/@ada/coach/versions/1.0.0"]
    assert "clawstore install @ada/coach" in new.texts
    assert new.canonical() == ["http://127.0.0.1:8000/agents/@ada/coach"]


def test_page_of_a_yanked_version_has_reason_and_replacement(
    coach: Agent, as_ada: Actor, read: Read
) -> None:
    make_version(coach, "1.0.0")
    make_version(coach, "1.1.0")
    yank_version(coach, "1.1.0", reason="It miscounted.", by=as_ada)

    page = read("/agents/@ada/coach/versions/1.1.0")

    assert "Version 1.1.0 was yanked and is no longer offered." in page.texts
    assert "It miscounted." in page.texts
    assert "Use 1.0.0 instead" in page.texts


def test_agent_with_only_yanked_versions_says_so(coach: Agent, as_ada: Actor, read: Read) -> None:
    make_version(coach, "1.0.0")
    yank_version(coach, "1.0.0", reason=None, by=as_ada)

    page = read("/agents/@ada/coach")

    assert "No reason was given." in page.texts
    assert "There is no other stable version to use instead." in page.texts


def test_agent_with_only_pre_releases_shows_the_newest(coach: Agent, read: Read) -> None:
    make_version(coach, "1.0.0-beta.1")

    page = read("/agents/@ada/coach")

    assert "Only pre-releases so far: install one by its exact version." in page.texts
    assert "clawstore install @ada/coach@1.0.0-beta.1" in page.texts


def test_delisted_agent_is_visible_to_owner_and_maintainers_only(
    coach: Agent, ada: User, grace: User, root: User, as_root: Actor, client: Client
) -> None:
    make_version(coach)
    delist_agent(coach, reason="It copied texts.", by=as_root)

    page = client.get("/agents/@ada/coach")
    assert page.status_code == 410
    assert "It copied texts." in page.content.decode()
    for user, status in ((grace, 410), (ada, 200), (root, 200)):
        client.force_login(user)
        for address in ("/agents/@ada/coach", "/agents/@ada/coach/versions"):
            assert client.get(address).status_code == status
    assert "It copied texts." in client.get("/agents/@ada/coach").content.decode()


def test_unknown_agent_is_not_found(coach: Agent, read: Read) -> None:
    make_version(coach)

    for address in (
        "/agents/@ada/none",
        "/agents/@x/y",
        "/agents/@ada/coach/versions/9.9.9",
        "/agents/@ada/coach/versions/x",
        "/agents/@" + "a" * 300 + "/b",
    ):
        assert "Page not found" in read(address, 404).text


def test_markup_in_texts_is_escaped(ada: User, read: Read) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    agent = make_agent(ada, "coach", display_name=hostile, tagline=hostile, homepage=None)
    secret = {"key": hostile, "prompt": hostile, "required": True}
    manifest = manifest_of(agent, "1.0.0") | {"setup": {"secrets": [secret]}}
    version = make_version(agent, manifest=manifest)
    VersionFinding.objects.create(
        version=version, rule_set="1", code="c", severity="warning", path=hostile, message=hostile
    )

    for address in ("/agents/@ada/coach", "/agents", "/@ada", "/", f"/agents?q={hostile}"):
        page = read(address)
        scripts = [s for s in page.all("script") if s.get("type") != "application/ld+json"]
        assert [s for s in scripts if not (s.get("src") or "").startswith("/static/")] == []
        assert [i for i in page.all("img") if "onerror" in i] == []


def test_page_takes_a_constant_number_of_queries(
    coach: Agent, queries_of: Callable[[str], int]
) -> None:
    add_computed_rows(make_version(coach, "1.0.0"))
    cost = queries_of("/agents/@ada/coach")

    add_computed_rows(make_version(coach, "1.1.0"))
    make_version(coach, "1.2.0-beta.1")

    assert queries_of("/agents/@ada/coach") == cost
    # The latest version is read with its agent, any other one alone.
    assert queries_of("/agents/@ada/coach/versions/1.0.0") == cost + 1


def test_list_of_versions_explains_yanks(coach: Agent, ada: User, read: Read) -> None:
    make_version(coach, "1.0.0", yanked_at=now(), yanked_by_user=ada, yanked_reason="It leaked.")
    make_version(coach, "1.1.0")

    page = read("/agents/@ada/coach/versions")

    assert [body.get("class") for body in page.all("tbody")] == [None, "yanked"]
    assert "It leaked." in page.texts
    assert page.texts.index("1.1.0") < page.texts.index("1.0.0")


def test_list_of_versions_takes_a_constant_number_of_queries(
    coach: Agent, queries_of: Callable[[str], int]
) -> None:
    make_version(coach, "1.0.0")
    cost = queries_of("/agents/@ada/coach/versions")

    make_version(coach, "1.1.0")
    make_version(coach, "1.2.0")

    assert queries_of("/agents/@ada/coach/versions") == cost


def test_page_shows_trust_facts_and_the_last_capability_growth(as_ada: Actor, read: Read) -> None:
    secret = {"key": "A_KEY", "prompt": "To look", "required": True, "target": "env"}
    publish(as_ada, "@ada/grows", "1.0.0")
    publish(as_ada, "@ada/grows", "1.1.0", setup={"secrets": [secret]})
    publish(as_ada, "@ada/grows", "1.2.0", setup={"secrets": [secret]})
    run_due_jobs()

    page = read("/agents/@ada/grows")

    assert "3 versions in the last year" in page.texts
    assert "/agents/@ada/grows/changes/1.0.0...1.1.0" in page.links()


def test_unknown_agent_is_answered_with_similar_ones(ada: User, read: Read) -> None:
    make_version(make_agent(ada, "changelog-scribe", display_name="Changelog Scribe"))

    page = read("/agents/@ada/chanelog-scribe", status=404)
    assert "Did you mean" in page.text
    assert "/agents/@ada/changelog-scribe" in page.links()

    page = read("/agents/@somebody/changelog-scribe", status=404)
    assert "/agents/@ada/changelog-scribe" in page.links()

    page = read("/agents/@ada/xylophone", status=404)
    assert "Did you mean" not in page.text


def test_similar_agents_are_on_the_page_and_on_that_of_a_delisted_agent(
    ada: User, as_root: Actor, read: Read
) -> None:
    for name, tagline in {
        "soup": "Plans vegetarian dinners and writes the shopping list for the recipes",
        "bread": "Baking recipes for sourdough bread and cakes",
    }.items():
        make_version(make_agent(ada, name, tagline=tagline))
    embed_next(10)

    assert "/agents/@ada/bread" in read("/agents/@ada/soup").links()
    delist_agent(Agent.objects.get(name="soup"), reason="Spam.", by=as_root)
    page = read("/agents/@ada/soup", status=410)
    assert "Similar agents" in page.text
    assert "/agents/@ada/bread" in page.links()
    assert "/agents/@ada/soup" not in read("/agents/@ada/bread").links()


def test_unknown_version_links_to_the_agent(ada: User, read: Read) -> None:
    make_version(make_agent(ada, "coach"))

    page = read("/agents/@ada/coach/versions/9.9.9", status=404)
    assert "/agents/@ada/coach" in page.links()


def test_owner_has_links_to_manage_the_agent_and_none_to_report_it(
    ada: User, grace: User, root: User, read: Read
) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent)
    manage, report = "/publish/agents/@ada/coach", "/agents/@ada/coach/report"
    desk = f"/admin/registry/agent/{agent.pk}/change/"

    def links_of(user: User) -> set[str]:
        client = Client()
        client.force_login(user)
        return set(page_of(client.get("/agents/@ada/coach")).links()) & {manage, report, desk}

    assert links_of(ada) == {manage}
    assert links_of(grace) == {report}
    assert links_of(root) == {report, desk}
    assert set(read("/agents/@ada/coach").links()) & {manage, report, desk} == {report}


def test_pages_of_a_suspended_author_say_so(ada: User, as_root: Actor, read: Read) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent)
    make_version(agent, "1.1.0")
    pages = ("/agents/@ada/coach", "/agents/@ada/coach/versions", "/agents/@ada/coach/changes")
    notice = "A maintainer suspended the account of @ada."
    for address in (*pages, "/@ada"):
        assert notice not in read(address).text

    suspend_account(ada, reason="Spam", by=as_root)
    for address in (*pages, "/@ada"):
        assert notice in read(address).text
    assert "Spam" not in read("/@ada").text

    ada.refresh_from_db()
    lift_suspension(ada, reason="A mistake", by=as_root)
    for address in (*pages, "/@ada"):
        assert notice not in read(address).text


def test_facts_of_a_former_analyzer_are_shown_until_recompute(
    as_ada: Actor, client: Client
) -> None:
    publish(as_ada)
    VersionAnalysis.objects.update(rule_set="former")

    page = client.get("/agents/@ada/planner").content.decode()

    assert "Always in the prompt" in page
    assert "Read from the package itself" in page
