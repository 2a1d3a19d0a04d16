"""Sign-in at a live shop with a provider of OpenID Connect, honest and hostile."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterator
from time import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from profiles.oidc.adapter import join
from tests.support.servers.github import CLIENT_ID as GITHUB_ID
from tests.support.servers.github import CLIENT_SECRET as GITHUB_SECRET
from tests.support.servers.github import Account, GitHub, github_server
from tests.support.servers.oidc import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    OidcServer,
    new_key,
    oidc_server,
    sign,
)
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with oidc_server() as server:
        yield server


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    with github_server() as server:
        yield server


@pytest.fixture(scope="module")
def shop(
    oidc: OidcServer, github: GitHub, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveShop]:
    with LiveShop(
        tmp_path_factory.mktemp("shop"),
        OIDC_SERVER_URL=oidc.url,
        OIDC_CLIENT_ID=CLIENT_ID,
        OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_NAME="Acme",
        GITHUB_URL=github.url,
        GITHUB_CLIENT_ID=GITHUB_ID,
        GITHUB_CLIENT_SECRET=GITHUB_SECRET,
        SIGN_IN_ALLOW="github-org=acme,mail-domain=acme.example,claim.groups=engineers",
        WEB_WORKERS="1",
    ) as shop:
        yield shop


@pytest.fixture(autouse=True)
def honest(oidc: OidcServer) -> None:
    oidc.is_down, oidc.forge, oidc.userinfo = False, None, None


def person(sub: str, **claims: object) -> Claims:
    """The claims of an engineer of Acme."""
    return {"sub": sub, "preferred_username": sub, "groups": ["engineers"], **claims}


def attempt(
    shop: LiveShop, oidc: OidcServer, claims: Claims, visitor: Visitor | None = None
) -> tuple[Visitor, int, str]:
    """Sign in; return the browser, the status of the last page, and the page."""
    oidc.person = claims
    visitor = visitor or Visitor(shop.url)
    page = visitor.submit(visitor.get("/signin"), to="/accounts/oidc/login/", next="/agents")
    return visitor, page.status_code, page.text


def me(visitor: Visitor) -> dict[str, object]:
    answer = visitor.get("/v1/me")
    assert answer.status_code == 200, answer.text
    return answer.json()


def arrive(shop: LiveShop, oidc: OidcServer, claims: Claims) -> dict[str, object]:
    visitor, status, page = attempt(shop, oidc, claims)
    assert status == 200, page
    return me(visitor)


def assert_refused(visitor: Visitor, status: int, code: int) -> None:
    assert status == code
    assert visitor.get("/v1/me").status_code == 401


def test_first_sign_in_makes_an_account_for_the_subject(shop: LiveShop, oidc: OidcServer) -> None:
    claims = person("u-1", preferred_username="Grace@acme.example", name="Grace Hopper")
    before = arrive(shop, oidc, claims | {"email": "grace@acme.example", "email_verified": True})

    assert (before["scope"], before["name"]) == ("grace", "Grace Hopper")
    assert before["email"] == "grace@acme.example"
    # PKCE, nonce and state are in the request, and differ each time.
    after = arrive(shop, oidc, claims | {"preferred_username": "admiral"})
    assert (after["id"], after["scope"]) == (before["id"], "grace")
    first, second = oidc.requests[-2:]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 16
        assert first[name] != second[name]


def test_equal_names_and_addresses_join_no_accounts(
    shop: LiveShop, oidc: OidcServer, github: GitHub
) -> None:
    claims = {"preferred_username": "linus", "email": "same@acme.example", "email_verified": True}
    first = arrive(shop, oidc, person("s-1") | claims)
    other = arrive(shop, oidc, person("s-2") | claims)
    github.at_the_browser = Account(id=77, login="linus", email="same@acme.example")
    visitor = Visitor(shop.url)
    visitor.submit(visitor.get("/signin"), to="/accounts/github/login/", next="/agents")
    third = me(visitor)

    assert first["scope"] == "linus"
    assert re.fullmatch(r"linus--[0-9a-f]{8}", str(other["scope"]))
    assert third["scope"] == "linus--77"
    assert len({row["id"] for row in (first, other, third)}) == 3


def test_unverified_address_is_not_used(shop: LiveShop, oidc: OidcServer) -> None:
    for number, value in enumerate((False, "false", 1, None)):
        claims = person(f"m-{number}", email="boss@acme.example", email_verified=value)
        assert arrive(shop, oidc, claims)["email"] == ""
    claims = person("m-5", groups=[], email="boss@acme.example", email_verified="false")
    visitor, status, page = attempt(shop, oidc, claims)
    assert_refused(visitor, status, 403)
    assert "not among the people" in page


Forgery = Callable[[Claims, rsa.RSAPrivateKey], str]


def unsigned(claims: Claims, key: rsa.RSAPrivateKey) -> str:
    return jwt.encode(claims, "", "none", headers={"kid": "one"})


def with_public_key(claims: Claims, key: rsa.RSAPrivateKey) -> str:
    """HMAC with the public key as its secret, which is public."""
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": "one"}, claims)
    )
    return b".".join((header, payload, b"c2lnbmF0dXJl")).decode()


def changed(**claims: object) -> Forgery:
    def forge(honest_claims: Claims, key: rsa.RSAPrivateKey) -> str:
        rows = (honest_claims | claims).items()
        return sign({name: value for name, value in rows if value is not None}, key)

    return forge


HOSTILE: dict[str, Forgery] = {
    "other audience": changed(aud="another-shop"),
    "several audiences, of another client": changed(aud=[CLIENT_ID, "x"], azp="x"),
    "several audiences, of no client": changed(aud=[CLIENT_ID, "x"]),
    "other issuer": changed(iss="https://evil.example"),
    "expired": changed(exp=int(time()) - 120),
    "without expiry": changed(exp=None),
    "other nonce": changed(nonce=secrets.token_hex(32)),
    "without nonce": changed(nonce=None),
    "nonce without bytes": changed(nonce="\ud800"),
    "nonce that is no text": changed(nonce=["x"]),
    "audience that is no text": changed(aud={"a": 1}),
    "without subject": changed(sub=None),
    "subject that is no text": changed(sub=7),
    "alg none": unsigned,
    "alg HS256": with_public_key,
    "other key": lambda claims, key: sign(claims, new_key()),
    "no token": lambda claims, key: "x.y",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_token_opens_nothing(shop: LiveShop, oidc: OidcServer, name: str) -> None:
    oidc.forge = HOSTILE[name]

    visitor, status, page = attempt(shop, oidc, person("victim"))

    assert_refused(visitor, status, 401)
    assert "Sign-in failed" in page


def test_userinfo_of_another_subject_is_refused(shop: LiveShop, oidc: OidcServer) -> None:
    oidc.userinfo = person("somebody-else")

    visitor, status, _ = attempt(shop, oidc, person("mallory"))

    assert_refused(visitor, status, 401)


def test_answer_of_another_browser_or_provider_is_refused(shop: LiveShop, oidc: OidcServer) -> None:
    oidc.person = person("mallory")
    attacker = Visitor(shop.url)
    attacker.http.follow_redirects = False
    begin = attacker.submit(attacker.http.get("/signin"), to="/accounts/oidc/login/")
    callback = attacker.http.get(begin.headers["Location"]).headers["Location"]
    victim = Visitor(shop.url)

    # The attacker's answer in the victim's browser would sign the victim in as the attacker.
    assert_refused(victim, victim.get(callback).status_code, 401)
    mixed_up = attacker.http.get(f"{callback}&iss=https%3A%2F%2Fevil.example")
    assert_refused(attacker, mixed_up.status_code, 401)


def test_provider_that_is_down_is_a_named_page(shop: LiveShop, oidc: OidcServer) -> None:
    oidc.person = person("patient")
    visitor = Visitor(shop.url)
    visitor.http.follow_redirects = False
    begin = visitor.submit(visitor.http.get("/signin"), to="/accounts/oidc/login/")
    callback = visitor.http.get(begin.headers["Location"]).headers["Location"]
    oidc.is_down = True

    page = visitor.http.get(callback)

    assert page.status_code in (401, 503)
    assert "Server error" not in page.text
    assert visitor.get("/v1/me").status_code == 401


def test_person_who_left_is_refused_and_loses_keys_and_sessions(
    shop: LiveShop, oidc: OidcServer
) -> None:
    visitor, _, _ = attempt(shop, oidc, person("leaver"))
    form = visitor.get("/account/keys/new")
    fields = {"name": "test", "scopes": ["read"], "lifetime": "never"}
    page = visitor.submit(form, to="/account/keys/new", **fields)
    key = re.search(r"claw_[\w-]+", page.text)
    assert key
    authorization = {"Authorization": f"Bearer {key[0]}"}
    assert shop.get("/v1/me", headers=authorization).status_code == 200

    stranger, status, page_text = attempt(shop, oidc, person("leaver", groups=["former"]))

    assert_refused(stranger, status, 403)
    assert "not among the people" in page_text
    assert visitor.get("/v1/me").status_code == 401
    assert shop.get("/v1/me", headers=authorization).status_code == 401
    # They are welcome again with the same account.
    assert arrive(shop, oidc, person("leaver"))["scope"] == "leaver"


def test_second_sign_in_is_added_by_its_owner_alone(
    shop: LiveShop, oidc: OidcServer, github: GitHub
) -> None:
    github.at_the_browser = Account(id=901, login="ada", email="ada@acme.example")
    visitor = Visitor(shop.url)
    visitor.submit(visitor.get("/signin"), to="/accounts/github/login/", next="/agents")
    ada = me(visitor)
    oidc.person = person("ada-at-acme", preferred_username="ada")

    page = visitor.submit(visitor.get("/account"), to="/accounts/oidc/login/")

    assert page.url.path == "/account"
    assert arrive(shop, oidc, person("ada-at-acme"))["id"] == ada["id"]
    # The address is still that of the first sign-in.
    assert me(visitor)["email"] == "ada@acme.example"
    # A subject that has an account cannot be taken over.
    github.at_the_browser = Account(id=902, login="mallory", email="m@acme.example")
    other = Visitor(shop.url)
    other.submit(other.get("/signin"), to="/accounts/github/login/", next="/agents")
    before = me(other)
    page = other.submit(other.get("/account"), to="/accounts/oidc/login/")
    assert page.status_code == 409
    assert me(other) == before
    assert arrive(shop, oidc, person("ada-at-acme"))["id"] == ada["id"]


def test_member_of_an_organisation_is_admitted(shop: LiveShop, github: GitHub) -> None:
    def status_of(number: int, state: str | None) -> int:
        github.at_the_browser = Account(id=number, login=f"member{number}", email="x@y.example")
        if state:
            github.memberships[number, "acme"] = state
        visitor = Visitor(shop.url)
        page = visitor.submit(visitor.get("/signin"), to="/accounts/github/login/", next="/agents")
        assert visitor.get("/v1/me").status_code == (200 if page.status_code == 200 else 401)
        return page.status_code

    assert status_of(701, "active") == 200
    assert status_of(702, "pending") == 403
    assert status_of(703, None) == 403


@pytest.mark.parametrize(
    ("more_claims", "is_verified"),
    [
        ({"email": "boss@acme.example", "email_verified": True}, True),
        ({"email": "mallory@evil.example", "email_verified": True}, None),
        ({"email_verified": True}, None),
    ],
)
def test_address_is_verified_by_the_answer_that_has_it(
    more_claims: Claims, is_verified: bool | None
) -> None:
    claims = {"sub": "m", "email": "boss@acme.example"}

    assert join(claims, more_claims).get("email_verified") is is_verified
    assert join({"sub": "m"}, more_claims) == {"sub": "m"} | more_claims
