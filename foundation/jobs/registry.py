"""Registered names of jobs.

The table stores these names, never a path in the code: a function can be moved or renamed while
jobs for it are queued. A name is never reused for different work.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from foundation.jobs.models import Job

JobFunction = Callable[[Job], Any]
"""Returns a result that JSON can represent. It may be called twice for the same job."""

JOBS: dict[str, JobFunction] = {}


class UnknownJobName(ImproperlyConfigured):
    """No function is registered under this name."""


class DuplicateJobName(ImproperlyConfigured):
    """Two functions are registered under this name."""


def job(name: str) -> Callable[[JobFunction], JobFunction]:
    """Register a function under a name, in the module ``jobs`` of an installed app."""

    def register(function: JobFunction) -> JobFunction:
        # The second function would silently take over the queued jobs of the first.
        if name in JOBS:
            raise DuplicateJobName(name)
        JOBS[name] = function
        return function

    return register


def require_registered(names: Iterable[str]) -> None:
    """Raise UnknownJobName if one of the names is not registered."""
    unknown_names = sorted(set(names) - JOBS.keys())
    if unknown_names:
        raise UnknownJobName(f"There is no job named {', '.join(unknown_names)}.")
