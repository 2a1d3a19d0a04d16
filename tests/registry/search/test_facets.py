"""Facets of the list of agents: counts, links and empty results."""

from collections.abc import Callable

import pytest

from foundation.accounts.models import User
from registry.search import parse_search
from registry.search.facets import count_facets
from registry.search.matching import find_matches
from tests.support.factories import make_agent, make_version
from tests.support.page import Page

Read = Callable[..., Page]


@pytest.fixture
def catalogue(ada: User) -> None:
    """Two of finance (one asks for secrets), one of writing; a pre-release besides."""
    for name, columns in {
        "ledger": {"category_id": "finance", "license": "MIT", "model_provider": "openai"},
        "purse": {"category_id": "finance", "requires_secrets": True, "license": "MIT"},
        "diary": {"category_id": "writing", "license": "CC0-1.0", "model_provider": "openai"},
    }.items():
        make_version(make_agent(ada, name, tags=["calm"], **columns))
    make_version(make_agent(ada, "young", category_id="finance"), "1.0.0-beta.1")


def test_each_facet_is_counted_without_its_own_filter(catalogue: None) -> None:
    counts = count_facets(find_matches(parse_search(category="finance", no_secrets=True)))

    assert counts.total == 1
    assert counts.categories == {"finance": 1, "writing": 1}
    assert counts.without_secrets == 1
    assert counts.licenses == {"MIT": 1}
    assert counts.providers == {"openai": 1}
    assert counts.channels == {"": 1, "community": 1, "beta": 1}
    assert count_facets(find_matches(parse_search(category="finance"))).total == 2


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"secrets": "none"}, 2),
        ({"license": "MIT"}, 2),
        ({"provider": "openai", "category": "writing"}, 1),
        ({"channel": "beta"}, 1),
        ({"tag": "calm", "q": "diary"}, 1),
        ({"q": "-diary"}, 2),
        ({"license": "none-such"}, 0),
    ],
)
def test_the_total_is_the_number_of_rows(
    catalogue: None, read: Read, query: dict[str, str], number: int
) -> None:
    page = read("/agents", **query)

    rows = {href for href in page.links() if href.startswith("/agents/@ada/")}
    assert len(rows) == number
    assert f"{number} agent" in page.text


def test_a_corrected_search_is_reported(catalogue: None, read: Read) -> None:
    page = read("/agents", q="diarry")

    assert "/agents/@ada/diary" in page.links()
    assert "No results for “diarry”." in page.text
    assert "/agents?q=diary" in page.links()


def test_an_empty_result_offers_the_corrected_spelling(catalogue: None, read: Read) -> None:
    page = read("/agents", q="diarry", category="finance")

    assert "No agents found." in page.text
    assert "/agents?q=diary&category=finance" in page.links()
    assert "/agents?q=diarry" in page.links()


@pytest.mark.parametrize("address", ["/agents", "/agents?q=keeps", "/agents?q=diarry"])
def test_a_page_needs_at_most_twenty_queries(
    catalogue: None, queries_of: Callable[[str], int], address: str
) -> None:
    # A correction searches twice.
    assert queries_of(address) <= 20
