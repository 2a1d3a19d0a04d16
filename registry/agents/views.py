"""The page of an agent, and of one of its versions."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from foundation.web.languages import LANGUAGES, languages_of
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_version_detail
from registry.agents.queries import find_visible_agent
from registry.agents.rendered import find_parts
from registry.agents.similar import agent_page_revision, list_similar
from registry.agents.texts import get_listing_texts
from registry.agents.trust import get_last_growth, get_trust_facts
from wordclaw.payments.access.api import page_reader


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_page_revision, vary=[LANGUAGES])
def agent(request: Request, scope: str, name: str, version: str = "") -> HttpResponse:
    agent = find_visible_agent(scope, name, by=request.actor)
    trust = get_trust_facts(agent)
    reader = page_reader(request, request.actor)
    detail = get_version_detail(agent, version, version_count=trust.versions, reader=reader)
    context = {
        "detail": detail,
        "header": detail,
        "trust": trust,
        "growth": get_last_growth([agent.pk]).get(agent.pk),
        "is_pinned": bool(version),
        # The page of one version shows what its package says.
        "texts": None
        if version or detail.withholding
        else get_listing_texts(agent, languages_of(request)),
        "parts": find_parts(detail, get_language()),
        "similar": list_similar(agent.scope, agent.name),
        "tab": "overview",
    }
    return render(request, "registry/agent.html", context)
