"""Idempotency keys and dry runs, through the API."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.limits.declarations import Limit
from tests.support.http import Api, status_and_code
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from wordclaw.content.models import ContentItem, ContentItemVersion
from wordclaw.policy.models import PolicyDecision
from wordclaw.requests import actions
from wordclaw.requests.actions import KEPT_ANSWERS, LEASE, RETENTION, delete_old_requests
from wordclaw.requests.models import IdempotentRequest

ITEMS = "/content-types/post/items"


@pytest.fixture
def posts(content: ContentApi) -> ContentApi:
    content.make_type()
    return content


def test_repeated_request_gets_the_first_answer_and_has_one_effect(posts: ContentApi):
    first, second = (
        posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k") for _ in range(2)
    )

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first["ETag"] == second["ETag"] == '"v1"'
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert ContentItem.objects.filter(domain__name="ada").count() == 1


@pytest.mark.once
def test_refusal_is_replayed_too(posts: ContentApi):
    first = posts.post(ITEMS, {"data": {}}, idempotency_key="k")
    posts.patch("/content-types/post", {"schema": {"type": "object"}})

    second = posts.post(ITEMS, {"data": {}}, idempotency_key="k")

    assert status_and_code(first) == (422, "content_schema_validation_failed")
    assert second.json() == first.json()
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "body"), [(ITEMS, {"data": {"title": "Two"}}), (ITEMS + "?x=1", None)]
)
def test_key_of_another_request_is_refused(posts: ContentApi, path: str, body: Any):
    first = {"data": {"title": "One"}}
    posts.post(ITEMS, first, idempotency_key="k")

    refusal = posts.post(path, body or first, idempotency_key="k")

    assert status_and_code(refusal) == (422, "idempotency_key_reused")


def test_running_request_is_a_conflict_until_its_lease_ends(posts: ContentApi):
    posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")
    row = IdempotentRequest.objects.get()
    IdempotentRequest.objects.update(status=None)

    conflict = posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")
    IdempotentRequest.objects.update(started_at=row.started_at - LEASE)
    repetition = posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")

    assert status_and_code(conflict) == (409, "idempotency_conflict")
    assert repetition.status_code == 201


@pytest.mark.once
def test_another_credential_with_the_same_key_is_a_request_of_its_own(
    api: Api, posts: ContentApi, ada: User, key_for: Callable[..., str]
):
    other = ContentApi(api, key_for(ada, *ALL_SCOPES))

    posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")
    response = other.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")

    assert "Idempotent-Replayed" not in response
    assert ContentItem.objects.filter(domain__name="ada").count() == 2


def test_key_is_free_after_an_error_of_the_server(
    posts: ContentApi, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("wordclaw.content.items.actions.record_change", fail)
        failure = posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")
    repetition = posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")

    assert failure.status_code == 500
    assert repetition.status_code == 201
    assert ContentItem.objects.filter(domain__name="ada").count() == 1


@pytest.mark.once
@pytest.mark.parametrize("key", ["", "x" * 256, "tab\t"])
def test_malformed_key_is_refused(posts: ContentApi, key: str):
    refusal = posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key=key)

    assert status_and_code(refusal) == (400, "invalid_idempotency_key")


def test_kept_answers_have_no_readable_secret_and_dry_runs_make_none(posts: ContentApi):
    item = posts.publish(posts.make_item())
    fields = {"name": "F", "contentType": "post", "fields": [{"name": "title"}]}
    hook = {"webhookUrl": "https://hooks.example.org/a"}
    path = f"/content-items/{item['id']}"
    writes: list[tuple[str, dict[str, Any], str]] = [
        ("/forms", fields | hook | {"slug": "f"}, "webhookSecret"),
        ("/webhooks", {"url": hook["webhookUrl"], "events": ["*"]}, "secret"),
        (f"{path}/external-feedback-token", {"submitter": {"actorId": "a"}}, "token"),
        (f"{path}/preview-token", {}, "token"),
        ("/forms/f/submissions", {"data": {"title": "x"}}, "receipt"),
    ]
    for number, (address, body, name) in enumerate(writes):
        dry_body = body | {"slug": "g"} if address == "/forms" else body
        posts.query = "?mode=dry_run"
        assert posts.post(address, dry_body).json()[name] is None, address
        posts.query = ""
        key = {"Idempotency-Key": f"secret-{number}"}
        secret = posts.post(address, body, **key).json()[name]
        assert posts.post(address, body, **key).json()[name] == secret
        kept_answer = IdempotentRequest.objects.get(key=f"secret-{number}").answer
        assert secret.encode() not in bytes(kept_answer), address


def test_old_answers_are_deleted(posts: ContentApi):
    posts.post(ITEMS, {"data": {"title": "One"}}, idempotency_key="k")
    assert delete_old_requests() == 0

    row = IdempotentRequest.objects.get()
    IdempotentRequest.objects.update(started_at=row.started_at - RETENTION)

    assert delete_old_requests() == 1


@pytest.mark.once
def test_kept_answers_of_an_account_are_limited(
    posts: ContentApi, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    path = f"/content-items/{posts.make_item()['id']}/archive"
    settings.LIMITS_ON = True
    limit = Limit(KEPT_ANSWERS, 2, 3600, "user")
    monkeypatch.setattr(actions, "get_limit", lambda name: limit)

    # Only the first one changes anything, and all answers have the whole item.
    answers = [posts.post(path, idempotency_key=key) for key in "abc"]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["details"]["limit"] == KEPT_ANSWERS
    assert IdempotentRequest.objects.count() == 2
    assert posts.post(path).status_code == 200


def test_dry_run_of_every_write_leaves_nothing_behind(posts: ContentApi):
    item = posts.make_item()
    path = f"/content-items/{item['id']}"

    def counts() -> list[int]:
        models = (ContentItem, ContentItemVersion, AuditLog, PolicyDecision)
        return [model.objects.count() for model in models]

    before = counts()
    answers = [
        posts.post(f"{ITEMS}?mode=dry_run", {"data": {"title": "Two"}}),
        posts.put(f"{path}?mode=dry_run", {"data": {"title": "Two"}}),
        posts.patch(f"{path}?mode=dry_run", {"data": {"title": "Two"}}),
        posts.post(f"{path}/publish?mode=dry_run"),
        posts.post(f"{path}/archive?mode=dry_run"),
        posts.delete(f"{path}?mode=dry_run"),
        posts.post(
            f"{ITEMS}/batch?mode=dry_run", {"items": [{"op": "create", "data": {"title": "B"}}]}
        ),
        posts.patch("/content-types/post?mode=dry_run", {"name": "Other"}),
        posts.post("/members?mode=dry_run", {"login": "ada", "role": "reader"}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 8 + [409]
    assert all(answer.json()["dryRun"] is True for answer in answers[:-1])
    assert answers[1].json()["version"] == 2
    # A creation shows no id: nothing exists that it could name.
    assert answers[0].json()["id"] is None
    assert answers[6].json()["results"][0]["id"] is None
    # Tokens are stored nowhere, so one that a dry run shows would open the draft.
    preview = posts.post(f"{path}/preview-token?mode=dry_run").json()
    assert (preview["token"], preview["url"], preview["path"]) == (None, None, None)
    assert counts() == before
    assert posts.get(f"{path}?draft=true").json()["version"] == 1


@pytest.mark.once
def test_dry_run_is_refused_as_the_write_is(posts: ContentApi, stranger: ContentApi):
    invalid = posts.post(f"{ITEMS}?mode=dry_run", {"data": {}})
    foreign = stranger.post(f"{ITEMS}?mode=dry_run", {"data": {"title": "x"}})
    unknown_answer = posts.post(f"{ITEMS}?mode=test", {"data": {"title": "x"}})

    assert status_and_code(invalid) == (422, "content_schema_validation_failed")
    assert status_and_code(foreign) == (404, "domain_not_found")
    assert status_and_code(unknown_answer) == (400, "invalid_parameter")


@pytest.mark.once
def test_if_match_is_refused_where_nothing_has_a_version(posts: ContentApi):
    item = posts.publish(posts.make_item())
    path = f"/content-items/{item['id']}"
    workflow = posts.post("/workflows", {"contentType": "post", "name": "Editing"}).json()
    before = AuditLog.objects.count()
    for method, address, body in (
        ("PATCH", "/content-types/post", {"name": "Other"}),
        ("DELETE", "/content-types/post", None),
        ("POST", "/workflows", {"contentType": "post", "name": "Second"}),
        ("PATCH", f"/workflows/{workflow['id']}", {"name": "Other"}),
        ("POST", f"{path}/external-feedback-token", {"submitter": {"actorId": "ann"}}),
        (
            "POST",
            f"{path}/external-feedback",
            {"decision": "accepted", "submitter": {"actorId": "ann"}},
        ),
        ("POST", f"{path}/comments", {"body": "Longer?"}),
        ("POST", f"/form-submissions/{item['id']}/answers", {"body": "Thank you"}),
        ("POST", "/v1/public/external-feedback", {"decision": "accepted"}),
    ):
        answer = posts.send(method, address, body, if_match='"v1"')
        assert status_and_code(answer) == (400, "if_match_unsupported"), address
    assert AuditLog.objects.count() == before
    # The star asks only that it exists.
    answer = posts.patch("/content-types/post", {"name": "Other"}, if_match="*")
    assert answer.status_code == 200
