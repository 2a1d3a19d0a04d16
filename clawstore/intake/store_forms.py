"""The forms of the store, written by a migration.

The migration gets historical models, so nothing here imports models. Rows that exist stay: a
maintainer may have changed a form, or an import may have brought it.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from wordclaw.schema.manifest import compile_manifest

FOLDER = Path(__file__).parent / "definitions"
CONTACT, NAME_CLAIM = "contact", "claim-a-name"
LEGAL_NOTICE, OFFICIAL_ROLE = "legal-notice", "official-publisher"
STORE_FORMS = (CONTACT, NAME_CLAIM, LEGAL_NOTICE, OFFICIAL_ROLE)
"""Slugs of the forms. Each has a content type, a review and a file of this name."""
DRAFT = "draft"


@cache
def form_source(slug: str) -> dict[str, Any]:
    """Return ``type``, ``workflow``, ``form`` and ``manifest`` of a form."""
    source: dict[str, Any] = json.loads((FOLDER / f"{slug}.json").read_text("utf-8"))
    return source


def seed_forms(apps: Any, moment: datetime) -> int:
    """Add the forms that the store lacks; return the bytes of their schemas."""
    store = apps.get_model("policy", "Domain").objects.get(name="store")
    return sum(_seed_form(apps, store, slug, moment) for slug in STORE_FORMS)


def _seed_form(apps: Any, store: Any, slug: str, moment: datetime) -> int:
    forms = apps.get_model("runtime_forms", "FormDefinition").objects
    source = form_source(slug)
    types = apps.get_model("content", "ContentType").objects
    # A deleted form counts, too: a maintainer who deleted it does not want it back.
    is_there = forms.filter(domain=store, slug=slug).exists()
    if is_there or types.filter(domain=store, slug=source["type"]["slug"]).exists():
        return 0
    texts = {
        "schema_text": json.dumps(compile_manifest(source["manifest"]), ensure_ascii=False),
        "manifest_text": json.dumps(source["manifest"], ensure_ascii=False),
    }
    times = {"created_at": moment, "updated_at": moment}
    content_type = types.create(domain=store, **source["type"], **texts, **times, is_governed=True)
    apps.get_model("content", "ContentTypeSchema").objects.create(
        content_type_id=content_type.pk, version=1, **texts, created_at=moment
    )
    workflow = apps.get_model("workflow", "Workflow").objects.create(
        domain=store, content_type=content_type, **source["workflow"], **times
    )
    transition = apps.get_model("workflow", "WorkflowTransition").objects.create(
        workflow=workflow, from_state=DRAFT, to_state=source["to_state"], created_at=moment
    )
    forms.create(
        domain=store,
        content_type=content_type,
        slug=slug,
        transition=transition,
        fields=[_field(source["manifest"], field) for field in source["fields"]],
        **source["form"],
        **times,
    )
    return sum(len(text.encode()) for text in texts.values())


def add_file_fields(apps: Any, moment: datetime) -> int:
    """Add file fields to older forms; return the bytes of the new schemas.

    A type or a form that a maintainer has deleted, or that has such a field, stays as it is.
    """
    return sum(_add_file_field(apps, slug, moment) for slug in STORE_FORMS)


def _add_file_field(apps: Any, slug: str, moment: datetime) -> int:
    source = form_source(slug)
    prop = next((entry for entry in source["manifest"]["fields"] if entry["type"] == "asset"), None)
    forms = apps.get_model("runtime_forms", "FormDefinition").objects
    form = forms.filter(domain__name="store", slug=slug, deleted_at=None).first()
    content_type = form.content_type if form else None
    if prop is None or content_type is None or not content_type.manifest_text:
        return 0
    manifest = json.loads(content_type.manifest_text)
    if any(entry["name"] == prop["name"] for entry in manifest["fields"]):
        return 0
    manifest["fields"].append(prop)
    texts = {
        "schema_text": json.dumps(compile_manifest(manifest), ensure_ascii=False),
        "manifest_text": json.dumps(manifest, ensure_ascii=False),
    }
    version = content_type.schema_version + 1
    types = apps.get_model("content", "ContentType").objects.filter(pk=content_type.pk)
    types.update(**texts, schema_version=version, updated_at=moment)
    apps.get_model("content", "ContentTypeSchema").objects.create(
        content_type_id=content_type.pk, version=version, **texts, created_at=moment
    )
    field = next(entry for entry in source["fields"] if entry["name"] == prop["name"])
    forms.filter(pk=form.pk).update(
        fields=[*form.fields, _field(source["manifest"], field)],
        version=form.version + 1,
        updated_at=moment,
    )
    return sum(len(text.encode()) for text in texts.values())


def _field(manifest: dict[str, Any], field: dict[str, Any]) -> dict[str, Any]:
    """Return a field as forms store it, completed from its property."""
    prop = next(entry for entry in manifest["fields"] if entry["name"] == field["name"])
    kinds = {"agent-ref": "agent", "asset": "file", "markdown": "textarea"}
    return {
        "label": prop["label"],
        "type": kinds.get(prop["type"], prop["type"]),
        "required": False,
        "help": "",
        "placeholder": "",
        "options": list(prop.get("options", ())),
        **field,
    }
