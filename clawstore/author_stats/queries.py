"""How an agent has fared, for whoever made it: downloads, installs, ratings, warnings over time."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from foundation.actor import Actor
from registry.agents.check_history import VersionWarnings, versions_with_bytes, warnings_of
from registry.agents.queries import claimed_agent
from registry.downloads.chart import Chart, Installs, chart_of, installs_in
from registry.errors import AgentNotFound
from registry.models import Agent, Version
from registry.rules.permissions import may_see_numbers
from reviews.queries import MonthOfRatings, ratings_by_month

VERSIONS_PER_PAGE = 30
MONTHS = 24


@dataclass(frozen=True, slots=True)
class AgentNumbers:
    """``months`` are the last two years of ratings, the newest first; ``page`` says which versions
    ``warnings`` are of."""

    agent: Agent
    chart: Chart
    installs: Installs
    months: list[MonthOfRatings]
    page: Page[Version]
    warnings: list[VersionWarnings]


def numbers_of(
    scope: str,
    name: str,
    *,
    days: int,
    page: str | None = None,
    versions: int = VERSIONS_PER_PAGE,
    by: Actor,
) -> AgentNumbers:
    """Of so many days, and of so many versions on a page. To whoever may not see them there is no
    such agent."""
    agent = claimed_agent(scope, name)
    by.require("read", about=agent.full_id)
    if not may_see_numbers(agent, by):
        raise AgentNotFound
    chart = chart_of(agent, days)
    ledger = versions_with_bytes(agent)
    shown = Paginator(ledger, versions).get_page(page)
    first = (shown.number - 1) * versions
    return AgentNumbers(
        agent=agent,
        chart=chart,
        installs=installs_in(chart),
        months=ratings_by_month(agent.pk)[:MONTHS],
        page=shown,
        warnings=warnings_of(ledger[first : first + versions + 1], versions),
    )
