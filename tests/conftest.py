"""Fixtures for all tests. Ada owns agents, Grace is a stranger, Root moderates."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from foundation.access.actions import create_key
from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.limits.actions import reset_process_counts
from foundation.limits.budgets import cpu_budgets
from foundation.text.dictionary import keep_packed_in
from profiles.actions import make_development_user
from registry.models import Agent
from reviews.actions import post_review
from reviews.models import Review
from tests.support.examined import sessions_with_answers
from tests.support.factories import SYSTEM, make_agent, make_version
from tests.support.http import Api, client_of
from tests.support.page import queries_of, read, visitor  # noqa: F401  (fixtures)
from tests.support.restored_rows import restoring_in_bulk
from tests.support.rolled_back import clear_caches
from tests.support.servers.s3 import Bucket, S3Server, s3_server
from tests.support.servers.shop import LiveShop
from tests.support.servers.tables import (
    copy_tables,
    drop_ready_database,
    ready_database,
    word_list_folder,
)
from tests.support.storage import (  # noqa: F401  (fixtures)
    folder_of_storages,
    storage_folder,
    stored_files,
    use_storage,
)
from tests.support.xdist import pytest_xdist_make_scheduler  # noqa: F401  (a hook)

# Fixtures that start server processes.
SERVER_FIXTURES = {"live_shop", "github", "supervisor"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order tests and restore migrated rows after tests that commit.

    Tests with servers run first: one process gets them all, so a server starts once, and slow
    tests do not begin last. A test that commits empties all tables, so the rows of migrations are
    serialised and restored.
    """
    items.sort(key=lambda item: SERVER_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())))
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark is not None and mark.kwargs.get("transaction"):
            restoring = pytest.mark.django_db(**{**mark.kwargs, "serialized_rollback": True})
            item.add_marker(restoring, append=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    if os.environ.get("TEST_DATABASE_URL") and not hasattr(config, "workerinput"):
        drop_ready_database()


def pytest_collection_finish() -> None:
    """Exclude modules and tests from garbage collection; they live until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def disable_fsync() -> Iterator[None]:
    """Do not wait for the disk: files of a test are deleted after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def keep_answers_of_the_examiner() -> Iterator[None]:
    with sessions_with_answers():
        yield


@pytest.fixture(scope="session", autouse=True)
def share_packed_word_lists() -> None:
    """Pack the word lists once in a run: reading them takes two seconds."""
    keep_packed_in(word_list_folder())


@pytest.fixture(scope="session", autouse=True)
def restore_rows_of_migrations_in_bulk() -> Iterator[None]:
    with restoring_in_bulk():
        yield


@pytest.fixture(autouse=True)
def empty_caches() -> None:
    clear_caches()


# --- Tables ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the prepared database (``tests/support/servers/tables.py``)."""
    test = django_settings.DATABASES["default"]["TEST"]
    if connection.vendor == "sqlite":
        copy_tables(Path(test["NAME"]))
    else:
        test["TEMPLATE"] = ready_database()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Keep the copied SQLite file; it is deleted with the folder of the run."""
    return connection.vendor == "sqlite"


# --- People ----------------------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> User:
    """The owner of the scope ``ada`` and of agents published in a test."""
    return make_development_user("ada", name="Ada Lovelace", by=SYSTEM)


@pytest.fixture
def grace(db: None) -> User:
    """A signed-in user who owns none of Ada's agents."""
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
    """``key_for(ada, "agents:publish")`` creates a key and returns it in plain text."""

    def mint(user: User, *scopes: str, **options: Any) -> str:
        return create_key(user, name="test", scopes=scopes, by=SYSTEM, **options)[1]

    return mint


# --- Content ---------------------------------------------------------------------------------


@pytest.fixture
def coach(ada: User) -> Agent:
    """Ada's agent ``@ada/coach``, listed with version 1.0.0, without stored files."""
    agent = make_agent(ada, "coach")
    make_version(agent)
    return agent


@pytest.fixture
def review(coach: Agent, as_grace: Actor) -> Review:
    """Grace's review of Ada's agent."""
    return post_review(coach, rating=4, title="Good", body="It works.", by=as_grace)


# --- Doors -----------------------------------------------------------------------------------


@pytest.fixture
def api(db: None) -> Api:
    """A client that checks CSRF: a cookie needs a token, a key does not."""
    return Api(Client(enforce_csrf_checks=True))


@pytest.fixture
def ada_client(ada: User) -> Client:
    """A client signed in as Ada."""
    return client_of(ada)


@pytest.fixture
def desk(root: User) -> Client:
    """A client signed in as a maintainer, with a maintainer's permissions only."""
    return client_of(root)


@pytest.fixture(autouse=True)
def full_budgets() -> None:
    """Give each test whole budgets of processor time, whatever was used before it."""
    for cpu_budget in cpu_budgets():
        cpu_budget.reset()


@pytest.fixture
def limits_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Turn on rate limits, with empty counters.

    The time is fixed in the middle of a window and budgets are large, so a slow machine does not
    change the result of a test.
    """
    settings.LIMITS_ON = True
    middle_of_the_hour = time() // 3600 * 3600 + 1830
    monkeypatch.setattr("foundation.limits.actions.time", lambda: middle_of_the_hour)
    reset_process_counts()
    for cpu_budget in cpu_budgets():
        monkeypatch.setattr(cpu_budget, "remaining_seconds", 3600.0)
        monkeypatch.setattr(cpu_budget, "rate", 60.0)
    yield
    reset_process_counts()


# --- A shop as a process ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def live_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """The shop as ``make serve`` runs it, without the demo catalogue.

    The tests of a process share it: use unique names, and start it again after stopping it.
    """
    with LiveShop(tmp_path_factory.mktemp("shop"), PAYMENT_PROVIDER="mock") as shop:
        yield shop


# --- A bucket --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(s3: S3Server) -> Bucket:
    """An empty bucket. Mark a test that uses it with ``s3``."""
    return s3.new_bucket()
