"""Every endpoint of the runtime refuses callers without a right."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.actor import Actor
from tests.support.factories import make_user
from tests.support.http import Api
from tests.support.openapi import operations
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation
from wordclaw.policy.models import DomainMember
from wordclaw.policy.rules import may_role

PREFIX = "/v1/domains/"
# Lists of what is public: empty for callers without a right.
PUBLIC_LISTS = {
    "GET /v1/domains/{domain}/content-types",
    "GET /v1/domains/{domain}/globals",
}
TOKEN = {"submitter": {"actorId": "ann"}}
FEEDBACK = TOKEN | {"comment": "x"}
SUBJECT = {"subjectType": "agent", "subjectId": "@ada/none"}
# A bad body must not hide the refusal, so each is right for its endpoint.
BODIES: dict[str, Any] = {
    "POST /v1/domains/{domain}/members": {"login": "root", "role": "reader"},
    "PATCH /v1/domains/{domain}/members/{login}": {"role": "editor"},
    "POST /v1/domains/{domain}/policy/evaluate": {"operation": "content.read"},
    "POST /v1/domains/{domain}/content-types": {
        "name": "T",
        "slug": "t",
        "schema": {"type": "object"},
    },
    "PATCH /v1/domains/{domain}/content-types/{slug}": {"name": "T"},
    "POST /v1/domains/{domain}/content-types/{slug}/check-schema": {"schema": {"type": "object"}},
    "POST /v1/domains/{domain}/content-types/{slug}/items/batch": {
        "items": [{"op": "create", "data": {"title": "x"}}]
    },
    "POST /v1/domains/{domain}/content-items/{item_id}/rollback": {"version": 1},
    "POST /v1/domains/{domain}/workflows": {"contentType": "post", "name": "W"},
    "PATCH /v1/domains/{domain}/workflows/{workflow_id}": {"name": "W"},
    "POST /v1/domains/{domain}/workflows/{workflow_id}/transitions": {
        "fromState": "draft",
        "toState": "published",
    },
    "POST /v1/domains/{domain}/content-items/{item_id}/submit": {"to": "published"},
    "POST /v1/domains/{domain}/content-items/{item_id}/comments": {"body": "x"},
    "POST /v1/domains/{domain}/review-tasks/{task_id}/decide": {"decision": "approved"},
    "POST /v1/domains/{domain}/forms": {
        "name": "F",
        "slug": "f",
        "contentType": "post",
        "fields": [{"name": "title"}],
    },
    "PATCH /v1/domains/{domain}/forms/{slug}": {"name": "F"},
    "POST /v1/domains/{domain}/forms/{slug}/submissions": {"data": {}},
    "POST /v1/domains/{domain}/form-submissions/{submission_id}/answers": {"body": "x"},
    "POST /v1/domains/{domain}/content-items/{item_id}/external-feedback": FEEDBACK,
    "POST /v1/domains/{domain}/content-items/{item_id}/external-feedback-token": TOKEN,
    "POST /v1/domains/{domain}/external-feedback": FEEDBACK | SUBJECT,
    "POST /v1/domains/{domain}/external-feedback-token": TOKEN | SUBJECT,
    "POST /v1/domains/{domain}/licence-policies": {"name": "P"},
    "PATCH /v1/domains/{domain}/licence-policies/{policy_id}": {"name": "P"},
    "POST /v1/domains/{domain}/offers": {
        "subjectType": "content_type",
        "subjectId": "post",
        "amountSatoshis": 1,
        "policyId": "none",
    },
    "PATCH /v1/domains/{domain}/offers/{offer_id}": {"active": False},
    "POST /v1/domains/{domain}/entitlements/{entitlement_id}/refund": {"reason": "x"},
    "POST /v1/domains/{domain}/webhooks": {"url": "https://example.org", "events": ["*"]},
    "PATCH /v1/domains/{domain}/webhooks/{webhook_id}": {"active": False},
    "POST /v1/domains/{domain}/content-items/{item_id}/schedule": {
        "action": "publish",
        "runAt": "2026-11-30T12:00:00Z",
    },
}


# Open to all, as `tests/wordclaw/forms` proves.
OPEN = {
    "GET /v1/domains/{domain}/forms/{slug}/contract",
    "POST /v1/domains/{domain}/forms/{slug}/submissions",
    "POST /v1/domains/{domain}/forms/{slug}/uploads",
    # For any signed-in user: tests/wordclaw/payments.
    "POST /v1/domains/{domain}/offers/{offer_id}/purchase",
}


def endpoints() -> list[str]:
    names = [
        f"{method.upper()} {path}" for method, path, _ in operations() if path.startswith(PREFIX)
    ]
    return [name for name in names if name not in OPEN]


@pytest.fixture
def item(content: ContentApi, ada: User, root: User) -> dict[str, Any]:
    """A draft in a private type, a global, and an editor as member."""
    content.make_type()
    content.make_type("site", kind="singleton")
    content.put("/globals/site", {"data": {"title": "x"}})
    content.post("/members", {"login": "root", "role": "reader"})
    return content.make_item()


def send(client: ContentApi, endpoint: str, item: dict[str, Any], **headers: str) -> Any:
    method, path = endpoint.split(" ")
    slug = "site" if "/globals/" in path else "post"
    address = path.format(
        domain="ada",
        slug=slug,
        item_id=item["id"],
        login="root",
        version=1,
        old=1,
        new=1,
        job_id=item["id"],
        **dict.fromkeys(("asset_id", "workflow_id", "transition_id"), item["id"]),
        **dict.fromkeys(("webhook_id", "delivery_id"), item["id"]),
        **dict.fromkeys(("task_id", "comment_id"), item["id"]),
        **dict.fromkeys(("submission_id", "event_id", "token_id"), item["id"]),
        **dict.fromkeys(("policy_id", "offer_id", "entitlement_id"), item["id"]),
        kind="zod",
    )
    has_data = path.endswith(("/items", "/{item_id}", "/globals/{slug}"))
    body = {"data": {"title": "x"}} if has_data and method != "GET" else None
    return client.send(method, address, BODIES.get(endpoint, body), **headers)


def state() -> tuple[Any, ...]:
    return (
        list(ContentItem.objects.order_by("pk").values()),
        list(ContentType.objects.order_by("pk").values()),
        list(DomainMember.objects.order_by("pk").values()),
    )


@pytest.mark.once
def test_endpoints_refuse_anonymous_callers_and_strangers(
    api: Api,
    visitor: ContentApi,
    stranger: ContentApi,
    ada: User,
    key_for: Callable[..., str],
    item: dict[str, Any],
):
    before = state()
    keyless = ContentApi(api, key_for(ada, "read"))
    assert len(endpoints()) > 40
    for endpoint in endpoints():
        answers = [send(client, endpoint, item) for client in (visitor, stranger, keyless)]

        statuses = [answer.status_code for answer in answers]
        if endpoint in PUBLIC_LISTS:
            assert (endpoint, statuses) == (endpoint, [200, 200, 200])
            assert all(answer.json() == {"items": []} for answer in answers), endpoint
        else:
            assert (endpoint, statuses) == (endpoint, [401, 404, 403])
            assert all(answer.json()["error"]["remediation"] for answer in answers), endpoint
        assert state() == before, endpoint


# The operation of an endpoint; where none is named, reading or writing content.
OPERATIONS = {
    "GET /policy/decisions": "audit.read",
    "GET /audit-logs": "audit.read",
    "POST /policy/evaluate": "content.read",
    "POST /assets/{asset_id}/signed-url": "content.read",
    **dict.fromkeys(
        [
            *("POST /content-types", "PATCH /content-types/{slug}", "DELETE /content-types/{slug}"),
            *("POST /members", "PATCH /members/{login}", "DELETE /members/{login}"),
            "POST /content-types/{slug}/check-schema",
            "POST /content-items/{item_id}/restore",
            *("POST /workflows", "PATCH /workflows/{workflow_id}"),
            "DELETE /workflows/{workflow_id}",
            *("POST /forms", "PATCH /forms/{slug}", "DELETE /forms/{slug}"),
            "POST /workflows/{workflow_id}/transitions",
            "DELETE /workflows/{workflow_id}/transitions/{transition_id}",
        ],
        "content.admin",
    ),
    **dict.fromkeys(
        [f"POST /review-tasks/{{task_id}}/{verb}" for verb in ("claim", "release", "decide")],
        "content.review",
    ),
}
# What reviewers may do although writers do it.
ALSO_REVIEWERS = {
    "POST /content-items/{item_id}/submit",
    "POST /content-items/{item_id}/comments",
    "POST /content-items/{item_id}/comments/{comment_id}/resolve",
    "POST /content-items/{item_id}/comments/{comment_id}/reopen",
}
# An invited user accepts without a role.
WITHOUT_A_ROLE = {"POST /v1/domains/{domain}/members/accept"}


def operation_of(endpoint: str) -> str:
    name = endpoint.replace("/v1/domains/{domain}", "")
    if "/webhooks" in name:
        return "webhooks.write"
    if name.split(" ")[1].startswith(("/licence-policies", "/offers", "/entitlements")):
        return "payments.write"
    return OPERATIONS.get(name, "content.read" if name.startswith("GET ") else "content.write")


@pytest.mark.once
def test_every_endpoint_follows_the_table_of_rights(
    api: Api,
    content: ContentApi,
    ada: User,
    key_for: Callable[..., str],
    item: dict[str, Any],
):
    """Keys of a member with each role; of an admin with one scope, and without it."""
    user = make_user("mary")
    content.post("/members", {"login": "mary", "role": "reader"})
    as_mary = Actor(user=user, door="api")
    accept_invitation(find_domain("ada", as_mary), by=as_mary)
    whole_key = key_for(user, *ALL_SCOPES)
    with_scope = {scope: key_for(user, scope) for scope in ALL_SCOPES}
    without_scope = {
        scope: key_for(user, *(other for other in ALL_SCOPES if other != scope))
        for scope in ALL_SCOPES
    }
    names = sorted(set(endpoints()) - PUBLIC_LISTS - WITHOUT_A_ROLE)

    def code_of(endpoint: str, key: str) -> str:
        answer = send(ContentApi(api, key, is_dry_run=True), endpoint, item)
        assert answer.status_code != 401, endpoint
        is_refused = answer.status_code == 403
        return str(answer.json().get("error", {}).get("code", "")) if is_refused else ""

    wrong = []
    for role in ("reader", "reviewer", "editor", "admin"):
        content.patch("/members/mary", {"role": role})
        before = state()
        for endpoint in names:
            operation = operation_of(endpoint)
            is_extra = (
                role == "reviewer" and endpoint.replace(f"{PREFIX}{{domain}}", "") in ALSO_REVIEWERS
            )
            may = may_role(role, operation) or is_extra
            expectations = [(code_of(endpoint, whole_key), "" if may else "forbidden")]
            if role == "admin":
                scope = operation.replace(".", ":")
                expectations += [
                    (code_of(endpoint, with_scope[scope]), ""),
                    (code_of(endpoint, without_scope[scope]), "insufficient_scope"),
                ]
            wrong += [
                (role, endpoint, code, right) for code, right in expectations if code != right
            ]
        assert state() == before, role

    assert wrong == []


# The first two take files, after which the key is read: `test_assets`, `test_files`. The others
# only read, and are a POST for the length of their body.
OTHER_POSTS = {
    "POST /v1/domains/{domain}/assets",
    "POST /v1/domains/{domain}/forms/{slug}/uploads",
    "POST /v1/domains/{domain}/content-types/{slug}/check-schema",
    "POST /v1/domains/{domain}/policy/evaluate",
}


def writes() -> list[str]:
    """Every write of the runtime, with those that are open to all."""
    paths = [(method.upper(), path) for method, path, _ in operations() if path.startswith(PREFIX)]
    return sorted({f"{method} {path}" for method, path in paths if method != "GET"} - OTHER_POSTS)


@pytest.mark.once
def test_every_write_knows_idempotency_keys_and_modes(content: ContentApi, item: dict[str, Any]):
    """Refusals are kept as well, so each endpoint answers a repetition."""
    wet = ContentApi(content.api, content.key)
    wet.query = "?mode=wet"
    wrong = []
    for endpoint in writes():
        if send(wet, endpoint, item).status_code != 400:
            wrong.append((endpoint, "mode"))
        key = {"idempotency_key": endpoint}
        first, second = (send(content, endpoint, item, **key) for _ in range(2))
        if (first.status_code, first.content) != (second.status_code, second.content):
            wrong.append((endpoint, f"{first.status_code}, then {second.status_code}"))
        if second.headers.get("Idempotent-Replayed") != "true":
            wrong.append((endpoint, "not replayed"))
        # A dry run is a request of its own, and refused for the key of another one.
        dry_run = ContentApi(content.api, content.key, is_dry_run=True)
        answer = send(dry_run, endpoint, item, **key)
        if (answer.status_code, answer.json().get("error", {}).get("code")) != (
            *(422, "idempotency_key_reused"),
        ):
            wrong.append((endpoint, f"key of a dry run: {answer.status_code}"))
    assert wrong == [], "\n".join(map(str, wrong))
