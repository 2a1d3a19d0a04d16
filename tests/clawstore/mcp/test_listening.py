"""Streams tell callers of changes that these may read; without a server."""

import gc
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clawstore.mcp.listening.listener import Listener
from clawstore.mcp.listening.places import PLACES
from clawstore.mcp.listening.topics import Subscriptions, read_topic
from clawstore.mcp.listening.watch import ChangeWatch
from clawstore.ops.event_stream import SUPPORTS_STREAMS, EventStream
from foundation.access.actions import resolve_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.clock import now
from registry.agents.actions import delist_agent
from registry.agents.revisions import bump_agent
from registry.models import Agent, Version
from tests.clawstore.mcp.conftest import McpClient
from tests.clawstore.mcp.test_protocol import META, MODERN
from tests.clawstore.sales.conftest import PaidAgent
from tests.support.http import Api
from tests.wordclaw.conftest import ContentApi

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ITEM = "clawstore://domains/ada/content-items/"


class Ear:
    """A stream without a connection: what its client would have heard."""

    def __init__(self, *uris: str, by: Callable[[], Actor | None] = lambda: ANONYMOUS) -> None:
        topics = {uri: topic for uri in uris if (topic := read_topic(uri))}
        subscriptions = Subscriptions(topics, has_resource_list=True, has_tool_list=True)
        self.listener = Listener(subscriptions, 1, by() or ANONYMOUS, by)
        self.listener.stream = EventStream(
            b"", farewell=b"", on_begin=lambda _: None, on_end=lambda _: None
        )
        self.listener.stream.attach(self._hear, self._end)
        self.listener.remember_present()
        self.messages: list[Any] = []
        self.is_ended = False
        self.watch = ChangeWatch()

    def _hear(self, event: bytes) -> None:
        self.messages.append(orjson.loads(event.partition(b"data: ")[2]))

    def _end(self) -> None:
        self.is_ended = True

    def news(self) -> list[str]:
        """The addresses, and names of lists, that were told since the last call."""
        self.watch.look([self.listener])
        messages, self.messages = self.messages, []
        return [row["params"].get("uri") or row["method"] for row in messages]


def actor_of_key(raw: str) -> Actor | None:
    key = resolve_key(raw)
    return key and Actor(
        user=key.created_by, key_id=key.pk, scopes=key.scope_set, bound_to=key.bound_to
    )


@pytest.fixture
def ears(content: ContentApi, stranger: ContentApi) -> Callable[[str], dict[str, Ear]]:
    """Listeners to one address: without a key, a stranger, the domain's owner."""

    def listen(uri: str) -> dict[str, Ear]:
        owner, other = content.key, stranger.key
        return {
            "nobody": Ear(uri),
            "stranger": Ear(uri, by=lambda: actor_of_key(other)),
            "owner": Ear(uri, by=lambda: actor_of_key(owner)),
        }

    return listen


def hearing(ears: dict[str, Ear], uri: str) -> set[str]:
    """Return the listeners that were told of an address."""
    return {name for name, ear in ears.items() if uri in ear.news()}


def test_item_is_news_for_its_readers_when_its_published_text_changes(
    content: ContentApi, ears: Callable[[str], dict[str, Ear]]
) -> None:
    content.make_type(visibility="public")
    item = content.make_item()
    uri = ITEM + item["id"]
    listeners = ears(uri)

    content.patch(f"/content-items/{item['id']}", {"data": {"stars": 1}})
    assert hearing(listeners, uri) == set()
    content.publish(item)
    assert hearing(listeners, uri) == {"nobody", "stranger", "owner"}
    content.patch(f"/content-items/{item['id']}", {"data": {"stars": 2}})
    assert hearing(listeners, uri) == set()
    content.post(f"/content-items/{item['id']}/unpublish")
    assert hearing(listeners, uri) == set()
    content.publish(item)
    assert hearing(listeners, uri) == {"nobody", "stranger", "owner"}


def test_private_item_and_type_are_news_for_members_alone(
    api: Api, content: ContentApi, stranger: ContentApi, ears: Callable[[str], dict[str, Ear]]
) -> None:
    content.make_type()
    item = content.make_item()
    uri, type_uri = ITEM + item["id"], "clawstore://domains/ada/content-types/post"
    listeners, type_listeners = ears(uri), ears(type_uri)

    content.publish(item)
    assert hearing(listeners, uri) == {"owner"}
    content.patch("/content-types/post", {"description": "Posts."})
    assert hearing(type_listeners, type_uri) == {"owner"}

    content.post("/members", {"login": "grace", "role": "reader"})
    stranger.post("/members/accept")
    content.patch(f"/content-items/{item['id']}", {"data": {"stars": 1}})
    content.publish(item)
    assert hearing(listeners, uri) == {"owner", "stranger"}
    content.delete("/members/grace")
    content.patch(f"/content-items/{item['id']}", {"data": {"stars": 2}})
    content.publish(item)
    assert hearing(listeners, uri) == {"owner"}

    content.patch("/content-types/post", {"visibility": "public"})
    assert hearing(type_listeners, type_uri) == {"nobody", "stranger", "owner"}


