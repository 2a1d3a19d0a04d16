"""Statistics for owners: downloads, installs, ratings, check warnings."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from foundation.actor import Actor
from foundation.paging import numbered_page
from registry.agents.check_history import VersionWarnings, list_warnings, versions_with_bytes
from registry.agents.queries import find_agent
from registry.downloads.chart import Chart, InstallChart, make_chart, make_install_chart
from registry.errors import AgentNotFound
from registry.models import Agent, Version
from registry.rules.permissions import may_manage
from reviews.queries import MonthOfRatings, ratings_by_month

VERSIONS_PER_PAGE = 30
MONTHS = 24


@dataclass(frozen=True, slots=True)
class AgentStats:
    """Statistics of one agent.

    ``months`` are the ratings of the last two years, newest first. ``warnings`` belong to the
    versions of ``page``.
    """

    agent: Agent
    chart: Chart
    installs: InstallChart
    months: list[MonthOfRatings]
    page: Page[Version]
    warnings: list[VersionWarnings]


def author_stats(
    scope: str,
    name: str,
    *,
    days: int,
    page: str | None = None,
    versions: int = VERSIONS_PER_PAGE,
    by: Actor,
) -> AgentStats:
    """Statistics of the last ``days`` days and of one page of versions.

    Raises AgentNotFound for an actor who may not see them, so that the existence of a delisted
    agent stays hidden.
    """
    agent = find_agent(scope, name)
    by.require("read", about=agent.full_id)
    if not may_manage(agent, by):
        raise AgentNotFound
    chart = make_chart(agent, days)
    all_versions = versions_with_bytes(agent)
    versions_page = numbered_page(Paginator(all_versions, versions), page)
    first = (versions_page.number - 1) * versions
    return AgentStats(
        agent=agent,
        chart=chart,
        installs=make_install_chart(chart),
        months=ratings_by_month(agent.pk)[:MONTHS],
        page=versions_page,
        # One version more: each is compared with the one before it.
        warnings=list_warnings(all_versions[first : first + versions + 1], versions),
    )
