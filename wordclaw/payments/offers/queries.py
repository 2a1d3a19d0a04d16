"""Offers by their subjects, and the lists of a domain."""

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet

from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import Parameter
from foundation.text.input import read_uuid
from wordclaw.payments.errors import OfferNotFound, PolicyNotFound
from wordclaw.payments.models import LicencePolicy, LicencePolicyVersion, Offer
from wordclaw.payments.subjects import SubjectKey
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import people_with

WRITE = "payments.write"
"""The operation of sellers."""
# Lists of a hundred rows, each with its own subject and those that cover it.
MAX_SUBJECTS = 500


def active_offers(domain_name: str, subjects: tuple[SubjectKey, ...]) -> list[Offer]:
    """Return the active offers that cover a thing, in one query.

    Those of the narrowest subject come first, and of these the cheapest.
    """
    parameters: dict[str, str] = {"domain": domain_name}
    for number, (kind, subject_id) in enumerate(subjects):
        parameters |= {f"kind_{number}": kind, f"id_{number}": subject_id}
    offers = _active_offers_query(len(subjects)).instances(**parameters)
    places = {subject: place for place, subject in enumerate(subjects)}

    def order(offer: Offer) -> tuple[int, int, str]:
        place = places[offer.subject_type, offer.subject_id]
        return place, offer.amount_satoshis, offer.pk.hex

    return sorted(offers, key=order)


@lru_cache(maxsize=8)
def _active_offers_query(subject_count: int) -> CompiledInstances[Offer]:
    condition = Q()
    for number in range(subject_count):
        condition |= Q(
            subject_type=Parameter(f"kind_{number}", CharField()),
            subject_id=Parameter(f"id_{number}", CharField()),
        )
    offers = Offer.objects.filter(
        condition, domain__name=Parameter("domain", CharField()), is_active=True
    )
    return CompiledInstances(offers, relations=("domain",), annotations=(), is_prepared=True)


def offers_of_subjects(
    subjects: Iterable[SubjectKey], *, domain_name: str = ""
) -> dict[SubjectKey, Offer]:
    """Return the cheapest active offer of each of many subjects, in one query.

    IDs that are unique in one domain alone, such as slugs, need its name.
    """
    pairs = set(subjects)
    ids = {subject_id for _, subject_id in pairs}
    if not ids:
        return {}
    offers = Offer.objects.filter(is_active=True, subject_id__in=sorted(ids)[:MAX_SUBJECTS])
    if domain_name:
        offers = offers.filter(domain__name=domain_name)
    cheapest: dict[SubjectKey, Offer] = {}
    for offer in offers.order_by("-amount_satoshis", "-created_at", "id"):
        if (offer.subject_type, offer.subject_id) in pairs:
            cheapest[offer.subject_type, offer.subject_id] = offer
    return cheapest


def has_seller(domain: Domain) -> bool:
    """Whether an active person of a domain may sell.

    Without one, as after the account was deleted, nothing is sold and what was sold stays readable.
    """
    return bool(people_with(domain, WRITE))


def offers_of(domain: Domain) -> QuerySet[Offer]:
    return Offer.objects.filter(domain=domain).select_related("domain", "policy")


def find_offer(domain: Domain, offer_id: str) -> Offer:
    """Return an offer of a domain. Raises OfferNotFound."""
    offer = offers_of(domain).filter(pk=read_uuid(offer_id)).first()
    if offer is None:
        raise OfferNotFound
    return offer


def policies_of(domain: Domain) -> QuerySet[LicencePolicy]:
    return LicencePolicy.objects.filter(domain=domain)


def find_policy(domain: Domain, policy_id: str) -> LicencePolicy:
    """Return a licence policy of a domain. Raises PolicyNotFound."""
    policy = policies_of(domain).filter(pk=read_uuid(policy_id)).first()
    if policy is None:
        raise PolicyNotFound
    return policy


def newest_version(policy_id: UUID) -> LicencePolicyVersion:
    """Return the version of a policy that a purchase pins."""
    versions = LicencePolicyVersion.objects.filter(policy_id=policy_id)
    version: LicencePolicyVersion = versions.get(version=F("policy__version"))
    return version


def newest_versions(policy_ids: Iterable[UUID]) -> dict[UUID, LicencePolicyVersion]:
    """Return the newest version of each policy by the policy's ID, in one query."""
    versions = LicencePolicyVersion.objects.filter(
        policy__in=set(policy_ids), version=F("policy__version")
    )
    return {version.policy_id: version for version in versions}
