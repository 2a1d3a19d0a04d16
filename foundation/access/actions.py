"""Creating, using and revoking API keys; device logins; browser sessions."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4, uuid5

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, DateTimeField, Model

from foundation.access import errors, rules
from foundation.access.models import DEVICE_KEY_LIFETIME, ApiKey, DeviceLogin
from foundation.access.oauth.connections import end_connected_apps
from foundation.access.scopes import device_scopes
from foundation.accounts.actions import lock_user
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import Parameter
from foundation.text.names import readable_name

if TYPE_CHECKING:
    from django.db.models import QuerySet

M = TypeVar("M", bound=Model)

# A write at every request would make reads wait for SQLite's write lock.
LAST_USE_PRECISION = timedelta(minutes=1)
# Long enough to sign in on a phone, too short to guess a code of eight characters.
DEVICE_CODE_LIFETIME = timedelta(minutes=10)
# RFC 8628 names five seconds as the interval of a client that is told none.
POLL_INTERVAL = 5
# A script in a loop would otherwise fill the table and the page.
MAX_ACTIVE_KEYS = 50
USER_AGENT_LENGTH = 200
CLIENT_ID_LENGTH = 64
ADDRESS_LENGTH = 64


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
    """Create a key for ``user``. Returns the row and the key, which is not stored.

    Raises InvalidKeyRequest, also for a suspended or deleted account.
    """
    # Under the lock, so that no key is created while the account is being suspended.
    if not lock_user(user.pk).is_active:
        raise errors.InvalidKeyRequest("This account is suspended or deleted.")
    if expires_at is not None and expires_at <= now():
        raise errors.InvalidKeyRequest("The expiry date is in the past.")
    raw = rules.new_key()
    key = ApiKey.objects.create(
        pk=key_id or uuid4(),
        name=readable_name(name)[:120] or "unnamed",
        key_hash=rules.digest(raw),
        key_prefix=rules.visible_prefix(raw),
        scopes=rules.validate_scopes(list(scopes)),
        bound_to=rules.validate_subject(bound_to),
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
    """Create a key for the signed-in actor, for ``days`` or without expiry.

    ``form_id`` identifies the form, so that a form sent twice creates one key.
    Raises KeyAlreadyCreated, TooManyKeys or InvalidKeyRequest.
    """
    user = by.require("session")
    owner = User.objects.select_for_update().get(pk=user.pk)
    # The id of the key follows from the form, so that a second click finds the first key.
    key_id = uuid5(user.pk, str(form_id))
    if ApiKey.objects.filter(pk=key_id).exists():
        raise errors.KeyAlreadyCreated
    if ApiKey.objects.active().filter(created_by=owner).count() >= MAX_ACTIVE_KEYS:
        raise errors.TooManyKeys(
            f"You have {MAX_ACTIVE_KEYS} active keys. First revoke one that you no longer use."
        )
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
    """Revoke one of the actor's keys; revoking it again changes nothing.

    Raises KeyNotFound.
    """
    # Of the actor alone: a key of another user is as unknown as one that does not exist.
    key = ApiKey.objects.select_for_update().filter(pk=key_id, created_by_id=by.user_id).first()
    if key is None:
        raise errors.KeyNotFound
    if key.revoked_at is None:
        key.revoked_at = now()
        key.save(update_fields=["revoked_at"])
        record("api_key.revoked", "api_key", str(key.pk), by=by, prefix=key.key_prefix)
    return key


def revoke_bound_keys(subject: str) -> int:
    """Revoke all keys, of any user, that are bound to a subject; returns how many.

    The caller has opened a transaction and records why.
    """
    keys = ApiKey.objects.filter(bound_to=subject, revoked_at=None)
    return keys.update(revoked_at=now())


def resolve_key(raw: str) -> ApiKey | None:
    """Return the active key, or None. Records its last use, at most once a minute."""
    keys = _active_key_query().instances(digest=rules.digest(raw), moment=now())
    if not keys:
        return None
    _record_use(keys[0])
    return keys[0]


@cache
def _active_key_query() -> CompiledInstances[ApiKey]:
    keys = ApiKey.objects.active(Parameter("moment", DateTimeField()))
    keys = keys.filter(key_hash=Parameter("digest", CharField()))
    return CompiledInstances(keys, relations=("created_by",), annotations=(), is_prepared=True)


def _record_use(key: ApiKey) -> None:
    moment = now()
    if key.last_used_at is None or moment - key.last_used_at >= LAST_USE_PRECISION:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=moment)


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """The response to a device that starts a login. Times are in seconds."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


