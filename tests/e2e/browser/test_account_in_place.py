"""The forms of the account post in place, and also without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.axe import by_day, by_night, context_with_axe
from tests.e2e.browser.conftest import sign_in, wait_for_htmx
from tests.e2e.browser.test_in_place import IS_SAME_PAGE, MARK, submit_without_checks
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser


@pytest.fixture
def login(request: pytest.FixtureRequest) -> str:
    """A user for each test and each kind of browser."""
    words = "".join(letter if letter.isalnum() else "-" for letter in request.node.name.lower())
    return words.removeprefix("test-").strip("-")[-39:].strip("-")


@pytest.fixture
def in_place(request: pytest.FixtureRequest) -> bool:
    """Whether this browser runs scripts, so that answers replace parts of pages."""
    return "without" not in request.node.callspec.params["context"]


def test_the_profile_is_saved(page: Page, login: str, in_place: bool) -> None:
    sign_in(page, login)
    page.goto("/account/profile")
    page.evaluate(MARK)
    form = page.get_by_role("form", name="Your public profile")
    form.get_by_label("Website").fill("example.org")
    submit_without_checks(form, "Save profile")

    expect(page.get_by_text("Enter a URL starting with")).to_be_visible()
    website = page.get_by_label("Website")
    expect(website).to_have_value("example.org")
    expect(website).to_have_attribute("aria-invalid", "true")
    expect(website).to_have_accessible_description(
        "A full URL, starting with https:// or http://. "
        "Enter a URL starting with http:// or https://."
    )
    if in_place:
        expect(page.get_by_role("alert")).to_be_focused()

    website.fill("https://example.org/")
    page.get_by_label("Display name").fill("  Ada  ")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("link", name="View your public page")).to_be_visible()
    expect(page.get_by_label("Display name")).to_have_value("Ada")
    expect(page.get_by_role("alert")).to_have_count(0)
    if in_place:
        assert page.evaluate(IS_SAME_PAGE)
        expect(form).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("Profile saved.")


def test_email_notifications_are_saved(page: Page, login: str, in_place: bool) -> None:
    sign_in(page, login)
    page.goto("/account/notices")
    page.evaluate(MARK)
    form = page.get_by_role("form", name="Email notifications")
    form.get_by_role("checkbox", name="Reviews of your agents").uncheck()
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved. Applies from the next email.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Reviews of your agents")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Your appeals")).to_be_checked()
    if in_place:
        assert page.evaluate(IS_SAME_PAGE)
        expect(form).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("Saved.")


def test_a_key_is_created_and_revoked(page: Page, login: str, in_place: bool) -> None:
    sign_in(page, login)
    page.goto("/account/keys/new")
    page.evaluate(MARK)
    form = page.get_by_role("form", name="New API key")
    form.get_by_role("textbox", name="Name").fill("For CI")
    submit_without_checks(form, "Create key")
    expect(page.get_by_text("Select at least one scope.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("For CI")
    if in_place:
        expect(page.get_by_role("alert")).to_be_focused()

    page.locator("[name=scopes][value=read]").check()
    page.get_by_role("button", name="Create key").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new API key")
    expect(page).to_have_title("Your new API key · Clawstore")
    expect(page.get_by_text("claw_").first).to_be_visible()
    if in_place:
        assert page.evaluate(IS_SAME_PAGE)
        expect(page.locator("#main")).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("Key created. Copy it now.")

    page.get_by_role("link", name="Go to my keys").click()
    page.evaluate(MARK)
    page.get_by_role("button", name="Revoke For CI").click()
    expect(page.get_by_text("You have no active keys.")).to_be_visible()
    expect(page.get_by_text("It no longer works.")).to_be_visible()
    expect(page.get_by_role("heading", name="For CI", level=3)).to_be_visible()
    if in_place:
        assert page.evaluate(IS_SAME_PAGE)
        expect(page.get_by_role("status").filter(has_text="Key revoked").first).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("Key revoked.")


def test_another_session_is_ended(
    page: Page, browser: Browser, shop: LiveShop, login: str, in_place: bool
) -> None:
    contexts = [browser.new_context(base_url=shop.url) for _ in range(3)]
    for context in contexts:
        sign_in(context.new_page(), login)
    sign_in(page, login)
    page.goto("/account/sessions")
    page.evaluate(MARK)
    expect(page.get_by_role("article")).to_have_count(4)

    page.get_by_role("button", name="End this session").first.click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_text("1 session ended").first).to_be_visible()
    if in_place:
        assert page.evaluate(IS_SAME_PAGE)
        expect(page.get_by_role("status").filter(has_text="1 session").first).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("1 session ended")

    page.get_by_role("button", name="End the other 2 sessions").click()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_text("2 sessions ended").first).to_be_visible()
    for context in contexts:
        context.close()


@pytest.fixture
def desk(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    context = context_with_axe(browser, shop.url)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("address", "button"),
    [
        ("/account/profile", "Save profile"),
        ("/account/notices", "Save"),
        ("/account/keys/new", "Create key"),
    ],
)
def test_account_forms_in_place_are_accessible(
    desk: Page, login: str, address: str, button: str
) -> None:
    sign_in(desk, login)
    desk.goto(address)
    submit_without_checks(desk.locator("main form").first, button)
    wait_for_htmx(desk)

    assert by_day(desk) + by_night(desk) == []
