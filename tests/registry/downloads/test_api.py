"""GET /v1/agents/SCOPE/NAME/downloads."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import today
from registry.models import Agent, DownloadDay, Version
from tests.support.http import Api
from tests.support.uploads import publish

TARBALL = "/v1/agents/ada/planner/versions/1.0.0/tarball"


@pytest.fixture
def version(as_ada: Actor) -> Version:
    return publish(as_ada)


DOWNLOADS = "/v1/agents/ada/planner/downloads"


def test_downloads_by_day_and_version(
    api: Api, as_ada: Actor, version: Version, grace: User, key_for: Any
) -> None:
    newer = publish(as_ada, version="1.1.0")
    day_before = today() - timedelta(days=1)
    DownloadDay.objects.create(version=version, day=day_before, downloads=5, fetches=6, networks=4)
    old = today() - timedelta(days=30)
    DownloadDay.objects.create(version=newer, day=old, downloads=5, fetches=5)
    assert api.get(TARBALL, key=key_for(grace, "read")).status_code == 200
    api.get(TARBALL.replace("1.0.0", "1.1.0"))

    body = api.get(DOWNLOADS).json()

    changes = body.pop("changes")
    assert [set(change) for change in changes] == [{"day", "description"}] * len(changes)
    today_counts = {"day": today().isoformat(), "fetches": 1, "downloads": 1, "networks": 1}
    assert body == {
        "from": (today() - timedelta(days=29)).isoformat(),
        "to": today().isoformat(),
        "countedSince": old.isoformat(),
        "downloads": 7,
        "fetches": 8,
        "items": [
            {**today_counts, "version": "1.1.0", "signedIn": 0},
            {**today_counts, "version": "1.0.0", "signedIn": 1},
            {
                "day": day_before.isoformat(),
                "version": "1.0.0",
                "downloads": 5,
                "fetches": 6,
                "networks": 4,
                "signedIn": 0,
            },
        ],
    }
    assert api.get(f"{DOWNLOADS}?days=31").json()["downloads"] == 12


def test_invalid_days_and_unavailable_agents_are_refused(api: Api, version: Version) -> None:
    for days in ("0", "91", "x", ""):
        response = api.get(f"{DOWNLOADS}?days={days}")
        assert (response.status_code, response.json()["error"]["code"]) == (
            400,
            "invalid_parameter",
        )
    assert api.get(DOWNLOADS.replace("planner", "nothing")).status_code == 404
    Agent.objects.update(delisted_at=version.uploaded_at, delisted_reason="Spam")
    assert api.get(DOWNLOADS).status_code == 410
