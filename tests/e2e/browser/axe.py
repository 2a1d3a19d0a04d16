"""Axe rules: all of them in the light theme, colour rules also in the dark theme."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

EVERY_RULE: dict[str, Any] = {"rules": {"target-size": {"enabled": True}}}
# Pages of Django's admin must pass the WCAG rules, ours also the rules of good practice.
OF_WCAG: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
OF_COLOUR: dict[str, Any] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
}

# The colour rules take most of the time, and similar elements have the same colours.
SCRIPT = AXE_SCRIPT + (Path(__file__).parent / "alike.js").read_text(encoding="utf-8")
_judged_looks: set[str] = set()
"""Looks of elements whose colours axe has judged in this process, on any page."""


def context_with_axe(browser: Browser, url: str) -> BrowserContext:
    """A context whose pages load axe, which the content security policy would block.

    Colours are judged after transitions have ended.
    """
    context = browser.new_context(base_url=url, bypass_csp=True, reduced_motion="reduce")
    context.add_init_script(SCRIPT)
    return context


def by_day(page: Page, rules: dict[str, Any] = EVERY_RULE) -> list[Any]:
    """Violations in the light theme: the rule and the elements."""
    page.emulate_media(color_scheme="light")
    return _judge(page, rules, set(page.evaluate("looksOfPage()")))


def by_night(page: Page) -> list[Any]:
    """Violations of colour rules in the dark theme; only colours depend on the theme."""
    page.emulate_media(color_scheme="dark")
    looks = set(page.evaluate("looksOfPage()"))
    if looks <= _judged_looks:
        return []
    return [("dark", *row) for row in _judge(page, OF_COLOUR, looks)]


def _judge(page: Page, rules: dict[str, Any], looks: set[str]) -> list[Any]:
    violations: list[Any]
    violations, undecided_looks = page.evaluate(
        "(question) => judge(question)", [rules, sorted(looks & _judged_looks)]
    )
    _judged_looks.update(looks.difference(undecided_looks))
    return violations
