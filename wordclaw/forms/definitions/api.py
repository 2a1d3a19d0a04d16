"""JSON endpoints of form definitions."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public, signed_in
from foundation.actor import Actor
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.forms.definitions import actions
from wordclaw.forms.definitions.queries import find_form, find_public_form, forms_of
from wordclaw.forms.definitions.schemas import (
    ContractOut,
    FormIn,
    FormOut,
    FormPage,
    FormPatch,
    contract_out,
    form_out,
)
from wordclaw.forms.models import FormDefinition
from wordclaw.policy.actions import authorize, decide, find_domain
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import OLDEST_FIRST
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    expected_version,
    page_response,
    version_tag,
    write,
    write_of_version,
)

router = Router(tags=["forms"])
FORMS = "/domains/{domain}/forms"
FORM = FORMS + "/{slug}"


def _answer(form: FormDefinition, status: int = 200) -> Answer:
    body, headers = form_out(form), version_tag(form.version)
    secret_keys = body.keys() & {"webhookSecret"}
    return Answer(body, status=status, headers=headers, secret_keys=frozenset(secret_keys))


def _may_see_webhooks(domain: Domain, by: Actor) -> bool:
    operations = ("content.admin", "webhooks.write")
    return any(decide(by, operation, domain).refusal is None for operation in operations)


@router.get(FORMS, auth=signed_in, throttle=READ, response=FormPage, summary="Forms of a domain")
@cursor_errors
def list_forms(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="form")
    page = fetch_page(
        forms_of(tenant), OLDEST_FIRST, limit=read_limit(limit), cursor=cursor, name="forms"
    )
    shows_webhook = _may_see_webhooks(tenant, by)
    rows = [form_out(form, shows_webhook=shows_webhook) for form in page.items]
    return page_response(rows, page.next_cursor)


@router.post(
    FORMS, auth=signed_in, throttle=WRITE, response={201: FormOut}, summary="Define a form"
)
@write
def create_form(request: HttpRequest, domain: str, body: FormIn) -> Answer:
    by = actor_of(request)
    form = actions.create_form(
        find_domain(domain, by),
        body.columns(),
        content_type=body.contentType,
        transition_id=body.workflowTransitionId,
        by=by,
    )
    return _answer(form, status=201)


@router.get(FORM, auth=signed_in, throttle=READ, response=FormOut, summary="One form")
def get_form(request: HttpRequest, domain: str, slug: str) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="form", resource_id=slug)
    form = find_form(tenant, slug)
    response = json_response(form_out(form, shows_webhook=_may_see_webhooks(tenant, by)))
    response["ETag"] = version_tag(form.version)["ETag"]
    return response


@router.patch(FORM, auth=signed_in, throttle=WRITE, response=FormOut, summary="Change a form")
@write_of_version
def change_form(request: HttpRequest, domain: str, slug: str, body: FormPatch) -> Answer:
    by = actor_of(request)
    form = actions.change_form(
        find_domain(domain, by),
        slug,
        body.columns(),
        changes_transition="workflowTransitionId" in body.model_fields_set,
        transition_id=body.workflowTransitionId,
        expected_version=expected_version(request),
        by=by,
    )
    return _answer(form)


@router.delete(FORM, auth=signed_in, throttle=WRITE, response=Done, summary="Delete a form")
@write_of_version
def delete_form(request: HttpRequest, domain: str, slug: str) -> Answer:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    actions.delete_form(tenant, slug, expected_version=expected_version(request), by=by)
    return Answer({"ok": True})


@router.get(
    FORM + "/contract",
    auth=public,
    throttle=READ,
    response=ContractOut,
    summary="The fields of a public form",
)
def get_contract(request: HttpRequest, domain: str, slug: str) -> HttpResponse:
    by = actor_of(request)
    return json_response(contract_out(find_public_form(find_domain(domain, by), slug)))
