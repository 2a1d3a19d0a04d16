"""What every test may ask for. Ada owns, Grace is a stranger, Root moderates."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import Client

from foundation.access.actions import create_key
from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.limits.actions import _counts
from foundation.limits.budgets import PURSES
from profiles.actions import make_development_user
from registry.search.results import forget_counts
from tests.support.http import Api
from tests.support.page import queries_of, read, visitor  # noqa: F401  (fixtures)
from tests.support.servers.s3 import Bucket, S3Server, s3_server
from tests.support.servers.shop import LiveShop
from tests.support.servers.tables import copy_tables, drop_ready_database, ready_database
from tests.support.xdist import pytest_xdist_make_scheduler  # noqa: F401  (a hook)

SYSTEM = Actor(door="system")


# Whatever asks for one of these waits for processes to start.
SHOPS = {"live_shop", "github", "supervisor"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of live shops go first. Of two that share the work, one then has them all, so that a
    shop is started once; and what takes long does not begin when all the rest is done.

    A test that commits empties all tables; what the migrations put there comes back.
    """
    items.sort(key=lambda item: SHOPS.isdisjoint(getattr(item, "fixturenames", ())))
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark is not None and mark.kwargs.get("transaction"):
            again = pytest.mark.django_db(**{**mark.kwargs, "serialized_rollback": True})
            item.add_marker(again, append=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    if os.environ.get("TEST_DATABASE_URL") and not hasattr(config, "workerinput"):
        drop_ready_database()


def pytest_collection_finish() -> None:
    """What stays to the end anyway (modules, tests) is not looked through again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def power_cuts_forgotten() -> Iterator[None]:
    """What a test stores is gone after it anyway, so nothing waits for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(autouse=True)
def empty_caches() -> None:
    """Revisions are rolled back after a test, so what it cached under them would be found again."""
    for name in django_settings.CACHES:
        caches[name].clear()
    forget_counts()


# --- Tables ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' own database is a copy: see ``tests/support/servers/tables.py``."""
    test = django_settings.DATABASES["default"]["TEST"]
    if connection.vendor == "sqlite":
        copy_tables(Path(test["NAME"]))
    else:
        test["TEMPLATE"] = ready_database()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite it is a file that lies there already, and goes with the folder of the run."""
    return connection.vendor == "sqlite"


# --- People ----------------------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> User:
    """Holds the scope ``ada`` and owns what is published in a test."""
    return make_development_user("ada", name="Ada Lovelace", by=SYSTEM)


@pytest.fixture
def grace(db: None) -> User:
    """Signed in, and a stranger to Ada's agents."""
    return make_development_user("grace", name="Grace Hopper", by=SYSTEM)


@pytest.fixture
def root(db: None) -> User:
    """A maintainer."""
    user = make_development_user("root", name="Root", by=SYSTEM)
    grant_role(user, "maintainer", by=SYSTEM)
    return user


@pytest.fixture
def as_ada(ada: User) -> Actor:
    return Actor(user=ada, door="api")


@pytest.fixture
def as_grace(grace: User) -> Actor:
    return Actor(user=grace, door="api")


@pytest.fixture
def as_root(root: User) -> Actor:
    return Actor(user=root, door="api")


@pytest.fixture
def key_for(db: None) -> Callable[..., str]:
    """``key_for(ada, "agents:publish")`` mints a key and gives it as it is sent."""

    def mint(user: User, *scopes: str, **options: Any) -> str:
        return create_key(user, name="test", scopes=scopes, by=SYSTEM, **options)[1]

    return mint


# --- Doors -----------------------------------------------------------------------------------


@pytest.fixture
def api(db: None) -> Api:
    """Strict like a browser: a cookie needs its CSRF token, a key does not."""
    return Api(Client(enforce_csrf_checks=True))


@pytest.fixture
def limits_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits are off in tests; this turns them on, with empty counters, in the middle of a window:
    a slow machine must not carry a test into the next, nor spend a budget."""
    settings.LIMITS_ON = True
    middle_of_the_hour = time() // 3600 * 3600 + 1830
    monkeypatch.setattr("foundation.limits.actions.time", lambda: middle_of_the_hour)
    _counts.clear()
    for purse in PURSES.values():
        monkeypatch.setattr(purse, "left", 3600.0)
        monkeypatch.setattr(purse, "rate", 60.0)
    yield
    _counts.clear()


# --- A shop as a process ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def live_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """The shop as ``make serve`` runs it: gunicorn with its workers, a database and a folder of its
    own, no demo catalogue. Shared by the tests of a process: use names of your own, and whoever
    stops or kills it starts it again."""
    with LiveShop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


# --- A bucket --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(s3: S3Server) -> Bucket:
    """An empty bucket on a server that checks signatures. Mark such a test ``s3``."""
    return s3.new_bucket()
