"""Types that views and middleware share."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from foundation.actor import Actor

View = Callable[..., HttpResponse]
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Request(HttpRequest):
    """A request with the attributes that the middleware sets.

    ``actor`` is the user of the session; API operations read ``auth``, which may be a key's actor.
    """

    actor: Actor
    auth: Actor
    request_id: str
    is_head: bool
    htmx: HtmxDetails
