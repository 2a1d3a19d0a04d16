"""Telling the followers of an event, in batches.

A publish enqueues one job, however many people follow the agent. Each job tells one batch and
enqueues the next, so that other jobs run in between.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clawstore.editorial.models import ContentPageAgent
from clawstore.following.models import Follow, FollowKind, FollowNews
from clawstore.following.news import MOVED, AgentNews, read_news
from clawstore.following.queries import COLLECTIONS
from clawstore.following.searches import find_fitting_searches, store_missing_searches
from foundation.audit.models import AuditLog
from foundation.batches import in_batches
from foundation.jobs.actions import enqueue
from foundation.webhooks.actions import emit
from foundation.webhooks.rules import Message
from profiles.models import Scope
from registry.agents.former_addresses import former_ids_of
from registry.models import Agent
from registry.rules.identifiers import scope_and_name
from wordclaw.policy.actions import STORE

# Stored with waiting jobs: a new name would leave those without a function.
TELL, MATCH_SEARCHES = "following.tell", "following.match_searches"
MAIL = "mails.following"
QUEUE = "following"
BATCH = 50
# Searches that a job tries, those that it stores before, and those whose followers a job tells.
SEARCHES_PER_JOB, STORED_PER_JOB, TOLD_PER_JOB = 1_000, 500, 100
MAX_COLLECTIONS = 200
Target = Sequence[str]


@transaction.atomic
def find_followers(event: AuditLog) -> bool:
    """Enqueue the first batch for an event. Returns False without followers."""
    if not Follow.objects.exists():
        return False
    news = read_news(event)
    if news is None:
        return False
    payload = {"event": str(event.pk), "news": news.as_json()}
    enqueue(TELL, payload | {"targets": _targets_of(news)}, queue=QUEUE)
    if Follow.objects.filter(kind=FollowKind.SEARCH).exists():
        enqueue(MATCH_SEARCHES, payload, queue=QUEUE)
    return True


def _targets_of(news: AgentNews) -> list[Target]:
    scope, name = scope_and_name(news.agent)
    entries = ContentPageAgent.objects.filter(
        agent__scope=scope, agent__name=name, page__domain__name=STORE, page__kind=COLLECTIONS
    )
    # Follows by an id that the agent has left, until `retarget_follows` has run.
    agent = Agent.objects.filter(scope=scope, name=name).only("moved_at").first()
    former_ids = former_ids_of(agent) if agent else []
    scopes = {scope, scope_and_name(news.former_id)[0]} - {""}
    collections = entries.values_list("page_id", flat=True).distinct()[:MAX_COLLECTIONS]
    return [
        *((FollowKind.AGENT.value, full_id) for full_id in (news.agent, *former_ids)),
        *((FollowKind.PERSON.value, name) for name in sorted(scopes)),
        *((FollowKind.COLLECTION.value, str(page_id)) for page_id in collections),
    ]


@transaction.atomic
def tell_followers(payload: dict[str, Any]) -> int:
    """Tell one batch of followers, and enqueue the next. Returns how many were told.

    In one transaction, so that a job that runs again repeats nothing.
    """
    news, event_id = AgentNews(**payload["news"]), UUID(payload["event"])
    rows = list(_followers(payload["targets"], news.changes, payload.get("after")))
    FollowNews.objects.bulk_create(
        [
            FollowNews(user_id=row.user_id, event_id=event_id, content=news.as_json())
            for row in rows
        ],
        ignore_conflicts=True,
    )
    emit(_messages(rows, news, event_id))
    actor_id = AuditLog.objects.values_list("user_id", flat=True).get(pk=event_id)
    for row in rows:
        if row.by_mail and row.user_id != actor_id:
            # A job for each, because one mail server that refuses must not hold up the others.
            enqueue(MAIL, {"follow": str(row.pk), "event": str(event_id)}, queue=QUEUE)
    if len(rows) == BATCH:
        enqueue(TELL, payload | {"after": str(rows[-1].pk)}, queue=QUEUE)
    return len(rows)


def _followers(targets: Sequence[Target], changes: list[str], after: str | None) -> Any:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, target in targets:
        by_kind[kind].append(target)
    of_targets = Q(pk__in=[])
    for kind, targets_of_kind in by_kind.items():
        of_targets |= Q(kind=kind, target__in=targets_of_kind)
    wants_one = Q(pk__in=[])
    for change in changes:
        if change != MOVED:
            wants_one |= Q(**{f"wants_{change}": True})
    if MOVED in changes:
        wants_one = Q()
    rows = Follow.objects.filter(of_targets, wants_one, user__is_active=True)
    rows = rows.filter(pk__gt=after) if after else rows
    return rows.select_related("user").order_by("pk")[:BATCH]


def _messages(rows: Sequence[Follow], news: AgentNews, event_id: UUID) -> list[Message]:
    """The messages to the webhooks of the followers' own domains."""
    holders = [row for row in rows if row.by_webhook]
    scopes = dict(
        Scope.objects.filter(holder_id__in=[row.user_id for row in holders]).values_list(
            "holder_id", "name"
        )
    )
    data = {"id": news.agent} | news.as_json()
    return [
        Message(
            tenant=scopes[row.user_id],
            id=f"msg_{event_id.hex}_{change}",
            event=f"follow.{change}",
            data=data,
        )
        for row in holders
        if row.user_id in scopes
        for change in news.changes
        if change == MOVED or getattr(row, f"wants_{change}")
    ]


def match_searches(payload: dict[str, Any]) -> int:
    """Find the followed searches that the agent fits; return how many."""
    base = {key: payload[key] for key in ("event", "news")}
    if store_missing_searches(STORED_PER_JOB) == STORED_PER_JOB:
        # The rest first, so that the searches have their places before the first is tried.
        enqueue(MATCH_SEARCHES, base, queue=QUEUE)
        return 0
    scope, name = scope_and_name(payload["news"]["agent"])
    agent_id = Agent.objects.values_list("pk", flat=True).get(scope=scope, name=name)
    after = payload.get("after_search", 0)
    queries, last = find_fitting_searches(agent_id, after=after, count=SEARCHES_PER_JOB)
    for batch in in_batches(queries, TOLD_PER_JOB):
        pairs = [(FollowKind.SEARCH.value, query) for query in batch]
        enqueue(TELL, base | {"targets": pairs}, queue=QUEUE)
    if last is not None:
        enqueue(MATCH_SEARCHES, base | {"after_search": last}, queue=QUEUE)
    return len(queries)
