"""Publishes versions and kills each publish at another point.

Runs as a process of its own (`python -m`), in the environment of a live shop. Each publish runs in
a fork, which dies without any clean-up. Prints an API key of the author.
"""

import os
import signal
from typing import Any
from unittest import mock

LOGIN = "crash-test"
MODULE = "registry.publishing.publish"
POINTS = {
    "while the bytes are written": "foundation.files.folder.os.fsync",
    "before the file gets its name": "foundation.files.folder.Path.replace",
    "after the bytes are stored": f"{MODULE}.add_version",
    "after the agent is locked": f"{MODULE}._insert_version",
    "after the version is inserted": f"{MODULE}._insert_assets",
    "after the derived data is saved": f"{MODULE}.refresh_listing",
    "after the listing is refreshed": f"{MODULE}.record",
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
    for point, function in POINTS.items():
        child = os.fork()
        if child == 0:
            with mock.patch(function, die):
                publish(Actor(user=author, door="command"), full_id(point))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL, point
    print(key)


if __name__ == "__main__":
    main()
