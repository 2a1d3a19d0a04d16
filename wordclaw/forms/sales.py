"""The price of a form: one submission for each payment."""

from foundation.actor import Actor
from foundation.text.input import read_uuid
from wordclaw.forms.models import FormDefinition
from wordclaw.payments.offers.actions import set_price
from wordclaw.payments.subjects import Gate, SaleSubject, SaleSubjectType

FORM = "form"
TERMS = {"name": "One submission", "max_reads": 1, "ttl_seconds": None, "terms": ""}


def form_gate(form: FormDefinition) -> Gate:
    """Return the gate before a submission; members pay, too."""
    return Gate(
        domain_name=form.domain.name,
        subjects=((FORM, str(form.pk)),),
        is_free_for_reader=lambda: False,
    )


def update_price(form: FormDefinition, *, by: Actor) -> None:
    """Store the price of a form as its offer, with the change of the form."""
    is_sold = form.requires_payment and form.deleted_at is None
    set_price(
        form.domain,
        (FORM, str(form.pk)),
        form.price_satoshis if is_sold else None,
        terms=TERMS,
        by=by,
    )


def find_form_subject(domain_name: str, subject_id: str) -> SaleSubject | None:
    forms = FormDefinition.objects.filter(domain__name=domain_name, deleted_at=None)
    form = forms.filter(pk=read_uuid(subject_id)).first()
    if form is None:
        return None
    return SaleSubject(id=str(form.pk), title=form.name, is_readable=form.is_active)


FORM_SUBJECT = SaleSubjectType(name=FORM, find=find_form_subject, has_own_price=True)
