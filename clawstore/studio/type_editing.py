"""A content type that is being made or changed, and its live form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import langcodes
import orjson
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clawstore.studio.editor.form import DocumentForm, summary_of
from clawstore.studio.editor.names import STEP
from clawstore.studio.editor.nodes import Node
from clawstore.studio.forms import TypeForm
from clawstore.studio.manifest_form import manifest_schema
from foundation.refusals import Refusal
from foundation.text.input import read_whole_number
from wordclaw.content.models import ContentType
from wordclaw.schema.compiled import compile_schema
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.manifest import compile_manifest

FIRST_FIELDS = [{"type": "text", "name": "title", "label": "Title", "required": True}]


@dataclass(slots=True)
class TypeEditing:
    """The form of a content type, made of fields (a manifest) or of a pasted schema.

    ``base`` is the version of the schema that the form began with. ``broken`` are the items that
    do not fit, as a check or a refusal lists them; None before a check.
    """

    content_type: ContentType | None
    plain: TypeForm
    source: str
    fields_form: DocumentForm
    schema_text: str = ""
    base: int = 0
    notice: str = ""
    problem: Refusal | None = None
    broken_items: list[dict[str, Any]] | None = None
    removed_fields: list[str] = field(default_factory=list)

    @classmethod
    def of_new(cls) -> "TypeEditing":
        form = DocumentForm(manifest_schema(), {"fields": FIRST_FIELDS})
        return cls(None, TypeForm(), "manifest", form)

    @classmethod
    def of_type(cls, content_type: ContentType) -> "TypeEditing":
        manifest = content_type.manifest
        initial = {
            "name": content_type.name,
            "slug": content_type.slug,
            "description": content_type.description,
            "kind": content_type.kind,
            "visibility": content_type.visibility,
            "languages": languages_text(content_type.schema),
        }
        manifest_fields = {
            key: value for key, value in (manifest or {}).items() if key != "localization"
        }
        editing = cls(
            content_type,
            TypeForm(initial=initial),
            "schema" if manifest is None else "manifest",
            DocumentForm(manifest_schema(), manifest_fields),
            schema_text=as_text(content_type.schema),
            base=content_type.schema_version,
        )
        editing.keep_slug()
        return editing

    @classmethod
    def read(cls, content_type: ContentType | None, fields: Mapping[str, str]) -> "TypeEditing":
        """Return the form as it was sent."""
        editing = cls(
            content_type,
            TypeForm(fields),
            "schema" if fields.get("source") == "schema" else "manifest",
            DocumentForm.read(manifest_schema(), fields),
            schema_text=fields.get("schema", "").replace("\r\n", "\n"),
            base=read_whole_number(fields.get("base")) or 0,
        )
        # Before all else, because steps and errors find fields by their names.
        name_fields(editing.fields_form.document.get("fields"))
        if content_type is not None:
            editing.plain.initial["slug"] = content_type.slug
            editing.keep_slug()
        return editing

    def keep_slug(self) -> None:
        """Show the slug of an existing type, which is its address and stays."""
        self.plain.fields["slug"].disabled = True

    def take_step(self, fields: Mapping[str, str]) -> None:
        """Do what the pressed button says; the plain fields are not checked yet."""
        slug = {"slug": self.content_type.slug} if self.content_type else {}
        self.plain = TypeForm(
            initial={name: fields.get(name, "") for name in TypeForm.base_fields} | slug
        )
        if self.content_type is not None:
            self.keep_slug()
        step = fields.get(STEP, "")
        if step == "to-schema":
            schema = self.compiled_schema()
            if schema is not None:
                self.source, self.schema_text = "schema", as_text(schema)
        elif step == "to-fields":
            self.source = "manifest"
        else:
            self.fields_form.take_step(fields)
            if step == "add:/fields" and read_languages(fields.get("languages", "")):
                _localize_last(self.fields_form.document.get("fields"))

    @property
    def manifest(self) -> dict[str, Any] | None:
        """The fields as a manifest; None for a pasted schema."""
        if self.source == "schema":
            return None
        manifest = dict(self.fields_form.data)
        languages = read_languages(str(self.plain["languages"].value() or ""))
        if languages:
            manifest["localization"] = {
                "supportedLocales": languages,
                "defaultLocale": languages[0],
            }
        return manifest

    @property
    def schema(self) -> Any:
        """The pasted schema; None for fields, and for what is no JSON."""
        if self.source != "schema":
            return None
        try:
            return orjson.loads(self.schema_text or "null")
        except orjson.JSONDecodeError:
            return None

    def find_problems(self) -> bool:
        """Add what is wrong with the form itself. Returns whether there is anything."""
        if self.source == "schema":
            try:
                orjson.loads(self.schema_text)
            except orjson.JSONDecodeError as error:
                self.notice = _("The schema is not valid JSON: %(error)s.") % {"error": error}
                return True
        elif self.compiled_schema() is None:
            return True
        return not self.plain.is_valid()

    def compiled_schema(self) -> dict[str, Any] | None:
        """Return the schema of the live form; None if it has a problem, which is added."""
        if self.source == "schema":
            schema = self.schema
            problems = None
        else:
            problems = self.fields_form.problems
            schema = self._compile_fields()
        if not isinstance(schema, dict) or problems:
            return None
        try:
            compile_schema(schema)
        except SchemaError as error:
            self.add_problem(self._field_of(error.pointer), error.message)
            return None
        return schema

    def _compile_fields(self) -> dict[str, Any] | None:
        try:
            return compile_manifest(self.manifest)
        except SchemaError as error:
            self.add_problem(error.pointer, error.message)
            return None

    def add_problem(self, pointer: str, message: str) -> None:
        messages = self.fields_form.problems.setdefault(pointer, [])
        if message not in messages:
            messages.append(message)

    def _field_of(self, pointer: str) -> str:
        """The field whose schema is at a pointer, as far as that can be told."""
        name = pointer.removeprefix("/properties/").split("/")[0]
        if not pointer.startswith("/properties/"):
            return ""
        entries = self.fields_form.data.get("fields") or []
        for index, entry in enumerate(entries):
            if isinstance(entry, dict) and entry.get("name") == name:
                return f"/fields/{index}"
        return ""

    def note_removed_fields(self) -> None:
        """Note the fields that the present schema has and the new one has not."""
        schema = self.compiled_schema()
        if self.content_type is None or schema is None:
            return
        names = schema.get("properties") or {}
        former_names = self.content_type.schema.get("properties") or {}
        self.removed_fields = [name for name in former_names if name not in names]

    def live_form(self) -> Node | None:
        """Return the form that authors will see, or None if it cannot be made yet."""
        try:
            schema = self.schema
            if self.source != "schema":
                manifest = self.manifest or {}
                fields = presentable_fields(manifest.get("fields"))
                schema = compile_manifest(manifest | {"fields": fields})
            compile_schema(schema)
        except SchemaError:
            return None
        return DocumentForm(schema, {}, prefix="p").node()

    def context(self) -> dict[str, Any]:
        """Return the variables of the form's template."""
        live = self.live_form()
        root = self.fields_form.node()
        return {
            "editing": self,
            "content_type": self.content_type,
            "root": root,
            "summary": summary_of(root, self.fields_form.problems),
            "live": live,
        }


