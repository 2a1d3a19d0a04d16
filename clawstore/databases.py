"""Django's settings for a database URL."""

from pathlib import Path

from environ import Env

SQLITE_OPTIONS = {
    # A transaction that reads and then writes must lock at its start, or it fails under load.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-16000;"
    ),
}


def database_settings(url: str, *, data_dir: Path) -> dict[str, object]:
    """The settings for ``sqlite:///…`` or ``postgres://…``.

    Raises ValueError for any other address.
    """
    if url.partition("://")[0] not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("The database is neither SQLite nor PostgreSQL.")
    database: dict[str, object] = Env.db_url_config(url)
    if url.startswith("sqlite"):
        database["OPTIONS"] = SQLITE_OPTIONS
        database["CONN_MAX_AGE"] = None
        database["TEST"] = {"NAME": str(data_dir / "test.sqlite3")}
    else:
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),  # type: ignore[dict-item]
            "pool": {"min_size": 1, "max_size": 8},
        }
        database["CONN_MAX_AGE"] = 0  # The pool keeps connections; Django must give them back.
    return database
