"""Which errors of PostgreSQL say that it is away."""

from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError
from psycopg import errors

from foundation.web import absence

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("cause", "code", "is_away"),
    [
        # Clients can cause these; the server would otherwise refuse everyone for some seconds.
        (errors.DeadlockDetected(), "database_busy", False),
        (errors.QueryCanceled(), "database_busy", False),
        (errors.LockNotAvailable(), "database_busy", False),
        (errors.AdminShutdown(), "database_away", True),
        (errors.CannotConnectNow(), "database_away", True),
        (errors.TooManyConnections(), "database_away", True),
        (psycopg.OperationalError("the connection is closed"), "database_away", True),
    ],
)
def test_server_that_refuses_one_query_is_not_away(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, code: str, is_away: bool
) -> None:
    monkeypatch.setattr(absence, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(absence, "_away_until", 0.0)
    error = OperationalError()
    error.__cause__ = cause

    refusal = absence.database_absence(error)

    assert refusal is not None
    assert refusal.code == code
    assert refusal.details["retry_after"] > 0
    assert absence.is_database_away() is is_away
