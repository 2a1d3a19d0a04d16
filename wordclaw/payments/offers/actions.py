"""Writes of licence policies and offers."""

from typing import Any

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from wordclaw.payments.errors import (
    InvalidOffer,
    OfferInactive,
    OfferOfSetting,
    SaleSubjectNotFound,
    SellerUnavailable,
    SubjectNotSellable,
    TooManyOffers,
)
from wordclaw.payments.models import LicencePolicy, LicencePolicyVersion, Offer
from wordclaw.payments.models.offers import (
    MAX_READS,
    MAX_SATOSHIS,
    MAX_TTL_SECONDS,
    NAME_LENGTH,
    SUBJECT_ID_LENGTH,
    TERMS_LENGTH,
)
from wordclaw.payments.offers.queries import (
    WRITE,
    find_offer,
    find_policy,
    has_seller,
    newest_version,
    offers_of,
    policies_of,
)
from wordclaw.payments.subjects import SaleSubject, SubjectKey, find_subject, subject_types
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

MAX_OFFERS = MAX_POLICIES = 1000
"""Of one domain."""


def require_payments(
    domain: Domain, by: Actor, *, resource_type: str = "offer", resource_id: str = ""
) -> None:
    """Raises what `authorize` raises; lists of sales need the same right."""
    authorize(by, WRITE, domain, resource_type=resource_type, resource_id=resource_id)


@transaction.atomic
def create_policy(domain: Domain, terms: dict[str, Any], *, by: Actor) -> LicencePolicyVersion:
    """Return version 1 of a new policy.

    ``terms`` has name, max_reads, ttl_seconds and terms. Raises InvalidOffer or TooManyOffers.
    """
    require_payments(domain, by, resource_type="licence_policy")
    _require_valid_terms(terms)
    if policies_of(domain).count() >= MAX_POLICIES:
        raise TooManyOffers(f"A domain has at most {MAX_POLICIES:,} policies.")
    policy = LicencePolicy.objects.create(domain=domain)
    return _add_version(policy, terms, "create", by=by)


@transaction.atomic
def change_policy(
    domain: Domain, policy_id: str, changes: dict[str, Any], *, by: Actor
) -> LicencePolicyVersion:
    """Return the next version of a policy; what was sold keeps its version.

    Raises PolicyNotFound, InvalidOffer, or OfferOfSetting for the policy of a form's price.
    """
    require_payments(domain, by, resource_type="licence_policy", resource_id=policy_id)
    policy = find_policy(domain, policy_id)
    for subject_type in policy.offers.values_list("subject_type", flat=True).distinct():
        _require_no_setting(subject_type)
    # Two changes at once would make two versions of one number.
    LicencePolicy.objects.select_for_update().get(pk=policy.pk)
    present_version = newest_version(policy.pk)
    names = ("name", "max_reads", "ttl_seconds", "terms")
    terms = {name: getattr(present_version, name) for name in names} | changes
    _require_valid_terms(terms)
    policy.version = present_version.version + 1
    policy.updated_at = now()
    policy.save()
    return _add_version(policy, terms, "update", by=by)


def _add_version(
    policy: LicencePolicy, terms: dict[str, Any], action: str, *, by: Actor
) -> LicencePolicyVersion:
    version: LicencePolicyVersion = LicencePolicyVersion.objects.create(
        policy=policy, version=policy.version, author_id=by.user_id, **terms
    )
    record(
        f"licence_policy.{action}",
        "licence_policy",
        str(policy.pk),
        by=by,
        tenant=policy.domain.name,
        name=version.name,
        version=version.version,
        maxReads=version.max_reads,
        ttlSeconds=version.ttl_seconds,
    )
    return version


def _require_valid_terms(terms: dict[str, Any]) -> None:
    problems = {}
    if not 1 <= len(terms["name"].strip()) <= NAME_LENGTH:
        problems["name"] = f"Use 1 to {NAME_LENGTH} characters."
    if len(terms["terms"]) > TERMS_LENGTH:
        problems["terms"] = f"Use up to {TERMS_LENGTH:,} characters."
    for name, column, maximum in (
        ("maxReads", "max_reads", MAX_READS),
        ("ttlSeconds", "ttl_seconds", MAX_TTL_SECONDS),
    ):
        if terms[column] is not None and not 1 <= terms[column] <= maximum:
            problems[name] = f"Use 1 to {maximum:,}, or null for no limit."
    _refuse(problems)


def _refuse(problems: dict[str, str]) -> None:
    """Raise InvalidOffer if there is a problem, by the name of a field."""
    if problems:
        raise InvalidOffer(
            errors=[
                {"path": name, "pointer": f"/{name}", "message": message}
                for name, message in problems.items()
            ]
        )


@transaction.atomic
def create_offer(
    domain: Domain,
    *,
    subject_type: str,
    subject_id: str,
    amount_satoshis: int,
    policy_id: str,
    is_active: bool = True,
    by: Actor,
) -> Offer:
    """Offer a subject of the domain at a price; while active, it is gated.

    Raises InvalidOffer, SaleSubjectNotFound, SubjectNotSellable, PolicyNotFound or TooManyOffers.
    """
    require_payments(domain, by)
    _require_no_setting(subject_type)
    _require_valid_amount(amount_satoshis)
    subject = sellable_subject(domain, subject_type, subject_id)
    policy = find_policy(domain, policy_id)
    if offers_of(domain).count() >= MAX_OFFERS:
        raise TooManyOffers(f"A domain has at most {MAX_OFFERS:,} offers.")
    offer: Offer = Offer.objects.create(
        domain=domain,
        subject_type=subject_type,
        subject_id=subject.id,
        amount_satoshis=amount_satoshis,
        policy=policy,
        is_active=is_active,
        created_by_id=by.user_id,
    )
    _record("create", offer, by=by)
    return offer


