"""Rights of listeners to resources. Asking writes no log and uses up no right."""

from clawstore.mcp.listening.topics import AGENT, FILE, ITEM, TYPE, Topic
from foundation.actor import Actor
from foundation.refusals import Refusal
from registry.agents.queries import find_agent, find_version, find_visible_agent, refuse_withheld
from registry.agents.sales import may_read_version
from registry.files.queries import find_file
from wordclaw.content.lookup import reads_drafts
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import gate_of
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.access.queries import may_read
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import domain_of_name


def may_read_topic(topic: Topic, by: Actor) -> bool:
    """Whether reading the resource would succeed for this actor."""
    try:
        if topic.kind in (ITEM, TYPE):
            return _may_read_content(topic, by)
        if topic.kind == AGENT:
            find_visible_agent(topic.place, topic.name, by=by)
            return True
        return _may_read_version(topic, by)
    except Refusal:
        return False


def _may_read_version(topic: Topic, by: Actor) -> bool:
    agent = find_agent(topic.place, topic.name)
    version = find_version(agent, topic.version)
    refuse_withheld(version)
    if topic.kind != FILE:
        return True
    find_file(version, topic.path)
    reader = Reader(by=by, network="", path="")
    return may_read_version(agent, topic.version, reader).is_allowed


def _may_read_content(topic: Topic, by: Actor) -> bool:
    domain = domain_of_name(topic.place)
    # For a bound key no other domain exists.
    if domain is None or (by.bound_to and by.bound_to != domain.subject):
        return False
    return (_may_read_item if topic.kind == ITEM else _may_read_type)(topic, domain, by)


def _may_read_type(topic: Topic, domain: Domain, by: Actor) -> bool:
    types = ContentType.objects.filter(domain=domain, slug=topic.name, deleted_at=None)
    content_type = types.first()
    return content_type is not None and (content_type.is_public or reads_drafts(domain, by))


def _may_read_item(topic: Topic, domain: Domain, by: Actor) -> bool:
    items = ContentItem.objects.with_readers_parts().filter(
        domain=domain, pk=topic.item_id, deleted_at=None, published_version__isnull=False
    )
    item = items.first()
    if item is None or not (item.content_type.is_public or reads_drafts(domain, by)):
        return False
    return may_read(gate_of(item, by), Reader(by=by, network="", path="")).is_allowed
