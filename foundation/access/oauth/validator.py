"""Checks of OAuth requests: allauth's validator, with its gaps closed.

The library keeps codes in a cache of each process, forgets replaced refresh tokens, allows the
method *plain* of PKCE and similar redirect URIs, and issues tokens without a resource.
"""

from datetime import timedelta
from typing import Any

from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.models import Client, Token
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from foundation.access.models import AuthorizationCode, ConnectedApp, ReplacedToken
from foundation.access.oauth.connections import delete_connection, lock_app, tokens_of
from foundation.access.oauth.rules import in_order, resource
from foundation.access.rules import digest
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now

CODE_LIFETIME = timedelta(minutes=1)
ACCESS_TOKEN_LIFETIME = timedelta(hours=1)
# Of the last one: each use replaces it by a new one.
REFRESH_TOKEN_LIFETIME = timedelta(days=30)


class Validator(OAuthLibRequestValidator):  # type: ignore[misc]  # The library has no types.
    """Checks one request, in one transaction. ``by`` has its address and its id."""

    def __init__(self, by: Actor) -> None:
        super().__init__()
        self.by = by
        self.code: AuthorizationCode | None = None
        self.app: ConnectedApp | None = None
        self.refresh_token: Token | None = None

    # Clients and their authorization requests

    def _lookup_client(self, request: Request, client_id: str) -> Client | None:
        return Client.objects.filter(pk=client_id, type=Client.Type.PUBLIC).first()

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return redirect_uri in request.client.get_redirect_uris()

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return True

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return False

    def authenticate_client_id(
        self, client_id: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return isinstance(client_id, str) and bool(self.validate_client_id(client_id, request))

    def is_origin_allowed(
        self, client_id: str, origin: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return False

    # Codes

    def save_authorization_code(
        self, client_id: str, code: Any, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        AuthorizationCode.objects.create(
            code_hash=digest(code["code"]),
            app=request.connected_app,
            redirect_uri=request.redirect_uri,
            resource=resource(),
            scopes=in_order(request.scopes),
            code_challenge=request.code_challenge,
            expires_at=now() + CODE_LIFETIME,
        )

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        codes = AuthorizationCode.objects.filter(code_hash=digest(code), app__client=client)
        app_id = codes.values_list("app", flat=True).first()
        # The app first, as its end does.
        row = codes.first() if app_id is not None and self._lock_app(app_id) else None
        if row is None:
            return False
        if row.used_at is not None:
            self._end_stolen("code")
            return False
        if row.expires_at <= now() or row.resource != resource():
            return False
        app = self._locked_app()
        self.code = row
        request.user = app.user
        request.scopes = [name for name in row.scopes.split(",") if name in app.scope_set]
        return bool(app.user.is_active and request.scopes)

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return self.code.code_challenge if self.code else None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return "S256"

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Client,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return self.code is not None and redirect_uri == self.code.redirect_uri

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        AuthorizationCode.objects.filter(code_hash=digest(code)).update(used_at=now())

    # Tokens

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        moment = now()
        if self.refresh_token is not None:
            self._replace(self.refresh_token)
        rows = [
            self._token(request, Token.Type.ACCESS_TOKEN, token["access_token"]),
            self._token(request, Token.Type.REFRESH_TOKEN, token["refresh_token"]),
        ]
        rows[0].expires_at = moment + ACCESS_TOKEN_LIFETIME
        rows[1].expires_at = moment + REFRESH_TOKEN_LIFETIME
        Token.objects.bulk_create(rows)

    def _token(self, request: Request, kind: str, value: str) -> Token:
        row = Token(client=request.client, user=request.user, type=kind, hash=digest(value))
        row.set_scopes(list(request.scopes))
        row.set_resources([resource()])
        return row

    def _replace(self, old: Token) -> None:
        """Exchange a refresh token, once. Raises InvalidGrantError the second time."""
        count, _ = Token.objects.filter(pk=old.pk).delete()
        if not count:
            raise InvalidGrantError
        # As long as its successors may live, a thief of it is noticed.
        ReplacedToken.objects.create(
            token_hash=old.hash,
            app=self._locked_app(),
            expires_at=now() + REFRESH_TOKEN_LIFETIME,
        )

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        row = self._lock_refresh_token(refresh_token, client)
        if row is None:
            self._notice_replaced(refresh_token, client)
            return False
        user = self._locked_app().user
        self.refresh_token = row
        request.user = user
        return bool(row.get_resources() == [resource()] and user.is_active)

    def _lock_refresh_token(self, refresh_token: str, client: Client) -> Token | None:
        """Return the row, with its app locked before it; None if it is unknown or expired."""
        rows = Token.objects.valid().filter(
            client=client, type=Token.Type.REFRESH_TOKEN, hash=digest(refresh_token)
        )
        row = rows.first()
        if row is None:
            return None
        self.app = lock_app(client=client, user_id=row.user_id)
        # Another request may have replaced it before this one had the lock.
        return rows.first() if self.app is not None else None

    def _notice_replaced(self, refresh_token: str, client: Client) -> None:
        self.app = self._lock_app_of_replaced(refresh_token, client)
        if self.app is not None:
            self._end_stolen("refresh token")

    def get_original_scopes(
        self, refresh_token: str, request: Request, *args: Any, **kwargs: Any
    ) -> list[str]:
        scopes = self.refresh_token.get_scopes() if self.refresh_token else []
        return [name for name in scopes if name in self._locked_app().scope_set]

    def revoke_token(
        self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        row = Token.objects.filter(client=request.client, hash=digest(token)).first()
        if row is not None and row.type == Token.Type.ACCESS_TOKEN:
            row.delete()
            return
        app = (
            lock_app(client=request.client, user_id=row.user_id)
            if row is not None
            # An app that ends while it refreshes knows the former token alone.
            else self._lock_app_of_replaced(token, request.client)
        )
        if app is not None:
            by = Actor(
                user=app.user,
                door=self.by.door,
                address_hash=self.by.address_hash,
                request_id=self.by.request_id,
            )
            delete_connection(app)
            record("connected_app.ended", "connected_app", str(app.pk), by=by, name=app.name)

    def _lock_app_of_replaced(self, token: str, client: Client) -> ConnectedApp | None:
        row = ReplacedToken.objects.filter(token_hash=digest(token), app__client=client).first()
        return lock_app(pk=row.app_id) if row is not None else None

    def _lock_app(self, app_id: Any) -> bool:
        self.app = lock_app(pk=app_id)
        return self.app is not None

    def _locked_app(self) -> ConnectedApp:
        if self.app is None:
            raise InvalidGrantError
        return self.app

    def _end_stolen(self, secret_name: str) -> None:
        """End a connection whose code or token was used twice: one sender stole it."""
        app = self._locked_app()
        if not tokens_of(app).exists():
            return
        delete_connection(app)
        record(
            "connected_app.stolen",
            "connected_app",
            str(app.pk),
            by=self.by,
            name=app.name,
            secret=secret_name,
            about=app.user.username,
        )
