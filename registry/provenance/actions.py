"""Adds trusted publishers, exchanges tokens for keys, records provenance."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from foundation.access.actions import create_key
from foundation.access.errors import InvalidKeyRequest
from foundation.access.models import ApiKey
from foundation.accounts.actions import lock_user
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.oidc.errors import InvalidIdentityToken
from foundation.oidc.issuers import Issuer, find_issuer
from foundation.oidc.tokens import IdentityToken, verify_token
from profiles.queries import scope_of
from profiles.rules import has_recent_sign_in
from registry.agents.former_addresses import present_id
from registry.models import Agent, CiKey, TrustedPublisher, Version, VersionProvenance
from registry.provenance.errors import (
    InvalidTrustedPublisher,
    TooManyCiKeys,
    TooManyTrustedPublishers,
    TrustedPublisherAmbiguous,
    TrustedPublisherExists,
    TrustedPublisherNotFound,
    WorkflowNotTrusted,
)
from registry.provenance.queries import count_valid_keys, find_trusting
from registry.provenance.rules import Run, find_problem, is_trusted, normalise_refs, read_run
from registry.rules.co_maintainers import is_co_maintainer, is_of
from registry.rules.identifiers import AGENT_ID

KEY_LIFETIME = timedelta(minutes=15)
"""Long enough for a slow upload; a key in a log is then soon worth nothing."""
MAX_VALID_KEYS = 20
"""Of one trusted publisher: more than runs of one workflow publish at the same time."""
MAX_TRUSTED_PUBLISHERS = 100
"""Of one user."""
SCOPE = "agents:publish"


@transaction.atomic
def add_trusted_publisher(
    full_id: str,
    *,
    issuer_url: str,
    repository: str,
    workflow: str,
    environment: str = "",
    refs: str,
    by: Actor,
) -> TrustedPublisher:
    """Let a workflow publish one agent of the actor, which need not exist yet.

    ``refs`` lists branches and tags, with ``*`` for any characters. Only a browser session may do
    this: a stolen key could otherwise give itself lasting access. Raises InvalidTrustedPublisher,
    TrustedPublisherExists or TooManyTrustedPublishers.
    """
    user = by.require("session", about=full_id)
    issuer = _require_issuer(issuer_url)
    _require_own_agent(full_id, user.pk)
    ref_list = normalise_refs(refs)
    problem = find_problem(
        issuer.kind,
        repository=repository,
        workflow=workflow,
        environment=environment,
        refs=ref_list,
    )
    if problem:
        raise InvalidTrustedPublisher(problem[1], field=problem[0])
    columns = {
        "full_id": full_id,
        "issuer": issuer.url,
        "repository": repository,
        "workflow": workflow,
        "environment": environment,
    }
    _require_new(columns, user.pk)
    try:
        with transaction.atomic():
            publisher = TrustedPublisher.objects.create(
                **columns, refs=",".join(ref_list), created_by_id=user.pk
            )
    except IntegrityError as error:
        raise TrustedPublisherExists from error
    _record("added", publisher, by)
    return publisher


def _require_issuer(url: str) -> Issuer:
    issuer = find_issuer(url)
    if issuer is None:
        raise InvalidTrustedPublisher("Choose one of the issuers.", field="issuer_url")
    return issuer


def _require_new(columns: dict[str, str], user_id: UUID) -> None:
    """Raise TooManyTrustedPublishers or TrustedPublisherExists."""
    # The lock makes the count exact.
    lock_user(user_id)
    rows = TrustedPublisher.objects.active()
    if rows.filter(created_by=user_id).count() >= MAX_TRUSTED_PUBLISHERS:
        raise TooManyTrustedPublishers(
            f"You have {MAX_TRUSTED_PUBLISHERS} trusted publishers. Remove one first."
        )
    # The name of a repository may be written in any case.
    lookups = columns | {"repository__iexact": columns["repository"]}
    del lookups["repository"]
    for publisher in rows.filter(**lookups).select_related("created_by"):
        if _is_effective(publisher):
            raise TrustedPublisherExists
        # Its user may not publish any more, so it must not stand in the way of those who may.
        TrustedPublisher.objects.filter(pk=publisher.pk).update(removed_at=now())


def _record(change: str, publisher: TrustedPublisher, by: Actor, **details: str) -> None:
    record(
        f"trusted_publisher.{change}",
        "trusted_publisher",
        str(publisher.pk),
        by=by,
        agent=publisher.full_id,
        repository=publisher.repository,
        workflow=publisher.workflow,
        **details,
    )


def _require_own_agent(full_id: str, user_id: UUID) -> None:
    if not AGENT_ID.fullmatch(full_id):
        raise InvalidTrustedPublisher("Write the id of an agent: @scope/name.", field="full_id")
    if not may_publish(full_id, user_id):
        raise InvalidTrustedPublisher("You cannot publish under this scope.", field="full_id")


def may_publish(full_id: str, user_id: UUID) -> bool:
    """Whether a user may publish versions of an agent, or create it."""
    scope, name = full_id.removeprefix("@").split("/")
    agent = Agent.objects.filter(scope=scope, name=name).first()
    if agent is not None:
        return is_of(agent, user_id)
    # Nothing is ever published again under an id that an agent has left.
    if present_id(scope, name):
        return False
    return scope == scope_of(user_id) or is_co_maintainer(scope, user_id)


def is_claimed(full_id: str) -> bool:
    """Whether a workflow is trusted to create an agent with this id."""
    publishers = TrustedPublisher.objects.active().filter(full_id=full_id)
    return any(_is_effective(row) for row in publishers.select_related("created_by"))


@transaction.atomic
def remove_trusted_publisher(publisher_id: UUID, *, by: Actor) -> TrustedPublisher:
    """Remove a trusted publisher and revoke its keys; a second time changes nothing.

    Raises TrustedPublisherNotFound, also for those of other users.
    """
    user = by.require("session")
    rows = TrustedPublisher.objects.select_for_update().filter(created_by=user.pk)
    publisher = rows.filter(pk=publisher_id).first()
    if publisher is None:
        raise TrustedPublisherNotFound
    if publisher.removed_at is None:
        publisher.removed_at = now()
        publisher.save(update_fields=["removed_at"])
        key_ids = CiKey.objects.filter(publisher=publisher).values("api_key")
        ApiKey.objects.filter(pk__in=key_ids, revoked_at=None).update(
            revoked_at=publisher.removed_at
        )
        _record("removed", publisher, by)
    return publisher


def remove_trusted_publishers_of(user_id: UUID) -> None:
    """Remove all trusted publishers of a user whose account is deleted.

    The deletion revokes their keys as it does all others.
    """
    TrustedPublisher.objects.active().filter(created_by=user_id).update(removed_at=now())


def remove_trusted_publishers_of_agent(full_id: str, *, by: Actor) -> int:
    """Remove all trusted publishers of an agent that leaves its id; returns how many.

    The caller revokes the keys that are bound to the id, theirs among them.
    """
    publishers = list(TrustedPublisher.objects.active().filter(full_id=full_id))
    TrustedPublisher.objects.filter(pk__in=[row.pk for row in publishers]).update(removed_at=now())
    for publisher in publishers:
        _record("removed", publisher, by)
    return len(publishers)


@dataclass(frozen=True, slots=True)
class ExchangedKey:
    """A key for one agent. ``raw`` is the key itself, which is not stored."""

    raw: str
    full_id: str
    expires_at: datetime


def exchange_token(token: str, *, full_id: str = "", by: Actor) -> ExchangedKey:
    """Exchange the identity token of a CI run for a key that publishes one agent.

    ``full_id`` chooses if several agents trust the workflow. Raises InvalidIdentityToken,
    IssuerUnavailable, WorkflowNotTrusted, TrustedPublisherAmbiguous or TooManyCiKeys.
    """
    identity = verify_token(token, audience=settings.BASE_URL)
    run = read_run(identity)
    publishers = [row for row in find_trusting(run, full_id) if _is_effective(row)]
    if not publishers:
        raise WorkflowNotTrusted(**_shown_claims(run))
    # Without their names: they may be agents of others, who named this workflow uninvited.
    if len({publisher.full_id for publisher in publishers}) > 1:
        raise TrustedPublisherAmbiguous
    return _create_ci_key(publishers[0].pk, identity, run, by)


def _is_effective(publisher: TrustedPublisher) -> bool:
    """Whether the user who added a trusted publisher may still publish the agent."""
    user = publisher.created_by
    # A person who has left signs in no more, but may still own the repository.
    if not user.is_active or not has_recent_sign_in(user):
        return False
    return may_publish(publisher.full_id, user.pk)


def _shown_claims(run: Run) -> dict[str, str]:
    return {
        "issuer": run.issuer.url,
        "repository": run.repository,
        "workflow": run.workflow,
        "environment": run.environment,
        "ref": run.ref,
        "event": run.event,
    }


@transaction.atomic
def _create_ci_key(
    publisher_id: UUID, identity: IdentityToken, run: Run, by: Actor
) -> ExchangedKey:
    # Locked: two first tokens at the same time must not set different ids of the repository.
    rows = TrustedPublisher.objects.select_for_update(of=("self",)).select_related("created_by")
    publisher = rows.active().filter(pk=publisher_id).first()
    # Again, under the lock: it may have been removed, or its user have left the scope.
    if publisher is None or not is_trusted(run, publisher) or not _is_effective(publisher):
        raise WorkflowNotTrusted(**_shown_claims(run))
    user = publisher.created_by
    if count_valid_keys(publisher) >= MAX_VALID_KEYS:
        raise TooManyCiKeys(retry_after=int(KEY_LIFETIME.total_seconds()))
    actor = Actor(user=user, door=by.door, address_hash=by.address_hash, request_id=by.request_id)
    try:
        key, raw = create_key(
            user,
            name=f"{run.issuer.label}: {run.repository} {run.workflow}",
            scopes=[SCOPE],
            bound_to=publisher.full_id,
            expires_at=now() + KEY_LIFETIME,
            by=actor,
        )
    except InvalidKeyRequest as error:
        raise WorkflowNotTrusted(error.message) from error
    _use_token(publisher, identity, run, key)
    publisher.repository_id, publisher.owner_id = run.repository_id, run.owner_id
    publisher.last_used_at = now()
    publisher.save(update_fields=["repository_id", "owner_id", "last_used_at"])
    _record("used", publisher, actor, ref=run.ref, commit=run.commit, run=run.run_id)
    return ExchangedKey(raw, publisher.full_id, key.expires_at or now())


def _use_token(publisher: TrustedPublisher, identity: IdentityToken, run: Run, key: ApiKey) -> None:
    """Keep the id of the token, so that it works once. Raises InvalidIdentityToken."""
    try:
        with transaction.atomic():
            CiKey.objects.create(
                api_key=key,
                publisher=publisher,
                token_id=identity.token_id,
                # The clocks of issuer and shop may differ by a minute.
                expires_at=max(identity.expires_at, now() + KEY_LIFETIME) + timedelta(minutes=5),
                **run.claims(),
            )
    except IntegrityError as error:
        raise InvalidIdentityToken("This identity token was used already.") from error


def record_provenance(version: Version, *, by: Actor) -> None:
    """Record the run that published a version, if a run of a trusted publisher did."""
    if by.key_id is None:
        return
    key = CiKey.objects.filter(api_key=by.key_id).first()
    if key is not None:
        VersionProvenance.objects.create(version=version, **key.claims())


def delete_expired_ci_keys() -> int:
    """Delete the rows of keys and tokens that have expired. Returns how many."""
    return CiKey.objects.filter(expires_at__lt=now()).delete()[0]
