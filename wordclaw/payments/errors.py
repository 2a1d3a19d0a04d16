"""Refusals about offers, payments and entitlements."""

from typing import Any

from foundation.refusals import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class PaymentRequired(Refusal):
    """The subject has a price; ``headers`` has the challenge."""

    status = 402
    code = "payment_required"
    message = "This has a price, and you have no right to read it yet."
    remediation = (
        "Pay the invoice, then send the request again with Authorization: L402 TOKEN:PREIMAGE, or "
        "confirm the payment of your own purchase."
    )

    def __init__(
        self, message: str = "", *, headers: dict[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(message, **details)
        self.headers = headers or {}


class PaymentConsumed(NotAllowed):
    code = "payment_consumed"
    message = "All reads of this payment are used up."
    remediation = "Send the request without the token to get a new invoice."


class InvalidToken(Unauthenticated):
    code = "l402_invalid"
    message = "The L402 credential is invalid or has ended."
    remediation = "Send the request without it to get a new invoice and token."


class SubjectMismatch(NotAllowed):
    code = "l402_subject_mismatch"
    message = "The token was not sold for this, or its caveats do not allow this."
    remediation = "Use the token of a payment for this, or send the request without one."


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = "There is no payment of yours with this hash."
    remediation = "Use the payment hash of your own purchase."


class OfferNotFound(NotFound):
    code = "offer_not_found"
    message = "There is no offer with this ID."
    remediation = "List the offers of the domain to see their IDs."


class PolicyNotFound(NotFound):
    code = "licence_policy_not_found"
    message = "There is no licence policy with this ID."
    remediation = "List the licence policies of the domain to see their IDs."


class SaleSubjectNotFound(NotFound):
    code = "offer_subject_not_found"
    message = "There is no such subject in this domain."
    remediation = (
        "Name an agent (@scope/name), a version (@scope/name@1.0.0), an item (its ID) or a "
        "content type (its slug) of this domain."
    )


class EntitlementNotFound(NotFound):
    code = "entitlement_not_found"
    message = "There is no such entitlement of yours."
    remediation = "List your entitlements to see their IDs."


class SellerUnavailable(Conflict):
    code = "seller_unavailable"
    message = "This is not sold now: the publisher's account is suspended or was deleted."
    remediation = "Ask again later. Who bought it keeps the right to it."


class NothingToReturn(Conflict):
    code = "nothing_to_return"
    message = "No money of this payment waits to be paid back."
    remediation = "Read its state again: it may be paid back already."


class OfferInactive(Conflict):
    code = "offer_inactive"
    message = "This offer is not sold at the moment."
    remediation = "Read the subject again: it may be free now, or have another offer."


class SubjectNotSellable(Conflict):
    code = "offer_subject_private"
    message = "Buyers could not read this: it is private."
    remediation = "Make the content type public first."


class OfferOfSetting(Conflict):
    code = "offer_of_form"
    message = "This price is a setting of its form."
    remediation = "Change priceSatoshis and requirePayment of the form."


class TooManyOffers(Conflict):
    code = "too_many_offers"
    remediation = "Use the offers and policies that exist, or change them."


class EntitlementAmbiguous(Conflict):
    code = "entitlement_ambiguous"
    message = "You have several entitlements for this."
    remediation = "Send the ID of one of them in the header X-Entitlement-Id."


class EntitlementMismatch(NotAllowed):
    code = "entitlement_subject_mismatch"
    message = "This entitlement is for something else."
    remediation = "Send no X-Entitlement-Id, or that of an entitlement for this."


class NothingToPayOut(Conflict):
    code = "payout_exceeds_balance"
    message = "The ledger owes this domain less than that."
    remediation = "Record at most the balance, which is in details."


class InvalidTransition(Conflict):
    code = "invalid_payment_transition"
    message = "The payment or entitlement cannot change from its state to this one."
    remediation = "Read its state again; it has ended or was settled before."


class ProviderMismatch(Conflict):
    code = "payment_provider_mismatch"
    message = "The payment belongs to another provider."
    remediation = "Send the event to the address of the payment's own provider."


class UnknownProvider(NotFound):
    code = "payment_provider_not_found"
    message = "There is no payment provider with this name."
    remediation = "Send settlements to the address of the provider that this site uses."


class ProviderUnavailable(Unavailable):
    code = "payment_provider_unavailable"
    message = "Payments are not possible at the moment."
    remediation = "Try again later. If it stays so, tell the operator the request ID."


class SettlementUnavailable(Unavailable):
    code = "payment_webhook_unavailable"
    message = "This site takes no settlement events: PAYMENT_WEBHOOK_SECRET is not set."
    remediation = "Tell the operator; the provider is asked once a minute meanwhile."


class InvalidEventSignature(Unauthenticated):
    code = "webhook_signature_invalid"
    message = "The signature of this event is wrong or older than five minutes."
    remediation = "Sign the body as Standard Webhooks describes, with PAYMENT_WEBHOOK_SECRET."


class InvalidOffer(Invalid):
    code = "invalid_body"
    message = "The offer or policy has wrong values."
    remediation = "Correct the named values and send them again."


class ReasonRequired(Invalid):
    code = "reason_required"
    message = "A refund needs a reason."
    remediation = "Say why in the field reason; the buyer reads it."


class TooManyChallenges(TooMany):
    code = "too_many_unpaid_invoices"
    message = "Too many invoices wait for their payment."
    remediation = "Pay one of them, or try again in a few minutes."


class PreviewPaywallUnsupported(Conflict):
    code = "preview_paywall_unsupported"
    message = "Links cannot show what has a price."
    remediation = "Stop the offer first, or let members read the working copy."


class InvalidEvent(Invalid):
    code = "invalid_body"
    message = "The body is no settlement event."
    remediation = "Send paymentHash, and status: paid, expired or failed."
