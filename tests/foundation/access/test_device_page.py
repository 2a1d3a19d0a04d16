"""The approval page of a device login: account and origin."""

import pytest
from django.test import Client

from foundation.access.actions import start_device_login
from foundation.access.scopes import device_permissions
from foundation.accounts.models import User

pytestmark = pytest.mark.once


def test_device_page_shows_user_and_origin(ada: User) -> None:
    codes = start_device_login(client_id="cli", requested_from="192.0.2.77", user_agent="node/22")
    browser = Client()
    browser.force_login(ada)

    page = browser.get(f"/device?user_code={codes.user_code}").content.decode()

    for fact in ("<strong>@ada</strong>", codes.user_code, "192.0.2.77", "node/22", "cli"):
        assert fact in page
    # Each permission that the device gets, in the words of the key form.
    assert len(device_permissions()) > 3
    for scope in device_permissions():
        assert str(scope.description) in page


def test_unknown_decision_denies_the_device(ada: User) -> None:
    codes = start_device_login(client_id="cli", requested_from="192.0.2.77", user_agent="node/22")
    browser = Client()
    browser.force_login(ada)

    answer = browser.post("/device", {"user_code": codes.user_code, "decision": "perhaps"})

    assert (answer.status_code, answer["Location"]) == (302, "/device/denied")
    assert browser.post("/device", {"user_code": codes.user_code}).status_code == 404
