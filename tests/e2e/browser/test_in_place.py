"""Reviews, replies and reports post in place, and also without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser.axe import by_day, by_night, context_with_axe
from tests.e2e.browser.conftest import sign_in, sign_out, wait_for_htmx
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

REVIEWS = "/agents/@barbara/bookkeeper/reviews"
MARK = "window.isSamePage = true"
IS_SAME_PAGE = "window.isSamePage === true"


@pytest.fixture
def login(request: pytest.FixtureRequest) -> str:
    """A login for each test and each kind of browser."""
    words = "".join(letter if letter.isalnum() else "-" for letter in request.node.name.lower())
    return words.removeprefix("test-").strip("-")[-39:].strip("-")


def submit_without_checks(form: Locator, button: str) -> None:
    """Send the form as a browser that does not check required fields."""
    form.evaluate("form => { form.noValidate = true }")
    form.get_by_role("button", name=button).click()


def test_a_review_appears_in_the_list(page: Page, login: str) -> None:
    sign_in(page, login)
    page.goto(REVIEWS)
    page.evaluate(MARK)
    page.get_by_role("link", name="Write a review").click()
    form = page.get_by_role("form", name="Your review")
    form.get_by_label("Your review").fill("Typed once.")
    submit_without_checks(form, "Publish review")

    expect(page.get_by_text("Select a number of stars.")).to_be_visible()
    expect(page.get_by_label("Your review").last).to_have_value("Typed once.")
    stays = page.evaluate(IS_SAME_PAGE)
    if stays:
        expect(page.get_by_role("alert")).to_be_focused()

    page.get_by_role("radio", name="4 stars").check()
    page.get_by_role("button", name="Publish review").dblclick()
    review = page.get_by_role("article").filter(has_text=login)
    expect(review).to_have_count(1)
    expect(review.get_by_text("Typed once.")).to_be_visible()
    expect(page).to_have_title("Reviews of Bookkeeper · @barbara/bookkeeper · Clawstore")
    if stays:
        assert page.evaluate(IS_SAME_PAGE)
        expect(review).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("Review published.")


def test_a_review_is_edited_and_deleted(page: Page, login: str) -> None:
    sign_in(page, login)
    page.goto(f"{REVIEWS}/write")
    page.get_by_role("radio", name="2 stars").check()
    page.get_by_role("button", name="Publish review").click()
    review = page.get_by_role("article").filter(has_text=login)
    expect(review.get_by_text("2 of 5")).to_be_visible()

    review.get_by_role("link", name="Edit your review").click()
    page.get_by_role("radio", name="5 stars").check()
    page.get_by_label("Title").fill("Better now")
    page.get_by_role("button", name="Save review").click()
    expect(review.get_by_role("heading", name="Better now")).to_be_visible()
    expect(review.get_by_text("5 of 5")).to_be_visible()

    review.get_by_role("link", name="Delete your review").click()
    page.get_by_role("link", name="Cancel").click()
    expect(review.get_by_role("heading", name="Better now")).to_be_visible()
    review.get_by_role("link", name="Delete your review").click()
    page.get_by_role("button", name="Delete this review").click()
    expect(page.get_by_role("link", name="Write a review")).to_be_visible()
    expect(review).to_have_count(0)


def test_an_owner_replies(page: Page, login: str) -> None:
    sign_in(page, login)
    page.goto(f"{REVIEWS}/write")
    page.get_by_role("radio", name="1 star").check()
    page.get_by_role("button", name="Publish review").click()
    expect(page.get_by_role("article").filter(has_text=login)).to_be_visible()
    sign_out(page)
    sign_in(page, "barbara")
    page.goto(REVIEWS)
    review = page.get_by_role("article").filter(has_text=login)

    review.get_by_role("link", name="Reply to this review").click()
    page.get_by_label("Your reply").fill(f"Sorry, {login}.")
    page.get_by_role("button", name="Publish reply").click()
    expect(review.get_by_text(f"Sorry, {login}.")).to_be_visible()

    review.get_by_role("link", name="Delete your reply").click()
    page.get_by_role("button", name="Delete your reply").click()
    expect(review.get_by_role("link", name="Reply to this review")).to_be_visible()
    expect(page.get_by_text(f"Sorry, {login}.")).to_have_count(0)


def test_a_review_is_reported_by_a_visitor(page: Page, login: str) -> None:
    sign_in(page, login)
    page.goto(f"{REVIEWS}/write")
    page.get_by_role("radio", name="1 star").check()
    page.get_by_role("button", name="Publish review").click()
    expect(page.get_by_role("article").filter(has_text=login)).to_be_visible()
    sign_out(page)
    page.goto(REVIEWS)
    page.evaluate(MARK)

    page.get_by_role("article").filter(has_text=login).get_by_text("Report this review").click()
    form = page.get_by_role("form", name="Your report")
    form.get_by_role("radio", name="Spam").check()
    submit_without_checks(form, "Send report")
    expect(page.get_by_text("Describe what you saw")).to_be_visible()
    expect(page.get_by_role("radio", name="Spam")).to_be_checked()

    page.get_by_label("What is wrong with it?").fill("It advertises something else.")
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text("We received your report").first).to_be_visible()
    if page.evaluate(IS_SAME_PAGE):
        expect(page.locator("#announcer")).to_have_text("We received your report.")
        page.get_by_role("link", name="View your report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your report")


@pytest.fixture
def desk(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    context = context_with_axe(browser, shop.url)
    yield context.new_page()
    context.close()


def test_forms_in_place_are_accessible(desk: Page, login: str) -> None:
    sign_in(desk, login)
    desk.goto(REVIEWS)
    desk.get_by_role("link", name="Write a review").click()
    form = desk.get_by_role("form", name="Your review")
    expect(form).to_be_focused()
    assert by_day(desk) + by_night(desk) == []

    submit_without_checks(form, "Publish review")
    expect(desk.get_by_role("alert")).to_be_focused()
    wait_for_htmx(desk)
    assert by_day(desk) + by_night(desk) == []


def test_an_expired_session_leads_to_the_sign_in_page(page: Page, login: str) -> None:
    sign_in(page, login)
    page.goto(f"{REVIEWS}/write")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("radio", name="3 stars").check()
    page.get_by_role("button", name="Publish review").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_an_error_page_replaces_the_page(page: Page, login: str) -> None:
    sign_in(page, login)
    page.goto(f"{REVIEWS}/write")
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("radio", name="3 stars").check()
    page.get_by_role("button", name="Publish review").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("This form has expired")
    expect(page.locator("main")).to_have_count(1)
