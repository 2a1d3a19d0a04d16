"""A closed instance: each route of the shop, asked without a sign-in."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from clawstore.installed_apps import middleware
from clawstore.ops.json_log import without_tokens
from foundation.access.actions import create_key
from foundation.accounts.models import User
from tests.support.factories import SYSTEM, make_agent, make_version

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SECRET = "Known to members alone"
VALUES = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000"}
# The sign-in, texts about the shop for people without an account, and what machines must read.
OPEN = re.compile(
    r"/(signin|signout|about/.*|accounts/.*|robots\.txt|\.well-known/security\.txt|favicon\.ico"
    r"|v1/health|healthz|readyz|oauth/(register|token|revoke)"
    r"|\.well-known/oauth-(authorization-server|protected-resource(/mcp)?)|feeds/following/.*|(v1/{1,2})?api/auth/device/(code|token))"
)


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def example_of(route: str) -> str:
    """An address of a route; agents of the catalogue where it names one."""
    path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: value_of(m[1] or "str", m[2]), route)
    path = re.sub(r"\(\?P<\w+>[^)]*\)", "1", path)
    return "/" + re.sub(r"\(\?:([^|)]*)[^)]*\)[?*+]?(?:\{[\d,]+\})?|[\^$?\\*+]", r"\1", path)


def value_of(kind: str, name: str) -> str:
    return VALUES.get(kind) or {"scope": "ada", "name": "coach", "version": "1.0.0"}.get(name, "x")


@pytest.fixture
def closed_instance(settings, ada: User) -> None:
    settings.SIGN_IN_TO_READ = True
    settings.MIDDLEWARE = middleware(sign_in_to_read=True)
    make_version(make_agent(ada, "coach", tagline=SECRET))


def test_no_route_is_readable_without_a_sign_in(closed_instance: None, client: Client) -> None:
    addresses = sorted({example_of(route) for route in routes(get_resolver())})
    assert len(addresses) > 300

    readable = []
    for address in addresses:
        answer = client.get(address)
        is_sent_away = answer.status_code == 302 and answer["Location"].startswith("/signin?next=")
        if not is_sent_away and answer.status_code != 401 and not OPEN.fullmatch(address):
            readable.append((address, answer.status_code))

    assert readable == []


@pytest.mark.parametrize(
    "path",
    [
        *("/sitemap.xml", "/feeds/versions.atom", "/badges/@ada/coach/version.svg", "/llms.txt"),
        *("/opensearch.xml", "/embed/@ada/coach", "/.well-known/clawstore.json", "/media/x.png"),
        *("/v1/capabilities", "/v1/changes", "/v1/index/@ada/coach.json", "/v1/openapi.json"),
        *("/mcp", "/preview/x", "/pictures/x/y.png", "/v1/preview/x", "/v1/whoami", "/v1/docs"),
    ],
)
@pytest.mark.parametrize("method", ["get", "head", "post", "options"])
def test_no_method_reads_what_machines_read(
    closed_instance: None, client: Client, path: str, method: str
) -> None:
    answer = getattr(client, method)(path)

    assert answer.status_code in (302, 401)
    assert SECRET not in answer.content.decode()


def test_install_address_opens_packages_alone(
    closed_instance: None, client: Client, ada: User, key_for
) -> None:
    key, other_key = key_for(ada, "packages:install"), key_for(ada, "read")
    package = "/v1/agents/ada/coach/versions/1.0.0/tarball"

    def status(path: str, **headers: str) -> int:
        return client.get(path, headers=headers).status_code

    # The factory stores no bytes, so an open address finds none.
    assert status(f"/in/{key}{package}") not in (302, 401)
    assert status(f"/in/{other_key}{package}") == 401
    assert status(f"/in/claw_unknown-key-of-some-length{package}") == 401
    for path in ("/v1/agents", "/v1/me", "/v1/agents/ada/coach", "/v1/index/@ada/coach.json"):
        assert status(f"/in/{key}{path}") == 401
        assert status(path, Authorization=f"Bearer {key}") == 401
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = client.post(
        "/mcp", call, "application/json", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 401
    assert status(f"/in/{key}/v1/agents", Authorization=f"Bearer {other_key}") == 200
    assert client.post(f"/in/{key}/v1/agents/publish").status_code == 401


def test_key_that_is_bound_opens_packages_of_its_agent_alone(
    closed_instance: None, client: Client, ada: User
) -> None:
    make_version(make_agent(ada, "planner"))
    scopes = ["packages:install"]
    of_agent, of_scope = (
        create_key(ada, name="k", scopes=scopes, bound_to=subject, by=SYSTEM)[1]
        for subject in ("@ada/planner", "@ada")
    )

    def is_open(key: str, name: str) -> bool:
        path = f"/v1/agents/ada/{name}/versions/1.0.0/tarball"
        in_header = client.get(path, headers={"Authorization": f"Bearer {key}"})
        # The factory stores no bytes, so an open address finds none.
        return (client.get(f"/in/{key}{path}").status_code, in_header.status_code) != (401, 401)

    assert (is_open(of_agent, "planner"), is_open(of_agent, "coach")) == (True, False)
    assert (is_open(of_scope, "planner"), is_open(of_scope, "coach")) == (True, True)


@pytest.mark.parametrize(
    "path", ["/in/{}/agents", "/in/{}", "/IN/{}/v1", "/in/{}//v1", "/in/{}/mcp"]
)
def test_key_of_a_wrong_install_address_is_carried_nowhere(
    closed_instance: None, client: Client, ada: User, key_for, path: str
) -> None:
    key = key_for(ada, "packages:install")

    answer = client.get(path.format(key))

    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert key not in f"{answer.headers} {answer.content}"


@pytest.mark.parametrize(
    "place",
    [
        *("/in/{}/v1", "/IN/{}", "/signin?next=%2Fin%2F{}%2Fagents", "/preview/{}"),
        *("/v1/preview/{}", "/feedback/{}", "/receipts/{}/files/1", "/feeds/following/{}.atom"),
    ],
)
def test_token_of_a_secret_address_is_not_logged(place: str) -> None:
    key = "claw_a-key-of-some-length"

    assert key not in without_tokens(place.format(key))
