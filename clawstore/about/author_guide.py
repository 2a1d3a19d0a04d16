"""The author's guide, the JSON Schema of agent.json and the starter package.

Each table of the guide is the one that the checks use.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clawstore.about.api_docs import with_code
from clawstore.editorial.views import all_chapters
from foundation.files.tarballs import pack_files
from foundation.web.responses import json_response
from registry.models import Category
from registry.package.checks.extensions import USUAL_EXTENSIONS
from registry.package.findings import FINDING_RULES
from registry.package.host_files import HOST_FILES, READ_ON, SKILL_FILE, HostFile
from registry.package.limits import PUBLIC_LIMITS
from registry.package.manifest.json_schema import list_fields, manifest_schema

STARTER = Path(__file__).parent / "starter"
MOMENTS: dict[str, Promise] = {
    "every_turn": _("in every turn"),
    "first_run": _("in the first run"),
    "host_start": _("when OpenClaw starts"),
    "on_its_day": _("on its day and the next"),
    "when_used": _("when the model needs it"),
}
SKILL_MOMENT = _("its name and description in every turn, the rest when the model needs it")
CACHE_FOR_AN_HOUR = cache_control(public=True, max_age=3600)


@require_safe
def author_guide(request: HttpRequest) -> HttpResponse:
    """The package format: fields, files, limits, categories and finding codes."""
    context = {
        "chapters": all_chapters(),
        "contact": settings.CONTACT_EMAIL,
        "fields": [(field, with_code(field.text)[0]) for field in list_fields()],
        "rules": [(rule, with_code(rule.remedy)[0]) for rule in FINDING_RULES],
        "host_files": [(file, describe_moment(file)) for file in HOST_FILES],
        "read_on": READ_ON,
        "limits": PUBLIC_LIMITS,
        "extensions": sorted(USUAL_EXTENSIONS),
        "categories": Category.objects.all(),
    }
    return render(request, "guide/authors.html", context)


def describe_moment(file: HostFile) -> Promise:
    """Returns when OpenClaw reads a file."""
    return SKILL_MOMENT if file.name == SKILL_FILE else MOMENTS[file.moment]


@require_safe
@CACHE_FOR_AN_HOUR
def agent_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of agent.json, which editors fetch from other origins too."""
    document = {"$id": settings.BASE_URL + reverse("agent_schema"), **manifest_schema()}
    headers = {"Access-Control-Allow-Origin": "*"}
    return json_response(document, content_type="application/schema+json", headers=headers)


@require_safe
@CACHE_FOR_AN_HOUR
def starter(request: HttpRequest) -> HttpResponse:
    """The starter package: a small agent that passes the check."""
    headers = {"Content-Disposition": 'attachment; filename="agent-starter.tgz"'}
    return HttpResponse(pack_starter(), content_type="application/gzip", headers=headers)


@cache
def pack_starter() -> bytes:
    """Returns the files of the starter folder as a .tgz with agent.json at its root."""
    paths = (path for path in sorted(STARTER.rglob("*")) if path.is_file())
    return pack_files((path.relative_to(STARTER).as_posix(), path.read_bytes()) for path in paths)
