"""The reader of a request, for every door that opens a gate."""

from django.http import HttpRequest

from foundation.actor import Actor
from foundation.l402.headers import InvalidCredential, read_credential
from foundation.limits.middleware import caller_customer, caller_network
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.errors import InvalidToken


def page_reader(request: HttpRequest, by: Actor) -> Reader:
    """Return the reader of a page, who has a session and no token."""
    return Reader(
        by=by,
        network=caller_network(request),
        customer=caller_customer(request),
        path=request.path,
        is_browser=True,
    )


def reader_of(request: HttpRequest, by: Actor, *, is_browser: bool = False) -> Reader:
    """Return the reader of a request, with credential and entitlement.

    Raises InvalidToken for a credential that cannot be read.
    """
    try:
        credential = read_credential(request.headers.get("Authorization", ""))
    except InvalidCredential as error:
        raise InvalidToken(str(error)) from error
    return Reader(
        by=by,
        network=caller_network(request),
        customer=caller_customer(request),
        path=request.path,
        l402=credential,
        entitlement_id=request.headers.get("X-Entitlement-Id", ""),
        is_browser=is_browser,
        is_head=getattr(request, "is_head", False),
    )
