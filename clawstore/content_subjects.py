"""The marketplace as the content runtime sees it: scopes and agents."""

from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from clawstore.editorial.actions import update_page, update_pages_of
from clawstore.editorial.frame import update_forms
from clawstore.intake.actions import refuse_own_request
from clawstore.intake.queries import hidden_items, hides
from profiles.models import Scope
from registry.agents.former_addresses import present_ids
from registry.models import Agent
from registry.rules.identifiers import AGENT_ID, key_subject_problem, scope_and_name
from registry.rules.permissions import MAINTAINER
from wordclaw.policy.host import ContentHost, FeedbackSubject


def domain_owner(name: str) -> UUID | None:
    """Return the holder of the scope that a domain belongs to, or None."""
    owner: UUID | None = Scope.objects.filter(name=name).values_list("holder_id", flat=True).first()
    return owner


def known_agents(full_ids: set[str]) -> set[str]:
    """Return those of the ids that are listed agents, in one query."""
    pairs = {full_id: scope_and_name(full_id) for full_id in full_ids if AGENT_ID.match(full_id)}
    condition = Q(pk__in=[])
    for scope, name in pairs.values():
        condition |= Q(scope=scope, name=name)
    listed_ids = set(Agent.objects.filter(condition, delisted_at=None).values_list("scope", "name"))
    missing_ids = {full_id for full_id, pair in pairs.items() if pair not in listed_ids}
    # A text may go on naming an agent by an id that it has left.
    moved_ids = present_ids(missing_ids)
    known_ids = known_agents(set(moved_ids.values())) if moved_ids else set()
    moved_agents = {old_id for old_id, new_id in moved_ids.items() if new_id in known_ids}
    return (pairs.keys() - missing_ids) | moved_agents


def bound_subject_problem(subject: str) -> str:
    """Return the problem with what a key is bound to, or "".

    That may be an agent or a domain.
    """
    if subject.startswith("@") and "/" not in subject:
        is_domain = Scope.objects.filter(name=subject[1:]).exists() or subject == "@store"
        return "" if is_domain else "bound_to must be the scope of a publisher, or one agent."
    return key_subject_problem(subject)


def find_live_agent(domain_name: str, subject_id: str) -> FeedbackSubject | None:
    """Return an agent of the domain's scope with its latest version, if it is listed."""
    if not AGENT_ID.match(subject_id):
        return None
    scope, name = scope_and_name(subject_id)
    agents = Agent.objects.filter(scope=scope, name=name, delisted_at=None)
    agent = agents.select_related("latest_version").first() if scope == domain_name else None
    if agent is None or agent.latest_version is None:
        return None
    number = agent.latest_version.version
    path = reverse("version", args=[scope, name, number])
    return FeedbackSubject(agent.display_name, number, path)


HOST = ContentHost(
    domain_owner=domain_owner,
    known_agents=known_agents,
    store_admin_role=MAINTAINER,
    item_changed=update_page,
    type_changed=update_pages_of,
    form_changed=update_forms,
    may_decide=refuse_own_request,
    hidden_items=hidden_items,
    hides=hides,
    feedback_subjects={"agent": find_live_agent},
)
