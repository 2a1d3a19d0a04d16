"""Registration of apps (RFC 7591), and the clean-up of unused ones."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from allauth.idp.oidc.models import Client
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from foundation.access.models import ConnectedApp
from foundation.access.oauth.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    TooManyClients,
)
from foundation.access.oauth.rules import (
    MAX_REDIRECT_URIS,
    grantable_scopes,
    validate_redirect_uri,
)
from foundation.clock import now
from foundation.text.names import readable_name

# A user connects an app within minutes after it has registered.
UNUSED_LIFETIME = timedelta(days=1)
# An app keeps its registration, and its user may come back.
FORMER_LIFETIME = timedelta(days=90)
MAX_UNUSED_CLIENTS = 5_000
NAME_LENGTH = 100
UNUSABLE = "!"
GRANT_TYPES = (Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN)


def register_client(metadata: dict[str, Any]) -> Client:
    """Register a public app with exact redirect URIs.

    What else the app asks for is replaced, as the RFC allows: it gets no secret, no other grant and
    no scope that only a role has. Raises InvalidRedirectUri, InvalidClientMetadata or
    TooManyClients.
    """
    uris = metadata.get("redirect_uris")
    if not isinstance(uris, list) or not 0 < len(uris) <= MAX_REDIRECT_URIS:
        raise InvalidRedirectUri(f"Name one to {MAX_REDIRECT_URIS} redirect URIs.")
    if not all(isinstance(uri, str) for uri in uris):
        raise InvalidRedirectUri
    client = Client(
        name=_name_of(metadata),
        type=Client.Type.PUBLIC,
        response_types="code",
        # No secret has this hash; the library would make one, and hash it slowly.
        secret=UNUSABLE,
    )
    client.set_redirect_uris([validate_redirect_uri(uri) for uri in dict.fromkeys(uris)])
    client.set_grant_types([str(grant.value) for grant in GRANT_TYPES])
    client.set_scopes(_scopes_of(metadata))
    if unused_clients().count() >= MAX_UNUSED_CLIENTS:
        raise TooManyClients(retry_after=3600)
    client.save(force_insert=True)
    return client


def _name_of(metadata: dict[str, Any]) -> str:
    name = metadata.get("client_name", "")
    if not isinstance(name, str):
        raise InvalidClientMetadata("client_name is a text.")
    # Cut before it is cleaned, which takes time for each character.
    return readable_name(name[: 4 * NAME_LENGTH])[:NAME_LENGTH].strip() or "unnamed"


def _scopes_of(metadata: dict[str, Any]) -> Collection[str]:
    names = metadata.get("scope") or ""
    if not isinstance(names, str):
        raise InvalidClientMetadata("scope is a text with blanks between the names.")
    scopes = grantable_scopes()
    # An app that names no scopes may ask for any later.
    return [name for name in scopes if name in names.split()] or list(scopes)


def unused_clients() -> Any:
    """Clients that no user has connected yet."""
    return Client.objects.filter(~_is_connected(), data__isnull=True)


def _is_connected() -> Exists:
    return Exists(ConnectedApp.objects.filter(client=OuterRef("pk")))


@transaction.atomic
def delete_unused_clients() -> int:
    """Delete clients that no user is connected with. Returns how many."""
    moment = now()
    is_old = Q(data__isnull=True, created_at__lt=moment - UNUSED_LIFETIME) | Q(
        created_at__lt=moment - FORMER_LIFETIME
    )
    return int(Client.objects.filter(is_old, ~_is_connected()).delete()[0])
