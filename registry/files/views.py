"""HTML pages of the files in a package: the tree, and one file."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.web.addresses import redirect_to_lowercase
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.detail import analysis_of, heading_of, prompt_trend
from registry.agents.queries import find_agent
from registry.agents.revisions import agent_revision
from registry.files.queries import build_tree, find_file_page, list_files

FILES_PER_PAGE = 500


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def files(request: Request, scope: str, name: str, version: str = "") -> HttpResponse:
    heading = heading_of(find_agent(scope, name, by=request.actor), version)
    analysis = analysis_of(heading.version)
    page = Paginator(list_files(heading.version), FILES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": heading,
        "is_pinned": bool(version),
        "tab": "files",
        "page": page,
        "rows": build_tree(page.object_list, analysis),  # type: ignore[arg-type]
        "analysis": analysis,
        "trend": prompt_trend(heading.agent),
    }
    return render(request, "registry/files.html", context)


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def file(request: Request, scope: str, name: str, version: str, path: str) -> HttpResponse:
    """One file: markdown as prose unless ``?view=source``, every other text as source."""
    heading = heading_of(find_agent(scope, name, by=request.actor), version)
    analysis = analysis_of(heading.version)
    page = find_file_page(heading.version, path, analysis)
    has_prose = page.view is not None and bool(page.view.prose_html)
    context = {
        "heading": heading,
        "is_pinned": True,
        "tab": "files",
        "page": page,
        "view": "prose" if has_prose and request.GET.get("view") != "source" else "source",
        "has_prose": has_prose,
        "hidden": [character for character in analysis.hidden if character.path == path],
        "folders": path.split("/")[:-1],
    }
    return render(request, "registry/file.html", context)
