"""One log line per request, as JSON in production, without client addresses."""

import io
import json
import logging

import pytest
from django.test import Client

from clawstore.ops.json_log import json_formatter
from clawstore.ops.logs import logging_config
from foundation.accounts.models import User

pytestmark = pytest.mark.once

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def lines():
    """Log lines as production writes them."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_formatter())
    logger = logging.getLogger("clawstore")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_request_is_one_log_line(client: Client, db: None, lines):
    client.get(
        "/agents/@nobody/nothing?q=private",
        headers={"x-request-id": "from-the-proxy"},
        REMOTE_ADDR="203.0.113.9",
    )

    [line] = [line for line in lines() if line["logger"] == "clawstore.request"]
    assert line.pop("ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "GET /agents/@<str:scope>/<str:name> 404",
        "logger": "clawstore.request",
        "level": "info",
        "request_id": "from-the-proxy",
        "method": "GET",
        "route": "/agents/@<str:scope>/<str:name>",
        "status": 404,
    }


def test_log_line_has_the_user_id_if_known(client: Client, ada: User, key_for, lines):
    client.force_login(ada)
    client.get("/agents")
    client.logout()
    client.get("/v1/me", headers={"authorization": f"Bearer {key_for(ada, 'read')}"})
    client.get("/agents")

    users = [line.get("user") for line in lines() if line["logger"] == "clawstore.request"]
    assert users == [str(ada.pk), str(ada.pk), None]


def test_internal_error_is_one_line_with_its_traceback(client: Client, db: None, lines):
    logging.getLogger("clawstore.request").setLevel(logging.ERROR)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("clawstore").exception("Unhandled error")
    finally:
        logging.getLogger("clawstore.request").setLevel(logging.NOTSET)

    [line] = lines()
    assert (line["event"], line["level"]) == ("Unhandled error", "error")
    assert line["exception"].endswith("ValueError: broken")


@pytest.mark.parametrize(
    ("message", "entry"),
    [
        ("Invalid request from ip=203.0.113.9: bad", "Invalid request from ip=[address]: bad"),
        ("Invalid request from ip=2001:db8::1: bad", "Invalid request from ip=[address]: bad"),
        ("Booting worker with pid: 12345", "Booting worker with pid: 12345"),
    ],
)
def test_web_server_logs_no_client_address(message: str, entry: str):
    record = logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, message, (), None)

    assert json.loads(json_formatter().format(record))["event"] == entry


def test_suspicious_request_logs_no_traceback(ada: User, caplog: pytest.LogCaptureFixture):
    client = Client(enforce_csrf_checks=True)  # This middleware reads the form before any view.
    client.force_login(ada)
    client.get("/account/profile")

    large = client.post("/account/profile", "bio=" + "x" * 3_000_000, FORM)
    many = client.post("/account/profile", "&".join(f"f{n}=x" for n in range(1001)), FORM)
    strange = client.get("/", headers={"host": "evil.example"})

    assert [answer.status_code for answer in (large, many, strange)] == [413, 400, 400]
    assert [record.name for record in caplog.records if record.exc_info] == []


def test_development_log_is_plain_text():
    formatter = logging_config(level="WARNING", as_json=False)["formatters"]["line"]

    assert formatter["format"] == "{asctime} {levelname} {name} {message}"


def test_token_of_install_address_is_never_logged(client: Client, db: None, lines):
    """Not with a request, an error, or a line of the web server."""
    token = "IjEyMzQi:1abcde:secret_-signature"
    client.get(f"/v1/as/{token}/agents/ada/coach/versions/1.0.0/tarball")
    logging.getLogger("clawstore").error("Failed: GET /v1/as/%s/agents", token)
    logging.getLogger("clawstore").info('"GET /v1/as/%s?x=1 HTTP/1.1" 404', token)

    text = json.dumps(lines())

    assert len(lines()) >= 3
    assert "secret_-signature" not in text
    assert "/v1/as/[token]/agents" in text
