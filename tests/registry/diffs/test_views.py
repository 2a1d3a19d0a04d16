"""What changed between two versions, as a page and as JSON."""

import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from foundation.access.actions import create_key
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from foundation.limits.budgets import cpu_budget
from registry.agents.actions import withhold_version, yank_version
from registry.agents.detail import release_notes_of
from registry.diffs import actions, jobs, rendered
from registry.diffs.jobs import delete_unused_diffs
from registry.diffs.queries import DIFF_RULE_SET
from registry.models import Version, VersionDiff, VersionDiffPage, VersionRendering
from registry.publishing.drafts import keep_draft
from registry.publishing.publish import publish_version
from registry.publishing.reanalyse import recompute_version
from tests.conftest import Api
from tests.support.factories import make_agent, make_user, make_version
from tests.support.packages import manifest
from tests.support.page import Page
from tests.support.uploads import upload

BASE = "/agents/@ada/planner/changes"
DATA = "/v1/agents/ada/planner/changes"
SECRET = {"key": "STRIPE_KEY", "prompt": "To bill", "required": True, "target": "env"}
NOTES = "# Changelog\n\n## 1.1.0\n\n- Bills *you*.\n\n## 1.0.0\n\n- First.\n"


def planner(number: str, by: Actor, files: dict[str, Any] | None = None, **changes: Any) -> Version:
    document = manifest(id="@ada/planner", version=number, **changes)
    return publish_version(upload(document, files=files), by=by)


@pytest.fixture
def two(as_ada: Actor) -> list[Version]:
    first = {"docs/plan.md": "Plan the day of your user.\n"}
    second = {"docs/plan.md": "Plan the week of your user.\n", "CHANGELOG.md": NOTES}
    return [
        planner("1.0.0", as_ada, first),
        planner("1.1.0", as_ada, second, setup={"secrets": [SECRET]}),
    ]


def root() -> Actor:
    return Actor(user=make_user("root", maintainer=True), door="admin")


def test_what_it_asks_for_stands_above_what_it_says(
    two: list[Version], read: Callable[..., Page]
) -> None:
    page = read(f"{BASE}/1.0.0...1.1.0")

    asked, notes, said = (
        page.text.index(words) for words in ("now asks for STRIPE_KEY", "Bills", "the day week")
    )
    assert asked < notes < said
    assert page.canonical() == [f"{settings.BASE_URL}{BASE}/1.0.0...1.1.0"]
    places = [link for link in page.links() if "1.1.0/files/agent.json?view=source#L" in link]
    assert len(places) == 1


def test_the_short_address_is_the_last_step(
    two: list[Version], client: Client, read: Callable[..., Page]
) -> None:
    page = read(BASE)

    assert "From 1.0.0 to 1.1.0" in page.text
    assert page.canonical() == [f"{settings.BASE_URL}{BASE}/1.0.0...1.1.0"]
    led = client.get(BASE, {"from": "1.1.0", "to": "1.0.0"})
    assert (led.status_code, led["Location"]) == (302, f"{BASE}/1.1.0...1.0.0")
    upper = client.get("/agents/@ADA/Planner/changes/1.0.0...1.1.0")
    assert (upper.status_code, upper["Location"]) == (301, f"{BASE}/1.0.0...1.1.0")


def test_backwards_is_said_and_not_indexed(two: list[Version], client: Client) -> None:
    forwards = client.get(f"{BASE}/1.0.0...1.1.0").content.decode()
    backwards = client.get(f"{BASE}/1.1.0...1.0.0").content.decode()

    assert "Reversed: 1.1.0 is newer." in backwards
    assert "no longer asks for <code>STRIPE_KEY</code>" in backwards
    assert 'content="noindex"' in backwards
    assert 'content="noindex"' not in forwards


