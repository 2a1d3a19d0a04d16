"""Rows made without the publish pipeline."""

from typing import Any

from django.db import transaction

from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.clock import now
from moderation.actions import report_agent
from moderation.models import Report
from profiles.actions import make_development_user
from registry.agents.listing import folded_name_of, update_row_columns
from registry.agents.revisions import bump_listing
from registry.models import Agent, AgentTag, Channel, Version
from registry.rules.semver import is_prerelease
from registry.search_index.actions import index_agents

SYSTEM = Actor(door="system")


def make_user(login: str, *, maintainer: bool = False) -> User:
    """A development user with profile and scope."""
    user = make_development_user(login, by=SYSTEM)
    if maintainer:
        grant_role(user, "maintainer", by=SYSTEM)
    return user


def make_agent(owner: User, name: str = "coach", **listing: Any) -> Agent:
    """An agent without versions in the owner's scope.

    ``listing`` overrides columns; ``tags`` are its tags.
    """
    moment = now()
    tags = sorted(listing.pop("tags", ()))
    columns = {
        "scope": owner.username,
        "category_id": "other",
        "display_name": name.title(),
        "tagline": f"The tagline of {name}",
        "description": f"The description of {name}.",
        "license": "Apache-2.0",
        "created_at": moment,
        "updated_at": moment,
    }
    agent = Agent(name=name, owner_user=owner, **(columns | listing))
    agent.folded_name = agent.folded_name or folded_name_of(agent.display_name)
    agent.save(force_insert=True)
    AgentTag.objects.bulk_create(AgentTag(agent=agent, tag=tag) for tag in tags)
    with transaction.atomic():
        bump_listing(agent.pk)
        if agent.is_listed:
            # Others enter the index with their first version.
            index_agents([agent.pk])
    return agent


def make_version(agent: Agent, number: str = "1.0.0", **columns: Any) -> Version:
    """A version without a stored tarball; a stable one becomes the latest."""
    channel = Channel.BETA if is_prerelease(number) else Channel.COMMUNITY
    defaults = {
        "channel": channel,
        "manifest": manifest_of(agent, number),
        "tarball_r2_key": f"tarballs/{agent.scope}/{agent.name}/{number}.{'0' * 64}.tgz",
        "tarball_sha256": "0" * 64,
        "tarball_size_bytes": 1000,
        "uploaded_by_user_id": agent.owner_user_id,
    }
    version: Version = Version.objects.create(agent=agent, version=number, **(defaults | columns))
    if version.is_prerelease:
        agent.offers_beta = True
    elif not version.is_yanked:
        agent.latest_version, agent.is_listed = version, agent.delisted_at is None
        agent.latest_channel = version.channel
    agent.save(update_fields=["latest_version", "latest_channel", "is_listed", "offers_beta"])
    update_row_columns([agent])
    with transaction.atomic():
        bump_listing(agent.pk)
        index_agents([agent.pk])
    return version


def make_report(agent: Agent, details: str = "Look.") -> Report:
    """An anonymous report about an agent."""
    return report_agent(agent.pk, reason="spam", details=details, by=ANONYMOUS)


def manifest_of(agent: Agent, number: str) -> dict[str, Any]:
    """A manifest that matches the agent's listing."""
    return {
        "schemaVersion": 1,
        "id": agent.full_id,
        "version": number,
        "name": agent.display_name,
        "tagline": agent.tagline,
        "description": agent.description,
        "category": agent.category_id,
        "tags": [],
        "author": {"name": agent.owner_user.username},
        "license": agent.license,
        "agent": {"defaults": {"model": "any"}},
        "files": ["**/*.md"],
        "openclaw": {"entrypoints": {}},
    }
