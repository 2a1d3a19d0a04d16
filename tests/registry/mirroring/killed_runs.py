"""Mirrors a source in forks, each killed after more statements than the last.

Runs as a process of its own (`python -m`). Prints how many were killed before one came to its end.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

STEP = 7
"""Statements by which each run gets further than the last one, from where that one began."""


def killing_after(count: int) -> Callable[..., Any]:
    """A wrapper of statements that kills the process instead of the next one."""
    statements = iter(range(count))

    def execute_or_die(execute: Any, *arguments: Any) -> Any:
        if next(statements, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    return execute_or_die


def main(url: str) -> None:
    import django

    django.setup()
    from django.db import connection, connections

    from foundation.actor import Actor
    from registry.mirroring.actions import run_mirror
    from registry.models import Mirror

    connections.close_all()
    kills = 0
    while True:
        child = os.fork()
        if child == 0:
            Mirror.objects.update(lease_ends_at=None)
            with connection.execute_wrapper(killing_after(5 + STEP * (kills % 30))):
                run_mirror(url, scopes=["@ada"], by=Actor(door="command"))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status == 0:
            break
        assert status == signal.SIGKILL, status
        kills += 1
    print(kills)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clawstore.settings")
    main(sys.argv[1])
