"""The choices for references: items of the domain, and agents."""

from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from clawstore.studio.editor.nodes import Node
from clawstore.studio.queries import items_by_id
from clawstore.studio.titles import titles_of
from foundation.text.input import NIL_UUID, read_uuid
from registry.models import Agent
from wordclaw.content.models import ContentItem
from wordclaw.content.models.assets import Asset
from wordclaw.content.models.items import ContentItemQuerySet
from wordclaw.forms.models import FormSubmission
from wordclaw.policy.actions import STORE
from wordclaw.policy.models import Domain, DomainKind

# A menu with more entries is worse than its search.
MAX_OPTIONS = 50
MAX_QUESTIONS = 3
"""Different lists of items that one page reads; further references get the first."""
MAX_AGENTS = 200
MAX_ASSETS = 200


def fill_pickers(root: Node, domain: Domain, searches: dict[str, str]) -> None:
    """Set the options of references to items, with their titles."""
    nodes = [node for node in root.walk() if node.kind == "item-ref"]
    if not nodes:
        return
    items = items_by_id(read_uuid(node.value) for node in nodes)
    lists: dict[tuple[tuple[str, ...], str], list[ContentItem]] = {}
    for node in nodes:
        node.search = searches.get(node.pointer, "")[:100]
        question = (node.allowed_types, node.search)
        # A form may have hundreds of references, each with a search of its own.
        if question not in lists and len(lists) < MAX_QUESTIONS:
            lists[question] = list(_choosable(domain, *question)[: MAX_OPTIONS + 1])
    first_list = next(iter(lists.values()))
    shown_items = {item.pk: item for rows in lists.values() for item in rows} | items
    titles = titles_of(shown_items.values())
    for node in nodes:
        rows = lists.get((node.allowed_types, node.search), first_list)
        _set_options(node, rows, items.get(read_uuid(node.value)), titles)


def _choosable(domain: Domain, allowed_types: tuple[str, ...], q: str) -> ContentItemQuerySet:
    items: ContentItemQuerySet = ContentItem.objects.alive().filter(domain=domain)
    if domain.kind == DomainKind.STORE:
        # Content never refers to a request, and few members may read what was sent.
        requests = FormSubmission.objects.filter(domain=domain).exclude(form__transition=None)
        items = items.exclude(pk__in=requests.values("item"))
    if allowed_types:
        items = items.filter(content_type__slug__in=allowed_types)
    if q:
        items = items.alias(data_text=Cast("data", TextField())).filter(data_text__icontains=q)
    return items.for_lists().order_by("-updated_at", "id")


def _set_options(
    node: Node,
    items: list[ContentItem],
    chosen_item: ContentItem | None,
    titles: dict[UUID, str],
) -> None:
    value = str(node.value)
    node.has_more_options = len(items) > MAX_OPTIONS or bool(node.search)
    choices = {str(item.pk): item for item in items[:MAX_OPTIONS]}
    if chosen_item is not None:
        choices.setdefault(str(chosen_item.pk), chosen_item)
    # An id can be written in several ways, and a text that is no id is kept, too.
    key = read_uuid(value)
    has_option = key != NIL_UUID and str(key) in choices
    node.options = [
        (
            value if item_id == str(key) else item_id,
            f"{titles[item.pk]} · {item.content_type.name}",
            item_id == str(key),
        )
        for item_id, item in choices.items()
        if item.pk in titles
    ]
    # A target that was deleted meanwhile must not be replaced by the first option in silence.
    if value and not has_option:
        node.options.append((value, value, True))


def fill_asset_pickers(root: Node, domain: Domain) -> None:
    """Set the options of references to assets, with the picture of the chosen one."""
    nodes = [node for node in root.walk() if node.kind == "asset-ref"]
    if not nodes:
        return
    alive = Asset.objects.alive().of_members().filter(domain=domain)
    newest = list(alive.order_by("-created_at", "id")[:MAX_ASSETS])
    chosen_ids = {read_uuid(node.value) for node in nodes} - {asset.pk for asset in newest}
    choices = [*newest, *(alive.filter(pk__in=chosen_ids) if chosen_ids - {NIL_UUID} else ())]
    for node in nodes:
        value = str(node.value)
        selected_asset = next((asset for asset in choices if asset.pk == read_uuid(value)), None)
        node.options = [
            (
                value if asset is selected_asset else str(asset.pk),
                asset.name,
                asset is selected_asset,
            )
            for asset in choices
        ]
        # As for items: a deleted asset stays chosen until the author chooses another.
        if value and selected_asset is None:
            node.options.append((value, value, True))
        node.picture = (
            str(selected_asset.pk) if selected_asset is not None and selected_asset.width else ""
        )


def propose_agents(root: Node, domain: Domain) -> list[str]:
    """Return agent ids that a form proposes: the domain's own, or the most used.

    Empty for a form without a field for agents.
    """
    if not any(node.kind == "agent-ref" for node in root.walk()):
        return []
    agents = Agent.objects.listed()
    if domain.name != STORE:
        # Publishers write about their own agents; any other can still be typed.
        agents = agents.filter(scope=domain.name)
    rows = agents.order_by("-download_count", "id").values_list("scope", "name")
    return [f"@{scope}/{name}" for scope, name in rows[:MAX_AGENTS]]
