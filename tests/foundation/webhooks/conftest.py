from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from tests.support.receiver import Receiver, running_receiver


@pytest.fixture
def loopback(settings: Any) -> None:
    """Allow webhooks to this machine."""
    settings.WEBHOOK_ALLOW_PRIVATE = [ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver(loopback: None) -> Iterator[Receiver]:
    with running_receiver() as server:
        yield server
