"""The desk under the content security policy: no page violates it."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page

from tests.e2e.browser.conftest import sign_in
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

ONE_OF_MANY = re.compile(r"/[^/]+/(change|delete|history)/")
FILE = re.compile(r"/[^/]+/files/.+")
# Not pages: the sign-out, and downloads.
NO_PAGES = ("/logout/", "/raw/")


def kind_of(address: str) -> str:
    return ONE_OF_MANY.sub(r"/ID/\1/", FILE.sub("/ID/files/PATH", address))


def links(page: Page) -> Iterator[str]:
    for href in page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))"):
        path = urlsplit(urljoin(page.url, href)).path
        if path.startswith("/admin/") and not any(part in path for part in NO_PAGES):
            yield path


@pytest.mark.parametrize("context", ["desk"], indirect=True)
def test_no_page_of_the_desk_breaks_the_policy(shop: LiveShop, page: Page):
    sign_in(page, "root")

    # The page fixture fails the test on a violation of the policy.
    known_addresses, queue = {"/admin/"}, ["/admin/"]
    while queue:
        answer = page.goto(queue.pop())
        policy = answer.headers["content-security-policy"] if answer else ""
        assert policy.startswith("default-src 'none'"), page.url
        assert "unsafe" not in policy
        for path in links(page):
            if kind_of(path) not in known_addresses:
                known_addresses.add(kind_of(path))
                queue.append(path)

    assert len(known_addresses) > 20
