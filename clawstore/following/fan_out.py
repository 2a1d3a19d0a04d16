"""Telling the followers of an event, in batches.

A publish enqueues one job, however many people follow the agent. Each job tells one batch and
enqueues the next, so that other jobs run in between.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.http import QueryDict

from clawstore.editorial.models import ContentPageAgent
from clawstore.following.models import Follow, FollowKind, FollowNews
from clawstore.following.news import AgentNews, read_news
from clawstore.following.queries import COLLECTIONS
from foundation.audit.models import AuditLog
from foundation.jobs.actions import enqueue
from foundation.webhooks.actions import emit
from foundation.webhooks.rules import Message
from profiles.models import Scope
from registry.models import Agent
from registry.rules.identifiers import scope_and_name
from registry.search.forms import AgentSearchForm
from registry.search.possible import Needs, needs_of, read_agent_terms
from registry.search.query import RECENT
from registry.search.results import search
from wordclaw.policy.actions import STORE

# Stored with waiting jobs: a new name would leave those without a function.
TELL, MATCH_SEARCHES = "following.tell", "following.match_searches"
MAIL = "mails.following"
QUEUE = "following"
BATCH = 50
# Searches that a job tries, and those that it compares with the terms of the agent.
SEARCHES_PER_JOB, SEARCHES_PER_READ = 50, 5_000
MAX_COLLECTIONS = 200
# Results in which the agent is looked for, among those of its publisher.
MAX_RESULTS = 100
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
    collections = entries.values_list("page_id", flat=True).distinct()[:MAX_COLLECTIONS]
    return [
        (FollowKind.AGENT.value, news.agent),
        (FollowKind.PERSON.value, scope),
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
    of_targets = Q(pk__in=[])
    for kind, target in targets:
        of_targets |= Q(kind=kind, target=target)
    wants_one = Q(pk__in=[])
    for change in changes:
        wants_one |= Q(**{f"wants_{change}": True})
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
        if getattr(row, f"wants_{change}")
    ]


def match_searches(payload: dict[str, Any]) -> int:
    """Find the followed searches that the agent fits; return how many."""
    news = AgentNews(**payload["news"])
    scope, name = scope_and_name(news.agent)
    agent_id = Agent.objects.values_list("pk", flat=True).get(scope=scope, name=name)
    targets = Follow.objects.filter(kind=FollowKind.SEARCH, target__gt=payload.get("after", ""))
    texts = targets.order_by("target").values_list("target", flat=True).distinct()
    queries = list(texts[:SEARCHES_PER_READ])
    possible_queries = _possible_queries(queries, agent_id)
    tried_queries = possible_queries[:SEARCHES_PER_JOB]
    fitting_queries = [query for query in tried_queries if _fits(query, scope, agent_id)]
    base = {key: payload[key] for key in ("event", "news")}
    if fitting_queries:
        pairs = [(FollowKind.SEARCH.value, query) for query in fitting_queries]
        enqueue(TELL, base | {"targets": pairs}, queue=QUEUE)
    if len(tried_queries) < len(possible_queries):
        enqueue(MATCH_SEARCHES, base | {"after": tried_queries[-1]}, queue=QUEUE)
    elif len(queries) == SEARCHES_PER_READ:
        enqueue(MATCH_SEARCHES, base | {"after": queries[-1]}, queue=QUEUE)
    return len(fitting_queries)


def _possible_queries(queries: Sequence[str], agent_id: UUID) -> list[str]:
    """The queries that can find the agent by its terms; the others need not be tried."""
    terms = read_agent_terms(agent_id)
    if terms is None:
        return list(queries)
    return [query for query in queries if terms.may_meet(_needs_of(query))]


# Reading an address takes longer than all the rest.
@lru_cache(maxsize=20_000)
def _needs_of(query: str) -> Needs:
    return needs_of(AgentSearchForm(QueryDict(query)).agent_search)


def _fits(query: str, scope: str, agent_id: UUID) -> bool:
    """Whether a search finds the agent, among the agents of its publisher."""
    wish = AgentSearchForm(QueryDict(query)).agent_search
    if wish.scope not in ("", scope):
        return False
    page = search(replace(wish, scope=scope, sort=RECENT), limit=MAX_RESULTS, fallback=False)
    return agent_id in page.ids
