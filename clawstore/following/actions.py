"""Following and no longer following, and the address of the private feed."""

from datetime import timedelta
from secrets import token_hex

from django.db import transaction

from clawstore.following.errors import NothingChosen, TooManyFollows
from clawstore.following.models import Follow, FollowFeed, FollowKind, FollowNews
from clawstore.following.news import CHANGES
from clawstore.following.queries import (
    feed_token,
    find_follow,
    find_target,
    follows_of,
    usual_target,
)
from clawstore.following.rules import FOLLOW_SCOPE
from clawstore.following.searches import delete_unfollowed_searches, store_searches
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now

MAX_FOLLOWS = 500
RETENTION = timedelta(days=90)


@transaction.atomic
def follow(
    kind: str,
    text: str,
    *,
    changes: list[str],
    by_mail: bool = True,
    by_webhook: bool = False,
    by: Actor,
) -> Follow:
    """Follow a target, or change which of its news the user gets.

    Raises NothingToFollow, NothingChosen or TooManyFollows.
    """
    user = by.require(FOLLOW_SCOPE)
    target, title = find_target(kind, text)
    choices = {f"wants_{change}": change in changes for change in CHANGES}
    if not any(choices.values()):
        raise NothingChosen
    if find_follow(user.pk, kind, target) is None and follows_of(user.pk).count() >= MAX_FOLLOWS:
        raise TooManyFollows
    columns = choices | {"title": title, "by_mail": by_mail, "by_webhook": by_webhook}
    row, _ = Follow.objects.update_or_create(
        user_id=user.pk, kind=kind, target=target, defaults=columns
    )
    if kind == FollowKind.SEARCH:
        store_searches([target])
    # Without the target: what a person reads is no matter of the log.
    record("follow.set", "follow", str(row.pk), by=by, kind=kind)
    return row


@transaction.atomic
def unfollow(kind: str, target: str, *, by: Actor) -> None:
    """Stop following; nothing happens for what is not followed."""
    user = by.require(FOLLOW_SCOPE)
    row = find_follow(user.pk, kind, target)
    row = row or find_follow(user.pk, kind, usual_target(kind, target))
    if row is not None:
        record("follow.end", "follow", str(row.pk), by=by, kind=kind)
        row.delete()
        if kind == FollowKind.SEARCH:
            delete_unfollowed_searches([row.target])


@transaction.atomic
def retarget_follows(former_id: str, full_id: str) -> int:
    """Point follows of a moved agent to its new id; returns how many.

    A user who follows both keeps the newer follow.
    """
    agents = Follow.objects.filter(kind=FollowKind.AGENT)
    follows = agents.filter(target=former_id)
    follows.filter(user__in=agents.filter(target=full_id).values("user")).delete()
    follows.filter(title=former_id).update(title=full_id)
    return follows.update(target=full_id)


def feed_token_of(user: User) -> str:
    """Return the secret part of the address of a user's feed."""
    feed, _ = FollowFeed.objects.get_or_create(user=user, defaults={"nonce": token_hex(8)})
    return feed_token(user.pk, feed.nonce)


@transaction.atomic
def replace_feed_address(*, by: Actor) -> None:
    """Give the actor's feed another address; the former one ends."""
    user = by.require("session")
    FollowFeed.objects.update_or_create(user_id=user.pk, defaults={"nonce": token_hex(8)})
    record("follow.feed_replaced", "user", user.username, by=by)


def delete_follows_of(user: User) -> None:
    """Delete what a user follows who leaves."""
    searches = Follow.objects.filter(user=user, kind=FollowKind.SEARCH)
    queries = list(searches.values_list("target", flat=True))
    for model in (Follow, FollowNews, FollowFeed):
        model.objects.filter(user=user).delete()
    delete_unfollowed_searches(queries)


def delete_old_news() -> int:
    """Delete old news (`RETENTION`), and searches that have no follower.

    Returns the number of deleted news.
    """
    delete_unfollowed_searches()
    deleted_count: int = FollowNews.objects.filter(created_at__lt=now() - RETENTION).delete()[0]
    return deleted_count
