"""Offers and entitlements as the pages of buyers and sellers show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.safestring import SafeString

from clawstore.sales.install_links import agent_of_offer, install_base, is_installable
from clawstore.sales.invoice_images import invoice_qr
from clawstore.sales.texts import reading_path, titles_of_offers
from registry.agents.prices import AGENT, AGENT_VERSION
from registry.agents.queries import find_agent_by_any_id
from registry.agents.sales import may_read_version
from registry.errors import AgentNotFound
from registry.models import Agent
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.access.queries import Access, is_usable
from wordclaw.payments.models import (
    AccessEvent,
    Entitlement,
    EntitlementStatus,
    LicencePolicyVersion,
    Offer,
    PaymentStatus,
)
from wordclaw.payments.offers.queries import has_seller, newest_versions
from wordclaw.payments.purchases.queries import with_parts
from wordclaw.payments.rules import ENTITLEMENT_MOVES
from wordclaw.payments.subjects import SubjectKey, find_subject


@dataclass(frozen=True, slots=True)
class SoldThing:
    """A subject of offers, as its seller sees it.

    ``page`` has its offers and sales; it is "" for what is gone. ``is_id``: the title is an ID.
    """

    title: str
    page: str = ""
    is_id: bool = False


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with the policy that a purchase would pin; blank version: all versions.

    ``thing`` is what it sells, for pages of sellers.
    """

    offer: Offer
    policy: LicencePolicyVersion
    version: str
    thing: SoldThing | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """All offers for a version, the best first, and the right of the reader.

    ``is_for_sale``: whether the publisher can sell now.
    """

    access: Access
    offers: list[OfferView]
    is_for_sale: bool


def find_price(agent: Agent, number: str, reader: Reader) -> Price:
    access = may_read_version(agent, number, reader)
    is_for_sale = bool(access.offers) and has_seller(access.offers[0].domain)
    return Price(access, view_offers(access.offers), is_for_sale)


