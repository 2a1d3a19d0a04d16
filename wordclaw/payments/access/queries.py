"""The one question of every surface: may this reader read this?"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from uuid import UUID

from django.db.models import CharField, DateTimeField, Q, UUIDField

from foundation.clock import now
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from foundation.encryption import NotReadable, decrypt_text
from foundation.l402.macaroons import is_signed_by
from foundation.text.input import read_uuid
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.errors import (
    EntitlementAmbiguous,
    EntitlementMismatch,
    EntitlementNotFound,
    InvalidToken,
    SubjectMismatch,
)
from wordclaw.payments.models import (
    AccessEvent,
    Entitlement,
    EntitlementStatus,
    Offer,
    Payment,
    PaymentToken,
)
from wordclaw.payments.offers.queries import active_offers
from wordclaw.payments.subjects import Gate

MAX_NAMED_ENTITLEMENTS = 20


class AccessKind(StrEnum):
    """Why a reader may read, or that the reader has to pay first."""

    FREE = "free"
    MEMBER = "member"
    TOKEN = "token"  # noqa: S105 - the name of a kind
    ENTITLEMENT = "entitlement"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The answer of `may_read`.

    ``offers`` are those that cover the thing, the best first. ``payment`` is that of a token,
    ``entitlement`` that of a signed-in reader.
    """

    kind: AccessKind
    offers: tuple[Offer, ...] = ()
    payment: Payment | None = None
    entitlement: Entitlement | None = None

    @property
    def is_allowed(self) -> bool:
        return self.kind != AccessKind.NONE

    @property
    def is_gated(self) -> bool:
        """Whether the thing has a price, for whatever reader."""
        return bool(self.offers)


FREE = Access(kind=AccessKind.FREE)


def may_read(gate: Gate, reader: Reader) -> Access:
    """Return whether a reader may read what is behind a gate, and by which right.

    Nothing is used up by asking; `open_gate` is for doors. One query if nothing has a price.
    Raises InvalidToken or SubjectMismatch for a token, and EntitlementAmbiguous,
    EntitlementNotFound or EntitlementMismatch for a signed-in reader.
    """
    offers = tuple(active_offers(gate.domain_name, gate.subjects))
    if not offers:
        return FREE
    if gate.is_free_for_reader():
        return Access(kind=AccessKind.MEMBER, offers=offers)
    if reader.l402 is not None:
        payment = find_payment_of_token(gate, reader)
        return Access(kind=AccessKind.TOKEN, offers=offers, payment=payment)
    entitlement = find_entitlement(gate, reader)
    kind = AccessKind.NONE if entitlement is None else AccessKind.ENTITLEMENT
    return Access(kind=kind, offers=offers, entitlement=entitlement)


def find_payment_of_token(gate: Gate, reader: Reader) -> Payment:
    """Return the payment of a token whose signature and caveats are right.

    The preimage is not checked here. Raises InvalidToken or SubjectMismatch.
    """
    credential = reader.l402
    assert credential is not None  # noqa: S101 - the caller has asked
    tokens = PaymentToken.objects.select_related("payment__offer", "payment__domain")
    row = tokens.filter(pk=credential.token_id).first()
    if row is None or row.payment.payment_hash != credential.payment_hash:
        raise InvalidToken
    try:
        root_key = bytes.fromhex(decrypt_text(row.root_key))
    except NotReadable:
        raise InvalidToken from None
    if not is_signed_by(credential.token, root_key):
        raise InvalidToken
    _require_caveats(gate, credential.token.caveats)
    payment: Payment = row.payment
    offer = payment.offer
    if not gate.is_opened_by(payment.domain.name, offer.subject_type, offer.subject_id):
        raise SubjectMismatch
    return payment


def _require_caveats(gate: Gate, caveats: tuple[bytes, ...]) -> None:
    """Raise a refusal unless each known caveat is satisfied.

    Unknown caveats were added by holders for services of their own and are carried along.
    """
    for caveat in caveats:
        name, _, value = caveat.decode("utf-8", "replace").partition("=")
        if name == "expires_at" and not _is_future(value):
            raise InvalidToken("The token has expired.")
        if name == "subject" and value not in gate.caveats:
            raise SubjectMismatch
        if name == "domain" and value not in {domain for domain, *_ in gate.paid_subjects}:
            raise SubjectMismatch


def _is_future(value: str) -> bool:
    # A caveat that cannot be read must not widen a token.
    is_number = value.isascii() and value.isdigit() and len(value) <= 12
    return is_number and int(value) > now().timestamp()


