"""Sign-in at a live shop with an OAuth server that behaves like GitHub."""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.profiles.test_pictures import drawn
from tests.support.servers.commands import ROOT
from tests.support.servers.github import CLIENT_ID, CLIENT_SECRET, Account, GitHub, github_server
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    with github_server() as server:
        yield server


@pytest.fixture(scope="module")
def shop(github: GitHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(
        tmp_path_factory.mktemp("shop"),
        GITHUB_URL=github.url,
        GITHUB_CLIENT_ID=CLIENT_ID,
        GITHUB_CLIENT_SECRET=CLIENT_SECRET,
    ) as shop:
        yield shop


WELCOME = "/account/welcome"


def arrive(
    shop: LiveShop, github: GitHub, account: Account, *, next_address: str = "/agents"
) -> Visitor:
    """A new browser that signs in with this GitHub account."""
    github.at_the_browser = account
    visitor = Visitor(shop.url)
    page = visitor.submit(visitor.get("/signin"), to="/accounts/github/login/", next="/agents")
    assert (page.status_code, page.url.path) == (200, next_address), page.text
    return visitor


def me(visitor: Visitor) -> dict[str, object]:
    answer = visitor.get("/v1/me")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_first_sign_in_fills_the_profile_from_github(shop: LiveShop, github: GitHub) -> None:
    account = Account(
        id=101,
        login="AdaL",
        name="Ada Lovelace",
        avatar_url="https://avatars.example/101",
        email="ada@example.org",
    )

    visitor = arrive(shop, github, account)

    profile = me(visitor)
    del profile["id"]
    assert profile == {
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "image": "https://avatars.example/101",
        "scope": "adal",
        "ownedAgentCount": 0,
        "profile": {
            "bio": None,
            "website": None,
            "location": None,
            "avatarUrl": "https://avatars.example/101",
            "displayName": "Ada Lovelace",
        },
    }


def test_sign_in_sets_two_cookies(shop: LiveShop, github: GitHub) -> None:
    visitor = arrive(shop, github, Account(id=151, login="hedy"))

    assert sorted(visitor.http.cookies) == ["csrftoken", "sessionid"]


def test_rename_on_github_keeps_username_and_scope(shop: LiveShop, github: GitHub) -> None:
    before = me(arrive(shop, github, Account(id=201, login="grace")))

    after = me(arrive(shop, github, Account(id=201, login="admiral")))

    assert after == before
    assert after["scope"] == "grace"


def test_reused_github_login_gets_a_derived_scope(shop: LiveShop, github: GitHub) -> None:
    first = me(arrive(shop, github, Account(id=301, login="linus")))

    visitor = arrive(shop, github, Account(id=302, login="linus"), next_address=WELCOME)

    other = me(visitor)
    assert (first["scope"], other["scope"]) == ("linus", "linus--302")
    assert other["id"] != first["id"]
    page = visitor.get("/account").text
    assert "already belongs to another account" in page
    # The next sign-in explains nothing, and a new login changes nothing.
    assert me(arrive(shop, github, Account(id=302, login="tux_acme"))) == other
    # The first account was renamed, signs in again, and keeps its username.
    assert me(arrive(shop, github, Account(id=301, login="torvalds"))) == first


def test_mail_follows_the_verified_primary_address(shop: LiveShop, github: GitHub) -> None:
    def address_with(*emails: tuple[str, bool, bool]) -> object:
        rows = tuple(
            dict(zip(("email", "primary", "verified"), row, strict=True)) for row in emails
        )
        account = Account(id=351, login="barbara", emails=rows or None)
        return me(arrive(shop, github, account))["email"]

    assert address_with() == ""
    assert address_with(("first@example.org", True, False)) == ""
    assert address_with(("x@example.org", False, True), ("one@example.org", True, True)) == (
        "one@example.org"
    )
    assert address_with(("one@example.org", False, True), ("two@example.org", True, True)) == (
        "two@example.org"
    )
    assert address_with(("351+b@users.noreply.github.com", True, True)) == ""
    mails = shop.manage("run_due_jobs")
    assert re.findall("^To: (.*)$", mails, re.M) == ["one@example.org", "two@example.org"]
    assert mails.count("no longer uses this email") == 2
    assert "To:" not in shop.manage("run_due_jobs")


def test_equal_email_addresses_do_not_join_accounts(shop: LiveShop, github: GitHub) -> None:
    first = me(arrive(shop, github, Account(id=401, login="one", email="same@example.org")))

    two = me(arrive(shop, github, Account(id=402, login="two", email="same@example.org")))

    assert (first["scope"], two["scope"]) == ("one", "two")
    assert first["id"] != two["id"]


def test_github_account_without_name_and_picture_may_sign_in(
    shop: LiveShop, github: GitHub
) -> None:
    account = me(arrive(shop, github, Account(id=501, login="plain")))

    assert account["scope"] == "plain"
    assert account["profile"]["displayName"] is None


def test_callback_with_a_wrong_state_is_refused(shop: LiveShop, github: GitHub) -> None:
    """Forged sign-ins: a foreign code, or a missing state."""
    stranger = Visitor(shop.url)
    callback = "/accounts/github/login/callback/"
    code = github.code_for(Account(id=601, login="mallory"), shop.url + callback)

    answer = stranger.get(f"{callback}?code={code}&state=made-up")

    assert answer.status_code < 500
    assert stranger.get("/v1/me").status_code == 401


def test_sign_in_needs_the_csrf_token(shop: LiveShop) -> None:
    visitor = Visitor(shop.url)

    assert visitor.http.post("/accounts/github/login/").status_code == 403


def test_picture_is_fetched_after_each_sign_in(shop: LiveShop, github: GitHub) -> None:
    account = Account(id=901, login="hypatia", avatar_url=f"{github.url}/avatars/u/901")
    pages = []

    for colour in ("red", "green"):
        github.files["/avatars/u/901"] = (200, {"Content-Type": "image/png"}, drawn(colour))
        visitor = arrive(shop, github, account)
        shop.manage("run_due_jobs")
        page = visitor.get("/@hypatia")
        address = re.search(r'src="(/pictures/[^"]+)"', page.text)
        assert address
        assert github.url not in page.text
        assert "img-src 'self' data:;" in page.headers["Content-Security-Policy"] + ";"
        pages.append(httpx.get(shop.url + address[1], verify=NO_TLS))

    assert [answer.status_code for answer in pages] == [200, 200]
    assert pages[0].content != pages[1].content
    assert shop.get(pages[0].url.path).status_code == 404


@pytest.mark.parametrize(
    ("variables", "origins"),
    [
        ({}, ["https://avatars.githubusercontent.com"]),
        (
            {"GITHUB_URL": "https://Git.example.org/"},
            ["https://git.example.org", "https://avatars.git.example.org"],
        ),
        ({"GITHUB_PICTURE_ORIGINS": "https://p.example"}, ["https://p.example"]),
    ],
)
def test_picture_origins_follow_the_github_url(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    origins: list[str],
) -> None:
    for name, value in ({"DATA_DIR": str(tmp_path)} | variables).items():
        monkeypatch.setenv(name, value)

    settings = runpy.run_path(str(ROOT / "clawstore" / "settings.py"))

    assert settings["GITHUB_PICTURE_ORIGINS"] == origins


@pytest.mark.parametrize(
    ("github_url", "profile_url"),
    [
        ("https://github.com/", "https://api.github.com/user"),
        ("https://git.example.org", "https://git.example.org/api/v3/user"),
    ],
)
def test_api_url_follows_the_github_url(tmp_path: Path, github_url: str, profile_url: str) -> None:
    code = (
        "import django; django.setup();"
        "from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter as a;"
        "print(a.profile_url)"
    )
    environment = os.environ | {"DATA_DIR": str(tmp_path), "GITHUB_URL": github_url}
    environment["DJANGO_SETTINGS_MODULE"] = "clawstore.settings"

    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert process.stdout.strip() == profile_url, process.stderr


def leave(visitor: Visitor, login: str) -> None:
    page = visitor.submit(visitor.get("/account/delete"), to="/account/delete", login=login)
    assert (page.status_code, page.url.path) == (200, "/account/deleted"), page.text


def test_user_who_deleted_the_account_returns_to_the_scope(shop: LiveShop, github: GitHub) -> None:
    first = Account(id=701, login="emmy", name="Emmy Noether", email="emmy@example.org")
    visitor = arrive(shop, github, first)
    before = me(visitor)

    leave(visitor, "emmy")

    assert visitor.get("/v1/me").status_code == 401
    stranger = me(arrive(shop, github, Account(id=702, login="emmy"), next_address=WELCOME))
    assert stranger["scope"] == "emmy--702"
    second_result = Account(id=701, login="noether", name="E. N.", email="new@example.org")
    visitor = arrive(shop, github, second_result)
    after = me(visitor)
    assert (after["id"], after["scope"]) == (before["id"], "emmy")
    assert (after["name"], after["email"]) == ("E. N.", "new@example.org")
    # The second return is an ordinary sign-in; deletion and return work again.
    assert me(arrive(shop, github, second_result)) == after
    leave(visitor, "emmy")
    assert me(arrive(shop, github, first))["id"] == before["id"]


def test_user_may_not_connect_a_second_github_account(shop: LiveShop, github: GitHub) -> None:
    visitor = arrive(shop, github, Account(id=801, login="sofya"))
    github.at_the_browser = Account(id=802, login="kovalevskaya")

    page = visitor.get("/signin")  # For its CSRF token.
    token = visitor.http.cookies.get("csrftoken") or ""
    answer = visitor.http.post(
        "/accounts/github/login/?process=connect",
        data={"csrfmiddlewaretoken": token},
        headers={"Referer": str(page.url)},
    )

    assert answer.status_code == 409
    assert me(visitor)["scope"] == "sofya"
