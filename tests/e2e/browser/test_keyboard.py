"""Whole journeys by keyboard only."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.conftest import DESK, PATIENCE, wait_for_htmx
from tests.support.packages import manifest, tarball
from tests.support.servers.shop import LiveShop, eventually

pytestmark = pytest.mark.browser

MOST_STEPS = 90
FOCUSED = """() => {
  const it = document.activeElement;
  const label = it.labels?.length ? it.labels[0].textContent : "";
  const words = it.getAttribute("aria-label") || label || it.textContent || it.value || "";
  return [words.trim().replace(/\\s+/g, " "), it.matches(":focus-visible")];
}"""


@pytest.fixture
def page(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    context = browser.new_context(base_url=shop.url, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    # From here on Chromium reports file choosers; a listener added at the key press would be late.
    page.on("filechooser", lambda _: None)
    yield page
    context.close()


def reach(page: Page, words: str) -> None:
    """Press Tab until an element with this text has visible focus."""
    passed_elements = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        element, is_shown = page.evaluate(FOCUSED)
        passed_elements.append(element[:40])
        if element.startswith(words):
            assert is_shown, f"{words} has the focus and does not show it"
            return
    raise AssertionError(f"no way to {words!r}, only to {passed_elements}")


def press(page: Page, words: str) -> None:
    """Reach the element, press Enter and wait for the next page."""
    reach(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press_in_place(page: Page, words: str) -> None:
    """Reach the element and press Enter; htmx changes the page in place."""
    reach(page, words)
    with page.expect_response(lambda response: "hx-request" in response.request.headers):
        page.keyboard.press("Enter")
    wait_for_htmx(page)


def write(page: Page, words: str, text: str) -> None:
    reach(page, words)
    page.keyboard.type(text)


def arrive(page: Page, login: str) -> None:
    """Sign in from the home page."""
    page.goto("/")
    press(page, "Sign in")
    write(page, "Login", login)
    press(page, "Sign in as this person")
    expect(page.get_by_role("link", name=f"@{login}").first).to_be_visible()


def find(page: Page, text: str, title: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, title)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_keyboard_searches_and_opens_an_agent(page: Page) -> None:
    page.goto("/")
    find(page, "proofr", "Proofreader")

    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == ["Skip to content", True]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    press_in_place(page, "Versions")
    expect(page.get_by_role("link", name="2.0.0")).to_be_visible()


def test_keyboard_chooses_a_suggestion(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("proofr")
    box, suggestions = page.get_by_role("combobox"), page.get_by_role("option")
    expect(suggestions).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowDown")
    expect(suggestions).to_have_attribute("aria-selected", "true")
    option_id = suggestions.get_attribute("id") or ""
    expect(box).to_have_attribute("aria-activedescendant", option_id)
    page.keyboard.press("Escape")
    expect(suggestions).to_have_count(0)
    expect(box).to_be_focused()

    page.keyboard.type("e")
    expect(suggestions).to_have_count(1)
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url("/agents/@barbara/proofreader")


def test_keyboard_opens_files_and_lines(page: Page) -> None:
    page.goto("/agents/@barbara/day-planner")
    press_in_place(page, "Files")
    press(page, "README.md")
    press(page, "Source")
    reach(page, "Raw")
    reach(page, "1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"view=source#L2$"))
    expect(page.locator(".is-marked")).to_have_count(1)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    expect(page).to_have_url(re.compile(r"view=source#L2-L3$"))
    expect(page.locator(".is-marked")).to_have_count(2)


def test_keyboard_opens_changes_and_comparison(page: Page) -> None:
    page.goto("/agents/@barbara/day-planner")
    press_in_place(page, "Changes")
    expect(page.get_by_role("heading", name="From 1.0.0 to 1.1.0")).to_be_visible()
    reach(page, "From")
    page.keyboard.press("ArrowUp")
    reach(page, "to")
    page.keyboard.press("ArrowDown")
    press_in_place(page, "Compare versions")
    expect(page.get_by_role("heading", name="From 1.1.0 to 1.0.0")).to_be_visible()

    press_in_place(page, "Overview")
    press(page, "Compare with other agents")
    write(page, "Agent 2", "@barbara/bookkeeper")
    press(page, "Compare")
    for title in ("Day planner", "Bookkeeper"):
        expect(page.get_by_role("columnheader").filter(has_text=title)).to_be_visible()


def test_keyboard_opens_the_table_of_a_chart(page: Page, shop: LiveShop) -> None:
    shop.get("/v1/agents/barbara/proofreader/versions/2.0.0/tarball")
    address = "/v1/agents/barbara/proofreader/downloads"
    eventually(lambda: shop.get(address).json()["downloads"], 1)
    page.goto("/agents/@barbara/proofreader")
    press_in_place(page, "Downloads 1")
    expect(page.get_by_role("img", name="1 download in 30 days")).to_be_visible()
    press_in_place(page, "7 days")
    reach(page, "All days as a table")
    page.keyboard.press("Enter")

    days = page.get_by_role("group").get_by_role("rowheader")
    expect(days).to_have_count(7)


def test_keyboard_signs_in_and_out(page: Page) -> None:
    arrive(page, "keyboard-hedy")

    press(page, "Sign out")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_keyboard_posts_a_review(page: Page) -> None:
    arrive(page, "keyboard-hedy")
    find(page, "bookkeeper", "Bookkeeper")
    press_in_place(page, "Reviews")
    press_in_place(page, "Write a review")
    reach(page, "1 star")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    write(page, "Title", "By keyboard")
    write(page, "Your review", "Every part of it could be reached.")
    press_in_place(page, "Publish review")

    expect(page.get_by_role("article").filter(has_text="By keyboard")).to_be_focused()
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()
    expect(page.get_by_text("Every part of it could be reached.")).to_be_visible()


def test_keyboard_reports_and_decides(page: Page, shop: LiveShop) -> None:
    page.goto("/")
    find(page, "proofr", "Proofreader")
    press(page, "Report this agent")
    reach(page, "Malicious")
    page.keyboard.press("Space")
    write(page, "What did you see", "Found by keyboard.")
    press_in_place(page, "Send report")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your report")

    arrive(page, "root")
    press(page, "Desk")
    press(page, "Reports")
    press(page, "@barbara/proofreader")
    expect(page.get_by_text("Found by keyboard.").first).to_be_visible()
    reach(page, "Dismiss")
    page.keyboard.press("Space")
    write(page, "Reason or notes", "Read, and nothing found.")
    press(page, "Review and confirm")
    press(page, "Dismiss")
    expect(page.get_by_text("Found by keyboard.")).to_have_count(0)


def test_keyboard_publishes_a_package(page: Page) -> None:
    document = manifest(id="@keyboard-hedy/typist", name="Typist", version="0.1.0")
    package = {"name": "typist.tgz", "mimeType": "application/gzip"}
    arrive(page, "keyboard-hedy")
    press(page, "Publish")
    reach(page, "Package")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([package | {"buffer": tarball(None, document)}])
    press(page, "Check and preview")
    expect(page.get_by_text("Draft preview")).to_be_visible()

    press(page, "Publish version 0.1.0")
    expect(page).to_have_url("/publish/agents/@keyboard-hedy/typist/published/0.1.0")
    expect(page.get_by_role("heading", level=1)).to_have_text("Typist 0.1.0 is published")

    press(page, "Publish")
    press(page, "Your published agents")
    press(page, "Numbers @keyboard-hedy/typist")
    expect(page.get_by_role("heading", name="Package check warnings")).to_be_visible()
    press(page, "Versions")
    expect(page.get_by_role("link", name="Yank 0.1.0")).to_be_visible()


def test_keyboard_writes_content(page: Page) -> None:
    arrive(page, "dora")
    page.goto("/studio/@dora/types/guide/new")
    write(page, "English (en)", "Written by keyboard")
    press_in_place(page, "Add Quote")

    # The new entry has the focus, and what was typed before is still there.
    page.keyboard.type("A quote")
    expect(page.locator("[name='v:/blocks/0/text']")).to_have_value("A quote")
    expect(page.locator("[name='v:/title/en']")).to_have_value("Written by keyboard")
    page.locator("[name='v:/body/en']").focus()
    page.keyboard.type("Some **words**")
    press_in_place(page, "Preview")
    expect(page.locator(".markdown-preview strong")).to_have_text("words")
    page.keyboard.type(" and more")
    expect(page.locator(".markdown-preview")).to_contain_text("and more")

    reach(page, "Save draft")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Written by keyboard")
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 1.")

    mark = page.get_by_text("Not saved yet")
    expect(mark).to_be_hidden()
    page.locator("[name='v:/body/en']").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" indeed")
    expect(mark).to_be_visible()
    expect(page.locator("[data-words-of]").first).to_have_text("4")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 2.")
    expect(mark).to_be_hidden()
