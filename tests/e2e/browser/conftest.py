"""Chromium on a live shop with sample content."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.browser.chromium import chromium
from tests.e2e.browser.sample_shop import SampleShop
from tests.support.servers.shop import LiveShop

# Milliseconds. Long, because a busy machine is slow; only a failing test waits so long.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": chromium(), "args": arguments}


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleShop]:
    """A shop with sample content, which the tests of a process share."""
    with SampleShop(tmp_path_factory.mktemp("shop"), PAYMENT_PROVIDER="mock") as shop:
        yield shop


@pytest.fixture(scope="session")
def parts(shop: SampleShop) -> dict[str, str]:
    """Parts of the addresses of the sample content."""
    return shop.parts | {"shop": shop.url}


def wait_for_htmx(page: Page) -> None:
    """Wait until htmx has put a response into the page."""
    in_progress = page.locator(".htmx-request, .htmx-swapping, .htmx-settling")
    expect(in_progress).to_have_count(0)


def sign_in(page: Page, login: str) -> None:
    """Sign in as any user, which development mode allows.

    By requests with the cookies of the page, which shows nothing new: the form itself is tested in
    the journeys and by keyboard.
    """
    form = page.request.get("/signin").text()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token, form
    fields: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token[1], "login": login}
    answer = page.request.post("/signin", form=fields, max_redirects=0)
    assert answer.status == 302, answer.text()


def sign_out(page: Page) -> None:
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
    page.get_by_role("button", name="Sign out").first.click()


@pytest.fixture(params=["phone", "desk without JavaScript"])
def context(
    request: pytest.FixtureRequest, browser: Browser, shop: LiveShop
) -> Iterator[BrowserContext]:
    """Each test runs on a phone, and on a desktop without JavaScript.

    The other browser tests use a desktop with JavaScript.
    """
    context = browser.new_context(
        base_url=shop.url,
        viewport=PHONE if request.param == "phone" else DESK,  # type: ignore[arg-type]
        java_script_enabled="without" not in request.param,
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test on console errors and policy violations."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The browser reports the status of a page or of a form with errors, too.
        is_status = any(f"status of {status}" in message.text for status in (403, 404, 422))
        if message.type == "error" and not is_status:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
