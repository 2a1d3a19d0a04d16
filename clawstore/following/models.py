"""Follows, news about them, and private feeds."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now
from registry.search.stored import MAX_KEY_LENGTH

TARGET_LENGTH = 500
TITLE_LENGTH = 200


class FollowKind(models.TextChoices):
    AGENT = "agent"
    PERSON = "person"
    COLLECTION = "collection"
    SEARCH = "search"


class Follow(models.Model):
    """One subject that a user follows.

    ``target`` is ``@scope/name``, a scope, the ID of a collection, or the query string of a search.
    The four choices say of which events the user is told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="follows")
    kind = models.CharField(max_length=10, choices=FollowKind)
    target = models.CharField(max_length=TARGET_LENGTH)
    title = models.CharField(max_length=TITLE_LENGTH)
    wants_new_version = models.BooleanField()
    wants_asks_more = models.BooleanField()
    wants_yanked = models.BooleanField()
    wants_withheld = models.BooleanField()
    by_mail = models.BooleanField()
    by_webhook = models.BooleanField()
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Follow"]()

    class Meta:
        db_table = "follows"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "target"], name="one_follow_per_user_and_target"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=FollowKind.values), name="follow_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["kind", "target", "id"], name="followers_of_a_target")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


class FollowedSearch(models.Model):
    """A followed search as it was read.

    ``query`` is the target of its follows, from which these rows are derived: see `searches`.
    """

    id = models.BigAutoField(primary_key=True)
    query = models.CharField(max_length=TARGET_LENGTH, unique=True)
    rules = models.CharField(max_length=16, help_text="registry.search.stored.reading_rules")
    search = models.JSONField(help_text="registry.search.stored.search_as_json")

    objects: ClassVar = models.Manager["FollowedSearch"]()

    class Meta:
        db_table = "followed_searches"
        verbose_name_plural = "followed searches"

    def __str__(self) -> str:
        return self.query


class FollowedSearchKey(models.Model):
    """A key of a followed search: an agent that it finds has one of its keys."""

    id = models.BigAutoField(primary_key=True)
    search = models.ForeignKey(FollowedSearch, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=MAX_KEY_LENGTH)

    objects: ClassVar = models.Manager["FollowedSearchKey"]()

    class Meta:
        db_table = "followed_search_keys"
        constraints = [
            models.UniqueConstraint(fields=["key", "search"], name="one_key_per_followed_search")
        ]

    def __str__(self) -> str:
        return self.key


class FollowNews(models.Model):
    """One event that a user is told of, for the page and the feed; kept for 90 days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="follow_news")
    event_id = models.UUIDField()
    content = models.JSONField()
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["FollowNews"]()

    class Meta:
        db_table = "follow_news"
        verbose_name_plural = "follow news"
        constraints = [
            # A job that runs again, and a second follow, tell of an event once.
            models.UniqueConstraint(fields=["user", "event_id"], name="one_news_per_user_and_event")
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "id"], name="follow_news_newest_first"),
            models.Index(fields=["created_at"], name="follow_news_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}"


class FollowFeed(models.Model):
    """The part of a feed's address that can be replaced when it has become known."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="follow_feed"
    )
    nonce = models.CharField(max_length=32)

    objects: ClassVar = models.Manager["FollowFeed"]()

    class Meta:
        db_table = "follow_feeds"

    def __str__(self) -> str:
        return f"{self.user_id}"
