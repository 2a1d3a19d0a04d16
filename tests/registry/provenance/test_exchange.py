"""A run of a trusted workflow gets a key for its agent; others get nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from foundation.access.actions import create_key, resolve_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import fixed_time, now
from foundation.oidc.errors import InvalidIdentityToken
from foundation.oidc.issuers import IssuerKind
from registry.models import CiKey, TrustedPublisher, VersionProvenance
from registry.provenance.actions import (
    add_trusted_publisher,
    delete_expired_ci_keys,
    exchange_token,
    remove_trusted_publisher,
)
from registry.provenance.errors import (
    InvalidTrustedPublisher,
    TooManyCiKeys,
    TrustedPublisherAmbiguous,
    TrustedPublisherExists,
    TrustedPublisherNotFound,
    WorkflowNotTrusted,
)
from registry.publishing.errors import ScopeMismatch
from tests.support.http import Api
from tests.support.issuer import GITLAB_CLAIMS, TestIssuer, running_issuer
from tests.support.races import run_at_once
from tests.support.uploads import publish

WORKFLOW = "ada/coach/.github/workflows/publish.yml@refs/heads/main"


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    with running_issuer() as issuer:
        yield issuer


def trust(owner: User, issuer: TestIssuer, full_id: str = "@ada/coach", **changes: str) -> Any:
    data = {
        "issuer_url": issuer.url,
        "repository": "ada/coach",
        "workflow": "publish.yml",
        "refs": "main, refs/tags/v*",
    }
    return add_trusted_publisher(full_id, **data | changes, by=Actor(user=owner))


def ci_actor(raw_key: str) -> Actor:
    key = resolve_key(raw_key)
    assert key is not None
    return Actor(
        user=key.created_by, key_id=key.pk, scopes=key.scope_set, bound_to=key.bound_to, door="api"
    )


def test_first_publish_of_an_agent_comes_from_a_run(ada: User, issuer: TestIssuer) -> None:
    publisher = trust(ada, issuer)
    key = exchange_token(issuer.token(), by=ANONYMOUS)

    row = ApiKey.objects.get(created_by=ada)
    assert (row.scopes, row.bound_to) == ("agents:publish", "@ada/coach")
    assert timedelta(minutes=14) < row.expires_at - now() <= timedelta(minutes=15)
    version = publish(ci_actor(key.raw), "@ada/coach")
    provenance = VersionProvenance.objects.get(version=version)
    assert (provenance.repository, provenance.workflow) == ("ada/coach", "publish.yml")
    assert (provenance.commit, provenance.run_id) == ("a" * 40, "1234567")
    publisher.refresh_from_db()
    assert (publisher.repository_id, publisher.owner_id) == ("4711", "42")
    # The key is for this agent alone.
    with pytest.raises(Exception, match="bound to @ada/coach"):
        publish(ci_actor(key.raw), "@ada/other")
    assert AuditLog.objects.filter(action="trusted_publisher.used").exists()
    assert key.raw not in str(list(AuditLog.objects.values()))


@pytest.mark.once
def test_version_that_was_published_by_hand_has_no_provenance(ada: User) -> None:
    _, raw = create_key(ada, name="laptop", scopes=["agents:publish"], by=Actor(user=ada))

    publish(ci_actor(raw), "@ada/coach")

    assert not VersionProvenance.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize(
    "changes",
    [
        {"repository": "eve/coach", "workflow_ref": WORKFLOW.replace("ada", "eve", 1)},
        # A workflow of another repository that runs in this one.
        {"workflow_ref": WORKFLOW.replace("ada/coach/", "eve/tools/")},
        {"workflow_ref": WORKFLOW.replace("publish.yml", "test.yml")},
        {"workflow_ref": "ada/coach/.github/workflows/evil/../publish.yml@refs/heads/main"},
        {"workflow_ref": None},
        # A file whose name begins like that of the trusted one.
        {"workflow_ref": WORKFLOW.replace("publish.yml", "publish.yml@x.yml")},
        {"ref": "refs/heads/feature"},
        {"ref": "refs/heads/main2"},
        {"ref": "refs/pull/7/merge"},
        {"ref": "main"},
        {"ref": None},
        {"ref": "refs/heads/" + "m" * 300},
        {"sha": "\ud800" * 40},
        {"event_name": "pull_request"},
        {"event_name": "pull_request_target"},
        {"repository_id": None},
        {"repository_owner_id": "x"},
        {"sha": "HEAD"},
        {"run_id": "1" * 300},
        {"repository": ["ada/coach"]},
    ],
)
def test_run_of_another_workflow_gets_nothing(
    ada: User, issuer: TestIssuer, changes: dict[str, Any]
) -> None:
    trust(ada, issuer)

    with pytest.raises(WorkflowNotTrusted):
        exchange_token(issuer.token(**changes), by=ANONYMOUS)

    assert not ApiKey.objects.exists()


@pytest.mark.once
def test_environment_is_exact_where_one_is_named(ada: User, issuer: TestIssuer) -> None:
    trust(ada, issuer, environment="release")

    for environment in (None, "Release", "test"):
        with pytest.raises(WorkflowNotTrusted):
            exchange_token(issuer.token(environment=environment), by=ANONYMOUS)
    assert exchange_token(issuer.token(environment="release"), by=ANONYMOUS).full_id == "@ada/coach"


@pytest.mark.once
def test_name_of_a_repository_that_was_given_to_another_gets_nothing(
    ada: User, issuer: TestIssuer
) -> None:
    trust(ada, issuer)
    exchange_token(issuer.token(), by=ANONYMOUS)

    for changes in ({"repository_id": "4712"}, {"repository_owner_id": "43"}):
        with pytest.raises(WorkflowNotTrusted):
            exchange_token(issuer.token(**changes), by=ANONYMOUS)


def test_token_works_once(ada: User, issuer: TestIssuer) -> None:
    trust(ada, issuer)
    token = issuer.token()
    exchange_token(token, by=ANONYMOUS)

    with pytest.raises(InvalidIdentityToken, match="used already"):
        exchange_token(token, by=ANONYMOUS)
    # The refused exchange leaves no key behind.
    assert ApiKey.objects.count() == 1
    # Its row goes when the token itself has expired.
    assert delete_expired_ci_keys() == 0
    with fixed_time(now() + timedelta(hours=1)):
        assert delete_expired_ci_keys() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_of_one_token_at_once_one_gets_a_key(ada: User, issuer: TestIssuer) -> None:
    trust(ada, issuer)
    token = issuer.token()

    def use() -> str:
        try:
            return exchange_token(token, by=ANONYMOUS).full_id
        except InvalidIdentityToken:
            return "refused"

    results = run_at_once([use] * 8)

    assert sorted(results) == ["@ada/coach"] + ["refused"] * 7
    assert ApiKey.objects.count() == 1


def test_removed_publisher_gets_no_key_and_its_keys_end(ada: User, issuer: TestIssuer) -> None:
    publisher = trust(ada, issuer)
    key = exchange_token(issuer.token(), by=ANONYMOUS)
    remove_trusted_publisher(publisher.pk, by=Actor(user=ada))

    assert resolve_key(key.raw) is None
    with pytest.raises(WorkflowNotTrusted):
        exchange_token(issuer.token(), by=ANONYMOUS)
    # It can be added again, and begins anew.
    assert trust(ada, issuer).repository_id == ""


@pytest.mark.once
def test_trust_of_a_user_who_may_not_publish_any_more_gets_nothing(
    ada: User, issuer: TestIssuer
) -> None:
    trust(ada, issuer)
    ada.is_active = False
    ada.save()

    with pytest.raises(WorkflowNotTrusted):
        exchange_token(issuer.token(), by=ANONYMOUS)


def test_former_co_maintainer_does_not_stand_in_the_way(
    ada: User, grace: User, issuer: TestIssuer
) -> None:
    former_row = trust(ada, issuer)
    TrustedPublisher.objects.filter(pk=former_row.pk).update(created_by=grace)

    publisher = trust(ada, issuer)

    assert exchange_token(issuer.token(), by=ANONYMOUS).full_id == "@ada/coach"
    assert list(TrustedPublisher.objects.active()) == [publisher]


def test_several_agents_of_one_workflow_are_chosen_by_id(ada: User, issuer: TestIssuer) -> None:
    trust(ada, issuer)
    trust(ada, issuer, "@ada/chef")

    with pytest.raises(TrustedPublisherAmbiguous) as refusal:
        exchange_token(issuer.token(), by=ANONYMOUS)
    # The other may be an agent of a stranger, who named this workflow uninvited.
    assert refusal.value.details == {}
    assert exchange_token(issuer.token(), full_id="@ada/chef", by=ANONYMOUS).full_id == "@ada/chef"
    with pytest.raises(WorkflowNotTrusted):
        exchange_token(issuer.token(), full_id="@eve/chef", by=ANONYMOUS)


def test_valid_keys_of_a_workflow_are_limited(
    ada: User, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.provenance.actions.MAX_VALID_KEYS", 2)
    trust(ada, issuer)
    for _ in range(2):
        exchange_token(issuer.token(), by=ANONYMOUS)

    with pytest.raises(TooManyCiKeys):
        exchange_token(issuer.token(), by=ANONYMOUS)
    assert CiKey.objects.count() == 2


@pytest.mark.once
def test_only_ones_own_agents_are_trusted_to_a_workflow(
    ada: User, grace: User, issuer: TestIssuer
) -> None:
    for full_id in ("@grace/coach", "coach", "@ada/", "@ada/Coach"):
        with pytest.raises(InvalidTrustedPublisher) as refusal:
            trust(ada, issuer, full_id)
        assert refusal.value.details["field"] == "full_id"
    for field, value in {
        "issuer_url": "https://evil.example",
        "repository": "ada",
        "workflow": "../publish.yml",
        "refs": "refs/pull/*",
        "environment": "a\nb",
    }.items():
        with pytest.raises(InvalidTrustedPublisher) as refusal:
            trust(ada, issuer, **{field: value})
        assert refusal.value.details["field"] == field
    publisher = trust(ada, issuer)
    with pytest.raises(TrustedPublisherExists):
        trust(ada, issuer, repository="Ada/Coach")
    with pytest.raises(TrustedPublisherNotFound):
        remove_trusted_publisher(publisher.pk, by=Actor(user=grace))
    # A stolen key must not give itself lasting access.
    with pytest.raises(Exception, match="lacks the scope session"):
        add_trusted_publisher(
            "@ada/coach",
            issuer_url=issuer.url,
            repository="a/b",
            workflow="c.yml",
            refs="main",
            by=Actor(user=ada, scopes=frozenset({"agents:publish"})),
        )
    assert TrustedPublisher.objects.count() == 1


@pytest.mark.once
def test_api_exchanges_a_token_and_names_what_differs(
    ada: User, issuer: TestIssuer, api: Api
) -> None:
    trust(ada, issuer)

    answer = api.post("/v1/trusted-publishing/token", {"token": issuer.token()})
    assert answer.status_code == 201
    assert answer.json()["agent"] == "@ada/coach"
    assert resolve_key(answer.json()["key"]) is not None
    answer = api.post("/v1/trusted-publishing/token", {"token": issuer.token(ref="refs/heads/x")})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "workflow_not_trusted"
    assert answer.json()["error"]["details"]["ref"] == "refs/heads/x"
    answer = api.post("/v1/trusted-publishing/token", {"token": issuer.token(), "agent": "@a/\0"})
    assert answer.status_code == 422
    answer = api.post("/v1/trusted-publishing/token", {"token": "x.y.z"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "oidc_token_invalid")
    issuer.documents.pop("/keys")
    answer = api.get("/v1/trusted-publishing/audience")
    assert answer.json() == {"audience": "https://claws.example.org", "issuers": [issuer.url]}
    issuer.rotate("first")


@pytest.mark.once
def test_run_of_gitlab_publishes_a_tag(ada: User) -> None:
    with running_issuer(IssuerKind.GITLAB) as gitlab:
        trust(ada, gitlab, workflow=".gitlab-ci.yml")
        host = gitlab.url.removeprefix("http://")
        config = f"{host}/ada/coach//.gitlab-ci.yml@refs/tags/v1.0.0"
        token = gitlab.token(GITLAB_CLAIMS, ci_config_ref_uri=config)

        assert exchange_token(token, by=ANONYMOUS).full_id == "@ada/coach"
        for changes in (
            {"ci_config_ref_uri": config.replace("ada/coach", "eve/coach")},
            {"ref_type": "branch"},
            {"pipeline_source": "merge_request_event"},
        ):
            claims = GITLAB_CLAIMS | {"ci_config_ref_uri": config} | changes
            with pytest.raises(WorkflowNotTrusted):
                exchange_token(gitlab.token(claims), by=ANONYMOUS)


@pytest.mark.once
def test_pages_and_api_say_where_a_version_came_from(
    ada: User, issuer: TestIssuer, api: Api, client: Client
) -> None:
    trust(ada, issuer)
    publish(ci_actor(exchange_token(issuer.token(), by=ANONYMOUS).raw), "@ada/coach")
    publish(Actor(user=ada), "@ada/coach", "1.1.0")

    source = api.get("/v1/agents/ada/coach/versions/1.0.0").json()["provenance"]
    assert source["commitUrl"] == f"{issuer.url}/ada/coach/commit/{'a' * 40}"
    assert source["runUrl"] == f"{issuer.url}/ada/coach/actions/runs/1234567"
    assert api.get("/v1/agents/ada/coach/versions/1.1.0").json()["provenance"] is None
    diff = api.get("/v1/agents/ada/coach/changes/1.0.0...1.1.0").json()
    assert diff["provenance"] == "lost"
    assert source["commitUrl"] in client.get("/agents/@ada/coach/versions/1.0.0").content.decode()
    page = client.get("/agents/@ada/coach/changes/1.0.0...1.1.0").content.decode()
    assert "The older version was published from ada/coach" in page
    body = {"installs": [{"id": "@ada/coach", "version": "1.0.0"}]}
    (update,) = api.post("/v1/updates", body).json()["updates"]
    assert update["provenanceChange"]["change"] == "lost"
    assert "the newer one by hand" in update["provenanceChange"]["text"]


def test_form_keeps_what_was_typed_and_adds_a_publisher(
    ada: User, issuer: TestIssuer, client: Client
) -> None:
    client.force_login(ada)
    data = {
        "full_id": "@grace/coach",
        "issuer_url": issuer.url,
        "repository": "ada/coach",
        "workflow": "publish.yml",
        "refs": "main",
        "environment": "",
    }
    answer = client.post("/account/ci", data)
    assert answer.status_code == 422
    assert "You cannot publish under this scope." in answer.content.decode()
    assert 'value="ada/coach"' in answer.content.decode()

    answer = client.post("/account/ci", data | {"full_id": "@ada/coach"}, follow=True)
    assert "Its next run can publish." in answer.content.decode()
    publisher = TrustedPublisher.objects.get()
    assert client.post("/account/ci", data | {"full_id": "@ada/coach"}).status_code == 409
    client.post(f"/account/ci/{publisher.pk}/remove")
    assert not TrustedPublisher.objects.active().exists()


@pytest.mark.once
def test_ci_key_cannot_publish_in_a_scope_that_its_user_left(
    ada: User, grace: User, issuer: TestIssuer
) -> None:
    publisher = trust(ada, issuer)
    TrustedPublisher.objects.filter(pk=publisher.pk).update(created_by=grace)
    with pytest.raises(WorkflowNotTrusted):
        exchange_token(issuer.token(), by=ANONYMOUS)
    with pytest.raises(ScopeMismatch):
        publish(Actor(user=grace), "@ada/coach")
