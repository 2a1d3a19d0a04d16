"""Light or dark theme: the setting of the system, or the choice of the user."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.conftest import sign_in
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

SCHEME = "getComputedStyle(document.documentElement).colorScheme"
Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, shop: LiveShop) -> Iterator[Open]:
    contexts = []

    def opened(**options: object) -> Page:
        contexts.append(browser.new_context(base_url=shop.url, **options))  # type: ignore[arg-type]
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def test_chosen_theme_is_used_on_every_page(shop: LiveShop, open_page: Open) -> None:
    page = open_page(color_scheme="light")
    sign_in(page, "root")
    page.goto("/")
    assert page.evaluate(SCHEME) == "light dark"

    page.get_by_role("radio", name="Dark").check()
    assert page.evaluate(SCHEME) == "dark"
    for address in ("/agents", "/admin/"):
        page.goto(address)
        assert page.evaluate(SCHEME) == "dark"

    page.goto("/")
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    page.get_by_role("radio", name="System").check()
    page.goto("/agents")
    assert page.evaluate(SCHEME) == "light dark"


def test_chosen_theme_is_set_before_the_first_paint(open_page: Open) -> None:
    page = open_page(color_scheme="light")
    page.goto("/")
    page.get_by_role("radio", name="Dark").check()

    # The stylesheets are read and the body is not, so nothing was painted yet.
    page.add_init_script(
        """new MutationObserver(() => {
          if (document.body) window.atFirst ??= document.documentElement.dataset.theme;
        }).observe(document, { childList: true, subtree: true });"""
    )
    page.goto("/agents")

    assert page.evaluate("window.atFirst") == "dark"


def test_theme_switch_is_hidden_without_javascript(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/agents/@barbara/bookkeeper")

    expect(page.get_by_role("contentinfo")).to_be_visible()
    expect(page.get_by_text("System")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
