"""JSON endpoints of preview links."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public, signed_in
from foundation.clock import iso
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.content.items.schemas import ItemOut, item_out
from wordclaw.content.previews.actions import issue_preview, open_preview, revoke_previews
from wordclaw.content.previews.schemas import PreviewIn, PreviewOut
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import READ, WRITE, Answer, actor_of, write

router = Router(tags=["content items"])
PREVIEW = "/domains/{domain}/content-items/{item_id}/preview-token"


@router.post(
    PREVIEW,
    auth=signed_in,
    throttle=WRITE,
    response={201: PreviewOut},
    summary="Create a preview link",
)
@write
def create_preview(
    request: HttpRequest, domain: str, item_id: str, body: PreviewIn | None = None
) -> Answer:
    by = actor_of(request)
    wishes = body or PreviewIn()
    preview = issue_preview(
        find_domain(domain, by),
        item_id,
        ttl_seconds=wishes.ttlSeconds,
        locale=wishes.locale,
        by=by,
    )
    path = f"/v1/preview/{preview.token}"
    answer = {
        "token": preview.token,
        "url": f"{settings.BASE_URL}{path}",
        "path": path,
        "expiresAt": iso(preview.expires_at),
    }
    # Tokens are stored nowhere: that of a dry run would open the draft, without an audit event.
    return Answer(answer, status=201, secret_keys=frozenset({"token", "url", "path"}))


@router.post(
    PREVIEW + "/revoke",
    auth=signed_in,
    throttle=WRITE,
    response=Done,
    summary="Revoke all preview links of an item",
)
@write
def revoke_preview(request: HttpRequest, domain: str, item_id: str) -> Answer:
    by = actor_of(request)
    revoke_previews(find_domain(domain, by), item_id, by=by)
    return Answer({"ok": True})


@router.get(
    "/preview/{token}",
    auth=public,
    throttle=READ,
    response=ItemOut,
    summary="The item behind a preview link",
)
def preview(request: HttpRequest, token: str) -> HttpResponse:
    response = json_response(item_out(open_preview(token)))
    # A cached draft would stay readable after the link has ended or was revoked.
    response["Cache-Control"] = "no-store"
    # Links get into mails and chats, whose robots follow them.
    response["X-Robots-Tag"] = "noindex"
    return response
