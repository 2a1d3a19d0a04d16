"""What a person holds that opens a door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from foundation.access.models import ApiKey
from foundation.access.rules import browser_words
from foundation.clock import now

ENDED_KEYS_SHOWN = 20
SESSIONS_SHOWN = 50


def living_keys(user_id: UUID) -> list[ApiKey]:
    """Keys that work, the newest first."""
    keys = ApiKey.objects.alive().filter(created_by_id=user_id)
    return list(keys.order_by("-created_at", "id"))


def ended_keys(user_id: UUID) -> list[ApiKey]:
    """The last keys that were revoked or have expired."""
    over = Q(revoked_at__isnull=False) | Q(expires_at__lte=now())
    keys = ApiKey.objects.filter(over, created_by_id=user_id)
    return list(keys.order_by("-created_at", "id")[:ENDED_KEYS_SHOWN])


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in."""

    id: int
    browser: str
    system: str
    user_agent: str
    address: str
    began_at: datetime
    last_seen_at: datetime
    is_current: bool


def open_sessions(user_id: UUID, *, current_key: str | None = None) -> list[OpenSession]:
    """Browsers in which this user is signed in: the one that asks first, then the last seen."""
    rows = _open_sessions(user_id).order_by("-last_seen_at", "-id")[:SESSIONS_SHOWN]
    sessions = [_as_shown(row, current_key) for row in rows]
    return sorted(sessions, key=lambda session: not session.is_current)


def open_session_count(user_id: UUID) -> int:
    return _open_sessions(user_id).count()


def _open_sessions(user_id: UUID) -> QuerySet[UserSession]:
    alive = Session.objects.filter(expire_date__gt=now()).values("session_key")
    sessions: QuerySet[UserSession] = UserSession.objects.filter(
        user_id=user_id, session_key__in=alive
    )
    return sessions


def _as_shown(row: UserSession, current_key: str | None) -> OpenSession:
    browser, system = browser_words(row.user_agent)
    return OpenSession(
        id=row.pk,
        browser=browser,
        system=system,
        user_agent=row.user_agent,
        address=row.ip,
        began_at=row.created_at,
        last_seen_at=row.last_seen_at,
        is_current=row.session_key == current_key,
    )
