"""Random requests to every /v1 endpoint get a response or a named refusal.

Endpoints and parameters come from the OpenAPI document, so new ones are included.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.access.actions import create_key
from foundation.access.scopes import declared_scopes
from foundation.accounts.models import User
from foundation.actor import Actor
from moderation.actions import report_agent
from reviews.actions import post_review
from tests.contract.test_error_envelope import refused
from tests.support.catalogue import create_sample_content
from tests.support.factories import SYSTEM, make_agent, make_user, make_version
from tests.support.openapi import openapi_document, operations
from wordclaw.content.models import ContentItem

pytestmark = pytest.mark.once

quick = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SHARES = 4
HUGE = "9" * 400
STRANGE = (
    *("", " ", "\0", "a\0b", "\n", "%", "_", "'", '"', "\\", "*", "..", "../..", "-1", "0", "1e9"),
    *("NaN", "null", "true", "[]", "{}", HUGE, "-" + HUGE, "x" * 3000, "🦞", "\ud800", "١", "²"),
    *("2026-01-01", "00000000-0000-0000-0000-000000000000", "eyJhIjoxfQ==", "1.0.0-", "@", "~"),
)
# Valid values, so that a request is not always refused for another parameter.
FITTING = ("ada", "@Ada", "coach", "1.0.0", "beta", "rating", "other", "open", "10", "1")
words = st.sampled_from(FITTING) | st.sampled_from(STRANGE) | st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
raw_bodies = st.binary(max_size=40) | st.sampled_from(
    [b"{", b"[" * 5000, b"\xff\xfe", b"1e999", b'{"a":1,"a":2}', b'"' + b"x" * 70_000 + b'"']
)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    in_path: tuple[str, ...]
    in_query: tuple[str, ...]
    body: tuple[str, ...] | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints() -> list[Endpoint]:
    """Every operation of the description."""
    schemas = openapi_document()["components"]["schemas"]
    return [_endpoint(method, path, operation, schemas) for method, path, operation in operations()]


def _endpoint(method: str, path: str, operation: Mapping[str, Any], schemas: Any) -> Endpoint:
    names: dict[str, list[str]] = {"path": [], "query": []}
    for parameter in operation.get("parameters", ()):
        names[parameter["in"]].append(parameter["name"])
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    text = json.dumps(schema or {})
    names_used = [name for name in schemas if f'/{name}"' in text]
    keys = tuple(key for name in names_used for key in schemas[name].get("properties", ()))
    body = keys if schema is not None else None
    return Endpoint(method, path, tuple(names["path"]), tuple(names["query"]), body)


@pytest.fixture
def world(ada: User, grace: User, root: User) -> dict[str, tuple[str, ...]]:
    """Values for path parameters of existing rows, and keys."""
    agent = make_agent(ada)
    make_version(agent, "1.0.0")
    make_version(agent, "1.1.0-beta.1")
    by_grace = make_user("emmy")
    review = post_review(agent, rating=4, body="Good.", by=_session(by_grace))
    report = report_agent(agent.pk, reason="spam", details="Look.", by=_session(grace))
    keys = [
        create_key(user, name="x", scopes=declared_scopes(), by=SYSTEM)[1]
        for user in (ada, grace, root)
    ]
    create_sample_content(_session(ada))
    items = tuple(str(pk) for pk in ContentItem.objects.values_list("pk", flat=True))
    return {
        "domain": ("ada",),
        "slug": ("guide",),
        "item_id": items,
        "kind": ("typescript", "python"),
        "scope": ("ada",),
        "name": ("coach",),
        "version": ("1.0.0", "1.1.0-beta.1"),
        "review_id": (str(review.pk),),
        "report_id": (str(report.pk),),
        "login": ("ada", "grace"),
        "keys": ("", "claw_dead", *keys),
    }


def _session(user: User) -> Actor:
    return Actor(user=user, door="api")


def address(endpoint: Endpoint, world: Mapping[str, tuple[str, ...]], data: st.DataObject) -> str:
    """A random address, mostly of an existing object, with a random query."""
    path = endpoint.path
    for name in endpoint.in_path:
        fits = st.sampled_from(world.get(name, FITTING))
        path = path.replace(f"{{{name}}}", _quoted(data.draw(fits | fits | words, name)))
    pairs = [
        f"{name}={_quoted(data.draw(words, name))}"
        for name in endpoint.in_query
        if data.draw(st.booleans())
    ]
    return path + (f"?{'&'.join(pairs)}" if pairs else "")


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def body_of(endpoint: Endpoint, data: st.DataObject) -> bytes:
    if endpoint.body is None:
        return b""
    fitting = st.dictionaries(st.sampled_from([*endpoint.body, "more"]), values)
    likely = fitting.map(_json)
    return data.draw(likely | likely | values.map(_json) | raw_bodies, "body")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def judged(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        refused(answer)


def headers_of(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


@pytest.mark.parametrize("share", range(SHARES))
def test_random_requests_cause_no_internal_error(
    share: int, world: dict[str, tuple[str, ...]], client: Client
) -> None:
    """A share of the endpoints, so that two processes can work on them."""
    assert len(endpoints()) > 60
    for endpoint in endpoints()[share::SHARES]:
        try_endpoint(endpoint, world, client)


def try_endpoint(endpoint: Endpoint, world: dict[str, tuple[str, ...]], client: Client) -> None:
    @quick
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        path, body = address(endpoint, world, data), body_of(endpoint, data)
        key = data.draw(st.sampled_from(world["keys"]), "key")
        with transaction.atomic():
            answer = client.generic(
                endpoint.method.upper(), path, body, "application/json", headers=headers_of(key)
            )
            transaction.set_rollback(True)
        assert answer.status_code < 500, (str(endpoint), answer.content)
        judged(answer)

    tried()


def test_random_publish_forms_cause_no_internal_error(
    world: dict[str, tuple[str, ...]], client: Client
) -> None:
    fields = ("metadata", "channel", "tarball", "icon", "screenshots", "more")

    @quick
    @given(st.dictionaries(st.sampled_from(fields), words | st.binary(max_size=60)))
    def tried(form: dict[str, Any]) -> None:
        parts = {
            name: SimpleUploadedFile("x.tgz", part) if isinstance(part, bytes) else part
            for name, part in form.items()
            if "\ud800" not in str(part)
        }
        with transaction.atomic():
            answer = client.post("/v1/agents/publish", parts, headers=headers_of(world["keys"][2]))
            transaction.set_rollback(True)
        judged(answer)
        assert answer.status_code >= 400

    tried()
