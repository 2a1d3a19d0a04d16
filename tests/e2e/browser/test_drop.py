"""Files that are dropped on the page that publishes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.conftest import DESK, PATIENCE, sign_in
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser

FILES = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, type] of files) transfer.items.add(new File(["x"], name, { type }));
  return transfer;
}"""
PACKAGE = ["planner-1.0.0.tgz", "application/gzip"]
PICTURES = [["icon.png", "image/png"], ["one.png", "image/png"], ["two.webp", "image/webp"]]


@pytest.fixture
def page(browser: Browser, shop: LiveShop) -> Iterator[Page]:
    context = browser.new_context(base_url=shop.url, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, "drop-ada")
    page.goto("/publish")
    yield page
    context.close()


def drop(page: Page, target: str, *files: list[str]) -> None:
    transfer = page.evaluate_handle(FILES, list(files))
    page.dispatch_event(target, "dragover", {"dataTransfer": transfer})
    page.dispatch_event(target, "drop", {"dataTransfer": transfer})


def names_of(page: Page) -> dict[str, list[str]]:
    names: dict[str, list[str]] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("input[type=file]")].map(
            (input) => [input.name, [...input.files].map((file) => file.name)]))"""
    )
    return names


def test_whole_window_takes_files(page: Page) -> None:
    drop(page, "h1", PACKAGE, *PICTURES)

    assert names_of(page) == {
        "tarball": ["planner-1.0.0.tgz"],
        "folder": [],
        "icon": ["icon.png"],
        "screenshots": ["one.png", "two.webp"],
    }
    assert page.locator(".is-dragging").count() == 0


def test_field_gets_what_is_dropped_on_its_text(page: Page) -> None:
    drop(page, "#icon-help", ["logo.svg", "image/svg+xml"])
    drop(page, ".masthead", PACKAGE)

    assert names_of(page) == {
        "tarball": ["planner-1.0.0.tgz"],
        "folder": [],
        "icon": ["logo.svg"],
        "screenshots": [],
    }


def test_pictures_are_not_lost_when_they_are_dropped_on_the_package(page: Page) -> None:
    drop(page, ".drop-package", *PICTURES, PACKAGE)

    assert names_of(page) == {
        "tarball": ["planner-1.0.0.tgz"],
        "folder": [],
        "icon": ["icon.png"],
        "screenshots": ["one.png", "two.webp"],
    }


def test_dropped_rar_is_refused_with_advice(page: Page) -> None:
    drop(page, "h1", ["planner.rar", "application/vnd.rar"])

    assert names_of(page)["tarball"] == []
    assert "Zip the folder" in page.locator("[data-drop-problem]:visible").inner_text()
    drop(page, "h1", ["planner.zip", "application/zip"])
    assert page.locator("[data-drop-problem]:visible").count() == 0
    assert names_of(page)["tarball"] == ["planner.zip"]


def test_folder_is_sent_with_its_paths_and_without_private_files(
    page: Page, tmp_path: Path
) -> None:
    for path in ("AGENTS.md", "MEMORY.md", "memory/a.md", "skills/plan/SKILL.md", ".git/config"):
        place = tmp_path / "workspace" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("text")

    page.set_input_files("#folder", tmp_path / "workspace")

    assert sorted(names_of(page)["folder"]) == ["AGENTS.md", "SKILL.md"]
    note = page.locator("[data-folder-note]").inner_text()
    assert all(name in note for name in ("MEMORY.md", "memory", ".git"))
    page.click("form[data-drop] button[type=submit]")
    page.wait_for_url("**/manifest")
    assert "2 files are in the package" in page.inner_text("main")
