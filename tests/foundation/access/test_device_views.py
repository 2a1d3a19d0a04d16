"""The approval page of a device login: session, origin and CSRF token."""

import pytest
from django.test import Client

from foundation.access.actions import DeviceCodes, start_device_login
from foundation.access.models import DeviceLogin
from foundation.accounts.models import User
from tests.support.page import Page

pytestmark = pytest.mark.once

Status = DeviceLogin.Status


@pytest.fixture
def codes(db: None) -> DeviceCodes:
    return start_device_login(
        client_id="clawstore-cli", requested_from="192.0.2.7", user_agent="node <b>22</b>"
    )


@pytest.fixture
def at_desk(ada: User) -> Client:
    """Ada's browser."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    return client


def status() -> str:
    return DeviceLogin.objects.get().status


def decide(client: Client, code: str, decision: str) -> Page:
    client.get(f"/device?user_code={code}")
    token = client.cookies["csrftoken"].value
    form = {"user_code": code, "decision": decision, "csrfmiddlewaretoken": token}
    return Page(client.post("/device", form, follow=True).content.decode())


def test_device_page_needs_a_session_and_returns_to_it(visitor: Client, codes: DeviceCodes) -> None:
    answer = visitor.get(f"/device?user_code={codes.user_code}")

    assert answer["Location"] == f"/signin?next=/device%3Fuser_code%3D{codes.user_code}"


def test_device_page_names_the_client_and_the_user(at_desk: Client, codes: DeviceCodes) -> None:
    input_code = codes.user_code.replace("-", " ").lower()

    page = Page(at_desk.get("/device", {"user_code": input_code}).content.decode())

    for words in ("clawstore-cli", "192.0.2.7", "node <b>22</b>", "@ada", "Approve this device"):
        assert words in page.texts
    assert status() == Status.PENDING


@pytest.mark.parametrize(
    ("decision", "result", "words"),
    [
        ("approve", Status.APPROVED, "Device connected"),
        ("deny", Status.DENIED, "Request denied"),
        ("maybe", Status.DENIED, "Request denied"),
    ],
)
def test_approval_and_denial_are_stored(
    at_desk: Client, ada: User, codes: DeviceCodes, decision: str, result: str, words: str
) -> None:
    page = decide(at_desk, codes.user_code, decision)

    assert words in page.texts
    assert (status(), DeviceLogin.objects.get().user_id) == (result, ada.pk)


def test_device_form_needs_the_csrf_token(at_desk: Client, codes: DeviceCodes) -> None:
    form = {"user_code": codes.user_code, "decision": "approve"}

    assert at_desk.post("/device", form).status_code == 403
    assert status() == Status.PENDING


def test_user_code_is_decided_once(at_desk: Client, codes: DeviceCodes) -> None:
    decide(at_desk, codes.user_code, "deny")

    page = decide(at_desk, codes.user_code, "approve")

    assert "This code is unknown, already used or expired." in page.text
    assert status() == Status.DENIED


@pytest.mark.parametrize("code", ["BCDF-GHJK", "<b>", "x" * 33, "ä"])
def test_wrong_code_stays_in_the_form(at_desk: Client, code: str) -> None:
    answer = at_desk.get("/device", {"user_code": code})

    page = Page(answer.content.decode())
    assert answer.status_code == 404
    assert [i["value"] for i in page.all("input") if i["name"] == "user_code"] == [code]
    assert [i for i in page.all("input") if i.get("aria-invalid") == "true"] != []


def test_device_page_without_a_code_asks_for_it(at_desk: Client) -> None:
    page = Page(at_desk.get("/device").content.decode())

    assert "Continue" in page.texts
    assert [i for i in page.all("input") if i.get("aria-invalid")] == []
