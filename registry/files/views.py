"""HTML pages of the files in a package: the tree, and one file."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from foundation.paging import numbered_page
from foundation.web.anonymous import SHARED_CACHE_CONTROL
from foundation.web.conditional import IMMUTABLE_CACHE_CONTROL, unchanged_answer
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.api import PAID_CACHE_CONTROL
from registry.agents.derived_data import get_analysis, list_prompt_sizes
from registry.agents.detail import get_header
from registry.agents.queries import find_visible_agent
from registry.agents.revisions import agent_revision
from registry.agents.sales import open_version_page
from registry.files.queries import facts_of_file, find_file_page
from registry.files.rendered import get_file_list, paginate_files
from registry.files.small_images import read_small_image
from wordclaw.payments.access.api import page_reader


@require_safe
def small_image(request: Request, sha256: str) -> HttpResponse:
    """A small copy of an icon or a screenshot. The address names the content."""
    webp = read_small_image(sha256)
    if webp is None:
        raise Http404
    headers = {
        "Cache-Control": IMMUTABLE_CACHE_CONTROL,
        "ETag": f'"{sha256}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    unchanged_response = unchanged_answer(request, headers)
    return unchanged_response or HttpResponse(webp, content_type="image/webp", headers=headers)


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def files(request: Request, scope: str, name: str, version: str = "") -> HttpResponse:
    header = get_header(find_visible_agent(scope, name, by=request.actor), version)
    page = numbered_page(paginate_files(header.version), request.GET.get("page"))
    context = {
        "header": header,
        "is_pinned": bool(version),
        "tab": "files",
        "page": page,
        "file_list": get_file_list(header.agent, header.version, page, get_language())
        if page.paginator.count
        else "",
        "trend": list_prompt_sizes(header.agent),
    }
    return render(request, "registry/files.html", context)


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def file(request: Request, scope: str, name: str, version: str, path: str) -> HttpResponse:
    """One file: markdown as prose unless ``?view=source``, every other text as source."""
    header = get_header(find_visible_agent(scope, name, by=request.actor), version)
    analysis = get_analysis(header.version)
    page = find_file_page(header.version, path, analysis)
    reader = page_reader(request, request.actor)
    access = open_version_page(header.agent, header.version.version, reader)
    if not access.is_allowed:
        page = replace(page, view=None, prose_html="")
    has_prose = bool(page.prose_html)
    path = page.file.path
    context = {
        "header": header,
        "is_pinned": True,
        "tab": "files",
        "page": page,
        "view": "prose" if has_prose and request.GET.get("view") != "source" else "source",
        "has_prose": has_prose,
        "hidden": facts_of_file(path, analysis.hidden, analysis.hidden_total),
        "unseen": facts_of_file(path, analysis.unseen, analysis.unseen_total),
        "folders": path.split("/")[:-1],
        "access": access,
    }
    response = render(request, "registry/file.html", context)
    if access.is_gated and access.is_allowed:
        response.headers["Cache-Control"] = PAID_CACHE_CONTROL
    elif page.view is None and access.is_allowed:
        # A header of its own keeps the page out of the cache. The publish of any agent with the
        # same content stores the view, and does not change the revision of this agent.
        response.headers["Cache-Control"] = SHARED_CACHE_CONTROL
    return response
