"""Names of the subjects that a domain sells, and the pages of their sales."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from clawstore.sales.install_links import agent_of_offer
from clawstore.sales.queries import SoldThing
from clawstore.studio.queries import items_by_id
from clawstore.studio.titles import titles_of
from registry.agents.prices import AGENT, AGENT_VERSION
from wordclaw.content.models import ContentType
from wordclaw.content.paywall import ITEM, TYPE
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.sales import FORM
from wordclaw.payments.models import Offer
from wordclaw.payments.subjects import SubjectKey
from wordclaw.policy.models import Domain


def things_of(domain: Domain, offers: Iterable[Offer]) -> dict[SubjectKey, SoldThing]:
    """Return the subjects of a domain's offers, in a few queries.

    Those that are gone are left out.
    """
    ids: dict[str, set[str]] = defaultdict(set)
    for offer in offers:
        ids[offer.subject_type].add(offer.subject_id)
    return {
        **_agents(ids),
        **_items(domain, ids[ITEM]),
        **_types(domain, ids[TYPE]),
        **_forms(domain, ids[FORM]),
    }


def _agents(ids: dict[str, set[str]]) -> dict[SubjectKey, SoldThing]:
    things = {}
    for kind in (AGENT, AGENT_VERSION):
        for subject_id in ids[kind]:
            scope, _, name = agent_of_offer(kind, subject_id)[0].lstrip("@").partition("/")
            page = reverse("agent_sales", args=[scope, name])
            things[kind, subject_id] = SoldThing(subject_id, page, is_id=True)
    return things


def _items(domain: Domain, ids: set[str]) -> dict[SubjectKey, SoldThing]:
    items = items_by_id(UUID(subject_id) for subject_id in ids)
    return {
        (ITEM, str(item_id)): SoldThing(title, reverse("studio_item_sales", args=[domain, item_id]))
        for item_id, title in titles_of(items.values()).items()
    }


def _types(domain: Domain, slugs: set[str]) -> dict[SubjectKey, SoldThing]:
    if not slugs:
        return {}
    rows = ContentType.objects.filter(domain=domain, slug__in=slugs, deleted_at=None)
    return {
        (TYPE, row.slug): SoldThing(row.name, reverse("studio_type_sales", args=[domain, row.slug]))
        for row in rows
    }


def _forms(domain: Domain, ids: set[str]) -> dict[SubjectKey, SoldThing]:
    if not ids:
        return {}
    rows = FormDefinition.objects.filter(domain=domain, pk__in=ids, deleted_at=None)
    return {
        (FORM, str(row.pk)): SoldThing(row.name, reverse("studio_form", args=[domain, row.slug]))
        for row in rows
    }
