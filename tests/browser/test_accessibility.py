"""Every page is held against the axe rules, in both colour schemes."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.servers.shop import LiveShop

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/agents",
    "/agents?q=nothing-like-this",
    "/agents/@barbara/day-planner",
    "/agents/@barbara/day-planner/versions",
    "/agents/@barbara/day-planner/versions/1.0.0",
    "/@barbara",
    "/signin",
    "/nothing-here",
]


@pytest.fixture(scope="module", params=["light", "dark"])
def plain_page(request: pytest.FixtureRequest, browser: Browser, shop: LiveShop) -> Iterator[Page]:
    # The rules are a script, which the shop's own policy would not let in.
    context = browser.new_context(base_url=shop.url, color_scheme=request.param, bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(plain_page: Page, path: str) -> None:
    plain_page.goto(path)

    found = Axe().run(plain_page).response["violations"]

    assert [(f["id"], [node["html"] for node in f["nodes"]]) for f in found] == []
