"""Accessibility of the desk, which is Django's admin in our colours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.axe import OF_WCAG, by_day, by_night, context_with_axe
from tests.e2e.browser.conftest import PHONE, sign_in
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

# The admin animates its colours, also with reduced motion.
FADED = "Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null)"
# Short words of cells that are cut: one of their parts is on another line.
CUT_WORDS = r"""() => [...document.querySelectorAll("#content tbody :is(td, th)")].flatMap(cell => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const cut = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const word of text.data.matchAll(/[\p{L}\p{N}_.]+/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (word[0].length <= 12 && lines.size > 1) cut.push(word[0]);
    }
  return cut;
})"""
# A card of a list shows everything: nothing moves sideways on a phone.
WIDE_LISTS = """() => [...document.querySelectorAll(".results")].flatMap(
  ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth ? [scrollWidth - clientWidth] : [])"""


@pytest.fixture
def roots_page(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    context = context_with_axe(browser, shop.url)
    page = context.new_page()
    sign_in(page, "root")
    yield page
    context.close()


def test_desk_pages_are_accessible(roots_page: Page) -> None:
    """All lists of the desk, and one row of each."""
    problems, _ = look(roots_page, "/admin/")
    lists = links(roots_page, "main a, #content a", lambda link: link.startswith("/admin/"))
    for address in lists:
        complaints, row = look(roots_page, address)
        problems += complaints + (look(roots_page, row)[0] if row else [])

    assert len(lists) > 3
    assert problems == []


def look(page: Page, address: str) -> tuple[list[Any], str]:
    """Axe violations of a desk page, and the address of a list's first row."""
    answer = page.goto(address)
    assert answer
    assert answer.status == 200, address
    rows = links(page, "#result_list th a", lambda link: "/change/" in link)
    complaints = by_day(page, OF_WCAG)
    desk = page.viewport_size
    page.set_viewport_size(PHONE)
    complaints += [("cut on a phone", word) for word in page.evaluate(CUT_WORDS)]
    complaints += [("px too wide on a phone", wide) for wide in page.evaluate(WIDE_LISTS)]
    assert desk
    page.set_viewport_size(desk)
    complaints += [("cut", word) for word in page.evaluate(CUT_WORDS)]
    if "/moderation/" in address or address == "/admin/":
        page.emulate_media(color_scheme="dark")
        page.evaluate(FADED)
        complaints += by_night(page)
        page.emulate_media(color_scheme="light")
    return [(address, *row) for row in complaints], rows[0] if rows else ""


def links(page: Page, selector: str, predicate: Callable[[str], bool]) -> list[str]:
    paths: list[str] = page.eval_on_selector_all(selector, "all => all.map(a => a.pathname)")
    return [link for link in dict.fromkeys(paths) if predicate(link)]
