"""The picture beside a link to an agent: drawn once for each thing it says, then kept."""

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.web.addresses import redirect_to_lowercase
from registry.agents.queries import find_agent
from registry.embeds.drawing import Said, draw
from registry.models import Agent

AN_HOUR = "public, max-age=3600"


@require_safe
@redirect_to_lowercase
def picture(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """A PNG of 1200 by 630; refuses like the agent's page."""
    said = said_of(find_agent(scope, name))
    headers = {
        "Cache-Control": AN_HOUR,
        "ETag": f'"{said.digest}"',
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    full = HttpResponse(content_type="image/png", headers=headers)
    answer = get_conditional_response(request, etag=headers["ETag"], response=full)
    if answer is full:
        full.content = _kept(said)
    return answer or full


def said_of(agent: Agent) -> Said:
    """What the picture of an agent says now."""
    latest = agent.latest_version
    facts = [_("Version %(number)s") % {"number": latest.version}] if latest else []
    if latest:
        facts.append(latest.get_channel_display())
    return Said(
        full_id=agent.full_id,
        name=agent.display_name,
        tagline=agent.tagline,
        facts=" · ".join([*facts, agent.license]),
        shop=settings.INSTANCE_NAME,
    )


def picture_address(agent: Agent) -> str:
    """Where the picture is; another address as soon as it says something else, for those who keep
    what they once fetched."""
    path = reverse("social_picture", args=[agent.scope, agent.name])
    return f"{settings.BASE_URL}{path}?v={said_of(agent).digest[:12]}"


def _kept(said: Said) -> bytes:
    # The key is of what is drawn: another process that draws it at the same time writes the same.
    key = f"pictures/{said.digest}.png"
    try:
        with default_storage.open_stream(key) as stream:  # type: ignore[attr-defined]
            kept: bytes = stream.read()
    except FileNotFoundError:
        kept = draw(said)
        default_storage.save(key, ContentFile(kept))
    return kept
