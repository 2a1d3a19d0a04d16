"""The space of all content that was there before it was counted."""

import json

from django.db import migrations


def count_space(apps, schema_editor):
    space = apps.get_model("content", "ContentSpace")
    for domain in apps.get_model("policy", "Domain").objects.all():
        size = sum(sizes(apps, domain))
        if size:
            space.objects.create(domain=domain, size_bytes=size)


def sizes(apps, domain):
    versions = apps.get_model("content", "ContentItemVersion").objects.filter(item__domain=domain)
    for data in versions.order_by().values_list("data", flat=True).iterator(chunk_size=100):
        yield len(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    types = apps.get_model("content", "ContentType").objects.filter(domain=domain).values("pk")
    schemas = apps.get_model("content", "ContentTypeSchema").objects
    schemas = schemas.filter(content_type_id__in=types).values_list("schema_text", "manifest_text")
    for schema, manifest in schemas.iterator(chunk_size=100):
        yield len((schema + (manifest or "")).encode("utf-8", "surrogatepass"))
    assets = apps.get_model("content", "Asset").objects.filter(domain=domain, deleted_at=None)
    yield from assets.values_list("size_bytes", flat=True)


class Migration(migrations.Migration):
    dependencies = [("editorial", "0002_store"), ("content", "0005_space")]
    operations = [migrations.RunPython(count_space, migrations.RunPython.noop)]
