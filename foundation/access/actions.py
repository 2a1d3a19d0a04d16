"""Making, using and revoking credentials."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from foundation.access import errors, rules
from foundation.access.models import ApiKey, DeviceLogin
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now

if TYPE_CHECKING:
    from django.db.models import QuerySet

LAST_USE_IS_WRITTEN_EVERY = timedelta(minutes=1)
DEVICE_CODE_LIFETIME = timedelta(minutes=10)
DEVICE_KEY_LIFETIME = timedelta(days=90)
POLL_INTERVAL = 5
MOST_LIVING_KEYS = 50
AGENT_LENGTH = 200
CLIENT_LENGTH = 64


@transaction.atomic
def create_key(
    user: User,
    *,
    name: str,
    scopes: Collection[str],
    by: Actor,
    bound_to: str = "",
    expires_at: datetime | None = None,
    from_device: bool = False,
    key_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Mint a key for ``user``. Gives the row and the key itself, which is never to be had again."""
    if bound_to and not rules.BOUND_TO.fullmatch(bound_to):
        raise errors.InvalidKeyRequest("bound_to must be one @scope/name or empty.")
    if expires_at is not None and expires_at <= now():
        raise errors.InvalidKeyRequest("The expiry date is in the past.")
    raw = rules.new_key()
    key = ApiKey.objects.create(
        pk=key_id or uuid4(),
        name=name.strip()[:120] or "unnamed",
        key_hash=rules.digest(raw),
        key_prefix=raw[: len(rules.KEY_PREFIX) + 8],
        scopes=rules.checked_scopes(list(scopes)),
        bound_to=bound_to,
        created_by=user,
        expires_at=expires_at,
        from_device=from_device,
    )
    record(
        "api_key.created", "api_key", str(key.pk), by=by, prefix=key.key_prefix, scopes=key.scopes
    )
    return key, raw


@transaction.atomic
def create_own_key(
    form_id: UUID,
    *,
    name: str,
    scopes: Collection[str],
    days: int | None,
    bound_to: str = "",
    by: Actor,
) -> tuple[ApiKey, str]:
    """A signed-in person mints a key for themselves, for so many days or for ever.

    ``form_id`` is of the form that was filled in: sent twice, it makes one key, and the second
    time refuses, since the key was shown once.
    """
    user = by.require("session")
    owner = User.objects.select_for_update().get(pk=user.pk)
    key_id = uuid5(user.pk, str(form_id))
    if ApiKey.objects.filter(pk=key_id).exists():
        raise errors.KeyMadeAlready
    if ApiKey.objects.alive().filter(created_by=owner).count() >= MOST_LIVING_KEYS:
        raise errors.TooManyKeys
    expires_at = now() + timedelta(days=days) if days else None
    return create_key(
        owner,
        name=name,
        scopes=scopes,
        bound_to=bound_to,
        expires_at=expires_at,
        key_id=key_id,
        by=by,
    )


@transaction.atomic
def revoke_key(key_id: UUID, *, by: Actor) -> ApiKey:
    """End one of the actor's own keys, for ever. Revoking again changes nothing."""
    key = ApiKey.objects.select_for_update().filter(pk=key_id, created_by_id=by.user_id).first()
    if key is None:
        raise errors.KeyNotFound
    if key.revoked_at is None:
        key.revoked_at = now()
        key.save(update_fields=["revoked_at"])
        record("api_key.revoked", "api_key", str(key.pk), by=by, prefix=key.key_prefix)
    return key


def resolve_key(raw: str) -> ApiKey | None:
    """The living key behind ``raw``, its last use noted once a minute; None for a dead one."""
    key = (
        ApiKey.objects.alive()
        .select_related("created_by")
        .filter(key_hash=rules.digest(raw))
        .first()
    )
    if key is not None:
        _note_use(key)
    return key


