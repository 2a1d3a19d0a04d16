"""Connected apps of users: granted, found by a token, and ended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from foundation.access.models import AuthorizationCode, ConnectedApp, ReplacedToken
from foundation.access.oauth.errors import ConnectedAppNotFound, TooManyConnectedApps
from foundation.access.oauth.rules import (
    ACCESS_TOKEN_PREFIX,
    grantable_scopes,
    host_of,
    in_order,
    resource,
)
from foundation.access.rules import digest
from foundation.accounts.actions import lock_user
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.refusals import NotAllowed

MAX_CONNECTED_APPS = 50
# A write at every message would make reads wait for SQLite's write lock.
LAST_USE_PRECISION = timedelta(minutes=1)
# An app that was granted access and has fetched no token by then has failed.
UNFINISHED_LIFETIME = timedelta(hours=1)


def connected_apps(user_id: UUID) -> list[ConnectedApp]:
    """Return the apps of a user, the newest grant first."""
    return list(ConnectedApp.objects.filter(user_id=user_id).order_by("-granted_at", "id"))


def grant_access(
    client: Client, *, redirect_uri: str, scopes: Collection[str], by: Actor
) -> ConnectedApp:
    """Connect an app with the signed-in actor, or change what it was granted before.

    Tokens of an earlier grant lose what this one lacks. Raises TooManyConnectedApps or NotAllowed.
    """
    user = by.require("session")
    # Under the lock, so that no app is connected while the account is being suspended.
    if not lock_user(user.pk).is_active:
        raise NotAllowed
    is_known = ConnectedApp.objects.filter(user_id=user.pk, client=client).exists()
    count = ConnectedApp.objects.filter(user_id=user.pk).count()
    if not is_known and count >= MAX_CONNECTED_APPS:
        raise TooManyConnectedApps(
            f"You have {MAX_CONNECTED_APPS} connected apps. First end one that you no longer use."
        )
    app, _is_new = ConnectedApp.objects.update_or_create(
        user_id=user.pk,
        client=client,
        defaults={
            "name": client.name,
            "redirect_host": host_of(redirect_uri)[:260],
            "scopes": in_order(scopes),
            "granted_at": now(),
        },
    )
    # A client that was connected once keeps its registration longer.
    Client.objects.filter(pk=client.pk).update(data={"connected": True})
    record(
        "connected_app.granted",
        "connected_app",
        str(app.pk),
        by=by,
        name=app.name,
        host=app.redirect_host,
        scopes=app.scopes,
    )
    return app


@transaction.atomic
def end_connected_app(app_id: UUID, *, by: Actor) -> None:
    """End one of the actor's apps with all its tokens. Raises ConnectedAppNotFound."""
    user = by.require("session")
    app = lock_app(pk=app_id, user_id=user.pk)
    if app is None:
        raise ConnectedAppNotFound
    delete_connection(app)
    record("connected_app.ended", "connected_app", str(app_id), by=by, name=app.name)


def lock_app(**lookup: Any) -> ConnectedApp | None:
    """Return an app with its user, both locked, or None.

    The user first, as a suspension does, and before codes and tokens: in another order two requests
    could wait for each other.
    """
    apps = ConnectedApp.objects.filter(**lookup)
    user_id = apps.values_list("user_id", flat=True).first()
    if user_id is None:
        return None
    lock_user(user_id)
    return apps.select_for_update(of=("self",)).select_related("user").first()


def delete_connection(app: ConnectedApp) -> None:
    """Delete an app with its codes and tokens. The caller has locked its row."""
    tokens_of(app).delete()
    ConnectedApp.objects.filter(pk=app.pk).delete()


def tokens_of(app: ConnectedApp) -> QuerySet[Token]:
    tokens: QuerySet[Token] = Token.objects.filter(client_id=app.client_id, user_id=app.user_id)
    return tokens


def end_connected_apps(user_id: UUID) -> int:
    """End all apps of a user. Returns how many. The caller has locked the user."""
    Token.objects.filter(user_id=user_id).delete()
    apps = ConnectedApp.objects.filter(user_id=user_id)
    count = apps.count()
    apps.delete()
    return count


@dataclass(frozen=True, slots=True)
class AppAccess:
    """The rights of an access token: acting as ``user`` with ``scopes``."""

    app: ConnectedApp
    user: User
    scopes: frozenset[str]


def resolve_access_token(token: str) -> AppAccess | None:
    """Return what a token allows; None if unknown, expired or for another resource.

    Scopes are those that both the token and the latest grant have. Records the last use of the
    app, at most once a minute.
    """
    row = _find_token(token)
    if row is None:
        return None
    app = ConnectedApp.objects.filter(client_id=row.client_id, user_id=row.user_id).first()
    if app is None:
        return None
    _record_use(app)
    scopes = frozenset(row.get_scopes()) & app.scope_set & grantable_scopes().keys()
    return AppAccess(app, row.user, scopes)


def _find_token(token: str) -> Token | None:
    if not token.startswith(ACCESS_TOKEN_PREFIX):
        return None
    rows = Token.objects.select_related("user").filter(
        type=Token.Type.ACCESS_TOKEN,
        hash=digest(token),
        expires_at__gt=now(),
        user__is_active=True,
    )
    row: Token | None = rows.first()
    # A token that another address was named for is none of ours.
    return row if row is not None and row.get_resources() == [resource()] else None


def _record_use(app: ConnectedApp) -> None:
    moment = now()
    if app.last_used_at is None or moment - app.last_used_at >= LAST_USE_PRECISION:
        ConnectedApp.objects.filter(pk=app.pk).update(last_used_at=moment)


@transaction.atomic
def delete_expired_tokens() -> int:
    """Delete expired codes and tokens, and apps without any. Returns how many apps."""
    moment = now()
    AuthorizationCode.objects.filter(expires_at__lte=moment).delete()
    ReplacedToken.objects.filter(expires_at__lte=moment).delete()
    Token.objects.expired().delete()
    tokens = Token.objects.filter(client=OuterRef("client"), user=OuterRef("user"))
    apps = ConnectedApp.objects.filter(~Exists(tokens), granted_at__lt=_unfinished_before(moment))
    count = apps.count()
    apps.delete()
    return count


def _unfinished_before(moment: datetime) -> datetime:
    return moment - UNFINISHED_LIFETIME
