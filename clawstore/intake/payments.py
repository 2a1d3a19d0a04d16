"""The invoice of a form with a price, on its page.

A browser cannot send a token. So the page signs the payment that it made into its own form, and
asks the provider whether it was paid when the form is sent again.
"""

from django.core import signing

from foundation.text.input import read_uuid
from wordclaw.forms.models import FormDefinition
from wordclaw.payments.models import Payment, PaymentStatus
from wordclaw.payments.settlement.actions import can_be_settled
from wordclaw.payments.settlement.reconciling import refresh_payment

SALT = "clawstore.intake.payments"
FIELD = "payment"
MAX_SECONDS = 7 * 24 * 3600
"""What was paid can still be sent for a week."""


def sign_payment(form: FormDefinition, payment: Payment) -> str:
    return signing.dumps([form.pk.hex, payment.pk.hex], salt=SALT)


def read_payment(form: FormDefinition, text: str) -> Payment | None:
    """Return the payment of a page as it is now; None for a forged or old text."""
    try:
        form_id, payment_id = signing.loads(text[:500], salt=SALT, max_age=MAX_SECONDS)
    except signing.BadSignature:
        return None
    if read_uuid(form_id) != form.pk:
        return None
    rows = Payment.objects.filter(pk=read_uuid(payment_id))
    payment = rows.select_related("domain", "offer").first()
    return refresh_payment(payment) if payment is not None else None


def can_be_paid(payment: Payment) -> bool:
    """Whether an invoice still waits for its payment."""
    return payment.status == PaymentStatus.PENDING and can_be_settled(payment)
