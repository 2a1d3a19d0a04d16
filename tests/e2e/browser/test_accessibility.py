"""Axe rules in both themes and overflow at three widths, for every page."""

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from foundation.limits.declarations import get_limit
from tests.e2e.browser.axe import EVERY_RULE, OF_WCAG, by_day, by_night, context_with_axe
from tests.e2e.browser.conftest import PATIENCE, sign_in, sign_out, wait_for_htmx
from tests.e2e.browser.routes import ELSEWHERE, ROUTES, Visit, routes, visits
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1280)
# The gallery shows every landmark several times.
RULES = {"/gallery": OF_WCAG}
NO_DRAFT = f"/publish/drafts/{UUID(int=0)}/publish"


@pytest.fixture(scope="module")
def people(browser: Browser, shop: LiveShop) -> Iterator[dict[str, Page]]:
    """A browser page for an anonymous visitor and for each signed-in user."""
    logins = ("", "dora", "grace", "root")
    contexts = {login: context_with_axe(browser, shop.url) for login in logins}
    pages = {login: context.new_page() for login, context in contexts.items()}
    for login, page in pages.items():
        page.set_default_timeout(PATIENCE)
        if login:
            sign_in(page, login)
    yield pages
    for context in contexts.values():
        context.close()


def test_every_route_has_an_entry() -> None:
    tested_routes = {route for route in routes() if not route.startswith(ELSEWHERE)}

    assert sorted(ROUTES) == sorted(tested_routes)


def test_rare_pages_are_accessible(browser: Browser, tmp_path: Path) -> None:
    """The welcome with a derived scope, a rate limit and a broken database.

    Needs a shop of its own.
    """
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("What is broken is the file of SQLite.")
    with LiveShop(tmp_path, LIMITS="on") as shop:
        context = context_with_axe(browser, shop.url)
        page = context.new_page()
        page.goto("/signin")
        page.get_by_label("login").fill("mona_octo")
        page.locator("main").get_by_role("button").last.click()
        expect(page).to_have_url(re.compile("/account/welcome"))
        assert complaints(page) == []
        sign_out(page)
        sign_in(page, "ada")
        page.goto("/publish")
        form = page.locator("main form")
        token = form.locator("[name='csrfmiddlewaretoken']").input_value()
        for _ in range(get_limit("publish").max_units):
            # The draft does not exist, and the request counts.
            page.request.post(NO_DRAFT, form={"csrfmiddlewaretoken": token})
        form.evaluate("(form, to) => { form.noValidate = true; form.action = to }", NO_DRAFT)
        with page.expect_navigation() as leads:
            form.get_by_role("button").last.click()
        assert leads.value
        assert leads.value.status == 429
        assert complaints(page) == []

        with sqlite3.connect(tmp_path / "clawstore.sqlite3") as database:
            database.execute("ALTER TABLE agents RENAME TO taken_away")
        answer = page.goto("/")
        assert answer
        assert answer.status == 500
        assert complaints(page) == []
        context.close()


@pytest.mark.parametrize("visit", visits(), ids=str)
def test_page_is_accessible(people: dict[str, Page], parts: dict[str, str], visit: Visit) -> None:
    page = people[visit.by]
    status = open_and_press(page, visit, parts)

    assert status == visit.status
    assert complaints(page, RULES.get(visit.path, EVERY_RULE)) == []


def open_and_press(page: Page, visit: Visit, parts: dict[str, str]) -> int:
    """Open the page and press the button; return the status of the last response."""
    answer = page.goto(visit.path.format(**parts))
    assert answer
    if not visit.press:
        return answer.status
    button = page.locator("main").get_by_role("button", name=visit.press).last
    form = button.locator("xpath=ancestor::form")
    form.evaluate("form => { form.noValidate = true }")
    for name, value in visit.fill.items():
        fill(form.locator(f"[name='{name}']").first, value)
    if form.get_attribute("hx-post"):
        with page.expect_response(lambda response: response.request.method == "POST") as answers:
            button.click()
        wait_for_htmx(page)
        return answers.value.status
    with page.expect_navigation() as leads:
        button.click()
    return leads.value.status if leads.value else 0


def fill(fields: Locator, value: str) -> None:
    kind = fields.get_attribute("type")
    if kind == "file":
        fields.set_input_files([{"name": "a.tgz", "mimeType": "x/y", "buffer": value.encode()}])
    elif kind in {"checkbox", "radio"}:
        fields.check()
    elif kind == "hidden":
        fields.evaluate("(field, value) => { field.value = value }", value)
    else:
        fields.fill(value)


def complaints(page: Page, rules: dict[str, Any] = EVERY_RULE) -> list[Any]:
    """Axe violations in both themes, and widths at which the page overflows."""
    problems = by_day(page, rules) + by_night(page)
    problems += [f"{width}: {wide} px too wide" for width in WIDTHS if (wide := out(page, width))]
    return problems


def out(page: Page, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 900})
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide
