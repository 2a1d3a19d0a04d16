"""Filters, order, pages and tabs replace a part of the page by htmx."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browser.axe import by_day, by_night, context_with_axe
from tests.e2e.browser.conftest import DESK, PATIENCE, PHONE
from tests.e2e.browser.test_keyboard import press, reach
from tests.support.servers.shop import LiveShop, eventually

pytestmark = pytest.mark.browser

PLANNER = "/agents/@barbara/day-planner"
# More agents than fit on a page, as an expression for `manage.py shell`.
MANY = """
from tests.support.factories import make_agent, make_user, make_version
ada = make_user("ada")
for number in range(25):
    make_version(make_agent(ada, f"agent-{number}", category_id="finance" if number else "writing"))
"""
BAR_OPACITY = "getComputedStyle(document.querySelector('#browse'), '::before').opacity"


def open_page(browser: Browser, shop: LiveShop, **options: object) -> Page:
    context = browser.new_context(base_url=shop.url, **{"viewport": DESK, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


@pytest.fixture
def page(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    """A page on a desk, without errors on the console."""
    page = open_page(browser, shop)
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    assert errors == []


@pytest.fixture(scope="module")
def long_list(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop with more agents than fit on a page."""
    with LiveShop(tmp_path_factory.mktemp("many")) as shop:
        shop.manage("shell", "-c", MANY)
        yield shop


def mark(page: Page) -> None:
    """Mark the document: a navigation loses the mark, a swap keeps it."""
    page.evaluate("window.isMarked = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.isMarked === true"))


def expect_count(page: Page, words: str) -> None:
    # The page of a category has its name before.
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"\b{words}\b"))


def test_filter_replaces_results_and_keeps_focus(page: Page) -> None:
    page.goto("/agents")
    mark(page)

    press(page, "Finance")

    expect_count(page, "1 agent")
    assert is_marked(page)
    assert page.url.endswith("/agents?category=finance")
    expect(page.locator("#category-Finance")).to_be_focused()
    expect(page.locator("#category-Finance")).to_have_attribute("aria-current", "true")
    expect(page.locator("#announcer")).to_have_text("Finance 1 agent")
    expect(page.locator("main")).not_to_contain_text("Proofreader")


def test_search_and_sign_in_keep_the_new_filter(page: Page) -> None:
    page.goto("/agents")
    press(page, "Finance")
    expect_count(page, "1 agent")

    sign_in = page.get_by_role("link", name="Sign in")
    expect(sign_in).to_have_attribute(
        "href", re.compile(r"/signin\?next=%2Fagents%3Fcategory%3Dfinance$")
    )
    page.get_by_role("combobox", name="Search agents").fill("planner")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/agents?q=planner&category=finance")


def test_back_and_forward_show_the_results_of_their_address(page: Page) -> None:
    page.goto("/agents")
    # Other tests publish agents in this shop, but none of finance.
    count = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Finance").click()
    expect_count(page, "1 agent")

    page.go_back()
    expect_count(page, count)
    assert page.url.endswith("/agents")
    page.go_forward()
    expect_count(page, "1 agent")
    page.reload()
    expect_count(page, "1 agent")


def test_removed_filter_gives_its_focus_to_the_heading(page: Page) -> None:
    page.goto("/agents?category=finance&tag=planning")
    mark(page)

    press(page, "Remove filter Finance")

    expect(page.locator("main")).not_to_contain_text("Remove filter Finance")
    assert is_marked(page)
    expect(page.locator("#results")).to_be_focused()


def test_sort_order_keeps_the_focus(page: Page) -> None:
    page.goto("/agents")
    mark(page)

    press(page, "Rating")

    expect(page.locator("#sort-Rating")).to_have_attribute("aria-current", "true")
    assert is_marked(page)
    expect(page.locator("#sort-Rating")).to_be_focused()


def test_on_a_phone_the_results_come_into_view(browser: Browser, shop: LiveShop) -> None:
    page = open_page(browser, shop, viewport=PHONE)
    page.goto("/agents")
    mark(page)

    page.get_by_role("link", name="Finance").click()

    expect_count(page, "1 agent")
    assert is_marked(page)
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator("#results")).to_be_in_viewport()
    page.context.close()


