"""Journeys of users in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.browser


def test_visitor_finds_and_reads_an_agent(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search agents").first.fill("planner")
    page.get_by_role("button", name="Search").first.click()

    expect(page).to_have_url(re.compile(r"/agents\?q=planner"))
    page.get_by_role("link", name="Day planner", exact=True).first.click()

    expect(page).to_have_url(re.compile("/agents/@barbara/day-planner$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Day planner")
    expect(page.get_by_text("clawstore install @barbara/day-planner")).to_be_visible()
    expect(page.get_by_text("Plans a day.", exact=True).first).to_be_visible()
    fits(page)


def test_visitor_opens_the_versions_of_an_agent(page: Page) -> None:
    page.goto("/agents/@barbara/day-planner")
    page.get_by_role("link", name=re.compile("Versions")).first.click()

    expect(page).to_have_url(re.compile("/agents/@barbara/day-planner/versions$"))
    fits(page)
    page.get_by_role("link", name="1.0.0", exact=True).click()

    expect(page).to_have_url(re.compile(r"/versions/1\.0\.0$"))
    expect(page.get_by_text("clawstore install @barbara/day-planner@1.0.0")).to_be_visible()
    fits(page)


def test_visitor_opens_the_profile_of_the_author(page: Page) -> None:
    page.goto("/agents/@barbara/bookkeeper")
    page.get_by_role("link", name="@barbara").first.click()

    expect(page).to_have_url(re.compile("/@barbara$"))
    for title in ("Bookkeeper", "Day planner", "Proofreader"):
        expect(page.get_by_role("link", name=title, exact=True).first).to_be_visible()
    fits(page)


def test_visitor_filters_by_category_and_goes_back(page: Page) -> None:
    page.goto("/agents?q=barbara")
    page.get_by_role("link", name=re.compile("^Finance")).first.click()

    expect(page).to_have_url(re.compile("category=finance"))
    expect(page.get_by_role("link", name="Bookkeeper", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="Proofreader", exact=True)).to_have_count(0)

    page.go_back()
    expect(page.get_by_role("link", name="Proofreader", exact=True).first).to_be_visible()


def test_user_signs_in_and_approves_a_device(page: Page, shop: LiveShop) -> None:
    code = shop.post("/api/auth/device/code", json={"client_id": "clawstore-cli"}).json()

    page.goto(code["verification_uri_complete"])
    page.get_by_label(re.compile("login", re.IGNORECASE)).first.fill("barbara")
    page.get_by_role("button", name=re.compile("barbara|sign in", re.IGNORECASE)).last.click()

    # After the sign-in the visitor is where they wanted to go.
    expect(page.get_by_text(code["user_code"]).first).to_be_visible()
    expect(page.locator("main").get_by_text("@barbara").first).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Approve this device").click()
    expect(page).to_have_url(re.compile("/device/approved$"))

    grant = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant, "client_id": "clawstore-cli", "device_code": code["device_code"]}
    token = shop.post("/api/auth/device/token", json=form).json()["access_token"]
    account = shop.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert account["scope"] == "barbara"


def test_visitor_of_an_unknown_page_finds_the_way_back(page: Page) -> None:
    answer = page.goto("/agents/@barbara/nothing-here")

    assert answer
    assert answer.status == 404
    expect(
        page.get_by_role("link", name=re.compile("Browse|agents", re.IGNORECASE)).first
    ).to_be_visible()


def fits(page: Page) -> None:
    """Assert that the page does not overflow sideways."""
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0, f"{page.url} is {wide} px too wide"