def find_entitlement(gate: Gate, reader: Reader) -> Entitlement | None:
    """Return the entitlement that a reader without a token uses, or None."""
    if reader.payment_id is not None:
        return _entitlement_of_page(gate, reader.payment_id)
    if reader.by.user is None:
        return None
    if reader.entitlement_id:
        return _named_entitlement(gate, reader, reader.by.user.pk)
    entitlements = [
        entitlement
        for entitlement in _entitlements_for(gate, reader.by.user.pk)
        if is_usable(entitlement) or was_read_this_hour(entitlement, gate)
    ]
    usable_ones = [entitlement for entitlement in entitlements if is_usable(entitlement)]
    if len(usable_ones) > 1 and not reader.is_browser:
        ids = [str(entitlement.pk) for entitlement in usable_ones[:MAX_NAMED_ENTITLEMENTS]]
        raise EntitlementAmbiguous(entitlementIds=ids)
    return next(iter(usable_ones or entitlements), None)


def _entitlement_of_page(gate: Gate, payment_id: UUID) -> Entitlement | None:
    """Return the right of a payment that was made on the page of what it is for."""
    rows = Entitlement.objects.filter(payment=payment_id, status=EntitlementStatus.ACTIVE)
    entitlement = rows.select_related("offer", "domain").first()
    if entitlement is None or not _opens(entitlement, gate):
        return None
    return entitlement if is_usable(entitlement) else None


def _opens(entitlement: Entitlement, gate: Gate) -> bool:
    offer = entitlement.offer
    return gate.is_opened_by(entitlement.domain.name, offer.subject_type, offer.subject_id)


def _entitlements_for(gate: Gate, user_id: UUID) -> list[Entitlement]:
    """Return a user's paid entitlements for a gate; the first one ends first."""
    parameters: dict[str, object] = {"user": user_id}
    for number, (domain_name, kind, subject_id) in enumerate(gate.paid_subjects):
        parameters |= {
            f"domain_{number}": domain_name,
            f"kind_{number}": kind,
            f"id_{number}": subject_id,
        }
    # The last read goes on for the rest of its hour.
    is_hourly = gate.is_counted_hourly
    other_state = EntitlementStatus.EXHAUSTED if is_hourly else EntitlementStatus.ACTIVE
    states = [EntitlementStatus.ACTIVE.value, other_state.value]
    query = _entitlements_query(len(gate.paid_subjects))
    entitlements = query.instances(**parameters, states=states)
    # Those without an end last, as a reader would use up the others first.
    return sorted(
        entitlements,
        key=lambda row: (row.expires_at is None, row.expires_at or row.created_at, row.pk.hex),
    )


@lru_cache(maxsize=8)
def _entitlements_query(subject_count: int) -> CompiledInstances[Entitlement]:
    condition = Q()
    for number in range(subject_count):
        condition |= Q(
            domain__name=Parameter(f"domain_{number}", CharField()),
            offer__subject_type=Parameter(f"kind_{number}", CharField()),
            offer__subject_id=Parameter(f"id_{number}", CharField()),
        )
    rows = Entitlement.objects.filter(
        condition,
        user_id=Parameter("user", UUIDField()),
        status__in=list_parameter("states", CharField(), 2),
    )
    return CompiledInstances(rows, relations=("offer",), annotations=(), is_prepared=True)


def _named_entitlement(gate: Gate, reader: Reader, user_id: UUID) -> Entitlement | None:
    rows = Entitlement.objects.filter(pk=read_uuid(reader.entitlement_id))
    entitlement = rows.filter(user_id=user_id).select_related("offer", "domain").first()
    if entitlement is None:
        raise EntitlementNotFound
    if not _opens(entitlement, gate):
        raise EntitlementMismatch
    is_readable = is_usable(entitlement) or was_read_this_hour(entitlement, gate)
    return entitlement if is_readable else None


def is_usable(entitlement: Entitlement) -> bool:
    """Whether an entitlement has time and reads left."""
    return entitlement.status == EntitlementStatus.ACTIVE and has_time_left(entitlement)


def has_time_left(entitlement: Entitlement) -> bool:
    return entitlement.expires_at is None or entitlement.expires_at > now()


def was_read_this_hour(entitlement: Entitlement, gate: Gate) -> bool:
    """Whether a valid entitlement was used for this version in this hour."""
    is_paid = entitlement.status in (EntitlementStatus.ACTIVE, EntitlementStatus.EXHAUSTED)
    if not (gate.is_counted_hourly and is_paid and has_time_left(entitlement)):
        return False
    kind, subject_id = gate.subjects[0]
    reads = _reads_query().tuples(
        entitlement=entitlement.pk,
        kind=kind,
        subject=subject_id,
        version=gate.version,
        hour=now().replace(minute=0, second=0, microsecond=0),
    )
    return bool(reads)


@cache
def _reads_query() -> CompiledQuery:
    reads = AccessEvent.objects.filter(
        entitlement_id=Parameter("entitlement", UUIDField()),
        subject_type=Parameter("kind", CharField()),
        subject_id=Parameter("subject", CharField()),
        version=Parameter("version", CharField()),
        counted_hour=Parameter("hour", DateTimeField()),
    )
    return CompiledQuery(reads.values("id")[:1], is_prepared=True)
