"""An item that is being written: its type, its first version, and the form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from clawstore.studio.comparison import FieldDifference, compare_places
from clawstore.studio.editor.form import DocumentForm, summary_of
from clawstore.studio.editor.names import STEP
from clawstore.studio.editor.nodes import Node
from clawstore.studio.editor.values import BLANK, MISSING
from clawstore.studio.merging import merge_documents
from clawstore.studio.pickers import fill_asset_pickers, fill_pickers, propose_agents
from clawstore.studio.references import FindTargets, find_no_targets
from clawstore.studio.rendering import render_nodes
from foundation.accounts.models import User
from foundation.text.input import read_whole_number
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import MESSAGE_LENGTH
from wordclaw.content.rules import compiled_schema
from wordclaw.content.summaries import title_in
from wordclaw.policy.models import Domain

# Names come from a form, and each costs a comparison on the page.
MAX_CONFLICTS = 100
SLUG, SLUG_LENGTH = "slug", 64


@dataclass(slots=True)
class Editing:
    """A form for an item; ``base`` is the version that its text began with.

    ``conflicts`` are the places where this text and that of another author differ, ``adopted``
    those where it has the text of the other. ``original_title`` is that of the item of which this
    one begins as a copy. ``find`` names what references refer to.
    """

    content_type: ContentType
    item: ContentItem | None
    form: DocumentForm
    base: int | None = None
    message: str = ""
    notice: str = ""
    original_title: str = ""
    conflicts: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    find: FindTargets = find_no_targets

    @classmethod
    def of_new(
        cls,
        content_type: ContentType,
        fields: Mapping[str, str] | None,
        *,
        data: dict[str, Any] | None = None,
    ) -> "Editing":
        """Return the form of an item to be; ``data`` is what an unsent form begins with."""
        if fields is None:
            return cls(content_type, None, DocumentForm(content_type.schema, data or {}))
        return cls(
            content_type,
            None,
            DocumentForm.read(content_type.schema, fields),
            message=_message_of(fields),
        )

    @classmethod
    def of_item(
        cls, item: ContentItem, fields: Mapping[str, str] | None, find: FindTargets
    ) -> "Editing":
        content_type = item.content_type
        if fields is None:
            form = DocumentForm(content_type.schema, item.data)
            return cls(content_type, item, form, base=item.version, find=find)
        # From the form: the item may have moved on since the author began to write.
        base = read_whole_number(fields.get("base")) or item.version
        form = DocumentForm.read(content_type.schema, fields)
        message = _message_of(fields)
        editing = cls(content_type, item, form, base=base, message=message, find=find)
        editing.conflicts = [name[2:] for name in fields if name.startswith("c:")][:MAX_CONFLICTS]
        return editing

    def take_step(self, fields: Mapping[str, str]) -> None:
        """Do what the pressed button says."""
        verb, _, pointer = fields.get(STEP, "").partition(":")
        if verb == "other" and self.item is not None:
            self.form.copy_value(self.item.data, pointer)
        else:
            self.form.take_step(fields)

    def fill_slug(self) -> None:
        """Make an empty slug from the title; a title without Latin letters makes none."""
        document = self.form.document
        if not self.has_slug or document.get(SLUG) not in (None, "", BLANK, MISSING):
            return
        limit = self.content_type.schema["properties"][SLUG].get("maxLength", SLUG_LENGTH)
        title = title_in(self.content_type, self.form.data)
        slug = slugify(title)[: min(limit, SLUG_LENGTH)].strip("-_")
        if slug:
            document[SLUG] = slug

    @property
    def has_slug(self) -> bool:
        """Whether the type has a field ``slug`` with one text for all languages."""
        field_schema = self.content_type.schema.get("properties", {}).get(SLUG)
        is_text = isinstance(field_schema, dict) and field_schema.get("type") == "string"
        return is_text and not compiled_schema(self.content_type).is_localized(SLUG)

    def merge(self, base: dict[str, Any]) -> None:
        """Merge the text with the item's present version; both began with ``base``."""
        if self.item is None:
            return
        merge = merge_documents(base, self.form.data, self.item.data)
        self.form.document = merge.document
        # The merged text begins with the present version, or saving it would conflict again.
        self.base = self.item.version
        self.conflicts, self.adopted = merge.conflicts[:MAX_CONFLICTS], merge.adopted

    @property
    def differences(self) -> list[FieldDifference]:
        """The places that differ from the other author's text."""
        if self.item is None or not self.conflicts:
            return []
        schema = self.content_type.schema
        data = self.item.data
        places = compare_places(schema, data, self.form.data, self.conflicts, self.find)
        # A conflict that the author has settled by taking the other text is one no more.
        return [place for place in places if place.before != place.after]

    @property
    def adopted_labels(self) -> list[FieldDifference]:
        if self.item is None or not self.adopted:
            return []
        data, schema = self.item.data, self.content_type.schema
        # The page shows labels alone.
        return compare_places(schema, data, data, self.adopted, find_no_targets)

    @property
    def other_author(self) -> User | None:
        return self.item.author if self.item is not None else None

    @property
    def domain(self) -> Domain:
        return self.content_type.domain

    def context(self) -> dict[str, Any]:
        """Return the variables of the form's template."""
        root = self.form.node()
        if self.has_slug:
            _explain_slug(root)
        # For the whole form at once, so that the number of queries does not grow with its fields.
        fill_pickers(root, self.domain, self.form.searches)
        fill_asset_pickers(root, self.domain)
        render_nodes(node for node in root.walk() if node.pointer in self.form.previews)
        return {
            "agents": propose_agents(root, self.domain),
            "previews": self.form.previews,
            "language_states": self.form.language_states(root),
            "editing": self,
            "content_type": self.content_type,
            "item": self.item,
            "root": root,
            "summary": summary_of(root, self.form.problems),
        }


def _explain_slug(root: Node) -> None:
    for node in root.children:
        if node.pointer == f"/{SLUG}":
            node.help = f"{node.help} {_('Leave it empty to have it made from the title.')}".strip()
            node.is_required = False


def _message_of(fields: Mapping[str, str]) -> str:
    return fields.get("message", "").strip()[:MESSAGE_LENGTH]
