"""The preview picture of an agent: drawn once, then served from storage."""

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.analysis.summary import read_summary
from registry.embeds.drawing import PreviewContent, draw_preview
from registry.files.small_images import read_small_image
from registry.models import Agent


def preview_content(agent: Agent) -> PreviewContent:
    """Everything that the preview picture of an agent shows now."""
    latest = agent.latest_version
    release = ""
    if latest:
        version = _("Version %(number)s") % {"number": latest.version}
        release = f"{version} · {latest.get_channel_display()}"
    return PreviewContent(
        full_id=agent.full_id,
        name=agent.display_name,
        tagline=agent.tagline,
        release=release,
        facts=_facts(agent),
        instance=settings.INSTANCE_NAME,
        icon=agent.row_facts.get("small_icon", ""),
    )


def social_image_url(agent: Agent) -> str:
    """The picture's URL. It changes with the content, because previews are cached."""
    path = reverse("social_picture", args=[agent.scope, agent.name])
    return f"{settings.BASE_URL}{path}?v={preview_content(agent).digest[:12]}"


def _facts(agent: Agent) -> tuple[tuple[str, str], ...]:
    """The first facts of the label; only the licence if there is no version."""
    licence = (_("Licence"), agent.license or _("none"))
    if not agent.row_facts:
        return (licence,)
    summary = read_summary(agent.row_facts)
    files = ngettext("%(n)s file", "%(n)s files", summary.files) % {"n": f"{summary.files:,}"}
    return (
        (_("Writes"), files),
        (_("Secrets"), f"{summary.secrets:,}" if summary.secrets else _("none")),
        (_("Plugins"), f"{summary.plugins:,}" if summary.plugins else _("none")),
        licence,
    )


def load_or_draw(content: PreviewContent) -> bytes:
    # Two processes that draw at the same time write the same bytes under the same key.
    key = f"pictures/{content.digest}.png"
    try:
        with default_storage.open_stream(key) as stream:  # type: ignore[attr-defined]
            png: bytes = stream.read()
    except FileNotFoundError:
        png = draw_preview(content, read_small_image(content.icon))
        default_storage.save(key, ContentFile(png))
    return png