def start_device_login(*, client_id: str, requested_from: str, user_agent: str) -> DeviceCodes:
    """Start a device login.

    ``requested_from`` is the device's address, shown on the approval page. An address is
    deleted with the login, a day after it expires.
    """
    # Two codes: the short one is typed where others may see it, and gets no key by itself.
    device_code, user_code = secrets.token_urlsafe(32), rules.new_user_code()
    DeviceLogin.objects.create(
        device_code_hash=rules.digest(device_code),
        user_code_hash=rules.digest(user_code),
        client_id=client_id[:CLIENT_ID_LENGTH],
        requested_from=requested_from[:ADDRESS_LENGTH],
        user_agent=user_agent[:USER_AGENT_LENGTH],
        interval=POLL_INTERVAL,
        expires_at=now() + DEVICE_CODE_LIFETIME,
    )
    return DeviceCodes(
        device_code,
        rules.format_user_code(user_code),
        int(DEVICE_CODE_LIFETIME.total_seconds()),
        POLL_INTERVAL,
    )


def find_device_login(typed_code: str) -> DeviceLogin:
    """Return the pending login of a user code. Raises UnknownUserCode."""
    login = DeviceLogin.objects.filter(
        user_code_hash=rules.digest(rules.normalise_user_code(typed_code)),
        status=DeviceLogin.Status.PENDING,
        expires_at__gt=now(),
    ).first()
    if login is None:
        raise errors.UnknownUserCode
    return login


@transaction.atomic
def decide_device_login(typed_code: str, *, approve: bool, by: Actor) -> DeviceLogin:
    """Approve or deny a device login as the signed-in user. Raises UnknownUserCode."""
    user = by.require("session")
    login = find_device_login(typed_code)
    status = DeviceLogin.Status.APPROVED if approve else DeviceLogin.Status.DENIED
    # The condition decides between two clicks at the same time.
    is_decided = DeviceLogin.objects.filter(pk=login.pk, status=DeviceLogin.Status.PENDING).update(
        status=status, user_id=user.pk
    )
    if not is_decided:
        raise errors.UnknownUserCode
    record(f"device_login.{status}", "device_login", str(login.pk), by=by, client=login.client_id)
    login.refresh_from_db()
    return login


def poll_device_login(device_code: str, *, client_id: str, by: Actor) -> tuple[ApiKey, str]:
    """Return the key of an approved device login, once.

    Raises a DeviceGrantRefused otherwise.
    """
    login = DeviceLogin.objects.filter(
        device_code_hash=rules.digest(device_code), client_id=client_id[:CLIENT_ID_LENGTH]
    ).first()
    # A code works once, so that one that is read later from a log opens nothing.
    if login is None or login.status == DeviceLogin.Status.SPENT:
        raise errors.InvalidGrant
    if login.status == DeviceLogin.Status.DENIED:
        raise errors.AccessDenied
    if login.expires_at <= now():
        raise errors.ExpiredToken
    if login.status == DeviceLogin.Status.PENDING:
        _require_interval(login)
        raise errors.AuthorizationPending
    return _create_device_key(login, by=by)


def _require_interval(login: DeviceLogin) -> None:
    """Record the poll. Raises SlowDown if it comes too soon after the last one."""
    moment, last = now(), login.last_polled_at
    DeviceLogin.objects.filter(pk=login.pk).update(last_polled_at=moment)
    # One second of tolerance, because the device rounds its times and so do we.
    if last is not None and moment - last < timedelta(seconds=login.interval - 1):
        raise errors.SlowDown


