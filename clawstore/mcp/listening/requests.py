"""A request to listen: what is accepted of it, and the stream that answers it."""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any

import mcp_types as types
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import SUBSCRIPTION_ID_META_KEY

from clawstore.mcp.caller import connection_of
from clawstore.mcp.challenges import mcp_actor
from clawstore.mcp.listening.listener import WIRE, Listener, message_event
from clawstore.mcp.listening.places import PLACES, TooManyStreams
from clawstore.mcp.listening.topics import Subscriptions, read_subscriptions
from clawstore.mcp.listening.watch import WATCH
from clawstore.mcp.messages import error_response
from clawstore.ops.event_stream import MEDIA_TYPE, EventStream
from clawstore.ops.metrics import count_refused_stream, set_open_streams
from foundation.access.middleware import bearer_token
from foundation.actor import Actor
from foundation.limits.middleware import caller_network
from foundation.refusals import Refusal

Message = Mapping[str, Any]
ACCEPTED: ContextVar[list[Subscriptions]] = ContextVar("mcp_accepted_subscriptions")
"""Gets what the message of this context may listen to."""


class StreamNotAccepted(Refusal):
    status = 406
    code = "stream_not_accepted"
    message = "The answer is a stream of events, and the header Accept does not name it."
    remediation = f"Send Accept: application/json, {MEDIA_TYPE}."


async def accept_listening(
    context: ServerRequestContext[Any], params: types.SubscriptionsListenRequestParams
) -> types.SubscriptionsListenResult:
    """Accept a request to listen, and return the last message of its stream."""
    if context.request_id is None:
        raise MCPError(types.INVALID_REQUEST, "A request to listen needs an id.")
    ACCEPTED.get().append(read_subscriptions(params.notifications))
    return types.SubscriptionsListenResult(_meta={SUBSCRIPTION_ID_META_KEY: context.request_id})


def open_stream(
    request: HttpRequest, subscriptions: Subscriptions, result: Message, by: Actor
) -> HttpResponseBase:
    """Return the stream that answers a request. ``result`` is its last message."""
    if MEDIA_TYPE not in request.headers.get("Accept", ""):
        return error_response(StreamNotAccepted(), result["id"])
    find_actor = partial(_actor_now, connection_of(request), bearer_token(request), by)
    listener = Listener(subscriptions, result["id"], by, find_actor)
    if subscriptions.is_empty:
        content = acknowledgement(listener) + message_event(result)
        return HttpResponse(content, content_type=MEDIA_TYPE)
    stream = EventStream(
        acknowledgement(listener),
        farewell=message_event(result),
        on_begin=partial(_begin, listener),
        on_end=partial(_end, listener),
    )
    try:
        PLACES.take(stream, f"user:{by.user_id}" if by.is_known else caller_network(request))
    except TooManyStreams as refusal:
        count_refused_stream()
        return error_response(refusal, result["id"])
    # Before the client hears that it is heard, so that no later change is missed.
    listener.remember_present()
    return stream


def acknowledgement(listener: Listener) -> bytes:
    """Return the first event of a stream: what of the request is honoured."""
    params = types.SubscriptionsAcknowledgedNotificationParams(
        notifications=listener.subscriptions.as_filter(), _meta=listener.meta
    )
    notification = types.SubscriptionsAcknowledgedNotification(params=params)
    return message_event(notification.model_dump(**WIRE))


def _begin(listener: Listener, stream: EventStream) -> None:
    listener.stream = stream
    WATCH.add(listener)
    set_open_streams(PLACES.count)


def _end(listener: Listener, stream: EventStream) -> None:
    WATCH.remove(listener)
    PLACES.give_back(stream)
    set_open_streams(PLACES.count)


def _actor_now(connection: dict[str, Any], token: str | None, by: Actor) -> Actor | None:
    """Return the actor of a credential as it is now; None if it has ended."""
    if token is None:
        return by
    request = HttpRequest()
    request.META = connection
    return mcp_actor(request, token, door=by.door)
