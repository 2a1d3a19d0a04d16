"""An item that is being written: its type, its first version, and the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clawstore.studio.editor.form import DocumentForm, summary_of
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import MESSAGE_LENGTH
from wordclaw.policy.models import Domain


@dataclass(slots=True)
class Editing:
    """A form for an item; ``base`` is the version that its text began with."""

    content_type: ContentType
    item: ContentItem | None
    form: DocumentForm
    base: int | None = None
    message: str = ""
    notice: str = ""

    @classmethod
    def of_new(cls, content_type: ContentType, fields: Mapping[str, str] | None) -> "Editing":
        if fields is None:
            return cls(content_type, None, DocumentForm(content_type.schema, {}))
        return cls(
            content_type,
            None,
            DocumentForm.read(content_type.schema, fields),
            message=_message_of(fields),
        )

    @classmethod
    def of_item(cls, item: ContentItem, fields: Mapping[str, str] | None) -> "Editing":
        content_type = item.content_type
        if fields is None:
            form = DocumentForm(content_type.schema, item.data)
            return cls(content_type, item, form, base=item.version)
        raw = fields.get("base", "")
        base = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else item.version
        form = DocumentForm.read(content_type.schema, fields)
        return cls(content_type, item, form, base=base, message=_message_of(fields))

    @property
    def domain(self) -> Domain:
        return self.content_type.domain

    def context(self) -> dict[str, Any]:
        """Return the variables of the form's template."""
        root = self.form.node()
        return {
            "editing": self,
            "content_type": self.content_type,
            "item": self.item,
            "root": root,
            "summary": summary_of(root, self.form.problems),
            "languages": self.form.languages,
        }


def _message_of(fields: Mapping[str, str]) -> str:
    return fields.get("message", "").strip()[:MESSAGE_LENGTH]
