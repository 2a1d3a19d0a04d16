"""Store the languages of each agent beside its columns, and which words agents have."""

from collections import defaultdict

import numpy as np
from django.db import migrations, models

POSTING = np.dtype([("offset", "<u2"), ("impact", "u1"), ("fields", "u1")])
POSTING_BLOCK, COLUMN_BLOCK = 4096, 1024
LANGUAGES = "ar de el en es fr he hi it ja ko nl pt ru th zh".split()


def store_languages(apps, schema_editor):
    bits = defaultdict(lambda: np.zeros(POSTING_BLOCK, "<u4"))
    postings = apps.get_model("registry", "SearchPosting").objects
    for place, language in enumerate(LANGUAGES):
        rows = postings.filter(term=f"lang:{language}").values_list("block", "data")
        for block, data in rows.iterator():
            bits[block][np.frombuffer(data, POSTING)["offset"]] |= np.uint32(1 << place)
    parts = POSTING_BLOCK // COLUMN_BLOCK
    for row in apps.get_model("registry", "SearchColumns").objects.order_by("pk").iterator():
        block, part = divmod(row.pk, parts)
        row.languages = bits[block][part * COLUMN_BLOCK : (part + 1) * COLUMN_BLOCK].tobytes()
        row.revision += 1
        row.save()


FILTER_BITS, FILTER_BLOCKS = 22, 64
BASE = 0x9E3779B97F4A7C15


def hash_of(word):
    value = 0
    for character in word:
        value = (value * BASE + ord(character) + 1) % 2**64
    return value


def fill_word_filter(apps, schema_editor):
    words = apps.get_model("registry", "SearchWord").objects.values_list("word", flat=True)
    hashes = np.array([hash_of(word) for word in words.iterator()], np.uint64)
    if not len(hashes):
        return
    mixed = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(BASE)
    bits = np.zeros(2**FILTER_BITS, bool)
    bits[mixed >> np.uint64(64 - FILTER_BITS)] = True
    blocks = np.packbits(bits, bitorder="little").reshape(FILTER_BLOCKS, -1)
    rows = apps.get_model("registry", "WordFilterBlock").objects
    rows.bulk_create(
        rows.model(block=block, revision=1, data=data.tobytes())
        for block, data in enumerate(blocks)
    )


class Migration(migrations.Migration):
    dependencies = [("registry", "0014_row_facts_and_trend_ratio")]

    operations = [
        migrations.AddField(
            "searchcolumns",
            "languages",
            models.BinaryField(
                db_default=b"", default=b"", help_text="Bits of the languages of each agent"
            ),
        ),
        migrations.RunPython(store_languages, migrations.RunPython.noop),
        migrations.CreateModel(
            "WordFilterBlock",
            [
                ("block", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("revision", models.BigIntegerField(default=0)),
                ("data", models.BinaryField(help_text="A bit for each hash of a word")),
            ],
            options={"db_table": "search_word_filter"},
        ),
        migrations.RunPython(fill_word_filter, migrations.RunPython.noop),
    ]
