"""Every page is held against the axe rules, in both colour schemes, and nothing sticks out of it at
any width. One load serves all of it."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from foundation.limits.rules import LIMITS
from tests.browser.conftest import sign_in
from tests.browser.routes import ELSEWHERE, ROUTES, Visit, routes, visits
from tests.servers.shop import LiveShop

pytestmark = pytest.mark.browser

WIDTHS = (390, 768, 1280)
EVERY_RULE = {"rules": {"target-size": {"enabled": True}}}
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# The framework's own pages are held to the standard, ours to good practice as well. The gallery
# shows every landmark several times.
OF_WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}

RULES = {"/gallery": OF_WCAG}


@pytest.fixture(scope="module")
def people(browser: Browser, furnished: LiveShop) -> Iterator[dict[str, Page]]:
    """A page for nobody and for each who has signed in."""
    # The rules are a script, which the shop's own policy would not let in; and colours that fade
    # are judged when they have arrived.
    contexts: dict[str, BrowserContext] = {
        login: browser.new_context(base_url=furnished.url, bypass_csp=True, reduced_motion="reduce")
        for login in ("", "dora", "grace", "root")
    }
    pages = {login: context.new_page() for login, context in contexts.items()}
    for login, page in pages.items():
        page.set_default_timeout(15_000)
        if login:
            sign_in(page, login)
    yield pages
    for context in contexts.values():
        context.close()


def test_every_route_has_an_entry() -> None:
    known = {route for route in routes() if not route.startswith(ELSEWHERE)}

    assert sorted(ROUTES) == sorted(known)


@pytest.mark.parametrize("visit", visits(), ids=str)
def test_a_page(people: dict[str, Page], made: dict[str, str], visit: Visit) -> None:
    page = people[visit.by]
    status = look(page, visit, made)

    assert status == visit.status
    assert complaints(page, RULES.get(visit.path, EVERY_RULE)) == []


def look(page: Page, visit: Visit, made: dict[str, str]) -> int:
    """Go there; press what is to be pressed; the status of the last answer."""
    answer = page.goto(visit.path.format(**made))
    assert answer
    if not visit.press:
        return answer.status
    button = page.locator("main").get_by_role("button", name=visit.press).last
    form = button.locator("xpath=ancestor::form")
    form.evaluate("form => { form.noValidate = true }")
    for name, value in visit.fill.items():
        fill(form.locator(f"[name='{name}']").first, value)
    with page.expect_navigation() as leads:
        button.click()
    return leads.value.status if leads.value else 0


def fill(found: Locator, value: str) -> None:
    kind = found.get_attribute("type")
    if kind == "file":
        found.set_input_files([{"name": "a.tgz", "mimeType": "x/y", "buffer": value.encode()}])
    elif kind in {"checkbox", "radio"}:
        found.check()
    elif kind == "hidden":
        found.evaluate("(field, value) => { field.value = value }", value)
    else:
        found.fill(value)


def complaints(page: Page, rules: dict[str, Any]) -> list[Any]:
    """What axe says of the page by day, of its colours by night, and where it is too wide."""
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE_SCRIPT)
    found = violations(page, rules)
    page.emulate_media(color_scheme="dark")
    found += [("dark", *each) for each in violations(page, OF_COLOUR)]
    found += [f"{width}: {wide} px too wide" for width in WIDTHS if (wide := out(page, width))]
    return found


def violations(page: Page, rules: dict[str, Any]) -> list[Any]:
    options = rules | {"resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [(f["id"], [node["html"][:200] for node in f["nodes"]]) for f in found]


def out(page: Page, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 900})
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


NO_DRAFT = f"/publish/drafts/{UUID(int=0)}/publish"


def test_too_many_requests_and_a_broken_shop(browser: Browser, tmp_path: Path) -> None:
    """Both need a shop of their own: one that counts, and that may be broken."""
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("What is broken is the file of SQLite.")
    with LiveShop(tmp_path, LIMITS="on") as shop:
        context = browser.new_context(base_url=shop.url, bypass_csp=True, reduced_motion="reduce")
        page = context.new_page()
        sign_in(page, "ada")
        page.goto("/publish")
        form = page.locator("main form")
        token = form.locator("[name='csrfmiddlewaretoken']").input_value()
        for _ in range(LIMITS["publish"].allowed):
            # There is no such draft, and the asking counts.
            page.request.post(NO_DRAFT, form={"csrfmiddlewaretoken": token})
        form.evaluate("(form, to) => { form.noValidate = true; form.action = to }", NO_DRAFT)
        with page.expect_navigation() as leads:
            form.get_by_role("button").last.click()
        assert leads.value
        assert leads.value.status == 429
        assert complaints(page, EVERY_RULE) == []

        with sqlite3.connect(tmp_path / "clawstore.sqlite3") as database:
            database.execute("ALTER TABLE agents RENAME TO taken_away")
        answer = page.goto("/")
        assert answer
        assert answer.status == 500
        assert complaints(page, EVERY_RULE) == []
        context.close()


def test_the_desk(people: dict[str, Page]) -> None:
    """Whatever its first page leads a maintainer to: every list, and one row of each."""
    page = people["root"]
    page.emulate_media(color_scheme="light")
    page.goto("/admin/")
    lists = links(page, "main a, #content a", lambda link: link.startswith("/admin/"))
    rows = [first for address in lists if (first := first_row(page, address))]

    found = [said for address in ["/admin/", *lists, *rows] for said in at_the_desk(page, address)]
    assert len(lists) > 3
    assert found == []


def at_the_desk(page: Page, address: str) -> list[Any]:
    """By day; by night what moderation alone shows, since the rest shares its colours."""
    answer = page.goto(address)
    assert answer
    assert answer.status == 200, address
    page.evaluate(AXE_SCRIPT)
    found = violations(page, OF_WCAG)
    if "/moderation/" in address or address == "/admin/":
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(300)  # The framework fades its colours, whatever the visitor prefers.
        found += [("dark", *each) for each in violations(page, OF_COLOUR)]
        page.emulate_media(color_scheme="light")
    return [(address, *each) for each in found]


def first_row(page: Page, address: str) -> str:
    page.goto(address)
    found = links(page, "#result_list th a", lambda link: "/change/" in link)
    return found[0] if found else ""


def links(page: Page, selector: str, wanted: Callable[[str], bool]) -> list[str]:
    every: list[str] = page.eval_on_selector_all(selector, "all => all.map(a => a.pathname)")
    return [link for link in dict.fromkeys(every) if wanted(link)]
