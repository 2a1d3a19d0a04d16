"""Save what an author typed, with the actions of the content runtime."""

from django.db import transaction
from django.utils.translation import gettext as _

from clawstore.studio.editing import Editing
from foundation.actor import Actor
from wordclaw.content.items.actions import (
    create_item,
    lock_type,
    publish_item,
    replace_data,
)
from wordclaw.content.items.queries import get_item, versions_of
from wordclaw.content.models import ContentItem
from wordclaw.content.singletons.actions import write_global
from wordclaw.schema.diff import canonical


@transaction.atomic
def save_item(editing: Editing, *, by: Actor) -> tuple[ContentItem, str]:
    """Save the working copy. Returns the item, and what to tell its author.

    Raises PreconditionFailed or as `replace_data`.
    """
    item = _write(editing, by=by)
    if editing.item is not None and item is editing.item:
        return item, _("Nothing was changed, so there is no new version.")
    return item, _("Saved as version %(number)d.") % {"number": item.version}


@transaction.atomic
def save_and_publish(editing: Editing, *, by: Actor) -> tuple[ContentItem, str]:
    """Save the working copy and publish it, or neither."""
    lock_type(editing.content_type.pk)
    item = _write(editing, by=by)
    item = publish_item(
        editing.domain, item.pk, expected_version=item.version, message=editing.message, by=by
    )
    return item, _("Published as version %(number)d.") % {"number": item.version}


def _write(editing: Editing, *, by: Actor) -> ContentItem:
    """Write the data if it differs from the working copy that the text began with."""
    domain, slug = editing.domain, editing.content_type.slug
    data, message = editing.form.data, editing.message
    item = editing.item
    if item is None and editing.content_type.is_singleton:
        return write_global(domain, slug, data, message=message, by=by)[0]
    if item is None:
        return create_item(domain, slug, data, message=message, by=by)
    # Without this check each click on Save would add a version and a row to the audit log.
    if item.version == editing.base and canonical(data) == canonical(item.data):
        return item
    return replace_data(
        domain, item.pk, data, expected_version=editing.base, message=message, by=by
    )


def merged(editing: Editing) -> Editing:
    """Merge what was typed with the version that was saved meanwhile.

    Raises ItemNotFound if the item is gone.
    """
    if editing.item is None or editing.base is None:
        return editing
    editing.item = get_item(editing.domain, editing.item.pk)
    base = versions_of(editing.item).filter(version=editing.base).first()
    # A base that cannot be found makes all differences conflicts, and loses nothing.
    editing.merge(base.data if base is not None else {})
    return editing