def _note_use(key: ApiKey) -> None:
    moment = now()
    if key.last_used_at is None or moment - key.last_used_at >= LAST_USE_IS_WRITTEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=moment)


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """What a device is told when it asks to be let in. Times are seconds."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


def start_device_login(*, client_id: str, requested_from: str, user_agent: str) -> DeviceCodes:
    """Remember a device that waits. ``requested_from`` is its address, shown to who approves."""
    device_code, user_code = secrets.token_urlsafe(32), rules.new_user_code()
    DeviceLogin.objects.create(
        device_code_hash=rules.digest(device_code),
        user_code_hash=rules.digest(user_code),
        client_id=client_id[:CLIENT_LENGTH],
        requested_from=requested_from[:64],
        user_agent=user_agent[:200],
        interval=POLL_INTERVAL,
        expires_at=now() + DEVICE_CODE_LIFETIME,
    )
    return DeviceCodes(
        device_code,
        rules.shown_user_code(user_code),
        int(DEVICE_CODE_LIFETIME.total_seconds()),
        POLL_INTERVAL,
    )


def find_device_login(typed_code: str) -> DeviceLogin:
    """The login that waits under this user code; refuses a used, expired or unknown one."""
    waiting = DeviceLogin.objects.filter(
        user_code_hash=rules.digest(rules.plain_user_code(typed_code)),
        status=DeviceLogin.Status.PENDING,
        expires_at__gt=now(),
    ).first()
    if waiting is None:
        raise errors.UnknownUserCode
    return waiting


@transaction.atomic
def decide_device_login(typed_code: str, *, approve: bool, by: Actor) -> DeviceLogin:
    """The signed-in user lets the device in, or turns it away."""
    user = by.require("session")
    waiting = find_device_login(typed_code)
    status = DeviceLogin.Status.APPROVED if approve else DeviceLogin.Status.DENIED
    decided = DeviceLogin.objects.filter(pk=waiting.pk, status=DeviceLogin.Status.PENDING).update(
        status=status, user_id=user.pk
    )
    if not decided:
        raise errors.UnknownUserCode
    record(
        f"device_login.{status}", "device_login", str(waiting.pk), by=by, client=waiting.client_id
    )
    waiting.refresh_from_db()
    return waiting


def poll_device_login(device_code: str, *, client_id: str, by: Actor) -> tuple[ApiKey, str]:
    """A device asks again. Once approved it gets its key, one time; else a refusal says why not."""
    login = DeviceLogin.objects.filter(
        device_code_hash=rules.digest(device_code), client_id=client_id[:CLIENT_LENGTH]
    ).first()
    if login is None or login.status == DeviceLogin.Status.SPENT:
        raise errors.InvalidGrant
    if login.status == DeviceLogin.Status.DENIED:
        raise errors.AccessDenied
    if login.expires_at <= now():
        raise errors.ExpiredToken
    if login.status == DeviceLogin.Status.PENDING:
        _refuse_hasty(login)
        raise errors.AuthorizationPending
    return _spend(login, by=by)


def _refuse_hasty(login: DeviceLogin) -> None:
    moment, last = now(), login.last_polled_at
    DeviceLogin.objects.filter(pk=login.pk).update(last_polled_at=moment)
    # A second of grace: the device's clock and ours both round.
    if last is not None and moment - last < timedelta(seconds=login.interval - 1):
        raise errors.SlowDown


@transaction.atomic
def _spend(login: DeviceLogin, *, by: Actor) -> tuple[ApiKey, str]:
    spent = DeviceLogin.objects.filter(pk=login.pk, status=DeviceLogin.Status.APPROVED).update(
        status=DeviceLogin.Status.SPENT
    )
    user = login.user
    if not spent or user is None or not user.is_active:
        raise errors.InvalidGrant
    return create_key(
        user,
        name=f"Device login: {login.client_id}",
        scopes=rules.DEVICE_SCOPES,
        expires_at=now() + DEVICE_KEY_LIFETIME,
        from_device=True,
        by=Actor(user=user, door=by.door, address_hash=by.address_hash, request_id=by.request_id),
    )


def forget_expired_device_logins() -> int:
    """Drop codes that nobody can use any more. Gives how many."""
    # A grace of a day, so that a slow device still hears "expired" instead of "unknown".
    return DeviceLogin.objects.filter(expires_at__lt=now() - timedelta(days=1)).delete()[0]


def forget_expired_sessions() -> int:
    """Drop sessions that are over, and with them from where they were used. Gives how many."""
    Session.objects.filter(expire_date__lt=now()).delete()
    alive = Session.objects.values("session_key")
    # One that was just begun may not have its session's row yet.
    settled = UserSession.objects.filter(created_at__lt=now() - timedelta(hours=1))
    over: int = settled.exclude(session_key__in=alive).delete()[0]
    return over


def note_visit(session_key: str, user_id: UUID, *, address: str, user_agent: str) -> None:
    """A browser's session was used, from this address. One that began by another way in than the
    sign-in library's (the admin's) gets into the list here."""
    UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user_id": user_id,
            "ip": address or "0.0.0.0",  # noqa: S104  (no address: behind a socket)
            "user_agent": user_agent[:AGENT_LENGTH],
            "last_seen_at": now(),
        },
    )


@transaction.atomic
def end_session(session_id: int, *, by: Actor) -> int:
    """End one of the actor's own browser sessions. Gives how many ended: none the second time."""
    return _end(_sessions_of(by).filter(pk=session_id), by=by)


@transaction.atomic
def end_other_sessions(current_key: str, *, by: Actor) -> int:
    """End every browser session of the actor but the one they are in. Gives how many."""
    return _end(_sessions_of(by).exclude(session_key=current_key), by=by)


def _sessions_of(by: Actor) -> "QuerySet[UserSession]":
    sessions: QuerySet[UserSession] = UserSession.objects.filter(user_id=by.require("session").pk)
    return sessions


def _end(sessions: "QuerySet[UserSession]", *, by: Actor) -> int:
    keys = list(sessions.values_list("session_key", flat=True))
    if keys:
        Session.objects.filter(session_key__in=keys).delete()
        UserSession.objects.filter(session_key__in=keys).delete()
        record("session.ended", "user", by.require_user().username, by=by, count=len(keys))
    return len(keys)


@transaction.atomic
def end_all_access(user: User, *, by: Actor) -> None:
    """Nothing that this user holds opens a door any more: no key, no session, no waiting device."""
    keys = ApiKey.objects.filter(created_by=user, revoked_at=None)
    revoked = keys.update(revoked_at=now())
    devices = DeviceLogin.objects.filter(user=user)
    devices.filter(status=DeviceLogin.Status.APPROVED).update(status=DeviceLogin.Status.DENIED)
    devices.update(requested_from="", user_agent="")
    sessions = UserSession.objects.filter(user=user)
    session_keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=session_keys).delete()
    sessions.delete()
    record("access.ended", "user", user.username, by=by, keys=revoked, sessions=len(session_keys))
