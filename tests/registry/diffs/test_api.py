"""JSON endpoint of the diff between two versions."""

import pytest

from foundation.access.actions import create_key
from foundation.accounts.models import User
from foundation.actor import Actor
from registry.models import Version
from tests.registry.diffs.conftest import API
from tests.support.http import Api

pytestmark = pytest.mark.once


def test_api_returns_capabilities_counts_and_hunks(versions: list[Version], api: Api) -> None:
    diff = api.get(f"{API}/1.0.0...1.1.0").json()

    assert [(c["sign"], c["kind"], c["name"]) for c in diff["capabilities"]] == [
        ("+", "secret", "STRIPE_KEY")
    ]
    assert diff["counts"] == {"changed": 2, "added": 1}
    (plan,) = [file for file in diff["files"] if file["path"] == "docs/plan.md"]
    (row,) = plan["hunks"][0]["rows"]
    assert row["pieces"] == [
        ["=", "Plan the "],
        ["-", "day"],
        ["+", "week"],
        ["=", " of your user."],
    ]


@pytest.mark.usefixtures("versions")
def test_api_key_may_read_a_diff(ada: User, api: Api) -> None:
    key = create_key(ada, name="test", scopes=("read",), by=Actor(door="system"))[1]

    assert api.get(f"{API}/1.1.0...1.0.0", key=key).status_code == 200
