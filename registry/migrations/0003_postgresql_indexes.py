"""Indexes that only PostgreSQL has. They change the speed of queries, not their results.

- A trigram index on the normalised search text serves LIKE '%…%'. It needs the extension pg_trgm,
  which is part of PostgreSQL; if the role may not create it, an administrator creates it once.
- PostgreSQL sorts NULLs first in a descending index, but lists show unrated agents last.

This migration does nothing on SQLite.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations
from django.db.models import F, Index, Q

INDEXES = [
    GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="agents_search_trigrams"),
    Index(
        F("avg_rating").desc(nulls_last=True),
        "id",
        name="listed_by_rating_pg",
        condition=Q(is_listed=True),
    ),
]


def add_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for index in INDEXES:
            schema_editor.add_index(apps.get_model("registry", "Agent"), index)


def remove_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for index in INDEXES:
            schema_editor.remove_index(apps.get_model("registry", "Agent"), index)


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_categories")]
    operations = [
        # Does nothing on other databases.
        TrigramExtension(),
        migrations.RunPython(add_indexes, remove_indexes),
    ]
