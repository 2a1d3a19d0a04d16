"""Limits and budgets that apps declare in their module ``limits``.

They protect the machine. Quotas, which belong to the product, are rules of the apps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Literal, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

KIB = 1024
MIB = 1024 * KIB
# Largest body of a form, and of every route that declares no limit. No declared one is smaller.
FORM_BYTES = 64 * KIB


@dataclass(frozen=True, slots=True)
class Limit:
    """``max_units`` uses per ``seconds``, per user or per address.

    An exact limit is counted in the database, across processes; it is for what is stored or sent.
    The others are counted in each process, so that a read never writes: with N workers up to N
    times as many get through (ADR 5).
    """

    name: str
    max_units: int
    seconds: int
    per: Literal["user", "address"]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """Processor time for one kind of work, shared by all callers.

    ``share`` is a part of all processors together. Unused time is saved for up to
    ``saved_seconds``, so that several callers at once need not wait.
    """

    name: str
    share: float
    saved_seconds: int


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """The largest request body of a route, as ``resolver_match.route`` spells it.

    A body over its limit is refused at once, unless ``refused_by_view``: then the view answers
    first whatever it refuses before it reads the body, as a missing credential.
    """

    route: str
    bytes: int
    refused_by_view: bool = False


class UnknownLimit(ImproperlyConfigured):
    """No app declares a limit or budget of this name."""


class DuplicateLimit(ImproperlyConfigured):
    """Two limits or budgets have this name, or two body limits this route."""


D = TypeVar("D", Limit, Budget)


@cache
def declared_limits() -> dict[str, Limit]:
    """Return all limits by name. Raises DuplicateLimit."""
    return _by_name(limit for module in _modules() for limit in getattr(module, "LIMITS", ()))


@cache
def declared_budgets() -> dict[str, Budget]:
    """Return all budgets by name. Raises DuplicateLimit."""
    return _by_name(budget for module in _modules() for budget in getattr(module, "BUDGETS", ()))


@cache
def declared_bodies() -> dict[str, BodyLimit]:
    """Return the limits of request bodies by route. Raises DuplicateLimit."""
    limits: dict[str, BodyLimit] = {}
    for module in _modules():
        for limit in getattr(module, "BODIES", ()):
            if limit.route in limits:
                # The later of two declarations would win by the order of the apps, in silence.
                raise DuplicateLimit(limit.route)
            limits[limit.route] = limit
    return limits


def get_limit(name: str) -> Limit:
    """Return a declared limit. Raises UnknownLimit."""
    try:
        return declared_limits()[name]
    except KeyError:
        raise UnknownLimit(name) from None


def get_budget(name: str) -> Budget:
    """Return a declared budget. Raises UnknownLimit."""
    try:
        return declared_budgets()[name]
    except KeyError:
        raise UnknownLimit(name) from None


def _modules() -> Iterator[ModuleType]:
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "limits"):
            yield import_module(f"{config.name}.limits")


def _by_name(declarations: Iterator[D]) -> dict[str, D]:
    by_name: dict[str, D] = {}
    for declaration in declarations:
        if declaration.name in by_name:
            raise DuplicateLimit(declaration.name)
        by_name[declaration.name] = declaration
    return by_name
