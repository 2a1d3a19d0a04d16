"""The style guide: every component in every state, for development only."""

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
ID = re.compile(r'(\s(?:id|for|popovertarget|aria-labelledby|aria-describedby)=")([^"]+)"')
RADIO_GROUP = re.compile(r'(type="radio" name=")([^"]+)"')


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A component: the comment at the top of its template, and its HTML by state."""

    name: str
    caption: str
    states: dict[str, SafeString]


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    # Imported late, because the samples take time to analyse and the server should start fast.
    from devtools.styleguide.states import STATES

    exhibits = [_exhibit(request, name, states) for name, states in STATES.items()]
    return render(request, "devtools/gallery.html", {"components": exhibits})


def _exhibit(request: HttpRequest, name: str, states: dict[str, dict[str, Any]]) -> Exhibit:
    source = (COMPONENTS / f"{name}.html").read_text(encoding="utf-8")
    lines = takewhile(lambda line: line.startswith("{#"), source.splitlines())
    caption = " ".join(line.strip("{#} ") for line in lines)
    pages = {}
    for index, (state, context) in enumerate(states.items()):
        html = render_to_string(f"components/{name}.html", context, request)
        pages[state] = _suffix_ids(html, f"{name}-{index}")
    return Exhibit(name, caption, pages)


def _suffix_ids(html: str, suffix: str) -> SafeString:
    """Add a suffix to ids and groups, because this page has a component several times."""
    html = ID.sub(rf'\g<1>\g<2>-{suffix}"', html)
    return mark_safe(RADIO_GROUP.sub(rf'\g<1>\g<2>-{suffix}"', html))
