"""Values that lists of items are sorted by: ``x-wordclaw-indexed`` in a schema."""

from typing import ClassVar

from django.db import models

from wordclaw.content.models.items import ContentItem
from wordclaw.content.models.types import ContentType

FIELD_LENGTH = 128
KEY_LENGTH = 201


class ContentSortValue(models.Model):
    """The place of an item in the lists that are sorted by one field.

    There are two rows for each item and field: of the working copy, and of the published version if
    there is one. An item without a value has rows too, and is last in both directions.
    """

    id = models.BigAutoField(primary_key=True)
    # Without a constraint, which would make an edit wait for a change of the schema that itself
    # waits for the edit. The item's key has one.
    content_type = models.ForeignKey(
        ContentType, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    item = models.ForeignKey(ContentItem, models.PROTECT, related_name="sort_values")
    field = models.CharField(max_length=FIELD_LENGTH)
    is_draft = models.BooleanField()
    # Two keys and no NULL, so that each direction is one range of one index on either database.
    ascending_key = models.CharField(max_length=KEY_LENGTH)
    descending_key = models.CharField(max_length=KEY_LENGTH)

    objects: ClassVar = models.Manager["ContentSortValue"]()

    class Meta:
        db_table = "content_sort_values"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "field", "is_draft"], name="one_sort_value_per_item_field"
            )
        ]
        indexes = [
            models.Index(
                fields=["content_type", "field", "is_draft", "ascending_key", "item"],
                name="sort_values_ascending",
            ),
            models.Index(
                fields=["content_type", "field", "is_draft", "-descending_key", "item"],
                name="sort_values_descending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.field}"
