"""Pages on a phone: header, menu and install command."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.conftest import DESK, PATIENCE, PHONE, sign_in, sign_out
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

AGENT = "/agents/@barbara/day-planner"


@pytest.fixture
def page(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    context = browser.new_context(base_url=shop.url, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def test_header_is_one_row_and_its_menu_has_every_link(page: Page) -> None:
    sign_in(page, "phone-grace")
    page.goto(AGENT)
    header = page.locator(".masthead-inner").bounding_box()
    assert header
    assert header["height"] <= 64

    account = page.get_by_role("link", name="Account", exact=True)
    expect(account).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(account).to_be_visible()
    expect(page.get_by_role("link", name="@phone-grace")).to_be_visible()
    page.keyboard.press("Escape")
    expect(account).to_be_hidden()

    sign_out(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url("/signin")


def test_search_of_the_header_needs_no_button(page: Page) -> None:
    page.goto(AGENT)
    expect(page.locator(".search-key")).to_be_hidden()
    page.get_by_role("combobox", name="Search agents").fill("proofreader")
    page.keyboard.press("Enter")

    expect(page).to_have_url("/agents?q=proofreader")


def test_install_command_stays_in_sight(page: Page) -> None:
    page.goto(AGENT)
    page.evaluate("scrollTo(0, document.querySelector('.tabs').getBoundingClientRect().bottom)")

    expect(page.locator(".brand")).not_to_be_in_viewport()
    expect(page.get_by_text("clawstore install @barbara/day-planner")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Copy")).to_be_in_viewport()


def test_wide_window_shows_all_links_and_no_menu(page: Page) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(AGENT)

    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    header = page.locator(".masthead-inner").bounding_box()
    assert header
    assert header["height"] <= 64


def test_comparison_fits_two_agents(page: Page) -> None:
    page.goto("/agents/compare?id=@barbara/day-planner&id=@barbara/bookkeeper")

    table = page.locator(".compare")
    assert table.evaluate("table => table.scrollWidth - table.clientWidth") == 0
    page.goto("/agents/@barbara/day-planer")
    expect(page.get_by_role("link", name="Day planner")).to_be_visible()


def test_rows_of_a_list_are_short_even_with_hostile_names(page: Page, shop: LiveShop) -> None:
    # A comparison finds what an agent asks for in addition, which its row then says.
    page.goto("/agents/@dora/changed/changes/1.0.0...2.0.0")
    for address in ("/agents", "/@dora"):
        page.goto(address)
        expect(page.locator(".trust-row").first).to_be_visible()
        heights = page.locator(".row").evaluate_all(
            "rows => rows.map(row => row.getBoundingClientRect().height)"
        )
        assert len(heights) > 3
        assert max(heights) <= 150, heights
