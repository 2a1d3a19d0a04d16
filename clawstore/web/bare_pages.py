"""Error pages that load nothing: style, script and mark are inside of the page.

So they look like the shop without database, without static files, and under a host that the shop
does not know, for which it answers no request of a stylesheet.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from clawstore.ops.static import assembled_stylesheet

STATIC = Path(settings.BASE_DIR) / "static"
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "script-src '{script}'; style-src '{style}'"
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Style and script of the pages, and the policy that allows only these two."""

    style: str
    script: str
    policy: str


def bare_response(status: int, **context: object) -> HttpResponse:
    """The error page with this status, from ``errors/bare.html``.

    ``context`` has ``title`` and ``message``, and may have ``code`` and ``request_id``. Nothing in
    it may ask the database, which may be the cause of the error.
    """
    parts = _parts()
    page = render_to_string(
        "errors/bare.html",
        {
            "status": status,
            "instance_name": settings.INSTANCE_NAME,
            "style": mark_safe(parts.style),
            "script": mark_safe(parts.script),
            **context,
        },
    )
    response = HttpResponse(page, status=status)
    response["Content-Security-Policy"] = parts.policy
    return response


@lru_cache(maxsize=1)
def _parts() -> _Parts:
    style = assembled_stylesheet(STATIC / "css" / "bare.css")
    script = (STATIC / "js" / "theme.js").read_text(encoding="utf-8")
    policy = POLICY.format(script=_source_of(script), style=_source_of(style))
    return _Parts(style, script, policy)


def _source_of(text: str) -> str:
    """The source by which a content security policy allows a text in a page."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
