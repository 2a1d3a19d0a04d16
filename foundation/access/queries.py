"""A person's API keys and browser sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from foundation.access.errors import KeyNotFound
from foundation.access.models import ApiKey
from foundation.access.rules import parse_user_agent
from foundation.clock import now

# Old keys matter only for a while, to see that a revocation worked.
MAX_ENDED_KEYS = 20
MAX_SESSIONS = 50


def find_key(key_id: UUID) -> ApiKey:
    """Return a key of any user, with its owner. Raises KeyNotFound."""
    key = ApiKey.objects.select_related("created_by").filter(pk=key_id).first()
    if key is None:
        raise KeyNotFound
    return key


def active_keys(user_id: UUID) -> list[ApiKey]:
    """Return the user's active keys, newest first."""
    keys = ApiKey.objects.active().filter(created_by_id=user_id)
    return list(keys.order_by("-created_at", "id"))


def ended_keys(user_id: UUID) -> list[ApiKey]:
    """Return the user's newest revoked and expired keys, at most 20."""
    is_ended = Q(revoked_at__isnull=False) | Q(expires_at__lte=now())
    keys = ApiKey.objects.filter(is_ended, created_by_id=user_id)
    return list(keys.order_by("-created_at", "id")[:MAX_ENDED_KEYS])


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which a user is signed in."""

    id: int
    browser: str
    system: str
    user_agent: str
    address: str
    began_at: datetime
    last_seen_at: datetime
    is_current: bool


def open_sessions(user_id: UUID, *, current_key: str | None = None) -> list[OpenSession]:
    """Return up to 50 sessions: the one with ``current_key``, then the last used."""
    rows = _open_sessions(user_id).order_by("-last_seen_at", "-id")[:MAX_SESSIONS]
    sessions = [_open_session(row, current_key) for row in rows]
    return sorted(sessions, key=lambda session: not session.is_current)


def open_session_count(user_id: UUID) -> int:
    return _open_sessions(user_id).count()


def _open_sessions(user_id: UUID) -> QuerySet[UserSession]:
    # A record without its session is no open session.
    session_keys = Session.objects.filter(expire_date__gt=now()).values("session_key")
    sessions: QuerySet[UserSession] = UserSession.objects.filter(
        user_id=user_id, session_key__in=session_keys
    )
    return sessions


def _open_session(row: UserSession, current_key: str | None) -> OpenSession:
    browser, system = parse_user_agent(row.user_agent)
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
