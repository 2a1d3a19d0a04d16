"""Domains, members, the table of rights and its log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from foundation.accounts.models import User
from foundation.jobs.actions import run_due_jobs
from foundation.limits.actions import reset_process_counts
from foundation.limits.models import LimitCounter
from tests.support.http import Api, status_and_code
from tests.wordclaw.conftest import ALL_SCOPES, POST, ContentApi
from wordclaw.policy import members
from wordclaw.policy.models import Domain, DomainMember, MemberRole, PolicyDecision
from wordclaw.policy.rules import OPERATIONS, RIGHTS

Mint = Callable[..., str]


@pytest.fixture
def invite(
    api: Api, content: ContentApi, grace: User, key_for: Mint
) -> Callable[[str], ContentApi]:
    """``invite("editor")`` makes Grace a member of Ada's domain."""

    def join(role: str) -> ContentApi:
        assert content.post("/members", {"login": "grace", "role": role}).status_code == 201
        client = ContentApi(api, key_for(grace, *ALL_SCOPES))
        assert client.post("/members/accept").status_code == 200
        return client

    return join


def test_domain_exists_from_the_moment_its_scope_does(content: ContentApi):
    assert content.get("/content-types").json() == {"items": []}
    assert Domain.objects.get(name="ada").members.get().role == "owner"
    assert status_and_code(content.get("/v1/domains/nobody/content-types")) == (
        404,
        "domain_not_found",
    )


def test_invitation_gives_no_right_before_it_is_accepted(content: ContentApi, stranger: ContentApi):
    content.make_type()
    invitation = content.post("/members", {"login": "grace", "role": "editor"}).json()

    before = stranger.get("/content-types/post")
    member = stranger.post("/members/accept").json()

    assert before.status_code == 404
    assert (invitation["state"], member["state"]) == ("invited", "active")
    assert invitation["id"] == member["id"]
    of_grace = content.get("/audit-logs?actor=grace").json()["items"]
    assert [event["action"] for event in of_grace] == ["accept"]
    assert stranger.get("/content-types/post").status_code == 200


# What each role may do with content, and the status of a refusal.
ACTIONS: dict[str, tuple[str, Callable[[ContentApi, str], Any]]] = {
    "read a draft": ("content.read", lambda c, i: c.get(f"/content-items/{i}?draft=true")),
    "list members": ("content.read", lambda c, i: c.get("/members")),
    "create": (
        "content.write",
        lambda c, i: c.post("/content-types/post/items", {"data": {"title": "x"}}),
    ),
    "edit": ("content.write", lambda c, i: c.put(f"/content-items/{i}", {"data": {"title": "y"}})),
    "publish": ("content.write", lambda c, i: c.post(f"/content-items/{i}/publish")),
    "preview": ("content.write", lambda c, i: c.post(f"/content-items/{i}/preview-token")),
    "make a type": (
        "content.admin",
        lambda c, i: c.post("/content-types", {"name": "T", "slug": "t", "schema": POST}),
    ),
    "invite": (
        "content.admin",
        lambda c, i: c.post("/members?mode=dry_run", {"login": "root", "role": "reader"}),
    ),
    "read the audit log": ("audit.read", lambda c, i: c.get("/audit-logs")),
    "read decisions": ("audit.read", lambda c, i: c.get("/policy/decisions")),
}


@pytest.mark.once
@pytest.mark.parametrize("role", ["admin", "editor", "reviewer", "reader"])
def test_every_endpoint_follows_the_table_of_rights(
    content: ContentApi, invite: Callable[[str], ContentApi], root: User, role: str
):
    content.make_type()
    item = content.make_item()
    member = invite(role)

    for name, (operation, call) in ACTIONS.items():
        response = call(member, item["id"])
        if operation in RIGHTS[role]:
            assert response.status_code < 300, (name, response.content)
        else:
            assert status_and_code(response) == (403, "forbidden"), name
            assert response.json()["error"]["remediation"]


@pytest.mark.once
@pytest.mark.parametrize("name", ACTIONS)
def test_key_without_the_scope_is_refused(
    api: Api, content: ContentApi, ada: User, key_for: Mint, name: str
):
    content.make_type()
    item = content.make_item()
    operation, call = ACTIONS[name]
    scopes = [scope for scope in ALL_SCOPES if scope != operation.replace(".", ":")]

    response = call(ContentApi(api, key_for(ada, *scopes)), item["id"])

    assert status_and_code(response) == (403, "insufficient_scope")


@pytest.mark.once
@pytest.mark.parametrize("name", ACTIONS)
def test_strangers_and_anonymous_callers_get_nothing(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi, name: str
):
    content.make_type()
    item = content.make_item()
    _, call = ACTIONS[name]

    assert call(stranger, item["id"]).status_code == 404
    assert call(visitor, item["id"]).status_code == 401


@pytest.mark.once
def test_key_bound_to_a_domain_knows_no_other(
    api: Api, content: ContentApi, ada: User, grace: User, key_for: Mint
):
    content.make_type()
    bound = ContentApi(api, key_for(ada, *ALL_SCOPES, bound_to="@ada"))
    bound_api = ContentApi(api, key_for(ada, *ALL_SCOPES, bound_to="@grace"))

    assert bound.get("/content-types/post").status_code == 200
    assert status_and_code(bound_api.get("/content-types/post")) == (404, "domain_not_found")


