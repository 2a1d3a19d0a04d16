"""Render feeds as Atom."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from foundation.text.input import strip_invalid_xml
from registry.embeds.feeds import FeedItem, PublishItem, RemovalItem

ATOM_CONTENT_TYPE = Atom1Feed.content_type
# The date of a feed without items. Django's is the present, so an empty feed would look new at
# every request.
EMPTY_FEED_DATE = datetime(2000, 1, 1, tzinfo=UTC)


class AtomFeed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else EMPTY_FEED_DATE


def render_feed(title: str, *, page: str, path: str, items: Iterable[FeedItem]) -> str:
    """A feed as XML; ``path`` is its own, ``page`` that of the page about the same."""
    feed_url = settings.BASE_URL + path
    feed = AtomFeed(
        title=strip_invalid_xml(f"{title} · {settings.INSTANCE_NAME}"),
        link=settings.BASE_URL + page,
        description="",
        language=get_language(),
        feed_url=feed_url,
        feed_guid=feed_url,
    )
    for item in items:
        version, agent = item.version, item.version.agent
        owner = agent.owner_profile
        feed.add_item(
            title=strip_invalid_xml(item.title),
            link=settings.BASE_URL + reverse("version", args=[agent.scope, agent.name, version]),
            description=strip_invalid_xml(_item_html(item).strip()),
            unique_id=f"urn:uuid:{item.id}",
            pubdate=item.happened_at,
            updateddate=item.happened_at,
            author_name=strip_invalid_xml(owner.shown_name),
            author_link=settings.BASE_URL + reverse("person", args=[owner.github_login]),
        )
    xml: str = feed.writeString("utf-8")
    return xml


def _item_html(item: FeedItem) -> str:
    if isinstance(item, RemovalItem):
        context = {"version": item.version, "reason": item.reason, "cause": item.cause}
        return render_to_string("embeds/feed_removal.html", context)
    notes = item.notes if isinstance(item, PublishItem) else None
    return render_to_string("embeds/feed_version.html", {"version": item.version, "notes": notes})
