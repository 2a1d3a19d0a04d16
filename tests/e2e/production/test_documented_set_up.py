"""The set-up without containers works as docs/OPERATING.md says, word for word."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.documented import (
    HOST,
    DocumentedInstance,
    commands_without_containers,
    marked_variables,
)
from tests.support.servers.shop import free_port

pytestmark = pytest.mark.production
LOAD = "set -a; . ./.env; set +a"
FROM_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="module")
def client(documented_instance: DocumentedInstance) -> Iterator[httpx.Client]:
    """The web server and the worker, started by the last two commands."""
    port = free_port()
    *_, serve, work = commands_without_containers()
    assert ("gunicorn" in serve, "run_worker" in work) == (True, True)
    log = documented_instance.folder / "log"
    processes = [
        documented_instance.start(f"{LOAD}\nexport PORT={port}\nexec {command}", log)
        for command in (serve, work)
    ]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=FROM_PROXY) as client:
        deadline = time.monotonic() + 60
        while not _is_ready(client):
            assert time.monotonic() < deadline, log.read_text()
            assert all(process.poll() is None for process in processes), log.read_text()
            time.sleep(0.2)
        yield client
    for process in processes:
        os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        process.wait(40)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_instance_is_open_and_knows_its_proxy(client: httpx.Client):
    page = client.get("/")

    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert client.get("/static/css/shop.css").status_code == 200


def test_sign_in_needs_github(client: httpx.Client):
    page = client.get("/signin")

    assert 'name="login"' not in page.text
    assert 'action="/accounts/github/login/' in page.text
    answer = client.post("/signin", data={"login": "ada"})
    assert answer.status_code in (403, 404, 405)
    assert "sessionid" not in answer.cookies


def test_sign_in_sends_the_values_of_the_file(client: httpx.Client):
    page = client.get("/signin")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    answer = client.post(
        "/accounts/github/login/",
        data={"csrfmiddlewaretoken": token[1]},
        headers={
            "Referer": f"https://{HOST}/signin",
            "Cookie": f"csrftoken={page.cookies['csrftoken']}",
        },
    )

    assert answer.status_code == 302
    location = httpx.URL(answer.headers["Location"])
    assert (location.host, location.params["client_id"]) == ("github.com", "Iv1.$HOME")
    assert location.params["redirect_uri"] == f"https://{HOST}/accounts/github/login/callback/"


def test_example_without_values_names_every_marked_variable(
    documented_instance: DocumentedInstance,
):
    result = documented_instance.run(
        "set -a; . ./.env.example; set +a\n.venv/bin/python manage.py check"
    )

    assert result.returncode == 1
    _head, *lines = result.stderr.splitlines()
    # The number of proxies has a value that fits the documented proxy.
    assert {line.split()[0] for line in lines} == {*marked_variables()} - {"TRUSTED_PROXIES"}
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_can_source_every_line_of_the_example(tmp_path: Path, shell: str):
    lines = (ROOT / ".env.example").read_text().splitlines()
    variables = [line.removeprefix("# ") for line in lines if re.match(r"(# )?[A-Z0-9_]+='", line)]
    assert len(variables) > 35
    (tmp_path / "all.env").write_text("\n".join(variables))

    result = subprocess.run(
        [shell, "-euc", "set -a; . ./all.env; set +a; env"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stderr == ""
    assert {line.replace("'", "") for line in variables} <= set(result.stdout.splitlines())