def test_owner_cannot_be_changed_or_removed(content: ContentApi):
    content.get("/members")
    refusals = [
        content.patch("/members/ada", {"role": "reader"}),
        content.delete("/members/ada"),
        content.post("/members", {"login": "ada", "role": "admin"}),
    ]

    assert [status_and_code(row)[1] for row in refusals] == [
        "owner_stays",
        "owner_stays",
        "already_member",
    ]
    assert DomainMember.objects.get().role == MemberRole.OWNER


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"login": "nobody", "role": "reader"}, "unknown_login"),
        ({"login": "grace", "role": "owner"}, "invalid_role"),
        ({"login": "grace", "role": "king"}, "invalid_role"),
    ],
)
def test_wrong_invitation_is_refused(
    content: ContentApi, grace: User, body: dict[str, str], code: str
):
    assert status_and_code(content.post("/members", body)) == (422, code)


def test_member_leaves_by_themselves(content: ContentApi, invite: Callable[[str], ContentApi]):
    member = invite("reader")

    assert member.delete("/members/grace").json() == {"ok": True}
    assert member.get("/members").status_code == 404


@pytest.mark.once
def test_maintainers_are_admins_of_the_store(api: Api, root: User, ada: User, key_for: Mint):
    maintainer = ContentApi(api, key_for(root, *ALL_SCOPES), "store")
    other = ContentApi(api, key_for(ada, *ALL_SCOPES), "store")

    assert maintainer.make_type()["slug"] == "post"
    assert status_and_code(other.get("/content-types/post")) == (404, "content_type_not_found")


@pytest.mark.once
def test_evaluation_says_what_would_be_decided(
    content: ContentApi, invite: Callable[[str], ContentApi]
):
    reader = invite("reader")

    allowed_answer = reader.post("/policy/evaluate", {"operation": "content.read"}).json()
    denial = reader.post("/policy/evaluate", {"operation": "content.write"}).json()
    unknown_answer = reader.post("/policy/evaluate", {"operation": "content.fly"})

    assert allowed_answer["outcome"] == "allow"
    assert (denial["outcome"], denial["code"]) == ("deny", "forbidden")
    assert denial["remediation"]
    assert status_and_code(unknown_answer) == (422, "unknown_operation")


def test_refusals_and_writes_are_logged_with_the_next_step(
    content: ContentApi, stranger: ContentApi, visitor: ContentApi
):
    content.make_type()
    PolicyDecision.objects.all().delete()
    stranger.post("/content-types/post/items", {"data": {"title": "x"}})
    visitor.post("/content-types/post/items", {"data": {"title": "x"}})
    content.make_item()

    rows = content.get("/policy/decisions").json()["items"]

    assert [(row["operation"], row["outcome"], row["code"]) for row in rows] == [
        ("content.write", "allow", ""),
        ("content.write", "deny", "domain_not_found"),
    ]
    assert rows[1]["remediation"]
    assert rows[1]["evaluationDurationMs"] >= 0


def test_first_request_about_a_domain_may_be_a_refused_write(stranger: ContentApi, ada: User):
    refusal = stranger.post("/content-types/post/items", {"data": {"title": "x"}})

    assert status_and_code(refusal) == (404, "domain_not_found")
    assert PolicyDecision.objects.get().domain_name == "ada"


@pytest.mark.once
def test_error_of_the_engine_denies(content: ContentApi, monkeypatch: pytest.MonkeyPatch):
    content.make_type()

    def fail(*args: Any) -> str:
        raise RuntimeError

    monkeypatch.setattr("wordclaw.policy.actions.role_in", fail)

    response = content.post("/content-types/post/items", {"data": {"title": "x"}})

    assert status_and_code(response) == (403, "policy_failed")


@pytest.mark.once
def test_table_names_every_role_and_known_operations():
    assert RIGHTS.keys() == set(MemberRole.values)
    assert frozenset().union(*RIGHTS.values()) == OPERATIONS


def test_person_invited_in_a_loop_gets_one_email_and_the_loop_ends(
    content: ContentApi, grace: User, limits_on: None, monkeypatch: pytest.MonkeyPatch
):
    User.objects.filter(pk=grace.pk).update(email="grace@example.org")
    mail.outbox.clear()
    statuses = []
    for _ in range(32):
        answer = content.post("/members", {"login": "grace", "role": "editor"})
        run_due_jobs()
        content.delete("/members/grace")
        statuses.append(answer.status_code)

    assert statuses == [201] * 30 + [429] * 2
    assert len(mail.outbox) == 1

    reset_process_counts()
    LimitCounter.objects.all().delete()
    monkeypatch.setattr(members, "MAX_MEMBERS", 1)
    refusal = content.post("/members", {"login": "grace", "role": "editor"})
    assert status_and_code(refusal) == (409, "too_many_members")


def test_text_with_a_nul_is_refused_in_every_body(content: ContentApi):
    content.make_type()
    item = content.make_item()
    path = f"/content-items/{item['id']}"
    for address, body in (
        (f"{path}/comments", {"body": "a\0b"}),
        (f"{path}/comments", {"body": "a", "pointer": "/\0"}),
        (f"{path}/publish", {"message": "\0"}),
        ("/workflows", {"contentType": "post", "name": "a\0"}),
        ("/members", {"login": "a\0", "role": "editor"}),
        ("/content-types", {"name": "a\0", "slug": "a", "schema": POST}),
        (f"{path}/submit", {"to": "published", "message": "a\0"}),
    ):
        assert status_and_code(content.post(address, body)) == (422, "invalid_body"), address
