"""Names of what documents refer to: items, assets and agents."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clawstore.editorial.addresses import address_of
from clawstore.editorial.models import ContentPage
from clawstore.studio.addresses import content_address
from clawstore.studio.editor.nodes import Node
from clawstore.studio.titles import shown_title, titles_of
from foundation.actor import Actor
from foundation.text.input import NIL_UUID, read_uuid
from registry.rules.identifiers import AGENT_ID, scope_and_name
from wordclaw.content.models import Asset, AssetAccess, ContentItem
from wordclaw.content.models.types import Visibility
from wordclaw.content.paywall import titles_for_all
from wordclaw.policy.hidden import without_hidden
from wordclaw.policy.models import Domain

KINDS = ("item-ref", "asset-ref", "agent-ref")
MAX_DOCUMENTS = 50
"""References to items whose documents a page for readers reads for their titles."""


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """The target of a reference; ``url`` is "" where nothing can be opened."""

    name: str
    url: str = ""


Targets = Mapping[UUID, NamedTarget]
FindTargets = Callable[[Iterable[Node]], dict[str, NamedTarget]]


def targets_for_member(domain: Domain, by: Actor) -> FindTargets:
    """Return how references are named for a member of the domain."""
    return partial(_find_targets, domain, by)


def targets_for_reader(domain: Domain) -> FindTargets:
    """Return how references are named for others, who see published items only."""
    return partial(_find_targets, domain, None)


def find_no_targets(_nodes: Iterable[Node]) -> dict[str, NamedTarget]:
    """Return no names, for a document whose references are not shown."""
    return {}


def name_targets(nodes: Iterable[Node], find: FindTargets) -> None:
    """Set the names and addresses of references, in a few queries for all."""
    nodes = list(nodes)
    targets = find(nodes)
    for node in nodes:
        if node.kind in KINDS and node.value:
            target = targets[node.value]
            node.target_name, node.target_url = target.name, target.url


def _find_targets(
    domain: Domain, by: Actor | None, nodes: Iterable[Node]
) -> dict[str, NamedTarget]:
    """Return targets by the text of the reference; without ``by`` for a reader."""
    values = {kind: {node.value for node in nodes if node.kind == kind} for kind in KINDS}
    items = {text: read_uuid(text) for text in values["item-ref"] - {""}}
    assets = {text: read_uuid(text) for text in values["asset-ref"] - {""}}
    item_ids = set(items.values()) - {NIL_UUID}
    found_items: Targets = {}
    if item_ids:
        found_items = (
            _published_items(domain, item_ids)
            if by is None
            else _items_of_members(domain, item_ids, by)
        )
    found_assets = _assets(domain, set(assets.values()) - {NIL_UUID}, is_member=by is not None)
    absent_item = NamedTarget(_("Not published") if by is None else _("Deleted"))
    targets = {text: found_items.get(key, absent_item) for text, key in items.items()}
    targets |= {
        text: found_assets.get(key, NamedTarget(_("Deleted"))) for text, key in assets.items()
    }
    return targets | {text: _agent(text) for text in values["agent-ref"] - {""}}


def _items_of_members(domain: Domain, ids: set[UUID], by: Actor) -> Targets:
    items = ContentItem.objects.alive().filter(domain=domain, pk__in=ids)
    rows = list(without_hidden(items.for_lists(), "pk", domain, by))
    return {
        pk: NamedTarget(title, reverse("studio_item", args=[domain, pk]))
        for pk, title in titles_of(rows).items()
    }


def _published_items(domain: Domain, ids: set[UUID]) -> Targets:
    items = ContentItem.objects.alive().filter(
        domain=domain, pk__in=ids, content_type__visibility=Visibility.PUBLIC
    )
    items = items.exclude(published_version=None).defer("data")
    items = items.select_related("content_type", "published_version")[:MAX_DOCUMENTS]
    rows = {item.pk: item for item in items}
    pages = ContentPage.objects.filter(item__in=rows).values_list("item_id", "kind", "slug")
    addresses = {pk: address_of(domain.name, kind, slug) for pk, kind, slug in pages}
    return {
        pk: NamedTarget(shown_title(title, rows[pk].content_type), addresses.get(pk, ""))
        for pk, title in titles_for_all(domain.pk, rows.values()).items()
    }


def _assets(domain: Domain, ids: set[UUID], *, is_member: bool) -> Targets:
    if not ids:
        return {}
    assets = Asset.objects.alive().filter(domain=domain, pk__in=ids)
    return {
        pk: NamedTarget(name, content_address(domain, pk) if may_open else "")
        for pk, name, may_open in (
            (pk, name, is_member or access == AssetAccess.PUBLIC)
            for pk, name, access in assets.values_list("pk", "name", "access")
        )
    }


def _agent(text: str) -> NamedTarget:
    is_id = AGENT_ID.fullmatch(text) is not None
    return NamedTarget(text, reverse("agent", args=scope_and_name(text)) if is_id else "")
