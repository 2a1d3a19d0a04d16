"""No header that one client sends changes the page that others get.

This is what the server makes of raw headers; tests/contract/test_cached_pages.py sends the headers
that reach the application to every cached route.
"""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.support.packages import manifest, tarball
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.raw import FORM, connection, head, multipart, response
from tests.support.servers.shop import LiveShop
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.live

EVIL = "evil.example"
# Each of these once shaped a page, or shapes one in some framework.
ALONE: list[dict[str, str]] = [
    {"SCRIPT_NAME": "/agents"},
    {"SCRIPT_NAME": f"//{EVIL}"},
    {"Host": EVIL},
    {"Host": f"127.0.0.1.{EVIL}"},
    {"Host": "LOCALHOST"},
    {"Host": "127.0.0.1:1"},
    {"Host": ""},
    {"HX-Request": "true"},
    {
        "HX-Request": "true",
        "HX-Target": EVIL,
        "HX-Current-URL": f"https://{EVIL}/",
        "HX-Boosted": "1",
    },
    {"Cookie": f"theme={EVIL}; django_language=ar; lang=ar; messages={EVIL}; sessionidx=1"},
    {"Range": "bytes=0-9"},
    {"Content-Type": "text/html; charset=utf-7"},
    {"Content-Type": "text/html; charset=cp037"},
    {"Content-Type": "application/x-www-form-urlencoded; charset=undefined"},
    {"Content-Type": "text/html; x*=utf-99''a"},
    {"Authorization": f"Bearer {EVIL}"},
]
ADDRESSES = """Origin Referer X-Original-URL X-Rewrite-URL X-Forwarded-URI X-Request-URI
    X-Original-URI X-Original-Host X-Custom-Location"""
NAMES = """X-Forwarded-Host X-Forwarded-Server X-Host X-HTTP-Host-Override From X-Forwarded-Scheme
    X-Forwarded-Proto X-Forwarded-Protocol X-Real-IP X-Forwarded-Port X-Forwarded-Prefix
    X-Script-Name X-Url-Scheme Via X-Forwarded-Ssl Front-End-Https X-Client-IP True-Client-IP
    X-Path X-HTTP-Method-Override X-Method-Override X-Request-ID User-Agent DNT"""
TOGETHER = {
    **dict.fromkeys(ADDRESSES.split(), f"https://{EVIL}/x"),
    **dict.fromkeys(NAMES.split(), EVIL),
    "X-Forwarded-For": f"{EVIL}, 6.6.6.6",
    "Forwarded": f"for=6.6.6.6;host={EVIL};proto=https",
    "Accept": "application/json, */*;q=0.1",
    "Accept-Language": "ar, he;q=0.9",
    "Accept-Charset": "utf-7",
    "Accept-Encoding": "identity",
    "Save-Data": "on",
    "X-Requested-With": "XMLHttpRequest",
    "Sec-Fetch-Mode": "cors",
}
GROUPS = [*ALONE, TOGETHER]
# A list, a page of an agent, a feed and a person.
PATHS = ("/agents", "/agents/@ada/coach", "/feeds/versions.atom", "/@ada")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("headers"), WEB_WORKERS="1") as shop:
        key = shop.key("ada", "agents:publish")
        for version in ("1.0.0", "1.1.0"):
            document = manifest(id="@ada/coach", version=version)
            body = multipart(
                {"metadata": json.dumps(document)}, {"tarball": tarball(None, document)}
            )
            headers = FORM | {"Authorization": f"Bearer {key}"}
            assert shop.post(PUBLISH, content=body, headers=headers).status_code == 200
        yield shop


def send(shop: LiveShop, path: str, headers: dict[str, str]) -> int:
    raw = head("GET", path, headers | {"Connection": "close"})
    if "Host" in headers:
        raw = raw.replace(b"Host: 127.0.0.1\r\n", b"", 1)
    with connection(shop) as client:
        client.sendall(raw)
        return response(client)[0]


def page(client: httpx.Client, path: str, number: int, **headers: str) -> tuple[int, str, str]:
    """A page without the number in its address."""
    answer = client.get(f"{path}?n={number}", headers=headers)
    text = answer.text.replace(f"n={number}", "n=0").replace(f"n%3D{number}", "n%3D0")
    return answer.status_code, answer.headers["Content-Type"], text


@pytest.mark.parametrize("path", PATHS)
def test_headers_of_a_client_reach_no_page_of_others(shop: LiveShop, path: str) -> None:
    with httpx.Client(base_url=shop.url, timeout=30, verify=NO_TLS) as client:
        expectation = page(client, path, 100)
        assert expectation[0] == 200
        for number, headers in enumerate(GROUPS, 101):
            # The first request tells the cache that the page is wanted, the second fills it.
            for _ in range(3):
                assert send(shop, f"{path}?n={number}", headers) < 500, headers
            clean = page(client, path, number)
            assert clean == expectation, headers
            assert EVIL not in clean[2]
            # And as a client gets it that takes no compressed page.
            assert page(client, path, number, **{"Accept-Encoding": "identity"}) == expectation


def test_script_name_of_a_client_is_dropped(shop: LiveShop) -> None:
    with connection(shop) as client:
        client.sendall(head("GET", "/agents", {"SCRIPT_NAME": "/agents", "Connection": "close"}))
        status, data = response(client)

    assert status == 200
    assert f'rel="canonical" href="{shop.url}/agents"'.encode() in data


@pytest.mark.parametrize("path", ["/signin", "/publish", "/v1/updates", PUBLISH])
def test_unknown_charset_of_a_part_or_a_body_is_refused(shop: LiveShop, path: str) -> None:
    part = multipart({"login": "x"}, {}).replace(b'name="login"', b"name*=utf-99''login")
    headers = FORM | {"Cookie": f"csrftoken={'x' * 32}", "Connection": "close"}
    for kind in (
        FORM["Content-Type"],
        "application/json; x*=utf-99''a",
        "a; boundary*=undefined''x",
    ):
        with connection(shop) as client:
            lengths = {"Content-Type": kind, "Content-Length": str(len(part))}
            client.sendall(head("POST", path, headers | lengths) + part)
            assert 300 <= response(client)[0] < 500, kind
