"""Atom feeds: what is new in the shop, of a scope, an agent, a search; and what was taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from foundation.clock import iso
from foundation.texts import for_xml
from profiles.queries import profile_named
from registry.agents.detail import release_notes_of, shown_of
from registry.agents.queries import find_agent
from registry.models import Version, VersionQuerySet, VersionWithholding
from registry.search import in_order
from registry.search.forms import AgentSearchForm

MOST_ENTRIES = 50
# The age of a feed in which nothing has ever stood: it must not look new at every visit.
BEFORE_ANYTHING = datetime(2000, 1, 1, tzinfo=UTC)
KEEP = cache_control(public=True, max_age=300)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a version."""

    id: UUID
    title: str
    version: Version
    at: datetime
    html: str


class Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else BEFORE_ANYTHING


@require_safe
@KEEP
def versions(request: HttpRequest) -> HttpResponse:
    """Every new version in the shop."""
    title = _("New versions")
    return _feed(title, reverse("browse"), reverse("feed_versions"), _published(_offered()))


@require_safe
@KEEP
def of_scope(request: HttpRequest, scope: str) -> HttpResponse:
    """New versions of the agents under a scope; refuses one that nobody has."""
    scope = scope.lower()
    profile_named(scope)
    found = _published(_offered().filter(agent__scope=scope))
    own = reverse("feed_scope", args=[scope])
    return _feed(f"@{scope}", reverse("person", args=[scope]), own, found)


@require_safe
@KEEP
def of_agent(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """New versions of one agent; refuses like its page."""
    agent = find_agent(scope, name)
    found = _published(_offered().filter(agent=agent))
    address = [agent.scope, agent.name]
    own = reverse("feed_agent", args=address)
    title = f"{agent.display_name} ({agent.full_id})"
    return _feed(title, reverse("agent", args=address), own, found)


@require_safe
@KEEP
def search(request: HttpRequest) -> HttpResponse:
    """The agents that a search finds, each with its newest version, the newest first. The address
    is the search: whoever keeps it has saved it."""
    form = AgentSearchForm(request.GET)
    newest_first = replace(form.search(), sort="recent")
    found = []
    for shown in shown_of(in_order(newest_first).with_owner()[:MOST_ENTRIES]):
        shown.version.agent = shown.agent
        found.append(shown.version)
    own = reverse("feed_search") + form.query
    about = form.values.get("q") or ", ".join(form.tags) or form.query.lstrip("?")
    title = _("Search: %(words)s") % {"words": about}
    return _feed(title, form.url(), own, _published(found))


@require_safe
@KEEP
def yanks(request: HttpRequest) -> HttpResponse:
    """What was taken back: yanked and withheld versions, with the reasons."""
    listed = {"agent__delisted_at": None}
    people = "agent__owner_user__profile"
    yanked = Version.objects.yanked().filter(**listed).order_by("-yanked_at", "id")
    withheld = VersionWithholding.objects.in_force().order_by("-withheld_at", "id")
    withheld = withheld.filter(version__agent__delisted_at=None)
    withheld = withheld.select_related(f"version__{people}").defer("version__manifest")
    entries = [
        *map(_yank, yanked.select_related(people).defer("manifest")[:MOST_ENTRIES]),
        *map(_withholding, withheld[:MOST_ENTRIES]),
    ]
    entries.sort(key=lambda entry: (entry.at, str(entry.id)), reverse=True)
    title = _("Versions that were taken back")
    return _feed(title, reverse("browse"), reverse("feed_yanks"), entries[:MOST_ENTRIES])


def _offered() -> VersionQuerySet:
    """The newest that may be shown and recommended, with what an entry says of them."""
    offered: VersionQuerySet = Version.objects.offered().filter(agent__delisted_at=None)
    return offered.select_related("agent__owner_user__profile").order_by("-uploaded_at", "id")


def _published(versions: Iterable[Version]) -> list[Entry]:
    if isinstance(versions, VersionQuerySet):
        versions = versions[:MOST_ENTRIES]
    versions = list(versions)
    notes = release_notes_of([version.pk for version in versions])
    return [
        Entry(
            id=version.pk,
            title=f"{version.agent.display_name} {version.version}",
            version=version,
            at=version.uploaded_at,
            html=render_to_string(
                "outlets/feed_version.html", {"version": version, "notes": notes.get(version.pk)}
            ),
        )
        for version in versions
    ]


def _yank(version: Version) -> Entry:
    # A version that comes back and is yanked again is another thing that happened.
    happened = f"{version.pk} {iso(version.yanked_at)}"  # type: ignore[arg-type]
    said = {"version": version, "why": version.yanked_reason}
    return Entry(
        id=uuid5(NAMESPACE_URL, happened),
        title=_("%(name)s was yanked") % {"name": _full_name(version)},
        version=version,
        at=version.yanked_at,  # type: ignore[arg-type]
        html=render_to_string("outlets/feed_taken_back.html", said),
    )


def _withholding(held: VersionWithholding) -> Entry:
    said = {"version": held.version, "why": held.text, "cause": held.get_reason_display()}
    return Entry(
        id=held.pk,
        title=_("%(name)s is withheld") % {"name": _full_name(held.version)},
        version=held.version,
        at=held.withheld_at,
        html=render_to_string("outlets/feed_taken_back.html", said),
    )


def _full_name(version: Version) -> str:
    return f"{version.agent.full_id}@{version.version}"


def _feed(title: str, page: str, own: str, entries: Iterable[Entry]) -> HttpResponse:
    """``page`` is what the feed is about, ``own`` where it is itself: paths."""
    feed = Feed(
        title=for_xml(f"{title} · {settings.INSTANCE_NAME}"),
        link=settings.BASE_URL + page,
        description="",
        language=get_language(),
        feed_url=settings.BASE_URL + own,
        feed_guid=settings.BASE_URL + own,
    )
    for entry in entries:
        _add(feed, entry)
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _add(feed: Feed, entry: Entry) -> None:
    version, agent = entry.version, entry.version.agent
    feed.add_item(
        title=for_xml(entry.title),
        link=settings.BASE_URL + reverse("version", args=[agent.scope, agent.name, version]),
        description=for_xml(entry.html.strip()),
        unique_id=f"urn:uuid:{entry.id}",
        pubdate=entry.at,
        updateddate=entry.at,
        author_name=for_xml(agent.owner_profile.shown_name),
        author_link=settings.BASE_URL + reverse("person", args=[agent.owner_profile.github_login]),
    )
