"""Offers and entitlements as the pages of buyers and sellers show them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from clawstore.sales.install_links import agent_of_offer, install_base, is_installable
from clawstore.sales.invoice_images import invoice_qr
from registry.agents.prices import AGENT, AGENT_VERSION
from registry.agents.queries import find_agent_by_any_id
from registry.agents.sales import may_read_version
from registry.errors import AgentNotFound
from registry.models import Agent
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.access.queries import Access, is_usable
from wordclaw.payments.models import (
    Entitlement,
    EntitlementStatus,
    LicencePolicyVersion,
    Offer,
    PaymentStatus,
)
from wordclaw.payments.offers.queries import has_seller, newest_versions
from wordclaw.payments.purchases.queries import with_parts
from wordclaw.payments.subjects import find_subject


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with the policy that a purchase would pin; blank version: all versions."""

    offer: Offer
    policy: LicencePolicyVersion
    version: str


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


def view_offers(offers: Iterable[Offer]) -> list[OfferView]:
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
        agent = self.agent
        if agent is None:
            return ""
        if self.version:
            return reverse("version", args=[agent.scope, agent.name, self.version])
        return reverse("agent", args=[agent.scope, agent.name])


def view_purchases(entitlements: Iterable[Entitlement]) -> list[PurchaseView]:
    """Return the rows of a list, without agents, codes and commands.

    Content and forms have the names that they had when they were ordered.
    """
    return [
        PurchaseView(entitlement, title=_title_in_list(entitlement)) for entitlement in entitlements
    ]


def _title_in_list(entitlement: Entitlement) -> str:
    return "" if is_installable(entitlement) else entitlement.payment.details.get("title", "")


def view_purchase(entitlement: Entitlement) -> PurchaseView:
    """Return one purchase with its agent, its invoice and its address for the CLI."""
    offer = entitlement.offer
    view = PurchaseView(entitlement)
    if is_installable(entitlement):
        full_id, version = agent_of_offer(offer.subject_type, offer.subject_id)
        view = replace(view, agent=find_sold_agent(full_id), version=version)
    else:
        subject = find_subject(entitlement.domain.name, offer.subject_type, offer.subject_id)
        view = replace(view, title=subject.title if subject else "")
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


def offers_of_agent(agent: Agent) -> QuerySet[Offer]:
    """Return the offers on an agent and on its versions, active ones first."""
    offers = Offer.objects.filter(_of_agent(agent, ""), domain__name=agent.scope)
    return offers.order_by("-is_active", "-created_at", "id")


def sales_of_agent(agent: Agent) -> QuerySet[Entitlement]:
    """Return the paid sales of an agent and of its versions, newest first.

    ``read_count`` counts the reads, and ``user`` is None for buyers without an account.
    """
    sales = Entitlement.objects.filter(
        _of_agent(agent, "offer__"), domain__name=agent.scope, activated_at__isnull=False
    )
    return with_parts(sales).annotate(read_count=Count("reads")).order_by("-activated_at", "id")


def _of_agent(agent: Agent, path: str) -> Q:
    of_versions = {f"{path}subject_type": AGENT_VERSION}
    return Q(**{f"{path}subject_type": AGENT, f"{path}subject_id": agent.full_id}) | Q(
        **of_versions, **{f"{path}subject_id__startswith": f"{agent.full_id}@"}
    )
