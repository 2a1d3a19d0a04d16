"""Pages of content that has a price: they show its title and the price."""

from typing import Any

from clawstore.editorial.kinds import LISTINGS, PageKind
from foundation.web.requests import Request
from wordclaw.content.items.queries import get_item
from wordclaw.content.models import ContentItemVersion, ContentType
from wordclaw.content.paywall import gate_of, hidden_fields, offer_of
from wordclaw.payments.access.actions import open_for_page
from wordclaw.payments.access.api import reader_of
from wordclaw.payments.models import Offer
from wordclaw.schema.premium import visible_data


def data_of_page(
    content_type: ContentType, item_id: Any, data: dict[str, Any], kind: PageKind
) -> tuple[dict[str, Any], Offer | None]:
    """Return the data that every reader of a page sees, and the offer of the rest.

    Without a marked field that is the title alone. A listing and a notice have no buyer, so
    neither has a page while it has a price.
    """
    offer = offer_of(content_type, item_id)
    if offer is None:
        return data, None
    if kind.slug == LISTINGS or kind.title == kind.body:
        return {}, offer
    if hidden_fields(content_type) is not None:
        return visible_data(content_type.schema, data), offer
    names = (kind.title, "slug")
    return {name: data[name] for name in names if name in data}, offer


def visible_data_of(version: ContentItemVersion, kind: PageKind | None) -> dict[str, Any]:
    """Return the data of a version that every reader sees.

    The version comes with its item, type and domain.
    """
    data: dict[str, Any] = version.data
    if kind is None:
        return {}
    return data_of_page(version.item.content_type, version.item_id, data, kind)[0]


def may_read_page(request: Request, version: ContentItemVersion) -> bool:
    """Whether a signed-in reader may read a text with a price; this uses one read.

    Only for users: what a token opens would be kept in the cache of anonymous pages.
    """
    actor = request.actor
    if not actor.is_known:
        return False
    item = get_item(version.item.content_type.domain, version.item_id)
    reader = reader_of(request, actor, is_browser=True)
    return open_for_page(gate_of(item, actor), reader).is_allowed
