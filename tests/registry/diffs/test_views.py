"""Pages of the diff between two versions, and the list of versions."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import withhold_version, yank_version
from registry.agents.derived_data import get_release_notes
from registry.models import Version, VersionDiff
from tests.registry.diffs.conftest import API, PAGE
from tests.support.factories import make_agent, make_version
from tests.support.http import Api
from tests.support.page import Page
from tests.support.uploads import publish_planner

pytestmark = pytest.mark.once


def test_capabilities_come_before_notes_and_files(
    versions: list[Version], read: Callable[..., Page]
) -> None:
    page = read(f"{PAGE}/1.0.0...1.1.0")

    capabilities, notes, files = (
        page.text.index(words) for words in ("now asks for STRIPE_KEY", "Bills", "the day week")
    )
    assert capabilities < notes < files
    assert page.canonical() == [f"{settings.BASE_URL}{PAGE}/1.0.0...1.1.0"]
    sources = [link for link in page.links() if "1.1.0/files/agent.json?view=source#L" in link]
    assert len(sources) == 1


def test_short_url_shows_the_latest_upgrade(
    versions: list[Version], client: Client, read: Callable[..., Page]
) -> None:
    page = read(PAGE)

    assert "From 1.0.0 to 1.1.0" in page.text
    assert page.canonical() == [f"{settings.BASE_URL}{PAGE}/1.0.0...1.1.0"]
    led = client.get(PAGE, {"from": "1.1.0", "to": "1.0.0"})
    assert (led.status_code, led["Location"]) == (302, f"{PAGE}/1.1.0...1.0.0")
    upper = client.get("/agents/@ADA/Planner/changes/1.0.0...1.1.0")
    assert (upper.status_code, upper["Location"]) == (301, f"{PAGE}/1.0.0...1.1.0")


def test_reversed_pair_is_marked_and_not_indexed(versions: list[Version], client: Client) -> None:
    forwards = client.get(f"{PAGE}/1.0.0...1.1.0").content.decode()
    backwards = client.get(f"{PAGE}/1.1.0...1.0.0").content.decode()

    assert "Reversed: 1.1.0 is newer." in backwards
    assert "no longer asks for <code>STRIPE_KEY</code>" in backwards
    assert 'content="noindex"' in backwards
    assert 'content="noindex"' not in forwards


@pytest.mark.parametrize(
    ("pair", "status", "code"),
    [
        ("1.0.0...1.0.0", 422, "same_version"),
        ("1.0.0...9.9.9", 404, "version_not_found"),
        ("x...y", 404, "version_not_found"),
        ("1.0.0", 404, "not_found"),
    ],
)
def test_invalid_pair_is_refused_and_stores_no_diff(
    versions: list[Version], api: Api, client: Client, pair: str, status: int, code: str
) -> None:
    assert client.get(f"{PAGE}/{pair}").status_code == status
    answer = api.get(f"{API}/{pair}")
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert VersionDiff.objects.count() == 0


def test_single_version_has_no_diff(as_ada: Actor, read: Callable[..., Page]) -> None:
    publish_planner("1.0.0", as_ada)

    assert "nothing to compare" in read(PAGE, 404).text
    assert PAGE not in read("/agents/@ada/planner").links()


def test_prerelease_after_the_first_version_is_the_latest_upgrade(
    as_ada: Actor, read: Callable[..., Page]
) -> None:
    publish_planner("1.0.0", as_ada)
    publish_planner("1.0.1-beta.1", as_ada)

    assert PAGE in read("/agents/@ada/planner").links()
    page = read(PAGE)

    assert "From 1.0.0 to 1.0.1-beta.1" in page.text
    assert page.canonical() == [f"{settings.BASE_URL}{PAGE}/1.0.0...1.0.1-beta.1"]


def test_stable_version_replaces_the_last_stable_version(
    versions: list[Version], as_ada: Actor, read: Callable[..., Page]
) -> None:
    publish_planner("1.2.0-beta.1", as_ada)
    publish_planner("1.2.0-beta.2", as_ada)
    publish_planner("1.2.0", as_ada)

    links = read("/agents/@ada/planner/versions").links()

    assert [link.rpartition("/")[2] for link in links if "..." in link] == [
        "1.1.0...1.2.0",
        "1.2.0-beta.1...1.2.0-beta.2",
        "1.1.0...1.2.0-beta.1",
        "1.0.0...1.1.0",
    ]


def test_versions_without_packages_are_compared_by_their_manifests(
    ada: User, read: Callable[..., Page]
) -> None:
    agent = make_agent(ada, "bare")
    make_version(agent, "1.0.0")
    make_version(agent, "1.1.0")

    page = read("/agents/@ada/bare/changes")

    assert "From the two manifests only" in page.text


@pytest.mark.parametrize("number", ["1.0.0", "1.1.0"])
def test_withheld_version_has_no_diff(
    versions: list[Version], client: Client, as_root: Actor, number: str
) -> None:
    client.get(f"{PAGE}/1.0.0...1.1.0")
    withhold_version(
        versions[0].agent, number, reason="malware", text="It phones home.", by=as_root
    )

    for address in (f"{PAGE}/1.0.0...1.1.0", f"{PAGE}/1.1.0...1.0.0", f"{API}/1.0.0...1.1.0"):
        answer = client.get(address)
        assert answer.status_code == 451, address
        assert b"STRIPE_KEY" not in answer.content
    page = Page(client.get("/agents/@ada/planner/versions").content.decode())
    assert not [link for link in page.links() if "..." in link]
    assert (versions[1].pk in get_release_notes([versions[1].pk])) == (number == "1.0.0")


def test_yanked_version_still_has_a_diff(
    versions: list[Version], as_ada: Actor, client: Client
) -> None:
    yank_version(versions[0].agent, "1.0.0", reason="Wrong.", by=as_ada)

    assert client.get(f"{PAGE}/1.0.0...1.1.0").status_code == 200


def test_pages_link_only_to_upgrades(
    versions: list[Version], as_ada: Actor, read: Callable[..., Page]
) -> None:
    publish_planner("1.2.0", as_ada)
    upgrades = {f"{PAGE}/1.0.0...1.1.0", f"{PAGE}/1.1.0...1.2.0"}
    paths = [
        "/agents/@ada/planner",
        "/agents/@ada/planner/versions",
        "/agents/@ada/planner/versions/1.1.0",
        PAGE,
        f"{PAGE}/1.0.0...1.2.0",
        f"{PAGE}/1.0.0...1.1.0",
    ]

    links = {link for path in paths for link in read(path).links() if link.startswith(f"{PAGE}/")}

    assert links == upgrades


def test_form_offers_all_versions_that_are_not_withheld(
    versions: list[Version], as_ada: Actor, as_root: Actor, client: Client
) -> None:
    publish_planner("1.2.0", as_ada)
    withhold_version(
        versions[0].agent, "1.0.0", reason="malware", text="It phones home.", by=as_root
    )

    page = client.get(f"{PAGE}/1.1.0...1.2.0").content.decode()

    assert '<select name="from"><option>1.2.0</option><option selected>1.1.0</option></s' in page
    assert '<select name="to"><option selected>1.2.0</option><option>1.1.0</option></sel' in page


def test_stored_diff_takes_a_constant_number_of_queries(
    versions: list[Version], as_ada: Actor, queries_of: Callable[[str], int]
) -> None:
    first = queries_of(f"{PAGE}/1.0.0...1.1.0")
    second_answer = queries_of(f"{PAGE}/1.0.0...1.1.0")
    files = {f"docs/{number}.md": f"{number}\n" for number in range(30)}
    publish_planner("1.2.0", as_ada, files)

    # The first diff expands access, so it also marks the rows of the agent as changed. One query
    # is for the notice on every page, and one for where the versions were published from.
    assert (first, second_answer) == (14, 6)
    assert queries_of(f"{PAGE}/1.1.0...1.2.0") == first - 1
    assert queries_of(f"{PAGE}/1.1.0...1.2.0") == second_answer
