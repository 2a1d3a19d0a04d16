"""Agents, their categories and tags."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, GeneratedField, Q, Value, When
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.lookups import GreaterThanOrEqual

from foundation.clock import now
from foundation.immutable import RowIsImmutable

if TYPE_CHECKING:
    from profiles.models import Profile


class Category(models.Model):
    """A category of agents; maintainers edit the list at the desk."""

    id = models.SlugField(primary_key=True, max_length=64)
    name = models.CharField(max_length=80)
    icon = models.CharField(max_length=32)
    sentence = models.CharField(
        max_length=160, blank=True, default="", help_text="What its agents do, on its page"
    )
    sort_order = models.IntegerField()

    class Meta:
        db_table = "categories"
        ordering = ["sort_order", "id"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


OFFERS_BETA = Q(offers_beta=True, delisted_at=None)


class AgentQuerySet(models.QuerySet["Agent"]):
    def delete(self) -> NoReturn:
        raise RowIsImmutable("An agent cannot be deleted: delist it.")

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise RowIsImmutable("An agent cannot be deleted: delist it.")

    def listed(self) -> Self:
        """Agents with a stable version that is not yanked, without delisted ones."""
        return self.filter(is_listed=True)

    def offering_beta(self) -> Self:
        """Agents with an available pre-release, without delisted ones."""
        return self.filter(OFFERS_BETA)

    def with_owner(self) -> Self:
        return self.select_related("owner_user__profile")


LISTED_ORDERS = {
    "listed_by_name": ["name", "id"],
    "listed_by_downloads": ["-download_count", "id"],
    "listed_by_downloads_30d": ["-downloads_30d", "id"],
    "listed_by_creation": ["-created_at", "id"],
    "listed_by_rise": ["-trend_ratio", "id"],
    "listed_by_rating": ["-avg_rating", "id"],
    "listed_by_category": ["category", "-updated_at", "id"],
    "category_by_name": ["category", "name", "id"],
    "category_by_downloads": ["category", "-download_count", "id"],
    "category_by_downloads_30d": ["category", "-downloads_30d", "id"],
    "category_by_creation": ["category", "-created_at", "id"],
    "category_by_rating": ["category", "-avg_rating", "id"],
    "listed_by_owner": ["owner_user"],
    "listed_by_update": ["-updated_at", "id"],
}

# Powers of ten, so that the next step takes ten times as many downloads. Fewer than ten count as
# none, so that an author's own downloads change nothing.
ADOPTION_STEPS = (100_000, 10_000, 1_000, 100, 10)
# An average counts as if five more people had given three and a half stars, so that one review
# alone changes little.
RATING_STEPS = (4.5, 4.25, 4.0, 3.75, 3.5, 3.0, 2.5)
PRIOR_REVIEWS, PRIOR_STARS = 5, 3.5


def search_weight() -> CombinedExpression:
    """The search weight: adoption first, then smoothed rating, as an integer.

    It uses thresholds, because databases round differently.
    """
    integer = models.IntegerField()
    adoption = [
        When(downloads_30d__gte=minimum, then=Value((len(ADOPTION_STEPS) - place) * 10))
        for place, minimum in enumerate(ADOPTION_STEPS)
    ]
    unrated_steps = len(RATING_STEPS) - RATING_STEPS.index(PRIOR_STARS)
    rating = [When(avg_rating=None, then=Value(unrated_steps))] + [
        When(_is_rated(minimum), then=Value(len(RATING_STEPS) - place))
        for place, minimum in enumerate(RATING_STEPS)
    ]
    tens = Case(*adoption, default=Value(0), output_field=integer)
    rating_points = Case(*rating, default=Value(0), output_field=integer)
    return CombinedExpression(tens, Combinable.ADD, rating_points)


def _is_rated(minimum: float) -> GreaterThanOrEqual:
    """Whether the smoothed rating is at least ``least``, written without a division.

    Databases round a quotient differently.
    """
    above = (F("avg_rating") - Value(minimum)) * F("review_count")
    return GreaterThanOrEqual(above, Value((minimum - PRIOR_STARS) * PRIOR_REVIEWS))


class Agent(models.Model):
    """An agent ``@scope/name``: made by its first publish, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    owner_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="agents")
    latest_version = models.ForeignKey(
        "Version",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Newest stable, not yanked",
    )

    # The listing: a snapshot of the manifest of latest (or of the newest version without one).
    category = models.ForeignKey(
        Category, models.PROTECT, db_column="category", related_name="agents"
    )
    description = models.TextField()
    tagline = models.CharField(max_length=140)
    display_name = models.CharField(max_length=128)
    homepage = models.CharField(max_length=2048, null=True)
    repository = models.CharField(max_length=2048, null=True)
    license = models.CharField(max_length=255)

    # Denormalised numbers: `manage.py recount` compares them.
    download_count = models.BigIntegerField(default=0)
    avg_rating = models.FloatField(null=True)
    review_count = models.IntegerField(default=0)

    # Increased by every visible change of the agent: see `registry.agents.revisions`.
    revision = models.BigIntegerField(default=0, db_default=0)

    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now, help_text="Last publish or listing refresh")

    # The columns from here on are not in the data model.
    # With is_listed and offers_beta, one index serves a list page without reading versions.
    is_listed = models.BooleanField(default=False)
    offers_beta = models.BooleanField(default=False)
    # The sum of download_days in the window of `registry.rules.periods.window_start`.
    downloads_30d = models.PositiveIntegerField(default=0, db_default=0)
    # The same sum of signed-in users.
    signed_in_30d = models.PositiveIntegerField(default=0, db_default=0)
    # The approximate number of distinct networks of these downloads.
    networks_30d = models.PositiveIntegerField(default=0, db_default=0)
    # Trend ratio (observed / expected networks), by `registry.downloads.trending`;
    # null when not trending.
    trend_ratio = models.FloatField(null=True)
    # The display name as the search compares it, written at publish.
    folded_name = models.CharField(max_length=512, default="")
    # Filters of the search.
    latest_channel = models.CharField(max_length=16, default="")
    model_provider = models.CharField(max_length=64, default="")
    requires_secrets = models.BooleanField(default=False)
    # Facts of the shown version for rows in lists, so that a list reads no versions: number,
    # channel, icon, and the counts of `registry.analysis.summary`.
    row_facts = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    version_count = models.PositiveIntegerField(default=0, db_default=0)
    days_between_versions = models.PositiveIntegerField(null=True)
    # Handed down by the pages of content: how many texts speak of the agent, and its tagline in
    # other languages (`registry.agents.texts`).
    guide_count = models.PositiveIntegerField(default=0, db_default=0)
    taglines = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    # From the active offers (`registry.agents.prices`): whether any version has a price, and the
    # price of the shown version with the offer that has it; null when it is free.
    has_offers = models.BooleanField(default=False, db_default=False)
    price_satoshis = models.PositiveBigIntegerField(null=True)
    price_offer_id = models.UUIDField(null=True)
    # Computed by the database, so it is never out of date.
    search_weight = GeneratedField(
        expression=search_weight(), output_field=models.IntegerField(), db_persist=True
    )
    # The page of a delisted agent shows the date and the reason.
    delisted_at = models.DateTimeField(null=True)
    delisted_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    delisted_reason = models.TextField(null=True)
    # What its publisher says of it (`registry.lifecycle`). ``successor`` is the id of an agent, or
    # blank; the versions are {number: {"reason": text, "since": ISO 8601}}.
    deprecated_at = models.DateTimeField(null=True)
    deprecation_reason = models.TextField(default="", db_default="")
    successor = models.CharField(max_length=130, default="", db_default="")
    deprecated_versions = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    archived_at = models.DateTimeField(null=True)
    # The last transfer to another scope (`registry.transfers`): the scope before, or blank.
    former_scope = models.CharField(max_length=64, default="", db_default="")
    moved_at = models.DateTimeField(null=True)

    objects: ClassVar = AgentQuerySet.as_manager()

    class Meta:
        db_table = "agents"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["scope", "name"], name="one_agent_per_scope_and_name"),
            models.CheckConstraint(
                condition=Q(avg_rating=None) | Q(avg_rating__range=(1, 5)),
                name="average_rating_is_1_to_5_stars",
            ),
            models.CheckConstraint(
                condition=Q(download_count__gte=0) & Q(review_count__gte=0),
                name="agent_counts_are_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["scope"], name="agents_by_scope"),
            models.Index(fields=["name", "id"], name="agents_by_name"),
            models.Index(fields=["updated_at"], name="agents_by_update"),
            models.Index(fields=["display_name"], name="agents_by_display_name"),
            models.Index(fields=["tagline"], name="agents_by_tagline"),
            models.Index(fields=["download_count"], name="agents_by_downloads"),
            models.Index(fields=["avg_rating"], name="agents_by_rating"),
            models.Index(fields=["folded_name"], name="agents_by_folded_name"),
            # Each contains only listed agents, in the complete order of a list page.
            *(
                models.Index(fields=fields, name=name, condition=Q(is_listed=True))
                for name, fields in LISTED_ORDERS.items()
            ),
            models.Index(
                fields=["-updated_at", "id"], name="agents_offering_beta", condition=OFFERS_BETA
            ),
            models.Index(
                fields=["category", "-trend_ratio", "id"],
                name="category_by_rise",
                condition=Q(is_listed=True, trend_ratio__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_id

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RowIsImmutable("An agent cannot be deleted: delist it.")

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"

    @property
    def former_id(self) -> str:
        """The id before the last transfer; blank for an agent that never moved."""
        return f"@{self.former_scope}/{self.name}" if self.former_scope else ""

    @property
    def is_delisted(self) -> bool:
        return self.delisted_at is not None

    @property
    def is_retired(self) -> bool:
        """Whether its publisher advises against it: searches then rank it lower."""
        return self.deprecated_at is not None or self.archived_at is not None

    @property
    def owner_profile(self) -> "Profile":
        return self.owner_user.profile


class AgentDescription(models.Model):
    """The description of an agent in another language, as HTML. Content determines it."""

    pk = models.CompositePrimaryKey("agent_id", "language")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    language = models.CharField(max_length=35)
    html = models.TextField()

    class Meta:
        db_table = "agent_descriptions"

    def __str__(self) -> str:
        return self.language


class AgentTag(models.Model):
    """The tags of the listing: replaced as a set whenever the listing is refreshed."""

    pk = models.CompositePrimaryKey("agent_id", "tag")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="agent_tags")
    tag = models.CharField(max_length=64)

    class Meta:
        db_table = "agent_tags"
        indexes = [models.Index(fields=["tag", "agent"], name="agents_with_a_tag")]

    def __str__(self) -> str:
        return self.tag