def sellable_subject(domain: Domain, subject_type: str, subject_id: str) -> SaleSubject:
    """Return a subject that can have an offer.

    Raises SaleSubjectNotFound or SubjectNotSellable.
    """
    is_possible = len(subject_id) <= SUBJECT_ID_LENGTH
    subject = find_subject(domain.name, subject_type, subject_id) if is_possible else None
    if subject is None:
        raise SaleSubjectNotFound(subjectTypes=sorted(subject_types()))
    if not subject.is_public:
        raise SubjectNotSellable
    return subject


def _require_no_setting(subject_type: str) -> None:
    """Raise OfferOfSetting for subjects that have a price of their own."""
    kind = subject_types().get(subject_type)
    if kind is not None and kind.has_own_price:
        raise OfferOfSetting


def _require_valid_amount(amount_satoshis: int) -> None:
    if not 1 <= amount_satoshis <= MAX_SATOSHIS:
        _refuse({"amountSatoshis": f"Use 1 to {MAX_SATOSHIS:,} satoshis."})


@transaction.atomic
def change_offer(domain: Domain, offer_id: str, changes: dict[str, Any], *, by: Actor) -> Offer:
    """Change ``amount_satoshis``, ``policy_id`` or ``is_active`` of an offer.

    What was sold stays as it was. Raises OfferNotFound, PolicyNotFound or InvalidOffer.
    """
    require_payments(domain, by, resource_id=offer_id)
    offer_key = find_offer(domain, offer_id).pk
    # Read under the lock, or a change made meanwhile would be undone.
    offer = offers_of(domain).select_for_update(of=("self",)).get(pk=offer_key)
    _require_no_setting(offer.subject_type)
    if "amount_satoshis" in changes:
        _require_valid_amount(changes["amount_satoshis"])
        offer.amount_satoshis = changes["amount_satoshis"]
    if "policy_id" in changes:
        offer.policy = find_policy(domain, changes["policy_id"])
    offer.is_active = changes.get("is_active", offer.is_active)
    offer.updated_at = now()
    offer.save()
    _record("update", offer, by=by)
    return offer


@transaction.atomic
def stop_offers(domain: Domain, subject: SubjectKey, *, by: Actor) -> None:
    """Stop the offers of a subject that is deleted for good.

    Another one may get its ID later. The caller has checked who may do it.
    """
    subject_type, subject_id = subject
    offers = offers_of(domain).filter(
        subject_type=subject_type, subject_id=subject_id, is_active=True
    )
    for offer in offers.select_for_update(of=("self",)):
        offer.is_active, offer.updated_at = False, now()
        offer.save()
        _record("update", offer, by=by)


@transaction.atomic
def set_price(
    domain: Domain,
    subject: SubjectKey,
    amount_satoshis: int | None,
    *,
    terms: dict[str, Any],
    by: Actor,
) -> None:
    """Set the price of a subject as its only active offer; None makes it free.

    ``terms`` are those of its policy, as `create_policy` takes them. The caller has checked who
    may do it, and the amount, and holds a lock of the subject.
    """
    subject_type, subject_id = subject
    offers = offers_of(domain).filter(subject_type=subject_type, subject_id=subject_id)
    offer = offers.first()
    if offer is None and amount_satoshis is None:
        return
    if offer is None:
        policy = LicencePolicy.objects.create(domain=domain)
        _add_version(policy, terms, "create", by=by)
        offer = Offer(
            domain=domain, subject_type=subject_type, subject_id=subject_id, policy=policy
        )
        offer.created_by_id = by.user_id
        action = "create"
    elif (offer.is_active, offer.amount_satoshis) == (True, amount_satoshis) or (
        not offer.is_active and amount_satoshis is None
    ):
        return
    else:
        action = "update"
    offer.is_active = amount_satoshis is not None
    offer.amount_satoshis = amount_satoshis or offer.amount_satoshis
    offer.updated_at = now()
    offer.save()
    _record(action, offer, by=by)


def _record(action: str, offer: Offer, *, by: Actor) -> None:
    record(
        f"offer.{action}",
        "offer",
        str(offer.pk),
        by=by,
        tenant=offer.domain.name,
        subject=offer.subject,
        amountSatoshis=offer.amount_satoshis,
        isActive=offer.is_active,
    )
    kind = subject_types().get(offer.subject_type)
    if kind is not None:
        # In the same transaction, so that no page shows for free what has a price.
        kind.offer_changed(offer.domain.name, offer.subject_id)


def require_sold(offer: Offer) -> None:
    """Raise a refusal unless the offer can be bought and read now.

    Raises OfferInactive or SellerUnavailable.
    """
    subject = find_subject(offer.domain.name, offer.subject_type, offer.subject_id)
    if not offer.is_active or subject is None or not (subject.is_public and subject.is_readable):
        raise OfferInactive
    if not has_seller(offer.domain):
        raise SellerUnavailable
