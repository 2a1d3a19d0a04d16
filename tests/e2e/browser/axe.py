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
JUDGE = """async (rules) => {
  const options = { ...rules, iframes: false, resultTypes: ["violations"] };
  markAlike();
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 200))]);
}"""


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
    violations: list[Any] = page.evaluate(JUDGE, rules)
    return violations


def by_night(page: Page) -> list[Any]:
    """Violations of colour rules in the dark theme; only colours depend on the theme."""
    page.emulate_media(color_scheme="dark")
    return [("dark", *row) for row in page.evaluate(JUDGE, OF_COLOUR)]
