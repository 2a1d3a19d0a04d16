"""The home page, and profile pages with agents."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clawstore.people.revisions import person_revision
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from profiles.models import Profile, Scope
from profiles.revisions import bump_person
from registry.agents.actions import pick_agent, unpick_agent
from registry.models import Agent
from tests.support.factories import make_agent, make_user, make_version
from tests.support.page import Page

pytestmark = pytest.mark.once

Read = Callable[..., Page]


def test_home_lists_agents_of_the_catalogue(ada: User, read: Read) -> None:
    create_agents_over_days(ada, 6, downloads_30d=7)
    Agent.objects.filter(name="agent-5").update(downloads_30d=1200)
    Agent.objects.filter(name="agent-0").update(downloads_30d=8)  # Of equals five are shown.

    page = read("/")

    assert page.links().count("/agents/@ada/agent-5") == 2  # Most downloaded, and the label.
    assert page.links().count("/agents/@ada/agent-0") == 2  # New, and downloaded too.
    assert "1,200" in page.texts
    assert "Browse all 6 agents" in page.texts
    assert "export CLAWSTORE_API_URL=http://127.0.0.1:8000/v1" in page.text


def create_agents_over_days(owner: User, count: int, **columns: Any) -> None:
    """Create agents a day apart, the newest first."""
    for number in range(count):
        creation_time = now() - timedelta(days=number)
        make_version(make_agent(owner, f"agent-{number}", created_at=creation_time, **columns))


@pytest.mark.parametrize(
    ("agents", "downloaded_count", "is_shown"), [(6, 6, True), (6, 2, False), (3, 3, False)]
)
def test_small_shop_shows_no_short_or_repeated_list(
    ada: User, read: Read, agents: int, downloaded_count: int, is_shown: bool
) -> None:
    create_agents_over_days(ada, agents)
    oldest = [f"agent-{number}" for number in range(agents - downloaded_count, agents)]
    Agent.objects.filter(name__in=oldest).update(downloads_30d=3)
    Agent.objects.filter(name=oldest[-1]).update(downloads_30d=4)  # Of equals five are shown.

    page = read("/")

    assert ("Most downloaded" in page.texts) is is_shown
    assert "New" in page.texts


def test_index_of_categories_needs_two_categories(ada: User, read: Read) -> None:
    make_version(make_agent(ada, "one", category_id="other"))
    assert "By category" not in read("/").texts

    make_version(make_agent(ada, "two", category_id="writing"))
    assert "By category" in read("/").texts


def test_trending_list_replaces_most_downloaded(ada: User, read: Read) -> None:
    create_agents_over_days(ada, 6, downloads_30d=10)
    Agent.objects.filter(name="agent-5").update(downloads_30d=11)  # Not one of the new ones.
    for name, ratio in (("agent-1", 1.3), ("agent-2", 4.0)):
        Agent.objects.filter(name=name).update(trend_ratio=ratio)
    make_version(make_agent(ada, "gone", trend_ratio=9, delisted_at=now()))

    assert "Most downloaded" in read("/").texts  # Two are too few to be a list.

    Agent.objects.filter(name="agent-3").update(trend_ratio=2.0)
    page = read("/")
    links = page.links()
    section = links[links.index("/about/numbers#trending") :]
    rows = [link for link in section if link.startswith("/agents/@")]
    assert rows == ["/agents/@ada/agent-2", "/agents/@ada/agent-3", "/agents/@ada/agent-1"]
    assert "Most downloaded" not in page.texts


def test_list_of_new_agents_is_ordered_by_first_publish(ada: User, read: Read) -> None:
    moment = now()
    for age, name in enumerate(("youngest", "younger", "old")):
        make_version(make_agent(ada, name, created_at=moment - timedelta(days=age)))
    Agent.objects.filter(name="old").update(updated_at=moment + timedelta(days=1))

    links = read("/").links()

    section = links[links.index("/about/numbers#new") :]
    rows = [link for link in section if link.startswith("/agents/@")]
    assert rows == ["/agents/@ada/youngest", "/agents/@ada/younger", "/agents/@ada/old"]


def test_pick_shows_maintainer_and_reason(ada: User, as_root: Actor, read: Read) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent)
    delisted_agent = make_agent(ada, "gone")
    make_version(delisted_agent)
    for listing in (agent, delisted_agent):
        pick_agent(listing, reason="Says <b>what</b> it does", by=as_root)
    Agent.objects.filter(pk=delisted_agent.pk).update(is_listed=False, delisted_at=now())

    page = read("/")

    assert "Picked by maintainers" in page.texts
    assert page.texts.count("Says <b>what</b> it does") == 1
    assert "/@root" in page.links()
    unpick_agent(agent, by=as_root)
    assert "Picked by maintainers" not in read("/").texts


def test_empty_shop_says_how_to_publish(read: Read) -> None:
    page = read("/")

    assert "No agents yet." in page.texts
    assert "#publish" in page.links()


def made(owner: User, name: str) -> Agent:
    agent = make_agent(owner, name, trend_ratio=2)
    make_version(agent)
    return agent


def test_home_takes_a_constant_number_of_queries(
    ada: User, as_root: Actor, queries_of: Callable[[str], int]
) -> None:
    # Enough for rows in both columns that no other column has, read in as many queries as more.
    for number in range(12):
        pick_agent(made(ada, f"first-{number}"), reason="Good", by=as_root)
    # The first request of a process reads what it keeps; then a change makes the page anew.
    queries_of("/")
    pick_agent(made(ada, "one-more"), reason="Good", by=as_root)
    cost = queries_of("/")

    for number in range(12):
        pick_agent(made(ada, f"more-{number}"), reason="Good", by=as_root)

    # Stored rows are read in groups, so more agents than one group holds take one query more.
    assert queries_of("/") <= cost + 1


def test_profile_lists_the_agents_of_a_person(ada: User, read: Read) -> None:
    Profile.objects.filter(user=ada).update(
        bio="Counts <b>things</b>", website="https://ada.example", location="London"
    )
    make_version(make_agent(ada, "coach"))
    make_agent(ada, "hidden")

    page = read("/@ada")

    for words in ("Ada Lovelace", "@ada", "Counts <b>things</b>", "London", "https://ada.example"):
        assert words in page.texts
    assert [a for a in page.links() if a.startswith("/agents/@")] == ["/agents/@ada/coach"]


def test_profile_address_in_capital_letters_redirects(
    ada: User, visitor: Client, read: Read
) -> None:
    redirect = visitor.get("/@ADA")

    assert (redirect.status_code, redirect["Location"]) == (301, "/@ada")
    assert "No agents, or none that are still available." in read("/@ada").texts
    assert "Page not found" in read("/@nobody", 404).text


@pytest.mark.parametrize("host", ["tracker.example", "avatars.githubusercontent.com"])
def test_profile_loads_no_picture_from_another_host(ada: User, read: Read, host: str) -> None:
    Profile.objects.filter(user=ada).update(avatar_url=f"https://{host}/u/1")

    page = read("/@ada")

    assert page.all("img") == []
    assert host not in page.text


def test_profile_takes_a_constant_number_of_queries(
    ada: User, queries_of: Callable[[str], int]
) -> None:
    make_version(make_agent(ada, "one"))
    cost = queries_of("/@ada")

    make_version(make_agent(ada, "two"))
    make_version(make_agent(ada, "three"))

    assert queries_of("/@ada") == cost
    assert Agent.objects.listed().count() == 3


@pytest.mark.django_db
def test_home_page_names_openclaw_and_the_commands_of_this_registry(client: Client, settings):
    settings.BASE_URL = "https://claws.example.org"

    page = client.get("/").text

    assert "An agent runs on OpenClaw" in page
    assert "export CLAWSTORE_API_URL=https://claws.example.org/v1<" in page
    assert "npx clawstore@0.1.7 install @scope/name<" in page
    assert "openclaw agents add name " in page
    assert "<code>clawstore init</code> overwrites files" in page
    assert "passes here" not in page


def test_address_of_the_desk_needs_no_slash(client: Client):
    response = client.get("/admin")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_revision_of_a_name_is_that_of_the_person_it_shows(ada: User) -> None:
    """The scope of an account may be the login of another, and the login goes first."""
    other = make_user("other")
    Scope.objects.filter(holder=ada).update(name="ada-2")
    Scope.objects.filter(holder=other).update(name="ada")
    before = person_revision(None, "Ada")

    bump_person(other.pk)
    assert person_revision(None, "ada") == before
    bump_person(ada.pk)
    assert person_revision(None, "ada") == person_revision(None, "ada-2") != before
    assert person_revision(None, "ada-3") is None
