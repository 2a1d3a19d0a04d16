"""One index that serves SQLite better, where PostgreSQL has its trigrams.

The listed agents, newest first, with the text that a search reads: a search walks it in the order
of its answer, looks at no row that does not match, and stops when the page is full. It takes the
place of listed_by_update, since SQLite would choose the smaller of the two and then read every row.
On PostgreSQL, where an index entry has a size limit, this migration does nothing.
"""

from django.db import migrations
from django.db.models import Index, Q

ORDER = ["-updated_at", "id"]
LISTED = Q(is_listed=True)
PLAIN = Index(fields=ORDER, name="listed_by_update", condition=LISTED)
WITH_TEXT = Index(fields=[*ORDER, "search_text"], name="listed_by_update", condition=LISTED)


def swap(old, new):
    def change(apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            Agent = apps.get_model("registry", "Agent")
            schema_editor.remove_index(Agent, old)
            schema_editor.add_index(Agent, new)

    return change


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_postgresql_indexes")]
    operations = [migrations.RunPython(swap(PLAIN, WITH_TEXT), swap(WITH_TEXT, PLAIN))]