@pytest.mark.once
@pytest.mark.parametrize(
    ("couple", "status", "code"),
    [
        ("1.0.0...1.0.0", 422, "same_version"),
        ("1.0.0...9.9.9", 404, "version_not_found"),
        ("x...y", 404, "version_not_found"),
        ("1.0.0", 404, "not_found"),
    ],
)
def test_couples_that_are_none(
    two: list[Version], api: Api, client: Client, couple: str, status: int, code: str
) -> None:
    assert client.get(f"{BASE}/{couple}").status_code == status
    answer = api.get(f"{DATA}/{couple}")
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert VersionDiff.objects.count() == 0


def test_one_version_has_nothing_to_be_compared_with(
    as_ada: Actor, read: Callable[..., Page]
) -> None:
    planner("1.0.0", as_ada)

    assert "nothing to compare" in read(BASE, 404).text
    assert BASE not in read("/agents/@ada/planner").links()


def test_a_first_version_with_a_pre_release_behind_it_leads_to_that_step(
    as_ada: Actor, read: Callable[..., Page]
) -> None:
    planner("1.0.0", as_ada)
    planner("1.0.1-beta.1", as_ada)

    assert BASE in read("/agents/@ada/planner").links()
    page = read(BASE)

    assert "From 1.0.0 to 1.0.1-beta.1" in page.text
    assert page.canonical() == [f"{settings.BASE_URL}{BASE}/1.0.0...1.0.1-beta.1"]


def test_programs_get_the_same(two: list[Version], api: Api) -> None:
    found = api.get(f"{DATA}/1.0.0...1.1.0").json()

    assert [(c["sign"], c["kind"], c["name"]) for c in found["capabilities"]] == [
        ("+", "secret", "STRIPE_KEY")
    ]
    assert found["counts"] == {"changed": 2, "added": 1}
    (plan,) = [file for file in found["files"] if file["path"] == "docs/plan.md"]
    (row,) = plan["hunks"][0]["rows"]
    assert row["pieces"] == [
        ["=", "Plan the "],
        ["-", "day"],
        ["+", "week"],
        ["=", " of your user."],
    ]


def test_a_pre_release_comes_after_everything_and_a_stable_one_after_the_last_stable_one(
    two: list[Version], as_ada: Actor, read: Callable[..., Page]
) -> None:
    planner("1.2.0-beta.1", as_ada)
    planner("1.2.0-beta.2", as_ada)
    planner("1.2.0", as_ada)

    links = read("/agents/@ada/planner/versions").links()

    assert [link.rpartition("/")[2] for link in links if "..." in link] == [
        "1.1.0...1.2.0",
        "1.2.0-beta.1...1.2.0-beta.2",
        "1.1.0...1.2.0-beta.1",
        "1.0.0...1.1.0",
    ]


# --- What is kept ----------------------------------------------------------------------------


