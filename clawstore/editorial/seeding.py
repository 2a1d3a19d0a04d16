"""The content types and policies of a new instance, written by a migration.

The migration gets historical models, so nothing here imports models. Rows that exist stay.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from wordclaw.schema.manifest import compile_manifest

FOLDER = Path(__file__).parent
STORE_TYPES = ("policies", "announcements", "collections", "guides", "notice")
MESSAGE = "The text of a new instance"
# Slug → title and summary; the text is seed/policies/<slug>.md.
POLICIES = {
    "terms": ("Terms", "What you agree to when you use this marketplace."),
    "privacy": ("Privacy", "What this marketplace stores about you, why, and for how long."),
    "content": ("Content policy", "What may and what may not be published here."),
    "moderation": (
        "How moderation works",
        "Who moderates this marketplace, what maintainers can do, and how to appeal.",
    ),
}


@cache
def type_source(slug: str) -> dict[str, Any]:
    """Return the columns of a content type, and its ``manifest``."""
    source: dict[str, Any] = json.loads((FOLDER / "types" / f"{slug}.json").read_text("utf-8"))
    return source


def seed_store(apps: Any, moment: datetime) -> None:
    """Add the content types that the store lacks, and its policies."""
    store = apps.get_model("policy", "Domain").objects.get(name="store")
    for slug in STORE_TYPES:
        content_type = _add_type(apps, store, slug, moment)
        if content_type is not None and slug == "policies":
            for position, policy in enumerate(POLICIES):
                _add_policy(apps, content_type, policy, position, moment)
            _store_frame(apps)


def _add_type(apps: Any, domain: Any, slug: str, moment: datetime) -> Any:
    types = apps.get_model("content", "ContentType").objects
    # An import or a maintainer may have made the type; its texts must not be replaced.
    if types.filter(domain=domain, slug=slug).exists():
        return None
    # A copy, because the cached value would lose its manifest.
    source = dict(type_source(slug))
    manifest = source.pop("manifest")
    texts = {
        "schema_text": json.dumps(compile_manifest(manifest), ensure_ascii=False),
        "manifest_text": json.dumps(manifest, ensure_ascii=False),
    }
    content_type = types.create(
        domain=domain, **source, **texts, created_at=moment, updated_at=moment
    )
    apps.get_model("content", "ContentTypeSchema").objects.create(
        content_type_id=content_type.pk, version=1, **texts, created_at=moment
    )
    return content_type


def _add_policy(apps: Any, content_type: Any, slug: str, position: int, moment: datetime) -> None:
    title, summary = POLICIES[slug]
    text = (FOLDER / "seed" / "policies" / f"{slug}.md").read_text("utf-8")
    data = {
        "slug": slug,
        "title": {"en": title},
        "summary": {"en": summary},
        "body": {"en": text.strip()},
        "position": position,
    }
    item = apps.get_model("content", "ContentItem").objects.create(
        domain=content_type.domain,
        content_type=content_type,
        data=data,
        status="published",
        schema_version=1,
        created_at=moment,
        updated_at=moment,
    )
    version = apps.get_model("content", "ContentItemVersion").objects.create(
        item=item,
        version=1,
        data=data,
        status="published",
        schema_version=1,
        message=MESSAGE,
        created_at=moment,
    )
    item.published_version, item.published_at = version, moment
    item.publication_state = "published"
    item.save()
    # Written here, because signals and actions do not run for the historical models of a migration.
    apps.get_model("editorial", "ContentPage").objects.create(
        item=item,
        version=version,
        domain=content_type.domain,
        kind=content_type.slug,
        slug=slug,
        position=position,
        texts={"en": {"title": title, "summary": summary}},
        published_at=moment,
        changed_at=moment,
    )


def _store_frame(apps: Any) -> None:
    policies = [(slug, {"en": title}) for slug, (title, _summary) in POLICIES.items()]
    content = {"notice": {}, "is_important": False, "policies": policies}
    apps.get_model("editorial", "PageFrame").objects.update_or_create(
        pk=1, defaults={"content": content}
    )
