"""Preview links: made by members, opened by anyone who has one."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.editor.form import DocumentForm
from clawstore.studio.forms import PreviewForm
from clawstore.studio.frame import item_frame
from clawstore.studio.references import name_targets, targets_for_reader
from clawstore.studio.rendering import render_nodes
from clawstore.studio.titles import title_of
from foundation.limits.middleware import limited
from wordclaw.content.items.queries import get_item
from wordclaw.content.previews.actions import issue_preview, open_preview, revoke_previews
from wordclaw.content.rules import compiled_schema
from wordclaw.policy.models import Domain
from wordclaw.schema.locales import schema_of_one_language


@studio_page("content.write", methods=("GET", "HEAD", "POST"))
def preview_links(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Make a preview link, or make all links of the item useless."""
    item = get_item(domain, item_id)
    if request.POST.get("do") == "revoke":
        revoke_previews(domain, str(item.pk), by=request.actor)
        messages.success(request, _("All preview links of this item are revoked."))
        return redirect("studio_preview", domain, item.pk)
    localization = compiled_schema(item.content_type).localization
    form = PreviewForm(localization, request.POST if request.method == "POST" else None)
    root = DocumentForm(item.content_type.schema, item.data).node()
    render_nodes(root.walk())
    context = item_frame(request, item) | {"form": form, "root": root}
    if form.is_bound and form.is_valid():
        token = issue_preview(domain, str(item.pk), by=request.actor, **form.cleaned_data)
        address = reverse("preview", args=[token.token])
        context |= {"link": f"{settings.BASE_URL}{address}", "expires_at": token.expires_at}
    status = 422 if form.errors else 200
    return render(request, "studio/preview_links.html", context, status=status)


@never_cache
# The page needs no account, and renders markdown in the sandbox for each visit.
@limited("read", methods=("GET",))
@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """The working copy behind a preview link. Raises InvalidPreviewToken."""
    view = open_preview(token)
    schema = view.item.content_type.schema
    if view.resolution is not None:
        # The data has texts in the place of maps now.
        schema = schema_of_one_language(schema)
    root = DocumentForm(schema, view.data).node()
    name_targets(root.walk(), targets_for_reader(view.item.content_type.domain))
    render_nodes(root.walk())
    title = title_of(view.item.content_type, view.item.data)
    context = {"view": view, "title": title, "root": root}
    response = render(request, "studio/preview.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the secret, and would be sent to each host that the text links to.
    response["Referrer-Policy"] = "no-referrer"
    return response
