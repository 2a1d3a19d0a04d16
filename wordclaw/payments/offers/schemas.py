"""JSON of licence policies and offers."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictStr

from foundation.clock import iso
from wordclaw.payments.models import LicencePolicyVersion, Offer
from wordclaw.requests.schemas import StrictBody

POLICY_COLUMNS = {
    "name": "name",
    "maxReads": "max_reads",
    "ttlSeconds": "ttl_seconds",
    "terms": "terms",
}
OFFER_COLUMNS = {
    "amountSatoshis": "amount_satoshis",
    "policyId": "policy_id",
    "active": "is_active",
}


class PolicyIn(StrictBody):
    name: StrictStr
    maxReads: int | None = Field(None, strict=True)
    ttlSeconds: int | None = Field(None, strict=True)
    terms: StrictStr = ""

    def columns(self) -> dict[str, Any]:
        return {column: getattr(self, name) for name, column in POLICY_COLUMNS.items()}


class LicencePolicyChanges(StrictBody):
    """A field that is not sent stays as it is."""

    name: StrictStr = ""
    maxReads: int | None = Field(None, strict=True)
    ttlSeconds: int | None = Field(None, strict=True)
    terms: StrictStr = ""

    def columns(self) -> dict[str, Any]:
        return {POLICY_COLUMNS[name]: getattr(self, name) for name in self.model_fields_set}


class PolicyOut(Schema):
    id: str
    name: str
    version: int
    maxReads: int | None
    ttlSeconds: int | None
    terms: str
    createdAt: str
    updatedAt: str


class PolicyPage(Schema):
    items: list[PolicyOut]
    nextCursor: str | None = None


class OfferIn(StrictBody):
    subjectType: StrictStr
    subjectId: StrictStr
    amountSatoshis: int = Field(strict=True)
    policyId: StrictStr
    active: StrictBool = True


class OfferChanges(StrictBody):
    """A field that is not sent stays as it is."""

    amountSatoshis: int = Field(0, strict=True)
    policyId: StrictStr = ""
    active: StrictBool = True

    def columns(self) -> dict[str, Any]:
        return {OFFER_COLUMNS[name]: getattr(self, name) for name in self.model_fields_set}


class OfferOut(Schema):
    id: str
    domain: str
    subjectType: str
    subjectId: str
    amountSatoshis: int
    policyId: str
    active: bool
    createdAt: str
    updatedAt: str


class OfferPage(Schema):
    items: list[OfferOut]
    nextCursor: str | None = None


def policy_out(version: LicencePolicyVersion) -> dict[str, Any]:
    policy = version.policy
    return {
        "id": str(policy.pk),
        "name": version.name,
        "version": version.version,
        "maxReads": version.max_reads,
        "ttlSeconds": version.ttl_seconds,
        "terms": version.terms,
        "createdAt": iso(policy.created_at),
        "updatedAt": iso(policy.updated_at),
    }


def offer_out(offer: Offer) -> dict[str, Any]:
    return {
        "id": str(offer.pk),
        "domain": offer.domain.name,
        "subjectType": offer.subject_type,
        "subjectId": offer.subject_id,
        "amountSatoshis": offer.amount_satoshis,
        "policyId": str(offer.policy_id),
        "active": offer.is_active,
        "createdAt": iso(offer.created_at),
        "updatedAt": iso(offer.updated_at),
    }


def price_out(offer: Offer) -> dict[str, Any]:
    """The price of a subject, as its rows and details show it."""
    return {"id": str(offer.pk), "amountSatoshis": offer.amount_satoshis}
