"""News of the store as Atom: announcements, collections and guides."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clawstore.editorial.addresses import address_of
from clawstore.editorial.models import ContentPage
from clawstore.editorial.queries import make_entry
from clawstore.editorial.views import LISTS
from foundation.text.input import strip_invalid_xml
from registry.embeds.rendered import ATOM_CONTENT_TYPE, AtomFeed
from wordclaw.policy.actions import STORE

MAX_ITEMS = 50


@require_safe
@cache_control(public=True, max_age=300)
def news_feed(request: HttpRequest) -> HttpResponse:
    """The newest announcements, collections and guides of the store."""
    address = settings.BASE_URL + reverse("feed_news")
    feed = AtomFeed(
        title=strip_invalid_xml(f"{_('News')} · {settings.INSTANCE_NAME}"),
        link=settings.BASE_URL + reverse("announcements"),
        description="",
        language=settings.LANGUAGE_CODE,
        feed_url=address,
        feed_guid=address,
    )
    pages = ContentPage.objects.filter(domain__name=STORE, kind__in=LISTS).select_related("domain")
    for page in pages.order_by("-published_at", "item")[:MAX_ITEMS]:
        entry = make_entry(page, [settings.LANGUAGE_CODE])
        feed.add_item(
            title=strip_invalid_xml(entry.texts.title),
            link=settings.BASE_URL + address_of(entry.domain, entry.kind, entry.slug),
            description=strip_invalid_xml(f"<p>{escape(entry.texts.summary)}</p>"),
            unique_id=f"urn:uuid:{page.pk}",
            pubdate=page.published_at,
            updateddate=page.changed_at,
            author_name=settings.INSTANCE_NAME,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=ATOM_CONTENT_TYPE)
