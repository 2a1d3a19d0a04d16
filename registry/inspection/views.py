"""Pages of the desk for the files and the diff of a version, withheld or not.

The admin wraps them: only maintainers get in, and no cache keeps a response.
"""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from foundation.desk.admin import desk_actor
from registry.agents.queries import get_withholding
from registry.analysis.syntaxes import syntax_of
from registry.examiner.rendered_file import FILE_RENDERER_VERSION
from registry.files.unpacked import read_file
from registry.inspection.actions import record_inspection
from registry.inspection.queries import (
    find_package_file,
    find_version_by_id,
    get_inspected_diff,
    list_package_files,
    require_inspector,
)
from registry.models import FileView, Version

# The bytes come from a stranger: the browser must save them and run nothing.
DOWNLOAD = {
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@require_safe
def files(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = _inspect(request, version_id)
    context = {"files": list_package_files(version), "title": gettext("Files")}
    return _page(request, "admin/registry/version/files.html", version, context)


@require_safe
def file(request: HttpRequest, version_id: UUID, path: str) -> HttpResponse:
    """One file: its source with line numbers, or rendered with ``?view=prose``."""
    version = _inspect(request, version_id)
    row = find_package_file(version, path)
    view = FileView.objects.filter(
        sha256=row.sha256, syntax=syntax_of(path), rule_set=FILE_RENDERER_VERSION
    ).first()
    is_prose = view is not None and bool(view.prose_html) and request.GET.get("view") == "prose"
    context = {"file": row, "view": view, "is_prose": is_prose, "title": path}
    return _page(request, "admin/registry/version/file.html", version, context)


@require_safe
def raw_file(request: HttpRequest, version_id: UUID, path: str) -> HttpResponseBase:
    """The bytes of one file as a download."""
    version = _inspect(request, version_id)
    row = find_package_file(version, path)
    return StreamingHttpResponse(
        read_file(version, row), content_type="application/octet-stream", headers=DOWNLOAD
    )


@require_safe
def changes(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The diff to the version before, or to ``?from=``."""
    version = _inspect(request, version_id)
    diff = get_inspected_diff(version, request.GET.get("from", ""))
    context = {"diff": diff, "title": gettext("Changes in %s") % version.version}
    return _page(request, "admin/registry/version/changes.html", version, context)


def _inspect(request: HttpRequest, version_id: UUID) -> Version:
    """The version, if the reader may read it; the audit log notes a withheld one."""
    by = desk_actor(request)
    version = find_version_by_id(version_id)
    require_inspector(version, by)
    record_inspection(version, by=by)
    return version


def _page(
    request: HttpRequest, template: str, version: Version, context: Mapping[str, object]
) -> HttpResponse:
    full_context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "version": version,
        "agent": version.agent,
        "withholding": get_withholding(version) if version.is_withheld else None,
        **context,
    }
    return render(request, template, full_context)
