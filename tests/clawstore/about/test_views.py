"""Static pages: they exist, every page links to them, and they name the instance."""

import pytest
from django.test import Client

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.seeding import POLICIES

CHAPTERS = [*POLICIES, *STATIC_PAGES]

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_about_page_names_the_instance_and_its_contact(client: Client, settings, chapter: str):
    settings.INSTANCE_NAME, settings.CONTACT_EMAIL = "Acme Agents", "desk@acme.example"

    page = client.get(f"/about/{chapter}")

    assert page.status_code == 200
    assert "Acme Agents" in page.text
    assert 'href="mailto:desk@acme.example"' in page.text
    [navigation] = [
        part for part in page.text.split("<nav ") if 'aria-label="Policies and guide"' in part
    ]
    assert navigation.partition("</nav>")[0].count('aria-current="page"') == 1
    assert not page.cookies


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_about_page_takes_few_queries(client: Client, django_assert_num_queries, chapter: str):
    client.get(f"/about/{chapter}")

    # The revision, for the list of chapters and for the footer. A policy is read with its versions;
    # its HTML is not stored yet, so its text and its price are read, too.
    with django_assert_num_queries(2 if chapter in STATIC_PAGES else 8):
        client.get(f"/about/{chapter}")


@pytest.mark.parametrize("path", ["/", "/agents", "/signin", "/nowhere"])
def test_every_page_links_to_the_about_pages(client: Client, path: str):
    page = client.get(path).text

    for chapter in CHAPTERS:
        assert f'href="/about/{chapter}"' in page


def test_unknown_about_page_is_not_found(client: Client):
    assert client.get("/about/imprint").status_code == 404
    assert client.get("/about/..%2fbase").status_code == 404


def test_about_page_of_a_closed_shop_says_so(client: Client, settings):
    assert "closed" not in client.get("/about/terms").text
    settings.SIGN_IN_TO_READ = True

    assert "This site is private" in client.get("/about/terms").text
