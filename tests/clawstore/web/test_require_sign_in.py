"""A closed instance: without sign-in, only the sign-in pages are readable."""

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.actor import Actor
from moderation.actions import suspend_account
from moderation.models import Appeal
from tests.support.factories import make_agent, make_version
from tests.support.http import Api
from tests.support.page import Page

pytestmark = [pytest.mark.once, pytest.mark.django_db]

TARBALL = "/v1/agents/ada/coach/versions/1.0.0/tarball"


@pytest.fixture(autouse=True)
def closed(settings) -> None:
    settings.SIGN_IN_TO_READ = True
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "clawstore.web.require_sign_in.RequireSignInMiddleware",
    ]


FOR_OTHERS = [
    "/feeds/versions.atom",
    "/feeds/yanks.atom",
    "/feeds/search.atom",
    "/feeds/@ada.atom",
    "/feeds/@ada/coach.atom",
    "/badges/@ada/coach/version.svg",
    "/sitemap.xml",
    "/sitemap-agents-1.xml",
    "/llms.txt",
]
PAGES = ["/", "/agents", "/agents?q=a&sort=name", "/@ada", "/nowhere"]


@pytest.mark.parametrize("path", [*PAGES, *FOR_OTHERS])
def test_page_redirects_to_sign_in_and_back(client: Client, path: str):
    answer = client.get(path)

    assert answer.status_code == 302
    target, _, query = answer["Location"].partition("?next=")
    assert target == "/signin"
    assert (
        query.replace("%2F", "/")
        .replace("%3F", "?")
        .replace("%3D", "=")
        .replace("%26", "&")
        .replace("%40", "@")
        == path
    )
    assert answer["Cache-Control"] == "no-store"


READS = [
    *("/v1/agents", "/v1/categories", "/v1/users/ada", "/v1/openapi.json", "/v1/x"),
    *("/v1/changes", "/v1/index/@ada/coach.json"),
]


@pytest.mark.parametrize("path", [*READS, TARBALL])
def test_anonymous_api_read_is_refused(api: Api, path: str):
    answer = api.get(path)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert api.get(path, key="claw_nobody").status_code == 401
    assert api.head(path).status_code == 401


def test_anonymous_form_is_refused_without_a_redirect(client: Client):
    assert client.post("/agents").status_code == 401


@pytest.mark.parametrize(
    "path", ["/signin", "/healthz", "/readyz", "/v1/health", "/about/terms", "/static/css/base.css"]
)
def test_sign_in_pages_stay_open(client: Client, path: str):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/signin/../agents", "/v1/health/x", "/aboutagents", "//agents"])
def test_similar_addresses_stay_closed(client: Client, path: str):
    assert client.get(path).status_code in (302, 401)


def test_robots_txt_forbids_everything(client: Client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n\n"


@pytest.mark.parametrize("path", FOR_OTHERS)
def test_response_to_a_reader_is_private(client: Client, ada: User, path: str):
    make_version(make_agent(ada))
    client.force_login(ada)

    answer = client.get(path)
    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]


def test_device_login_stays_open(api: Api):
    process_ids = api.post("/v1/api/auth/device/code", {"client_id": "clawstore-cli"})

    assert process_ids.status_code == 200


def test_signed_in_user_reads_private_pages(client: Client, ada: User):
    make_version(make_agent(ada))
    client.force_login(ada)

    for path in ("/", "/agents", "/v1/agents"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "private" in answer["Cache-Control"]


def test_key_reads_the_api_and_no_page(api: Api, ada: User, key_for):
    key = key_for(ada, "read")
    make_version(make_agent(ada))

    assert api.get("/v1/agents", key=key).status_code == 200
    assert api.get("/agents", key=key).status_code == 302
    # The key is accepted: the refusal is about the missing bytes.
    assert api.get(TARBALL, key=key).status_code != 401


def test_opensearch_file_of_a_closed_shop_is_private(client: Client, ada: User):
    client.force_login(ada)

    assert client.get("/opensearch.xml")["Cache-Control"] == "private, max-age=86400"


def test_suspended_user_reads_the_reason_and_appeals(client: Client, ada: User, as_root: Actor):
    suspend_account(ada, reason="Spam.", by=as_root)

    page = client.post("/signin", {"login": "ada"}, follow=True)
    assert page.request["PATH_INFO"] == "/suspended"
    assert "Spam." in page.text
    [form] = {link for link in Page(page.text).links() if link.startswith("/appeals/new")}
    assert client.get(form).status_code == 200
    answer = client.post(form, {"text": "It was not spam."}, follow=True)

    assert answer.status_code == 200
    assert Appeal.objects.get().text == "It was not spam."


@pytest.mark.parametrize("path", ["/suspended", "/appeals", "/appeals/new", "/account/notices"])
@pytest.mark.parametrize("link", ["", "?for=", "?for=forged", "?for=forged&decision=1"])
def test_forged_link_opens_no_page(client: Client, ada: User, path: str, link: str):
    answer = client.get(f"{path}{link}")

    assert answer.status_code in (302, 404)
    assert answer.status_code == 404 or answer["Location"].startswith("/signin")
    assert "@ada" not in answer.text


def test_link_opens_no_other_page(client: Client, ada: User, as_root: Actor):
    suspend_account(ada, reason="Spam.", by=as_root)

    assert client.get(f"/agents?for={suspended_token(ada)}").status_code == 302


def test_pages_say_how_the_client_installs_here(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach"))
    assert "don't need an account" not in client.get("/signin").content.decode()
    client.force_login(ada)

    for path in ("/", "/agents/@ada/coach"):
        page = client.get(path).content.decode()
        assert "sends no key for a package" in page, path
        assert "/account/keys/new?for=install" in page, path
    assert "$CLAWSTORE_KEY" in page
    assert f"{TARBALL} | tar -xz -C ~/.openclaw/workspace-coach" in page
