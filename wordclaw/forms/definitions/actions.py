"""Writes of form definitions."""

from typing import Any

from django.db import IntegrityError, transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.text.input import read_uuid
from wordclaw.content.errors import ContentTypeNotFound
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentType
from wordclaw.content.models.items import IN_REVIEW
from wordclaw.forms.definitions.queries import find_form, forms_of
from wordclaw.forms.definitions.webhooks import change_webhook_of
from wordclaw.forms.errors import (
    FormNotFound,
    FormSlugConflict,
    FormTransitionInvalid,
    InvalidForm,
    TooManyForms,
)
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.rules import (
    MAX_FORMS,
    plain_errors,
    require_valid_columns,
    require_valid_fields,
)
from wordclaw.forms.sales import update_price
from wordclaw.policy.actions import authorize
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain
from wordclaw.requests.errors import PreconditionFailed
from wordclaw.workflow.models import WorkflowTransition

CHECKED_TOGETHER = ("submission_status", "requires_payment", "price_satoshis")
WEBHOOK_COLUMNS = frozenset({"webhook_url", "webhook_secret"})


@transaction.atomic
def create_form(
    domain: Domain,
    columns: dict[str, Any],
    *,
    content_type: str,
    transition_id: str | None = None,
    by: Actor,
) -> FormDefinition:
    """Create a form on a content type; absent ``columns`` keep their defaults.

    Raises ContentTypeNotFound, InvalidForm, FormSlugConflict, TooManyForms, a FormFieldError,
    FormTransitionInvalid, SubmissionStatusInvalid, PaymentPriceMissing or WebhookUrlUnsafe.
    """
    authorize(by, "content.admin", domain, resource_type="form")
    form = FormDefinition(domain=domain, content_type=_find_type(domain, content_type))
    if forms_of(domain).count() >= MAX_FORMS:
        raise TooManyForms
    _fill(form, columns, transition_id)
    _save(form, is_new=True)
    update_price(form, by=by)
    _change_webhook(form, columns, by=by)
    _record("create", form, by=by)
    return form


@transaction.atomic
def change_form(
    domain: Domain,
    slug: str,
    columns: dict[str, Any],
    *,
    changes_transition: bool = False,
    transition_id: str | None = None,
    expected_version: int | None = None,
    by: Actor,
) -> FormDefinition:
    """Change a form; absent keys of ``columns`` keep their value.

    Raises FormNotFound, PreconditionFailed and what `create_form` raises.
    """
    authorize(by, "content.admin", domain, resource_type="form", resource_id=slug)
    form = _lock(domain, slug)
    if expected_version is not None and form.version != expected_version:
        raise PreconditionFailed(current=form.version, expected=expected_version)
    present_id = str(form.transition_id) if form.transition_id else None
    _fill(form, columns, transition_id if changes_transition else present_id)
    form.version += 1
    form.updated_at = now()
    _save(form)
    update_price(form, by=by)
    _change_webhook(form, columns, by=by)
    _record("update", form, by=by, fields=sorted(columns))
    return form


@transaction.atomic
def delete_form(
    domain: Domain, slug: str, *, expected_version: int | None = None, by: Actor
) -> None:
    """Delete a form. Its submissions and their items stay. Raises FormNotFound."""
    authorize(by, "content.admin", domain, resource_type="form", resource_id=slug)
    form = _lock(domain, slug)
    if expected_version is not None and form.version != expected_version:
        raise PreconditionFailed(current=form.version, expected=expected_version)
    form.deleted_at, form.is_active = now(), False
    form.save(update_fields=["deleted_at", "is_active"])
    update_price(form, by=by)
    change_webhook_of(form, url="", by=by)
    _record("delete", form, by=by)


def _find_type(domain: Domain, slug: str) -> ContentType:
    content_type = find_type(domain, slug)
    if content_type.is_singleton:
        message = "A singleton has one document, so a form cannot add items to it."
        raise InvalidForm(errors=[{"path": "contentType", "message": message}])
    return content_type


def _lock(domain: Domain, slug: str) -> FormDefinition:
    rows = FormDefinition.objects.select_for_update(of=("self",))
    row = rows.filter(domain=domain, slug=slug, deleted_at=None).first()
    if row is None:
        raise FormNotFound
    return find_form(domain, slug)


def _fill(form: FormDefinition, columns: dict[str, Any], transition_id: str | None) -> None:
    """Set the columns of a form, after all checks."""
    if form.content_type.deleted_at is not None:
        raise ContentTypeNotFound
    if errors := plain_errors(columns):
        raise InvalidForm(errors=errors)
    fields = columns.get("fields", form.fields)
    default_data = columns.get("default_data", form.default_data)
    columns = columns | {
        "fields": require_valid_fields(form.content_type, fields, default_data),
        "default_data": default_data,
    }
    require_valid_columns(
        {name: columns.get(name, getattr(form, name)) for name in CHECKED_TOGETHER}
    )
    for name, value in columns.items():
        if name in WEBHOOK_COLUMNS:
            continue
        setattr(form, name, value.strip() if isinstance(value, str) else value)
    form.transition = _find_transition(form, transition_id)


def _find_transition(form: FormDefinition, transition_id: str | None) -> WorkflowTransition | None:
    if transition_id is None:
        return None
    transitions = WorkflowTransition.objects.select_related("workflow")
    transition: WorkflowTransition | None = transitions.filter(
        pk=read_uuid(transition_id),
        workflow__content_type=form.content_type_id,
        workflow__is_active=True,
    ).first()
    # A submission that is in review counts as what the transition expects.
    states = (form.submission_status, IN_REVIEW)
    if transition is None or (
        transition.from_state not in states and form.submission_status != IN_REVIEW
    ):
        raise FormTransitionInvalid
    return transition


def _change_webhook(form: FormDefinition, columns: dict[str, Any], *, by: Actor) -> None:
    url, secret = columns.get("webhook_url"), columns.get("webhook_secret", "")
    if url is None and secret and form.webhook is not None:
        url = form.webhook.url
    if url is not None:
        change_webhook_of(form, url=url.strip(), secret=secret, by=by)


def _save(form: FormDefinition, *, is_new: bool = False) -> None:
    try:
        # In a transaction of its own, so that the outer one can still be used.
        with transaction.atomic():
            form.save(force_insert=is_new)
    except IntegrityError as error:
        raise FormSlugConflict(slug=form.slug) from error


def _record(action: str, form: FormDefinition, *, by: Actor, **details: Any) -> None:
    record(
        f"form.{action}",
        "form_definition",
        str(form.pk),
        by=by,
        tenant=form.domain.name,
        form=form.slug,
        contentType=form.content_type.slug,
        **details,
    )
    # In the same transaction, so that no page leads to a form that was switched off.
    content_host().form_changed(form)
