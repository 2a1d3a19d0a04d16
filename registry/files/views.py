"""The HTML door to what is in a package: the tree, and one file."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.access.middleware import Request
from foundation.web.addresses import redirect_to_lowercase
from registry.agents.detail import Heading, analysis_of, heading_of, prompt_trend
from registry.agents.queries import find_agent
from registry.files.queries import file_page, files_of, tree_of

FILES_PER_PAGE = 500
VIEWS = ("prose", "source")


@require_safe
@redirect_to_lowercase
def files(request: Request, scope: str, name: str, version: str = "") -> HttpResponse:
    """Everything in the package, with when a model reads it and what that costs."""
    heading = _heading(request, scope, name, version)
    analysis = analysis_of(heading.version)
    page = Paginator(files_of(heading.version), FILES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": heading,
        "is_pinned": bool(version),
        "tab": "files",
        "page": page,
        "entries": tree_of(page.object_list, analysis),  # type: ignore[arg-type]
        "analysis": analysis,
        "trend": prompt_trend(heading.agent),
    }
    return render(request, "registry/files.html", context)


@require_safe
@redirect_to_lowercase
def file(request: Request, scope: str, name: str, version: str, path: str) -> HttpResponse:
    """One file: markdown as prose unless its source is asked for, any other text as source."""
    heading = _heading(request, scope, name, version)
    analysis = analysis_of(heading.version)
    found = file_page(heading.version, path, analysis)
    asked = request.GET.get("view")
    has_prose = found.view is not None and bool(found.view.prose_html)
    context = {
        "heading": heading,
        "is_pinned": True,
        "tab": "files",
        "found": found,
        "view": asked if asked in VIEWS and has_prose else "prose" if has_prose else "source",
        "has_prose": has_prose,
        "hidden": [one for one in analysis.hidden if one.path == path],
        "crumbs": _crumbs(path),
    }
    return render(request, "registry/file.html", context)


def _heading(request: Request, scope: str, name: str, version: str) -> Heading:
    return heading_of(find_agent(scope, name, by=request.actor), version)


def _crumbs(path: str) -> list[str]:
    *folders, _ = path.split("/")
    return folders
