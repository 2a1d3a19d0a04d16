"""The assets of a domain: pictures and documents that items refer to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame
from clawstore.studio.queries import rows_of_uses
from foundation.files.space import require_free_space
from foundation.limits.bodies import declared_length
from foundation.paging import numbered_page
from foundation.refusals import Conflict, Invalid, NotFound, Refusal, TooLarge
from foundation.text.expressions import compile_text
from foundation.web.htmx import announce, is_htmx
from wordclaw.content.assets.actions import add_asset, authorize_upload, delete_asset
from wordclaw.content.assets.errors import InvalidAssetUpload
from wordclaw.content.assets.multipart import (
    FIELD_PREFIX,
    AssetFileHandler,
    FieldFileHandler,
)
from wordclaw.content.assets.queries import NEWEST_FIRST, assets_of, find_members_asset
from wordclaw.content.assets.sizes import MAX_MIB
from wordclaw.content.assets.upload import judge_upload, upload_of
from wordclaw.content.items.references import used_by
from wordclaw.content.models.assets import Asset
from wordclaw.policy.models import Domain

READ_AND_WRITE = ("GET", "HEAD", "POST")
ASSETS_PER_PAGE = 24
CONTROL = compile_text(r"[A-Za-z][\w-]{0,499}")
"""The id of a control; see `control_id`."""
SHOWN_REFUSALS = (Invalid, TooLarge, Conflict)


@studio_page(methods=READ_AND_WRITE, file_handler=AssetFileHandler)
def assets(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The assets of a domain, newest first; editors upload others."""
    if request.method == "POST":
        try:
            _upload(request, domain, "file")
        # Shown on the page beside the form; other refusals concern the whole page.
        except SHOWN_REFUSALS as refusal:
            return _assets_page(request, domain, refusal)
        return redirect("studio_assets", domain)
    return _assets_page(request, domain)


@studio_page("content.write", methods=("POST",), file_handler=FieldFileHandler)
def upload_for_field(request: StudioRequest, domain: Domain) -> HttpResponse:
    """Upload an asset beside a field of an item, and select it there.

    Without htmx the answer is the page of assets, in another tab than the item.
    """
    control = request.POST.get("for", "")
    if not CONTROL.fullmatch(control):
        raise NotFound
    try:
        asset = _upload(request, domain, f"{FIELD_PREFIX}{control}")
    except SHOWN_REFUSALS as refusal:
        if not is_htmx(request):
            return _assets_page(request, domain, refusal)
        response = render(request, "studio/parts/upload_refusal.html", {"refusal": refusal})
        return retarget(reswap(response, "innerHTML"), f"#{control}-upload-error")
    if not is_htmx(request):
        return redirect("studio_assets", domain)
    context = {"domain": domain, "asset": asset, "control": control}
    response = render(request, "studio/parts/uploaded_asset.html", context)
    message = _("Uploaded %(name)s, and selected it.") % {"name": asset.name}
    return announce(retarget(response, f"#{control}"), message)


def _assets_page(
    request: StudioRequest, domain: Domain, refusal: Refusal | None = None
) -> HttpResponse:
    rows = assets_of(domain, by=request.actor)
    pages = Paginator(rows.order_by(*[sort.order_by() for sort in NEWEST_FIRST]), ASSETS_PER_PAGE)
    context = frame(request, domain, tab="assets") | {
        "page": numbered_page(pages, request.GET.get("page")),
        "refusal": refusal,
        "max_mib": MAX_MIB,
    }
    status = refusal.status if refusal else 200
    return render(request, "studio/assets.html", context, status=status)


def _upload(request: StudioRequest, domain: Domain, name: str) -> Asset:
    """Store the file in the field ``name`` of the form, and say so on the next page."""
    authorize_upload(domain, by=request.actor)
    file = request.FILES.get(name)
    if file is None:
        raise InvalidAssetUpload(_("Select a file."))
    require_free_space(declared_length(request) or 0)
    upload = upload_of(file, access=request.POST.get("access"))
    asset = add_asset(domain, judge_upload(upload), by=request.actor)
    if not is_htmx(request):
        messages.success(request, _("Uploaded %(name)s.") % {"name": asset.name})
    return asset


@studio_page("content.write", methods=READ_AND_WRITE)
def delete(request: StudioRequest, domain: Domain, asset_id: str) -> HttpResponse:
    """Ask for confirmation, then delete an asset that nothing refers to."""
    asset = find_members_asset(domain, asset_id, by=request.actor)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            delete_asset(domain, asset_id, by=request.actor)
            messages.success(request, _("Deleted %(name)s.") % {"name": asset.name})
            return redirect("studio_assets", domain)
        except Conflict as error:
            refusal = error
    context = frame(request, domain, tab="assets") | {
        "asset": asset,
        "uses": rows_of_uses(used_by("asset", str(asset.pk)).active),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "studio/delete_asset.html", context, status=status)