def _localize_last(entries: Any) -> None:
    """Give a new field of text, the last of a list, a value in each language."""
    if entries and entries[-1].get("type") in ("text", "textarea", "markdown"):
        entries[-1]["localized"] = True


def name_fields(entries: Any) -> None:
    """Give fields without a name one that is made from their label, in place."""
    entries = [entry for entry in entries if isinstance(entry, dict)] if entries else []
    names = {entry.get("name") for entry in entries}
    for entry in entries:
        label = entry.get("label")
        if not entry.get("name") and isinstance(label, str):
            name = slugify(label).replace("-", "_")[:60]
            # Otherwise the name stays empty, and the check of the manifest asks for one.
            if name and not name[0].isdigit() and name not in names:
                entry["name"] = name
                names.add(name)
        for key in ("fields", "blocks"):
            name_fields(entry.get(key))
        items = entry.get("items")
        if isinstance(items, dict):
            name_fields(items.get("fields"))


def presentable_fields(entries: Any) -> list[dict[str, Any]]:
    """Return the fields that can be shown already, while others are being written."""
    fields = []
    for entry in entries or []:
        if isinstance(entry, dict) and entry.get("name"):
            field_of_form = dict(entry)
            kind = entry.get("type")
            if kind == "select" and not entry.get("options"):
                # A choice without options is no valid schema, and the live form would vanish while
                # one is typed.
                field_of_form["options"] = ["…"]
            if kind == "group":
                field_of_form["fields"] = presentable_fields(entry.get("fields"))
            if kind == "array":
                field_of_form["items"] = entry.get("items") or {"type": "text"}
            if kind == "block-set":
                field_of_form["blocks"] = _presentable_blocks(entry.get("blocks"))
            if all(field_of_form.get(key) != [] for key in ("fields", "blocks")):
                fields.append(field_of_form)
    return fields


def _presentable_blocks(entries: Any) -> list[dict[str, Any]]:
    blocks = [entry for entry in entries or [] if isinstance(entry, dict) and entry.get("name")]
    for_form = [block | {"fields": presentable_fields(block.get("fields"))} for block in blocks]
    return [block for block in for_form if block["fields"]]


def as_text(schema: Any) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2)


def read_languages(text: str) -> list[str]:
    """Return the language tags of a text, in their standard spelling."""
    tags = [tag for tag in text.replace(",", " ").split() if tag]
    return list(dict.fromkeys(_standard(tag) for tag in tags))


def _standard(tag: str) -> str:
    try:
        return langcodes.standardize_tag(tag)
    except ValueError:
        # Returned as it was typed, so that the error names what the author wrote.
        return tag


def languages_text(schema: dict[str, Any]) -> str:
    """Return the languages of a schema as a text, the default one first."""
    localization = schema.get("x-wordclaw-localization")
    if not isinstance(localization, dict):
        return ""
    default = localization.get("defaultLocale")
    supported_tags = [tag for tag in localization.get("supportedLocales") or [] if tag != default]
    return ", ".join(str(tag) for tag in [default, *supported_tags])
