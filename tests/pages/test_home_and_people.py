"""The home page, and a person with their agents."""

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.accounts.models import User
from profiles.models import Profile
from registry.models import Agent
from tests.factories import make_agent, make_version
from tests.pages.conftest import Page

Read = Callable[..., Page]


def test_home_shows_real_rows(ada: User, read: Read) -> None:
    make_version(make_agent(ada, "old", download_count=7))
    make_version(make_agent(ada, "new", download_count=1200))

    page = read("/")

    assert page.links().count("/agents/@ada/new") == 3  # Newest, most downloaded, and the label.
    assert page.links().count("/agents/@ada/old") == 2
    assert "1,200" in page.texts
    assert "Browse all 2 agents" in page.texts
    assert "export CLAWSTORE_API_URL=http://127.0.0.1:8000/v1" in page.text


def test_an_empty_shop_says_what_to_do(read: Read) -> None:
    page = read("/")

    assert "The shelves are empty." in page.texts
    assert "#publish" in page.links()


def test_home_costs_the_same_for_one_and_for_many(
    ada: User, queries_of: Callable[[str], int]
) -> None:
    make_version(make_agent(ada, "one"))
    cost = queries_of("/")

    make_version(make_agent(ada, "two"))
    make_version(make_agent(ada, "three"))

    assert queries_of("/") == cost


def test_a_person_with_their_agents(ada: User, read: Read) -> None:
    Profile.objects.filter(user=ada).update(
        bio="Counts <b>things</b>", website="https://ada.example", location="London"
    )
    make_version(make_agent(ada, "coach"))
    make_agent(ada, "hidden")

    page = read("/@ada")

    for words in ("Ada Lovelace", "@ada", "Counts <b>things</b>", "London", "https://ada.example"):
        assert words in page.texts
    assert [a for a in page.links() if a.startswith("/agents/@")] == ["/agents/@ada/coach"]


def test_people_have_one_address(ada: User, visitor: Client, read: Read) -> None:
    moved = visitor.get("/@ADA")

    assert (moved.status_code, moved["Location"]) == (301, "/@ada")
    assert "Nothing published, or nothing that is still offered." in read("/@ada").texts
    assert "There is nothing here" in read("/@nobody", 404).text


@pytest.mark.parametrize("host", ["tracker.example", "avatars.githubusercontent.com"])
def test_no_browser_is_sent_to_another_host_for_a_picture(ada: User, read: Read, host: str) -> None:
    Profile.objects.filter(user=ada).update(avatar_url=f"https://{host}/u/1")

    page = read("/@ada")

    assert page.all("img") == []
    assert host not in page.text


def test_a_person_costs_the_same_for_one_and_for_many(
    ada: User, queries_of: Callable[[str], int]
) -> None:
    make_version(make_agent(ada, "one"))
    cost = queries_of("/@ada")

    make_version(make_agent(ada, "two"))
    make_version(make_agent(ada, "three"))

    assert queries_of("/@ada") == cost
    assert Agent.objects.listed().count() == 3
