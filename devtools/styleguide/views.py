"""Every component in every state, for whoever works on the look. In development only."""

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
ID = re.compile(r'(\s(?:id|for|aria-labelledby|aria-describedby)=")([^"]+)"')
RADIO_GROUP = re.compile(r'(type="radio" name=")([^"]+)"')


@dataclass(frozen=True, slots=True)
class Shown:
    """One component: the comment at its top, and how it looks in each state."""

    name: str
    caption: str
    states: dict[str, SafeString]


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    # Its samples are analysed as packages are: no start of the shop should wait for that.
    from devtools.styleguide.states import STATES

    shown = [_shown(request, name, states) for name, states in STATES.items()]
    return render(request, "gallery/gallery.html", {"components": shown})


def _shown(request: HttpRequest, name: str, states: dict[str, dict[str, Any]]) -> Shown:
    source = (COMPONENTS / f"{name}.html").read_text(encoding="utf-8")
    lines = takewhile(lambda line: line.startswith("{#"), source.splitlines())
    caption = " ".join(line.strip("{#} ") for line in lines)
    rendered = {}
    for place, (state, given) in enumerate(states.items()):
        html = render_to_string(f"components/{name}.html", given, request)
        rendered[state] = _alone(html, f"{name}-{place}")
    return Shown(name, caption, rendered)


def _alone(html: str, suffix: str) -> SafeString:
    """A component stands once on a page; here it stands several times, so its ids get a suffix."""
    html = ID.sub(rf'\g<1>\g<2>-{suffix}"', html)
    return mark_safe(RADIO_GROUP.sub(rf'\g<1>\g<2>-{suffix}"', html))