@transaction.atomic
def _create_device_key(login: DeviceLogin, *, by: Actor) -> tuple[ApiKey, str]:
    # The user first, as a suspension does, or the two could wait for each other.
    if login.user_id is not None:
        lock_user(login.user_id)
    # The condition lets one of two polls at the same time have the key.
    is_spent = DeviceLogin.objects.filter(pk=login.pk, status=DeviceLogin.Status.APPROVED).update(
        status=DeviceLogin.Status.SPENT
    )
    user = login.user
    if not is_spent or user is None or not user.is_active:
        raise errors.InvalidGrant
    return create_key(
        user,
        name=f"Device login: {login.client_name}",
        scopes=device_scopes(),
        expires_at=now() + DEVICE_KEY_LIFETIME,
        from_device=True,
        by=Actor(user=user, door=by.door, address_hash=by.address_hash, request_id=by.request_id),
    )


def delete_expired_device_logins() -> int:
    """Delete device logins a day after they expired. Returns how many."""
    # Until then a slow device gets "expired" rather than "unknown".
    return DeviceLogin.objects.filter(expires_at__lt=now() - timedelta(days=1)).delete()[0]


def delete_expired_sessions() -> int:
    """Delete expired sessions and the records of their use.

    Returns the number of records.
    """
    Session.objects.filter(expire_date__lt=now()).delete()
    session_keys = Session.objects.values("session_key")
    # A record that is just being created may not have its session's row yet.
    old = UserSession.objects.filter(created_at__lt=now() - timedelta(hours=1))
    deleted_count: int = old.exclude(session_key__in=session_keys).delete()[0]
    return deleted_count


def record_session_use(session_key: str, user_id: UUID, *, address: str, user_agent: str) -> None:
    """Record from where a browser session was used last.

    The sign-in library creates the record; for a session that began at the admin it is created
    here.
    """
    UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user_id": user_id,
            "ip": address or "0.0.0.0",  # noqa: S104 - no address: behind a socket
            "user_agent": user_agent[:USER_AGENT_LENGTH],
            "last_seen_at": now(),
        },
    )


@transaction.atomic
def end_session(session_id: int, *, by: Actor) -> int:
    """End one of the actor's browser sessions.

    Returns how many ended: 0 the second time.
    """
    return _end_sessions(_sessions_of(by).filter(pk=session_id), by=by)


@transaction.atomic
def end_other_sessions(current_key: str, *, by: Actor) -> int:
    """End the actor's browser sessions except the one with this key.

    Returns how many ended.
    """
    return _end_sessions(_sessions_of(by).exclude(session_key=current_key), by=by)


def _sessions_of(by: Actor) -> "QuerySet[UserSession]":
    sessions: QuerySet[UserSession] = UserSession.objects.filter(user_id=by.require("session").pk)
    return sessions


def _end_sessions(sessions: "QuerySet[UserSession]", *, by: Actor) -> int:
    keys = list(sessions.values_list("session_key", flat=True))
    if keys:
        Session.objects.filter(session_key__in=keys).delete()
        UserSession.objects.filter(session_key__in=keys).delete()
        record("session.ended", "user", by.require_user().username, by=by, count=len(keys))
    return len(keys)


@transaction.atomic
def end_all_access(user: User, *, by: Actor) -> None:
    """Revoke all keys of a user, end sessions and apps, and deny device logins."""
    keys = ApiKey.objects.filter(created_by=user, revoked_at=None)
    revoked_count = keys.update(revoked_at=now())
    logins = DeviceLogin.objects.filter(user=user)
    # An approved login has no key yet, and would fetch one after the keys were revoked.
    logins.filter(status=DeviceLogin.Status.APPROVED).update(status=DeviceLogin.Status.DENIED)
    logins.update(requested_from="", user_agent="")
    sessions = UserSession.objects.filter(user=user)
    session_keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=session_keys).delete()
    sessions.delete()
    counts: dict[str, Any] = {"keys": revoked_count, "sessions": len(session_keys)}
    counts["apps"] = end_connected_apps(user.pk)
    record("access.ended", "user", user.username, by=by, **counts)
