"""Nothing of a request is stored before its sender is known and has room."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.packages import manifest, tarball
from tests.support.servers.raw import (
    FORM,
    chunked,
    connection,
    head,
    multipart,
    open_files_below,
    response,
)
from tests.support.servers.shop import LiveShop, eventually
from tests.support.servers.visitor import Visitor
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.live

MIB = 1024 * 1024


def package_body(full_id: str) -> bytes:
    document = manifest(id=full_id)
    return multipart({"metadata": json.dumps(document)}, {"tarball": tarball(None, document)})


@pytest.mark.parametrize("path", ["/publish", PUBLISH, "/signin", "/device", "/nowhere"])
def test_anonymous_upload_is_refused_before_a_byte_is_stored(
    live_shop: LiveShop, path: str
) -> None:
    uploads = live_shop.data_dir / "uploads"
    with connection(live_shop) as client:
        client.sendall(head("POST", path, FORM | {"Content-Length": str(50 * MIB)}))
        client.sendall(multipart({}, {"tarball": bytes(MIB)})[: MIB // 2])
        status, _ = response(client)

    assert status in (302, 401, 413)
    assert list(uploads.iterdir()) == []
    assert open_files_below(uploads) == []


def test_small_form_with_a_file_stores_no_file(live_shop: LiveShop) -> None:
    uploads = live_shop.data_dir / "uploads"
    body = multipart({"login": "x"}, {"picture": bytes(40_000)})
    with connection(live_shop) as client:
        client.sendall(head("POST", "/signin", FORM | {"Content-Length": str(len(body))}))
        client.sendall(body[:-20])
        time.sleep(0.3)
        assert open_files_below(uploads) == []
        client.sendall(body[-20:] + head("GET", "/healthz", {"Connection": "close"}))
        assert response(client)[0] == 403


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        ("/v1/updates", "application/json", b'{"installs": []}', 200),
        ("/v1/updates", "application/json", b'{"installs": []}' + b" " * 300_000, 413),
        ("/v1/reports", "application/json", b" " * 70_000, 413),
        ("/signin", "application/x-www-form-urlencoded", b"login=" + b"x" * 70_000, 413),
        ("/signin", "application/x-www-form-urlencoded", b"login=x", 403),
    ],
)
def test_chunked_body_is_read_under_the_same_limits(
    live_shop: LiveShop, path: str, kind: str, body: bytes, status: int
) -> None:
    # With a cookie the check of forms reads the body to find its token.
    headers = {"Content-Type": kind, "Transfer-Encoding": "chunked", "Connection": "close"}
    headers["Cookie"] = f"csrftoken={'x' * 32}"
    with connection(live_shop) as client:
        client.sendall(head("POST", path, headers) + chunked(body))
        assert response(client)[0] == status


BROKEN_CHUNKS = [b"zz\r\nabc\r\n0\r\n\r\n", b"-5\r\nabc\r\n", b"3\r\nabcXX0\r\n\r\n"]


@pytest.mark.parametrize("path", ["/v1/updates", "/v1/api/auth/device/code", "/signin"])
def test_broken_chunks_are_refused(live_shop: LiveShop, path: str) -> None:
    kind = "application/json" if path.startswith("/v1") else "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind, "Transfer-Encoding": "chunked", "Connection": "close"}
    headers["Cookie"] = f"csrftoken={'x' * 32}"
    for chunks in BROKEN_CHUNKS:
        with connection(live_shop) as client:
            client.sendall(head("POST", path, headers) + chunks)
            assert response(client)[0] in (400, 403), chunks


def test_chunked_package_is_published(live_shop: LiveShop) -> None:
    key = live_shop.key("chunky", "agents:publish")
    headers = FORM | {"Transfer-Encoding": "chunked", "Authorization": f"Bearer {key}"}
    with connection(live_shop) as client:
        client.sendall(head("POST", PUBLISH, headers | {"Connection": "close"}))
        client.sendall(chunked(package_body("@chunky/parts")))
        status, answer = response(client)

    assert status == 200, answer
    assert live_shop.get("/v1/agents/chunky/parts").status_code == 200


def test_upload_of_a_killed_process_leaves_no_file(live_shop: LiveShop) -> None:
    key = live_shop.key("killer", "agents:publish")
    uploads = live_shop.data_dir / "uploads"
    body = multipart({}, {"tarball": bytes(4 * MIB)})
    headers = FORM | {"Content-Length": str(len(body)), "Authorization": f"Bearer {key}"}
    with connection(live_shop) as client:
        client.sendall(head("POST", PUBLISH, headers) + body[: 2 * MIB])
        eventually(lambda: len(open_files_below(uploads)), 1)
        live_shop.kill()
    try:
        assert list(uploads.iterdir()) == []
        eventually(lambda: open_files_below(uploads), [])
    finally:
        live_shop.start()


def stored_files(shop: LiveShop, scope: str) -> list[Path]:
    return [path for path in Path(shop.data_dir, "files").rglob("*") if f"/{scope}/" in str(path)]


def test_key_revoked_during_the_upload_publishes_nothing(live_shop: LiveShop) -> None:
    visitor = Visitor(live_shop.url)
    key = live_shop.key("revoker", "agents:publish")
    visitor.sign_in("revoker")
    body = package_body("@revoker/late")
    headers = FORM | {"Content-Length": str(len(body)), "Authorization": f"Bearer {key}"}
    with connection(live_shop) as client:
        client.sendall(head("POST", PUBLISH, headers | {"Connection": "close"}) + body[:-200])
        time.sleep(0.5)
        page = visitor.submit(visitor.get("/account/keys"), to="/revoke")
        assert page.status_code == 200
        client.sendall(body[-200:])
        status, answer = response(client)

    assert status == 401, answer
    assert b'"unauthorized"' in answer
    assert live_shop.get("/v1/agents/revoker/late").status_code == 404
    assert stored_files(live_shop, "revoker") == []


@pytest.fixture(scope="module")
def full_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop whose disks have less free space than its reserve."""
    with LiveShop(tmp_path_factory.mktemp("full"), RESERVED_DISK_MIB="1000000000") as shop:
        yield shop


def test_without_free_space_uploads_are_refused_and_reads_go_on(full_shop: LiveShop) -> None:
    key = full_shop.key("fuller", "agents:publish")
    headers = {"Authorization": f"Bearer {key}"}

    answer = full_shop.post(PUBLISH, content=package_body("@fuller/x"), headers=FORM | headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "insufficient_storage")
    assert "Nothing was stored" in answer.json()["error"]["message"]
    assert stored_files(full_shop, "fuller") == []
    for path in ("/", "/agents", "/v1/agents", "/healthz"):
        assert full_shop.get(path).status_code == 200, path


def test_upload_page_says_that_the_disk_is_full(full_shop: LiveShop) -> None:
    visitor = Visitor(full_shop.url)
    visitor.sign_in("fuller")
    token = visitor.http.cookies["csrftoken"]

    page = visitor.http.post(
        "/publish", files={"tarball": b"x"}, data={"csrfmiddlewaretoken": token}
    )

    assert page.status_code == 507
    assert "out of disk space" in page.text


def test_body_over_the_limit_of_a_form_is_refused_unread(live_shop: LiveShop) -> None:
    answer = httpx.post(f"{live_shop.url}/signin", data={"login": "x" * 70_000})

    assert answer.status_code == 413
    assert "64 KiB" in answer.text