def view_offers(
    offers: Iterable[Offer], things: Mapping[SubjectKey, SoldThing] | None = None
) -> list[OfferView]:
    """Return the offers, their policies (one query) and the versions they cover."""
    offers = list(offers)
    if not offers:
        return []
    policies = newest_versions(offer.policy_id for offer in offers)
    return [
        OfferView(
            offer,
            policies[offer.policy_id],
            agent_of_offer(offer.subject_type, offer.subject_id)[1],
            None if things is None else thing_of(offer, things),
        )
        for offer in offers
    ]


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase as its buyer sees it.

    ``agent`` is None for content and forms, of which ``title`` is the name. ``code`` is the QR code
    of an invoice that can be paid.
    """

    entitlement: Entitlement
    agent: Agent | None = None
    version: str = ""
    code: SafeString | str = ""
    install_base: str = ""
    title: str = ""
    text_path: str = ""

    @property
    def is_waiting(self) -> bool:
        return (
            self.entitlement.status == EntitlementStatus.PENDING_PAYMENT
            and self.entitlement.payment.status == PaymentStatus.PENDING
        )

    @property
    def is_usable(self) -> bool:
        return is_usable(self.entitlement)

    @property
    def state(self) -> str:
        """The state of the right; an active one whose time is over has ended."""
        is_over = self.entitlement.status == EntitlementStatus.ACTIVE and not self.is_usable
        return EntitlementStatus.EXPIRED if is_over else self.entitlement.status

    @property
    def download_path(self) -> str:
        """The address of the bought version, or of the latest one."""
        if self.agent is None:
            return ""
        latest = self.agent.latest_version
        number = self.version or (latest.version if latest else "")
        base = f"/v1/agents/{self.agent.scope}/{self.agent.name}/versions"
        return f"{base}/{number}/tarball" if number else ""

    @property
    def page_path(self) -> str:
        """Where the buyer finds what was bought."""
        agent = self.agent
        if agent is None:
            return self.text_path
        if self.version:
            return reverse("version", args=[agent.scope, agent.name, self.version])
        return reverse("agent", args=[agent.scope, agent.name])


def view_purchases(
    entitlements: Iterable[Entitlement], languages: Sequence[str]
) -> list[PurchaseView]:
    """Return the rows of a list, without agents, codes and commands.

    Content without a page and forms have the names that they had when they were ordered.
    """
    rows = list(entitlements)
    titles = titles_of_offers((row.offer for row in rows), languages)
    return [PurchaseView(row, title=_title_in_list(row, titles)) for row in rows]


def _title_in_list(entitlement: Entitlement, titles: Mapping[str, str]) -> str:
    if is_installable(entitlement):
        return ""
    title = titles.get(entitlement.offer.subject_id)
    return title or entitlement.payment.details.get("title", "")


def view_purchase(entitlement: Entitlement, languages: Sequence[str] = ()) -> PurchaseView:
    """Return one purchase with its agent, its invoice and its address for the CLI."""
    offer = entitlement.offer
    view = PurchaseView(entitlement)
    if is_installable(entitlement):
        full_id, version = agent_of_offer(offer.subject_type, offer.subject_id)
        view = replace(view, agent=find_sold_agent(full_id), version=version)
    else:
        title = _title_in_list(entitlement, titles_of_offers([offer], languages))
        subject = find_subject(entitlement.domain.name, offer.subject_type, offer.subject_id)
        path = reading_path(entitlement.domain, offer) if subject else ""
        view = replace(view, title=title or (subject.title if subject else ""), text_path=path)
    if view.is_waiting:
        return replace(view, code=invoice_qr(entitlement.payment.payment_request))
    if view.is_usable and view.agent is not None:
        return replace(view, install_base=install_base(entitlement))
    return view


def find_sold_agent(full_id: str) -> Agent | None:
    try:
        return find_agent_by_any_id(full_id)
    except AgentNotFound:
        return None


@dataclass(frozen=True, slots=True)
class SaleView:
    """A paid sale as its seller sees it."""

    sale: Entitlement
    thing: SoldThing

    @property
    def is_refundable(self) -> bool:
        return EntitlementStatus.REVOKED in ENTITLEMENT_MOVES[self.sale.status]


def thing_of(offer: Offer, things: Mapping[SubjectKey, SoldThing]) -> SoldThing:
    """Return what an offer sells; its ID where the thing is gone."""
    thing = things.get((offer.subject_type, offer.subject_id))
    return thing or SoldThing(offer.subject_id, is_id=True)


def view_sales(
    sales: Iterable[Entitlement], things: Mapping[SubjectKey, SoldThing]
) -> list[SaleView]:
    return [SaleView(sale, thing_of(sale.offer, things)) for sale in sales]


def offers_on(domain_name: str, subjects: Q) -> QuerySet[Offer]:
    """Return the offers of a domain on some subjects, active ones first.

    ``subjects`` is a condition on offers; an empty one stands for all.
    """
    offers = Offer.objects.filter(subjects, domain__name=domain_name).select_related("domain")
    return offers.order_by("-is_active", "-created_at", "id")


def sales_of(domain_name: str, subjects: Q) -> QuerySet[Entitlement]:
    """Return the paid sales of a domain, newest first; ``subjects`` as in `offers_on`.

    ``read_count`` counts the reads, and ``user`` is None for buyers without an account.
    """
    sales = Entitlement.objects.filter(domain__name=domain_name, activated_at__isnull=False)
    if subjects:
        sales = sales.filter(offer__in=offers_on(domain_name, subjects).order_by().values("pk"))
    # Not a join, which counting the sales would also make.
    reads = AccessEvent.objects.filter(entitlement=OuterRef("pk")).order_by()
    counts = reads.values("entitlement").annotate(n=Count("pk")).values("n")
    rows = with_parts(sales).annotate(read_count=Coalesce(Subquery(counts), 0))
    return rows.order_by("-activated_at", "id")


def of_agent(agent: Agent) -> Q:
    """Return the condition of offers on an agent and on its versions."""
    of_versions = Q(subject_type=AGENT_VERSION, subject_id__startswith=f"{agent.full_id}@")
    return Q(subject_type=AGENT, subject_id=agent.full_id) | of_versions


def of_subject(subject: SubjectKey) -> Q:
    """Return the condition of offers on one subject."""
    subject_type, subject_id = subject
    return Q(subject_type=subject_type, subject_id=subject_id)
