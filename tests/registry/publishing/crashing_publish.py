"""Publishes that are killed, each at another point; `python -m` this module.

Run as a process of its own, in the environment of a live shop: a fork for every point, which dies
without any clean-up. Prints an API key of the author.
"""

import os
import signal
from typing import Any
from unittest import mock

LOGIN = "crash-test"
PIPELINE = "registry.publishing.publish"
POINTS = {
    "as the bytes are written": "foundation.files.folder.os.fsync",
    "before the bytes get their name": "foundation.files.folder.Path.replace",
    "when the bytes are stored": f"{PIPELINE}.add_version",
    "when the agent is locked": f"{PIPELINE}._insert_version",
    "when the version is written": f"{PIPELINE}._insert_assets",
    "when everything is computed": f"{PIPELINE}.refresh_listing",
    "when the listing is fresh": f"{PIPELINE}.record",
    "instead of the commit": "django.db.backends.base.base.BaseDatabaseWrapper._commit",
}


def full_id(point: str) -> str:
    return f"@{LOGIN}/point-{list(POINTS).index(point)}"


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    import django

    django.setup()
    from django.db import connections

    from foundation.access.actions import create_key
    from foundation.actor import Actor
    from profiles.actions import make_development_user
    from tests.support.uploads import publish

    system = Actor(door="command")
    author = make_development_user(LOGIN, by=system)
    key = create_key(author, name="test", scopes=["agents:publish"], by=system)[1]
    connections.close_all()
    if hasattr(connections["default"], "close_pool"):
        connections["default"].close_pool()  # A fork must not share its parent's connections.
    for point, victim in POINTS.items():
        child = os.fork()
        if child == 0:
            with mock.patch(victim, die):
                publish(Actor(user=author, door="command"), full_id(point))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL, point
    print(key)


if __name__ == "__main__":
    main()
