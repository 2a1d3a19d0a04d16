"""An event of an agent as its followers are told of it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.audit.models import AuditLog
from registry.agents.derived_data import find_facts
from registry.agents.queries import find_agent_by_any_id
from registry.analysis.diff.capabilities import diff_capabilities
from registry.diffs.queries import upgrade_to
from registry.errors import AgentNotFound, NothingToCompare, VersionNotFound, VersionWithheld
from registry.models import Agent
from registry.publishing.impact import describe_growth
from registry.rules.identifiers import id_and_number, scope_and_name

NEW_VERSION, ASKS_MORE, YANKED, WITHHELD = "new_version", "asks_more", "yanked", "withheld"
# Told to all followers, whatever they chose: an agent in other hands is why they follow it.
MOVED = "moved"
CHANGES = (NEW_VERSION, ASKS_MORE, YANKED, WITHHELD)
CHANGES_OF_EVENTS = {
    "version.published": NEW_VERSION,
    "version.yanked": YANKED,
    "version.withheld": WITHHELD,
    "agent.deprecated": YANKED,
    "agent.archived": YANKED,
    "agent.transferred": MOVED,
    "version.deprecated": YANKED,
}
"""Deprecated agents come with yanked ones: both should not be installed any more."""
MAX_REASON_LENGTH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNews:
    """``changes`` are of `CHANGES`, or MOVED.

    ``version`` is "" for news of the whole agent, and ``state`` says that it is deprecated or
    archived, or moved from ``former_id``. ``growth`` are sentences on what the version asks for
    beyond ``old_version``, which is "" for a first version.
    """

    agent: str
    version: str
    changes: list[str]
    old_version: str = ""
    growth: list[str] = field(default_factory=list)
    reason: str = ""
    state: str = ""
    former_id: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def title(self) -> str:
        name = f"{self.agent} {self.version}".strip()
        if self.state == MOVED:
            names = {"former": self.former_id, "id": self.agent}
            return _("%(former)s moved to another publisher: %(id)s") % names
        if self.state == "deprecated":
            return _("%(name)s was deprecated") % {"name": name}
        if self.state == "archived":
            return _("%(name)s was archived") % {"name": name}
        if WITHHELD in self.changes:
            return _("%(name)s was withheld") % {"name": name}
        if YANKED in self.changes:
            return _("%(name)s was yanked") % {"name": name}
        if ASKS_MORE in self.changes:
            return _("%(name)s asks for more") % {"name": name}
        return _("%(name)s was published") % {"name": name}

    @property
    def path(self) -> str:
        """The page of the version, or of its differences if it asks for more."""
        scope, name = scope_and_name(self.agent)
        if not self.version:
            return reverse("agent", args=[scope, name])
        if ASKS_MORE in self.changes:
            return reverse("changes", args=[scope, name, self.old_version, self.version])
        return reverse("version", args=[scope, name, self.version])


def read_news(event: AuditLog) -> AgentNews | None:
    """Return the news of an event; None if it has none."""
    full_id, number = id_and_number(event.entity_id)
    try:
        # The agent may have moved since, or by this very event.
        agent = find_agent_by_any_id(full_id)
    except AgentNotFound:
        return None
    if agent.is_delisted:
        return None
    change = CHANGES_OF_EVENTS[event.action]
    if change == MOVED:
        return AgentNews(
            agent=agent.full_id, version="", changes=[MOVED], state=MOVED, former_id=event.entity_id
        )
    if change != NEW_VERSION:
        reason = str(event.details.get("reason") or "")[:MAX_REASON_LENGTH]
        state = event.action.partition(".")[2]
        return AgentNews(
            agent=agent.full_id,
            version=number,
            changes=[change],
            reason=reason,
            state=state if state in ("deprecated", "archived") else "",
        )
    old_version, growth = _growth_of(agent, number)
    changes = [NEW_VERSION, ASKS_MORE] if growth else [NEW_VERSION]
    return AgentNews(
        agent=agent.full_id, version=number, changes=changes, old_version=old_version, growth=growth
    )


def _growth_of(agent: Agent, number: str) -> tuple[str, list[str]]:
    """Return the version before, and sentences on what the new one asks for beyond it."""
    try:
        pair = upgrade_to(agent, number)
    except (NothingToCompare, VersionNotFound, VersionWithheld):
        return "", []
    facts = find_facts({pair.old.pk, pair.new.pk})
    if len(facts) < 2:
        return pair.old.version, []
    changes = diff_capabilities(facts[pair.old.pk], facts[pair.new.pk])
    growing_changes = [change for change in changes if change.grows]
    return pair.old.version, describe_growth(growing_changes) if growing_changes else []
