"""Connections to a PostgreSQL server that accepts them and answers nothing."""

import time
from collections.abc import Iterator

import pytest

from clawstore.watched_connection import PATIENCE, SilentServer, WatchedConnection
from tests.support.servers.postgresql import PostgreSQLServer, controlled_postgresql

pytestmark = pytest.mark.production


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQLServer]:
    with controlled_postgresql() as server:
        yield server


@pytest.fixture
def connection(server: PostgreSQLServer) -> Iterator[WatchedConnection]:
    with WatchedConnection.connect(server.url, autocommit=True) as connection:
        yield connection
    server.thaw()


def test_query_to_a_silent_server_fails_within_two_seconds(
    server: PostgreSQLServer, connection: WatchedConnection
):
    server.freeze()
    start = time.monotonic()

    with pytest.raises(SilentServer):
        connection.execute("SELECT 1")

    assert time.monotonic() - start < 2
    assert connection.broken
    server.thaw()
    with WatchedConnection.connect(server.url) as other:
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_long_query_is_not_cut(connection: WatchedConnection):
    [seconds] = connection.execute("SELECT 7 FROM pg_sleep(%s)", [PATIENCE * 2.5]).fetchone() or [0]

    assert seconds == 7


def test_silent_server_breaks_a_transaction(
    server: PostgreSQLServer, connection: WatchedConnection
):
    connection.execute("CREATE TABLE IF NOT EXISTS rows (number int)")

    def insert_rows() -> None:
        with connection.transaction():
            connection.execute("INSERT INTO rows VALUES (1)")
            server.freeze()
            connection.execute("INSERT INTO rows VALUES (2)")

    with pytest.raises(SilentServer):
        insert_rows()

    server.thaw()
    with WatchedConnection.connect(server.url) as other:
        assert other.execute("SELECT count(*) FROM rows").fetchone() == (0,)
