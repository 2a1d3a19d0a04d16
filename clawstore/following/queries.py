"""Questions about follows."""

from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import QueryDict

from clawstore.editorial.models import ContentPage
from clawstore.following.errors import FeedNotFound, FollowNotFound, NothingToFollow
from clawstore.following.models import TARGET_LENGTH, TITLE_LENGTH, Follow, FollowFeed, FollowKind
from clawstore.following.models import FollowNews as News
from foundation.accounts.models import User
from foundation.refusals import Gone, NotFound
from foundation.text.input import read_uuid
from profiles.models import Scope
from profiles.rules import has_recent_sign_in
from registry.agents.queries import find_visible_agent
from registry.errors import AgentMoved
from registry.rules.identifiers import AGENT_ID, scope_and_name
from registry.search.forms import AgentSearchForm
from wordclaw.policy.actions import STORE

# Part of every address that was handed out: the value must not change.
FEED_SALT = "clawstore.following.feed"
COLLECTIONS = "collections"


def follows_of(user_id: UUID) -> "QuerySet[Follow]":
    follows: QuerySet[Follow] = Follow.objects.filter(user_id=user_id)
    return follows.order_by("kind", "title", "id")


def news_of(user_id: UUID, limit: int) -> list[News]:
    news = News.objects.filter(user_id=user_id).order_by("-created_at", "id")
    return list(news[:limit])


def find_follow(user_id: UUID, kind: str, target: str) -> Follow | None:
    follow: Follow | None = follows_of(user_id).filter(kind=kind, target=target).first()
    return follow


def follows_by_age(user_id: UUID) -> "QuerySet[Follow]":
    """Return the follows of a user without an order, for a list with a cursor."""
    return follows_of(user_id).order_by()


def find_own_follow(user_id: UUID, kind: str, text: str) -> Follow:
    """Return a follow by what a client writes. Raises FollowNotFound."""
    row = find_follow(user_id, kind, text) or find_follow(user_id, kind, usual_target(kind, text))
    if row is None:
        raise FollowNotFound
    return row


def usual_target(kind: str, text: str) -> str:
    """Return a target in its usual form; what is gone is returned as it is."""
    try:
        return find_target(kind, text)[0]
    except AgentMoved as refusal:
        return refusal.full_id
    except (Gone, NotFound):
        return text


def find_target(kind: str, text: str) -> tuple[str, str]:
    """Return a target in its usual form, and its title.

    Raises NothingToFollow or NotFound.
    """
    finders = {
        FollowKind.AGENT: _find_agent,
        FollowKind.PERSON: _find_person,
        FollowKind.COLLECTION: _find_collection,
        FollowKind.SEARCH: _find_search,
    }
    if kind not in FollowKind.values or "\0" in text:
        raise NothingToFollow
    target, title = finders[FollowKind(kind)](text)
    return target, title[:TITLE_LENGTH]


def _find_agent(text: str) -> tuple[str, str]:
    if not AGENT_ID.match(text.lower()):
        raise NothingToFollow
    agent = find_visible_agent(*scope_and_name(text.lower()))
    return agent.full_id, agent.full_id


def _find_person(text: str) -> tuple[str, str]:
    scope = Scope.objects.filter(name=text.lower().removeprefix("@")).first()
    if scope is None:
        raise NothingToFollow
    return scope.name, f"@{scope.name}"


def _find_collection(text: str) -> tuple[str, str]:
    pages = ContentPage.objects.filter(domain__name=STORE, kind=COLLECTIONS)
    page = pages.filter(Q(pk=read_uuid(text)) | Q(slug=text)).first()
    if page is None:
        raise NothingToFollow
    titles = [str(texts.get("title", "")) for texts in page.texts.values()]
    return str(page.pk), next(filter(None, titles), page.slug)


def _find_search(text: str) -> tuple[str, str]:
    form = AgentSearchForm(QueryDict(text.removeprefix("?")[:TARGET_LENGTH]))
    # The usual form, so that one search has one target whatever its order and page.
    query = form.url(sort="").partition("?")[2]
    if not query or len(query) > TARGET_LENGTH:
        raise NothingToFollow
    words = [form.values.get("q", ""), *form.tags]
    words += [value for name, value in form.values.items() if name not in ("q", "sort")]
    return query, " · ".join(filter(None, words))


def feed_token(user_id: UUID, nonce: str) -> str:
    return signing.Signer(salt=FEED_SALT, sep=".").sign(f"{user_id.hex}.{nonce}")


def user_of_feed(token: str) -> User:
    """Return the user of a feed's address. Raises FeedNotFound."""
    try:
        value = signing.Signer(salt=FEED_SALT, sep=".").unsign(token)
    except signing.BadSignature:
        raise FeedNotFound from None
    user_id, _, nonce = value.partition(".")
    feeds = FollowFeed.objects.filter(user_id=read_uuid(user_id), nonce=nonce)
    feed = feeds.filter(user__is_active=True).select_related("user").first()
    if feed is None or not has_recent_sign_in(feed.user):
        raise FeedNotFound
    user: User = feed.user
    return user
