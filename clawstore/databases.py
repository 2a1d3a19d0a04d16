"""Django's settings for a database URL."""

import os
from contextlib import suppress
from pathlib import Path

from environ import Env

# Threads of a web worker, beside those for pages, that may ask the database: they read uploads,
# answer probes and write download numbers.
OTHER_THREADS = 8
# Uses of a query on one connection, after which PostgreSQL keeps its plan.
PREPARE_AFTER = 5
SQLITE_OPTIONS = {
    # A transaction that reads and then writes must lock at its start, or it fails under load.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-16000;"
    ),
}


def keep_private(file: Path) -> None:
    """Let only the user of the server read the database, whatever the umask is.

    SQLite gives the files beside it the same mode.
    """
    if file.parent.is_dir():
        # A file system that cannot be written is reported by the database itself.
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
            file.chmod(0o600)


def connection_class() -> type:
    # SQLite needs no driver of PostgreSQL.
    from clawstore.watched_connection import WatchedConnection  # noqa: PLC0415

    return WatchedConnection


def _prepare_threshold(raw: object) -> int | None:
    """After how many uses a query of `CompiledQuery` is prepared; None for never."""
    if raw is None:
        return PREPARE_AFTER
    return int(str(raw)) if str(raw).isdigit() else None


def database_settings(url: str, *, data_dir: Path, threads: int) -> dict[str, object]:
    """The settings for ``sqlite:///…`` or ``postgres://…``.

    Raises ValueError for any other address.
    """
    if url.partition("://")[0] not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("The database is neither SQLite nor PostgreSQL.")
    database: dict[str, object] = Env.db_url_config(url)
    if url.startswith("sqlite"):
        database["OPTIONS"] = SQLITE_OPTIONS
        database["CONN_MAX_AGE"] = None
        keep_private(Path(str(database["NAME"])))
        database["TEST"] = {"NAME": str(data_dir / "test.sqlite3")}
    else:
        options: dict[str, object] = database.get("OPTIONS", {})  # type: ignore[assignment]
        database["OPTIONS"] = {
            **options,
            "prepare_threshold": _prepare_threshold(options.get("prepare_threshold")),
            # Seconds for a connection, milliseconds for what a peer must confirm.
            "connect_timeout": 2,
            "tcp_user_timeout": 2000,
            # A request waits so long for one of the connections. The pool gives up early, and tries
            # anew at the next request.
            "pool": {
                "min_size": 1,
                "max_size": threads + OTHER_THREADS,
                "timeout": 1.5,
                "reconnect_timeout": 2,
                "connection_class": connection_class(),
            },
        }
        database["CONN_MAX_AGE"] = 0  # The pool keeps connections; Django must give them back.
    return database