def test_bytes_with_a_price_are_news_for_buyers_and_the_seller(paid: PaidAgent) -> None:
    version = "clawstore://agents/ada/planner/versions/1.1.0"
    uri = f"{version}/files/README.md"
    ears = {
        "nobody": Ear(uri, version),
        "buyer": Ear(uri, version, by=lambda: actor_of_key(paid.buyer_key)),
        "seller": Ear(uri, version, by=lambda: actor_of_key(paid.seller.key)),
    }

    paid.buy()
    for ear in ears.values():
        ear.news()
    Version.objects.filter(version="1.1.0").yank(at=now(), by_id=paid.buyer.pk, reason="Broken.")
    news = {name: ear.news() for name, ear in ears.items()}

    assert news == {"nobody": [version], "buyer": [uri, version], "seller": [uri, version]}


def test_delisted_agent_falls_silent_and_the_list_has_changed(coach: Agent, root: User) -> None:
    uri, version = "clawstore://agents/ada/coach", "clawstore://agents/ada/coach/versions/1.0.0"
    ear = Ear(uri, version)

    delist_agent(coach, reason="It is spam.", by=Actor(user=root))

    assert ear.news() == ["notifications/resources/list_changed"]
    assert ear.news() == []


def test_credential_that_ends_ends_the_stream_before_the_news(
    coach: Agent, grace: User, key_for: Callable[..., str]
) -> None:
    key = key_for(grace, "read", "content:read")
    ear = Ear("clawstore://agents/ada/coach", by=lambda: actor_of_key(key))

    ApiKey.objects.update(scopes=["read"])
    assert ear.news() == ["notifications/tools/list_changed"]
    ApiKey.objects.update(revoked_at=now())
    bump_agent(coach.pk)

    assert (ear.news(), ear.is_ended) == ([], True)


def test_looking_takes_a_constant_number_of_queries(coach: Agent) -> None:
    uris = [f"clawstore://agents/ada/a{number}" for number in range(20)]
    uris += [f"{uri}/versions/1.0.0/facts" for uri in uris] + [ITEM + str(coach.pk)]
    ear, watch = Ear(*uris), ChangeWatch()
    listeners = [ear.listener, *(Ear(*uris).listener for _ in range(3))]

    with CaptureQueriesContext(connection) as queries:
        watch.look(listeners)

    assert len(queries) == 4, queries.captured_queries  # Agents, versions, items and the list.


@pytest.fixture
def mcp(mcp: McpClient) -> McpClient:
    """A client of a server that keeps streams open."""
    mcp.api.client.defaults[SUPPORTS_STREAMS] = True
    return mcp


LISTEN = {"resourceSubscriptions": ["clawstore://agents/ada/coach"]}


def ask_to_listen(mcp: McpClient, subscriptions: Any = LISTEN, **headers: str) -> Any:
    params = {"_meta": META, "notifications": subscriptions}
    body = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}
    usual = {"accept": "application/json, text/event-stream", "mcp_protocol_version": MODERN}
    usual["mcp_method"] = "subscriptions/listen"
    return mcp.post(body, **usual | headers)


def code_of(error: Any) -> str | None:
    data = error.get("data")
    return data.get("code") if isinstance(data, dict) else None


@pytest.mark.parametrize(
    ("subscriptions", "headers", "status", "code"),
    [
        ({"resourceSubscriptions": ["clawstore://x"] * 51}, {}, 400, "too_many_subscriptions"),
        ({"resourceSubscriptions": "all"}, {}, 400, None),
        (None, {}, 400, None),
        (LISTEN, {"accept": "application/json"}, 406, "stream_not_accepted"),
        (LISTEN, {"mcp_protocol_version": "2025-11-25"}, 200, None),
    ],
)
def test_unusable_request_to_listen_is_refused(
    mcp: McpClient, subscriptions: Any, headers: dict[str, str], status: int, code: str | None
) -> None:
    response = ask_to_listen(mcp, subscriptions, **headers)

    error = response.json()["error"]
    assert (response.status_code, code_of(error)) == (status, code), error


def test_listening_to_nothing_takes_no_place(mcp: McpClient) -> None:
    response = ask_to_listen(mcp, {"promptsListChanged": True, "resourceSubscriptions": ["x:y"]})

    acknowledgement, result = response.content.decode().split("\r\n\r\n")[:2]
    assert '"notifications":{}' in acknowledgement
    assert '"resultType":"complete"' in result
    assert PLACES.count == 0


def test_stream_that_no_worker_takes_gives_its_place_back(mcp: McpClient) -> None:
    response = ask_to_listen(mcp)

    assert PLACES.count == 1
    assert "acknowledged" in str(b"".join(response.streaming_content))
    response.close()
    assert PLACES.count == 0


def test_stream_that_nothing_closes_holds_no_place(mcp: McpClient) -> None:
    response = ask_to_listen(mcp)
    response._resource_closers.clear()
    del response
    gc.collect()

    assert PLACES.count == 0


def test_only_the_newest_revision_announces_streams(mcp: McpClient, settings: Any) -> None:
    def announced() -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": META}}
        headers = {"mcp_protocol_version": MODERN, "mcp_method": "server/discover"}
        answer = mcp.post(body, **headers).json()
        capabilities = answer["result"]["capabilities"]
        assert not capabilities["prompts"].get("listChanged")
        return capabilities["resources"].get("subscribe")

    assert announced() is True
    settings.MCP_STREAMS = 0
    assert not announced()
    assert ask_to_listen(mcp).status_code == 404
