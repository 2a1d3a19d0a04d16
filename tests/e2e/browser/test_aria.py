"""Accessibility trees of the main pages, compared with stored snapshots.

They are in `tests/e2e/browser/aria/`. After an intended change:
`RENEW_ARIA=1 .venv/bin/pytest tests/e2e/browser/test_aria.py`, and read what `git diff` says.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.conftest import DESK
from tests.support.packages import manifest, tarball
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

SNAPSHOTS = Path(__file__).parent / "aria"
HERALD = "/agents/@aria/herald"


@dataclass(frozen=True, slots=True)
class AriaPage:
    """A page; ``other_part`` are parts that depend on other agents and are left out."""

    path: str
    root: str = "main"
    other_part: str = ""


PAGES = {
    "home": AriaPage("/", "body", ".hero-total, .hero .label, .columns, .picks, .categories"),
    "browse": AriaPage("/agents?q=scope%3Aaria"),
    "nothing_found": AriaPage("/agents?q=qqzzxxqq"),
    "agent": AriaPage(HERALD),
    "files": AriaPage(f"{HERALD}/files"),
    "file": AriaPage(f"{HERALD}/versions/1.1.0/files/README.md?view=source"),
    "changes": AriaPage(f"{HERALD}/changes/1.0.0...1.1.0"),
    "compare": AriaPage(
        "/agents/compare?id=@aria/herald&id=@barbara/day-planner", other_part=".compare-others"
    ),
    "reviews": AriaPage("/agents/@barbara/day-planner/reviews"),
    "person": AriaPage("/@aria"),
}
# These differ between shops, days and versions of the compressor.
VARIES = (
    (re.compile(r"http://127\.0\.0\.1:\d+"), "SHOP"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]{2,8} 20\d\d\b"), "DAY"),
    (re.compile(r"\b20\d\d\b"), "YEAR"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SHA256"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b[\d.]+ k?B\b"), "SIZE"),
)


@pytest.fixture(scope="module")
def page(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    """An anonymous page of a shop with two versions of an agent and a review."""
    headers = {"Authorization": f"Bearer {shop.key('aria', 'agents:publish', 'reviews:write')}"}
    secret = {"key": "HERALD_KEY", "prompt": "To read the news", "required": True, "target": "env"}
    publish(shop, headers, version="1.0.0")
    publish(shop, headers, version="1.1.0", setup={"secrets": [secret]})
    review = {"rating": 4, "title": "Plans well", "body": "It kept to the plan."}
    reviews = "/v1/agents/barbara/day-planner/reviews"
    assert shop.post(reviews, headers=headers, json=review).status_code == 201
    # The page shows the last capability growth once the versions are compared.
    assert shop.get(PAGES["changes"].path).status_code == 200
    context = browser.new_context(base_url=shop.url, viewport=DESK)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def publish(shop: LiveShop, headers: dict[str, str], **changes: object) -> None:
    document = manifest(id="@aria/herald", name="Herald", tagline="Reads the news", **changes)
    version = document["version"]
    texts: dict[str, bytes | str] = {
        "CHANGELOG.md": f"# Changelog\n\n## {version}\n\n- Reads {version} papers.\n",
        "README.md": f"# Herald\n\nReads **the news** aloud.\n\nThis is {version}.\n",
    }
    files = {"tarball": ("package.tgz", tarball(texts, document), "application/gzip")}
    metadata = {"metadata": json.dumps(document)}
    result = shop.post("/v1/agents/publish", headers=headers, data=metadata, files=files)
    assert result.status_code == 200, result.text


@pytest.mark.parametrize("name", PAGES)
def test_page_has_the_recorded_accessibility_tree(page: Page, name: str) -> None:
    tree, snapshot = accessibility_tree(page, PAGES[name]), SNAPSHOTS / f"{name}.yaml"
    if os.environ.get("RENEW_ARIA"):
        snapshot.write_text(tree, encoding="utf-8")

    before = snapshot.read_text(encoding="utf-8")
    difference = unified_diff(before.splitlines(), tree.splitlines(), "stored", "now", lineterm="")
    assert tree == before, "\n".join(difference)


def accessibility_tree(page: Page, target: AriaPage) -> str:
    page.goto(target.path)
    if target.other_part:
        page.eval_on_selector_all(target.other_part, "all => all.forEach(one => one.remove())")
    tree = page.locator(target.root).aria_snapshot()
    for varies, word in VARIES:
        tree = varies.sub(word, tree)
    return f"{tree}\n"


def test_every_recorded_tree_has_a_page() -> None:
    assert sorted(path.stem for path in SNAPSHOTS.iterdir()) == sorted(PAGES)