def test_next_page_starts_at_the_heading(browser: Browser, long_list: LiveShop) -> None:
    page = open_page(browser, long_list)
    page.goto("/agents")
    mark(page)

    page.get_by_role("link", name="Next").click()

    expect(page.get_by_role("link", name="Previous")).to_be_visible()
    assert is_marked(page)
    assert page.url.endswith("/agents?page=2")
    assert page.title().startswith("Agents · page 2")
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator("#results")).to_be_in_viewport()
    page.context.close()


def test_ticked_agents_stay_ticked_on_the_next_page(browser: Browser, long_list: LiveShop) -> None:
    page = open_page(browser, long_list)
    page.goto("/agents?sort=name")
    compare = page.get_by_role("button", name="Compare")
    expect(compare).to_be_disabled()
    page.get_by_role("checkbox", name="Compare Agent-0", exact=True).check()
    page.get_by_role("link", name="Next").click()
    page.get_by_role("checkbox", name="Compare Agent-9", exact=True).check()
    expect(page.locator("[data-tray-words]")).to_have_text("2 of 4 ticked: Agent-0, Agent-9")

    compare.click()

    expect(page).to_have_title(re.compile("compared"))
    expect(page.get_by_role("link", name="Agent-0")).to_be_visible()
    page.context.close()


def test_slow_request_shows_a_bar(page: Page) -> None:
    page.goto("/agents")
    requests_held: list[Route] = []
    page.route("**/agents?category=*", lambda route: requests_held.append(route))

    page.get_by_role("link", name="Finance").click()

    eventually(lambda: page.evaluate(BAR_OPACITY), "1")
    requests_held[0].continue_()
    expect_count(page, "1 agent")
    expect(page.locator(".htmx-request")).to_have_count(0)


def test_tabs_replace_each_other_and_keep_the_focus(page: Page) -> None:
    page.goto(PLANNER)
    mark(page)

    for tab, words in (("Files", "agent.json"), ("Versions", "1.0.0"), ("Changes", "Change facts")):
        press(page, tab)
        expect(page.locator(f"#tab-{tab.lower()}")).to_have_attribute("aria-current", "page")
        expect(page.locator("#agent")).to_contain_text(words)
        assert is_marked(page)
        assert page.url.endswith(f"{PLANNER}/{tab.lower()}")
        expect(page.locator(f"#tab-{tab.lower()}")).to_be_focused()
        expect(page.locator("#announcer")).to_have_text(page.title())
    expect(page.get_by_role("heading", name="Agent facts")).to_be_hidden()
    page.go_back()
    expect(page.locator("#tab-versions")).to_have_attribute("aria-current", "page")


def test_scripts_work_on_a_tab_that_was_swapped_in(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{PLANNER}/versions")
    mark(page)

    page.locator("#tab-overview").click()
    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert is_marked(page)
    assert (
        page.evaluate("navigator.clipboard.readText()") == "clawstore install @barbara/day-planner"
    )


def test_two_versions_are_chosen_in_place(page: Page) -> None:
    page.goto(f"{PLANNER}/changes")
    mark(page)

    page.locator("select[name=from]").select_option("1.1.0")
    page.locator("select[name=to]").select_option("1.0.0")
    reach(page, "Compare versions")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Reversed: 1.1.0 is newer.")).to_be_visible()
    assert is_marked(page)
    assert page.url.endswith(f"{PLANNER}/changes/1.1.0...1.0.0")
    expect(page.locator("#compare-versions")).to_be_focused()


def test_swapped_controls_are_links_without_javascript(browser: Browser, shop: LiveShop) -> None:
    page = open_page(browser, shop, java_script_enabled=False)
    page.goto("/agents")

    page.get_by_role("link", name="Finance").click()
    expect_count(page, "1 agent")
    page.get_by_role("link", name="Bookkeeper").click()
    page.locator("#tab-files").click()
    expect(page.locator("main")).to_contain_text("agent.json")
    page.context.close()


def test_swapped_parts_pass_the_axe_rules(browser: Browser, shop: LiveShop) -> None:
    with context_with_axe(browser, shop.url) as context:
        page = context.new_page()
        page.goto("/agents")
        page.get_by_role("link", name="Finance").click()
        expect_count(page, "1 agent")
        assert by_day(page) + by_night(page) == []

        page.goto(PLANNER)
        page.locator("#tab-versions").click()
        expect(page.locator("#tab-versions")).to_have_attribute("aria-current", "page")
        assert by_day(page) + by_night(page) == []
