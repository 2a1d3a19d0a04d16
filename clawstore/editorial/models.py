"""Tables of pages that show content, computed at publish from content alone."""

from typing import ClassVar

from django.db import models

from registry.models import Agent
from wordclaw.content.models import ContentItem, ContentItemVersion
from wordclaw.policy.models import Domain

KIND_LENGTH = 16
SLUG_LENGTH = 64
"""That of the store's own types (``types/``) and of names of types in ``wordclaw.content``."""


class ContentPage(models.Model):
    """The page of a published item: its address, and its texts in lists.

    ``texts`` has ``title`` and ``summary`` by language. A page was published first at
    ``published_at``; ``version`` is the version that readers get.
    """

    # CASCADE here and nowhere in the content itself: pages are derived and can be made again.
    item = models.OneToOneField(
        ContentItem, models.CASCADE, primary_key=True, related_name="content_page"
    )
    version = models.ForeignKey(ContentItemVersion, models.CASCADE, related_name="+")
    domain = models.ForeignKey(Domain, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=KIND_LENGTH, help_text="The slug of the content type")
    slug = models.CharField(max_length=SLUG_LENGTH)
    position = models.IntegerField(default=0)
    texts = models.JSONField(default=dict)
    price_satoshis = models.PositiveBigIntegerField(null=True, help_text="Null: it is free")
    published_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects: ClassVar = models.Manager["ContentPage"]()

    class Meta:
        db_table = "content_pages"
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "kind", "slug"], name="one_page_per_domain_kind_and_slug"
            )
        ]
        indexes = [
            models.Index(
                fields=["domain", "kind", "position", "-published_at", "item"],
                name="pages_in_their_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug}"


class ContentPageAgent(models.Model):
    """An agent that a page speaks of; ``texts`` are the words about it by language."""

    id = models.BigAutoField(primary_key=True)
    page = models.ForeignKey(ContentPage, models.CASCADE, related_name="agents")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    texts = models.JSONField(default=dict)

    objects: ClassVar = models.Manager["ContentPageAgent"]()

    class Meta:
        db_table = "content_page_agents"
        constraints = [
            models.UniqueConstraint(fields=["page", "agent"], name="one_place_per_page_and_agent")
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.agent_id}"


class RenderedContent(models.Model):
    """The HTML of the markdown in one published version, by language.

    ``renderer`` names the rules that made it. Pages do not read a row of former rules.
    """

    version = models.OneToOneField(
        ContentItemVersion, models.CASCADE, primary_key=True, related_name="+"
    )
    renderer = models.CharField(max_length=16)
    html = models.JSONField(default=dict)

    objects: ClassVar = models.Manager["RenderedContent"]()

    class Meta:
        db_table = "rendered_content"

    def __str__(self) -> str:
        return f"{self.version_id}"


class PageFrame(models.Model):
    """The one row with the notice and the names of the policies."""

    # A constant key and a constraint: two rows would show readers one notice or the other.
    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    content = models.JSONField(default=dict)

    objects: ClassVar = models.Manager["PageFrame"]()

    class Meta:
        db_table = "page_frame"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="page_frame_is_one_row")
        ]

    def __str__(self) -> str:
        return "page frame"
