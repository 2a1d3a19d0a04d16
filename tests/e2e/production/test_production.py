"""Production settings: pages, API calls, and what operators rely on."""

import json
import re
import time

import pytest

from tests.e2e.production.conftest import MANIFEST, METRICS_TOKEN, ProductionShop, packed

pytestmark = pytest.mark.production


@pytest.mark.parametrize(
    "path", ["/", "/agents", "/signin", "/about/privacy", "/v1/docs", "/nowhere"]
)
def test_page_and_its_resources_are_served(production: ProductionShop, path: str):
    page = production.get(path)

    assert page.status_code == (404 if path == "/nowhere" else 200)
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Sign in as this person" not in page.text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert addresses
    for address in addresses:
        file = production.get(address, headers={"Accept-Encoding": "br"})
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), address
        assert (file.status_code, "immutable" in file.headers["Cache-Control"]) == (200, True)


def test_stylesheet_is_compressed(production: ProductionShop):
    [styles] = re.findall(r'href="(/static/css/[^"]+)"', production.get("/").text)

    for coding in ("br", "gzip"):
        file = production.get(styles, headers={"Accept-Encoding": coding})
        assert file.headers["Content-Encoding"] == coding
        assert "--paper" in file.text


def test_internal_error_page_has_its_styles(production: ProductionShop):
    # It refers to files without their hashes, because it must not depend on the manifest.
    assert production.get("/static/css/shop.css").status_code == 200


def test_plain_http_redirects_to_https(production: ProductionShop):
    answer = production.get("/agents?q=a", headers={"X-Forwarded-Proto": "http"})

    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://shop.example/agents?q=a"


def test_unknown_host_is_refused(production: ProductionShop):
    assert production.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_cookies_are_sent_over_https_only(production: ProductionShop):
    cookie = production.get("/signin").headers["Set-Cookie"]

    assert cookie.startswith("csrftoken=")
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie


def test_development_sign_in_is_not_offered(production: ProductionShop):
    page = production.get("/signin").text

    assert 'name="login"' not in page
    assert 'action="/accounts/github/login/' in page


def test_agent_is_published_found_and_downloaded(production: ProductionShop, key: str):
    readme = b"# Coach\n\nCoaches people.\n"
    manifest = json.dumps(MANIFEST).encode()
    package = packed({"agent.json": manifest, "README.md": readme})
    publication = production.post(
        "/v1/agents/publish",
        headers={"Authorization": f"Bearer {key}"},
        data={"metadata": manifest.decode()},
        files={"tarball": ("coach.tgz", package)},
    )
    assert publication.status_code in (200, 201), publication.text

    # Other tests of this shop publish agents with the same words.
    assert production.get("/v1/agents?q=coach").json()["items"][0]["name"] == "coach"
    assert "Coaches people" in production.get("/agents/@ada/coach").text
    download = production.get("/v1/agents/ada/coach/versions/1.0.0/tarball")
    assert download.content == package
    assert download.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_probes_by_ip_address_use_plain_http(production: ProductionShop):
    plain = {"Host": production.url.removeprefix("http://"), "X-Forwarded-Proto": "http"}

    assert production.get("/healthz", headers=plain).json() == {"status": "alive"}
    assert production.get("/readyz", headers=plain).json()["checks"] == {
        "database": "ok",
        "migrations": "ok",
        "storage": "ok",
        "meaning": "ok",
        "cache": "ok",
    }


def test_metrics_sum_all_workers(production: ProductionShop):
    def counted() -> float:
        answer = production.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        pattern = (
            r'clawstore_request_seconds_count\{method="GET",route="/agents",status="200"\} (\S+)'
        )
        match = re.search(pattern, answer.text)
        return float(match[1]) if match else 0

    before = counted()
    for _ in range(20):
        assert production.get("/agents").status_code == 200

    # Both workers report the same sums.
    assert {counted() for _ in range(10)} == {before + 20}
    assert production.get("/metrics").status_code == 404


def test_log_is_json_without_client_addresses(production: ProductionShop):
    production.get("/agents", headers={"X-Request-ID": "find-me-in-the-log"})
    deadline = time.monotonic() + 10
    while "find-me-in-the-log" not in (text := production.log.read_text()):
        assert time.monotonic() < deadline, text
        time.sleep(0.1)

    lines = [json.loads(line) for line in text.splitlines()]
    [line] = [line for line in lines if line.get("request_id") == "find-me-in-the-log"]
    assert (line["route"], line["status"], line["level"]) == ("/agents", 200, "info")
    assert "203.0.113.9" not in text


def test_worker_runs_a_job_soon_after_its_commit(production: ProductionShop):
    status, seconds = production.run_job()

    assert status == "succeeded"
    assert seconds < 5