def test_the_step_from_the_last_version_is_made_behind_the_publish(
    two: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due_jobs()

    (kept,) = VersionDiff.objects.all()
    assert (kept.old_version, kept.new_version, kept.is_adjacent) == (*two, True)
    monkeypatch.setattr(actions, "compute_diff", None)
    assert client.get(f"{BASE}/1.0.0...1.1.0").status_code == 200


def test_any_other_couple_is_made_once(
    two: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(f"{BASE}/1.1.0...1.0.0").content
    monkeypatch.setattr(actions, "compute_diff", None)

    assert client.get(f"{BASE}/1.1.0...1.0.0").content == first


def test_a_kept_comparison_costs_fewer_queries_and_always_as_many(
    two: list[Version], as_ada: Actor, queries_of: Callable[[str], int]
) -> None:
    made = queries_of(f"{BASE}/1.0.0...1.1.0")
    kept = queries_of(f"{BASE}/1.0.0...1.1.0")
    more = {f"docs/{number}.md": f"{number}\n" for number in range(30)}
    planner("1.2.0", as_ada, more)

    # The first diff expands access, so it also marks the rows of the agent as changed.
    assert (made, kept) == (12, 4)
    assert queries_of(f"{BASE}/1.1.0...1.2.0") == made - 1
    assert queries_of(f"{BASE}/1.1.0...1.2.0") == kept


def test_the_page_is_made_once_and_kept(
    two: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due_jobs()  # Made behind the publish: nobody waits for it.
    monkeypatch.setattr(rendered, "render_to_string", None)

    first = client.get(f"{BASE}/1.0.0...1.1.0")

    assert first.status_code == 200
    assert "now asks for <code>STRIPE_KEY</code>" in first.content.decode()
    assert client.get(BASE).status_code == 200


@pytest.mark.once
def test_another_template_makes_another_page_and_the_former_one_goes(
    two: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(f"{BASE}/1.0.0...1.1.0")
    VersionDiffPage.objects.update(html=zlib.compress(b"As it was."))
    assert b"As it was." in client.get(f"{BASE}/1.0.0...1.1.0").content

    for module in (rendered, jobs):
        monkeypatch.setattr(module, "renderer_version", lambda: "other")

    assert b"STRIPE_KEY" in client.get(f"{BASE}/1.0.0...1.1.0").content
    assert VersionDiffPage.objects.count() == 2
    assert delete_unused_diffs(Job()) == 0
    assert VersionDiffPage.objects.get().renderer == "other"


def test_every_template_of_a_page_is_in_its_digest() -> None:
    folder = settings.BASE_DIR / "templates" / "registry" / "version_diff"
    made_of = {
        f"registry/version_diff/{path.relative_to(folder)}" for path in folder.rglob("*.html")
    }
    # To choose two versions is of the moment: others come.
    made_of ^= {"registry/version_diff/choose.html", "registry/parts/release_notes.html"}
    made_of.add("components/change_label.html")

    assert set(rendered.template_sources()) == made_of


def test_what_an_author_wrote_is_never_markup(as_ada: Actor, client: Client) -> None:
    words = "<script>alert(1)</script>"
    secret = SECRET | {"prompt": words}
    planner("1.0.0", as_ada, {"docs/plan.md": "Plan.\n"})
    notes = f"## 1.1.0\n\n- Notes {words}\n"
    files = {"docs/plan.md": f"Plan {words}\n", "docs/<b>new.md": words, "CHANGELOG.md": notes}
    planner("1.1.0", as_ada, files, setup={"secrets": [secret]})

    made, kept = (client.get(f"{BASE}/1.0.0...1.1.0").content.decode() for _ in range(2))

    assert made == kept
    assert "&lt;script&gt;alert(1)" in kept
    assert "<script>alert" not in kept
    assert "<b>" not in kept


def test_distant_couples_do_not_pile_up(
    two: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for couple in ("1.0.0...1.1.0", "1.1.0...1.0.0"):
        client.get(f"{BASE}/{couple}")
    monkeypatch.setattr(actions, "MAX_DISTANT_DIFFS", 0)

    assert delete_unused_diffs(Job()) == 1
    assert [kept.is_adjacent for kept in VersionDiff.objects.all()] == [True]


def test_what_former_rules_made_goes(two: list[Version], client: Client) -> None:
    client.get(f"{BASE}/1.0.0...1.1.0")
    VersionDiff.objects.update(rule_set="former")
    client.get(f"{BASE}/1.0.0...1.1.0")

    assert delete_unused_diffs(Job()) == 1
    assert VersionDiff.objects.get().rule_set == DIFF_RULE_SET
    assert VersionDiffPage.objects.count() == 1


def test_reading_the_bytes_anew_forgets_what_was_compared(
    two: list[Version], client: Client
) -> None:
    client.get(f"{BASE}/1.0.0...1.1.0")
    recompute_version(two[0])

    assert VersionDiff.objects.count() == 0


def test_without_the_packages_what_is_declared_is_compared(
    ada: User, read: Callable[..., Page]
) -> None:
    agent = make_agent(ada, "bare")
    make_version(agent, "1.0.0")
    make_version(agent, "1.1.0")

    page = read("/agents/@ada/bare/changes")

    assert "From the two manifests only" in page.text


# --- Who may not -----------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1.0.0", "1.1.0"])
def test_of_a_withheld_version_nothing_is_compared(
    two: list[Version], client: Client, number: str
) -> None:
    client.get(f"{BASE}/1.0.0...1.1.0")
    withhold_version(two[0].agent, number, reason="malware", text="It phones home.", by=root())

    for address in (f"{BASE}/1.0.0...1.1.0", f"{BASE}/1.1.0...1.0.0", f"{DATA}/1.0.0...1.1.0"):
        answer = client.get(address)
        assert answer.status_code == 451, address
        assert b"STRIPE_KEY" not in answer.content
    ledger = client.get("/agents/@ada/planner/versions").content.decode()
    assert "..." not in ledger
    assert (two[1].pk in release_notes_of([two[1].pk])) == (number == "1.0.0")


def test_a_yanked_version_is_still_a_step(
    two: list[Version], as_ada: Actor, client: Client
) -> None:
    yank_version(two[0].agent, "1.0.0", reason="Wrong.", by=as_ada)

    assert client.get(f"{BASE}/1.0.0...1.1.0").status_code == 200


@pytest.mark.once
def test_comparing_distant_versions_for_the_first_time_is_limited(
    two: list[Version], as_ada: Actor, client: Client, limits_on: None
) -> None:
    for number in range(2, 8):
        planner(f"1.{number}.0", as_ada)
    numbers = [f"1.{number}.0" for number in range(8)]
    distant = [f"{a}...{b}" for a in numbers for b in numbers if a > b]

    answers = [client.get(f"{BASE}/{couple}") for couple in distant[:21]]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Try again in" in answers[-1].content.decode()
    assert client.get(f"{BASE}/{distant[0]}").status_code == 200  # It is kept.
    assert client.get(f"{BASE}/1.0.0...1.1.0").status_code == 200  # It is a step.
    refused = client.get(f"{DATA}/{distant[25]}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")


@pytest.mark.once
def test_however_many_ask_comparing_has_one_budget(
    two: list[Version],
    as_ada: Actor,
    client: Client,
    limits_on: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each request comes from an address of its own."""
    budget = cpu_budget("compare")
    planner("1.2.0", as_ada)
    client.get(f"{BASE}/1.1.0...1.0.0")

    # Nothing is saved meanwhile, however slow the machine.
    monkeypatch.setattr("foundation.limits.budgets.monotonic", lambda: budget.updated_at)
    monkeypatch.setattr(budget, "remaining", budget.capacity * 0.3)
    distant = client.get(f"{BASE}/1.0.0...1.2.0", REMOTE_ADDR="10.1.1.1")
    program = client.get(f"{DATA}/1.2.0...1.0.0", REMOTE_ADDR="10.1.2.2")
    step = client.get(f"{BASE}/1.1.0...1.2.0", REMOTE_ADDR="10.1.3.3")
    monkeypatch.setattr(budget, "remaining", -1.0)
    next_step = client.get(f"{BASE}/1.0.0...1.1.0", REMOTE_ADDR="10.1.4.4")
    kept = client.get(f"{BASE}/1.1.0...1.0.0", REMOTE_ADDR="10.1.5.5")

    assert (distant.status_code, program.status_code, step.status_code) == (429, 429, 200)
    assert "Too many requests of this kind at the moment" in distant.content.decode()
    assert distant["Retry-After"] == str(program.json()["error"]["details"]["retry_after"])
    assert program.json()["error"]["code"] == "rate_limited"
    assert (next_step.status_code, kept.status_code) == (429, 200)


def test_only_steps_are_linked(
    two: list[Version], as_ada: Actor, read: Callable[..., Page]
) -> None:
    planner("1.2.0", as_ada)
    steps = {f"{BASE}/1.0.0...1.1.0", f"{BASE}/1.1.0...1.2.0"}
    addresses = [
        "/agents/@ada/planner",
        "/agents/@ada/planner/versions",
        "/agents/@ada/planner/versions/1.1.0",
        BASE,
        f"{BASE}/1.0.0...1.2.0",
        f"{BASE}/1.0.0...1.1.0",
    ]

    found = {
        link
        for address in addresses
        for link in read(address).links()
        if link.startswith(f"{BASE}/")
    }

    assert found == steps


# --- Release notes ---------------------------------------------------------------------------


def test_release_notes_are_the_versions_own_section(two: list[Version]) -> None:
    (kept,) = VersionRendering.objects.filter(document="release_notes")

    assert (kept.version, kept.html) == (two[1], "<ul>\n<li>Bills <em>you</em>.</li>\n</ul>\n")
    assert release_notes_of([version.pk for version in two]) == {two[1].pk: kept}


@pytest.mark.parametrize("tab", ["", "/versions", "/changes"])
def test_release_notes_are_shown_on_the_version_in_the_ledger_and_above_the_changes(
    two: list[Version], read: Callable[..., Page], tab: str
) -> None:
    page = read(f"/agents/@ada/planner{tab}")

    assert "Bills" in page.text


def test_ids_of_notes_and_of_the_readme_do_not_meet(
    as_ada: Actor, read: Callable[..., Page]
) -> None:
    files = {"README.md": "# Added\n", "CHANGELOG.md": "## 1.0.0\n\n### Added\n\n- All.\n"}
    planner("1.0.0", as_ada, files)

    ids = [a["id"] for _, a in read("/agents/@ada/planner").tags if "id" in a]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.usefixtures("two")
def test_a_key_of_an_api_client_may_read_changes(ada: User, api: Api) -> None:
    key = create_key(ada, name="test", scopes=("read",), by=Actor(door="system"))[1]

    assert api.get(f"{DATA}/1.1.0...1.0.0", key=key).status_code == 200


def test_release_notes_are_in_the_feed(two: list[Version], client: Client) -> None:
    feed = client.get("/feeds/@ada/planner.atom").content.decode()

    assert feed.count("Bills &lt;em&gt;you&lt;/em&gt;") == 1


# --- Before publishing -----------------------------------------------------------------------


def draft_page(by: Actor, client: Client, **changes: Any) -> Page:
    document = manifest(id="@ada/planner", version="2.0.0", **changes)
    draft = keep_draft(upload(document), by=by)
    client.force_login(by.require_user())
    return Page(client.get(f"/publish/drafts/{draft.pk}").content.decode())


def test_a_draft_shows_what_it_changes_for_those_who_have_the_latest(
    two: list[Version], as_ada: Actor, client: Client
) -> None:
    other = {"key": "OTHER_KEY", "prompt": "To ask", "required": True, "target": "env"}

    page = draft_page(as_ada, client, setup={"secrets": [SECRET, other]})

    assert "Changes from 1.1.0" in page.text
    assert "now asks for OTHER_KEY required" in page.text
    assert (
        "2.0.0 becomes the latest version and replaces 1.1.0 for installs and updates."
        in page.texts
    )
    assert "Operators will be asked for 1 more secret: OTHER_KEY." in page.texts
    assert "STRIPE_KEY required agent" not in page.text
    assert not [link for link in page.links() if "/versions/2.0.0" in link]


def test_a_first_draft_changes_nothing_for_anybody(as_ada: Actor, client: Client) -> None:
    page = draft_page(as_ada, client)

    assert "What changes for those" not in page.text
    assert "The agent will appear in search, and anyone can install it." in page.texts


def test_the_form_offers_every_version_that_is_not_withheld_and_marks_the_two(
    two: list[Version], as_ada: Actor, client: Client
) -> None:
    planner("1.2.0", as_ada)
    withhold_version(two[0].agent, "1.0.0", reason="malware", text="It phones home.", by=root())

    page = client.get(f"{BASE}/1.1.0...1.2.0").content.decode()

    assert '<select name="from"><option>1.2.0</option><option selected>1.1.0</option></s' in page
    assert '<select name="to"><option selected>1.2.0</option><option>1.1.0</option></sel' in page
