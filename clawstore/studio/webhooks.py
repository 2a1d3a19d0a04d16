"""The webhooks of a domain, their messages and the answers."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.forms import WebhookForm
from clawstore.studio.frame import frame
from foundation.paging import fetch_page
from foundation.refusals import Conflict, Invalid
from foundation.web.forms import add_refusal
from foundation.webhooks.errors import WebhookVersionConflict
from foundation.webhooks.models import Webhook
from foundation.webhooks.queries import (
    DELIVERY_ORDER,
    WEBHOOK_ORDER,
    deliveries_of,
    find_delivery,
    find_webhook,
    signing_tokens,
    webhooks_of,
)
from foundation.webhooks.rules import MAX_WEBHOOKS, known_events, matches, unknown_patterns
from wordclaw.policy.models import Domain
from wordclaw.webhooks import actions
from wordclaw.webhooks.actions import OPERATION

READ_AND_WRITE = ("GET", "HEAD", "POST")
DELIVERIES_PER_PAGE = 30
MAX_HELPED_LENGTH = 4000


@studio_page(OPERATION, methods=READ_AND_WRITE)
@sensitive_variables("secret")
def webhooks(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The webhooks of a domain, and a form for another.

    The secret of a new one is shown once.
    """
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            webhook, secret = actions.create_webhook(domain, **form.cleaned_data, by=request.actor)
            return _secret_page(request, domain, webhook, secret)
        except (Invalid, Conflict) as refusal:
            add_refusal(form, refusal)
    order = [sort.order_by() for sort in WEBHOOK_ORDER]
    context = frame(request, domain, tab="webhooks") | {
        "form": form,
        "rows": webhooks_of(domain.name).order_by(*order)[:MAX_WEBHOOKS],
        "events": event_rows(form["events"].value() or ""),
    }
    return render(request, "studio/webhooks.html", context, status=422 if form.errors else 200)


def _secret_page(
    request: StudioRequest, domain: Domain, webhook: Webhook, secret: str
) -> HttpResponse:
    context = frame(request, domain, tab="webhooks") | {"webhook": webhook, "secret": secret}
    return render(request, "studio/webhook_secret.html", context, status=201)


@studio_page(OPERATION)
def event_help(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The events that the typed patterns match, for the form while it is filled in."""
    text = request.GET.get("events", "")[:MAX_HELPED_LENGTH]
    context = {"events": event_rows(text), "unknown": unknown_patterns(text.split())}
    return render(request, "studio/parts/event_list.html", context)


def event_rows(text: str) -> list[dict[str, Any]]:
    """Return all events, and whether a pattern in the text matches them."""
    patterns = text.split()
    return [
        {
            "name": name,
            "sentence": sentence,
            "is_matched": any(matches(pattern, name) for pattern in patterns),
        }
        for name, sentence in known_events().items()
    ]


@studio_page(OPERATION, methods=READ_AND_WRITE)
def webhook(request: StudioRequest, domain: Domain, webhook_id: str) -> HttpResponse:
    """One webhook: its form, its buttons and its deliveries."""
    row = find_webhook(domain.name, webhook_id)
    step = request.POST.get("do", "")
    initial = {"url": row.url, "events": "\n".join(row.events), "is_active": row.is_active}
    form = WebhookForm(request.POST if step == "save" else None, initial=initial)
    status = 200
    if request.method == "POST":
        try:
            if (response := _change(request, domain, row, form)) is not None:
                return response
        except (Invalid, Conflict, WebhookVersionConflict) as refusal:
            status = add_refusal(form, refusal).status if step == "save" else refusal.status
    page = fetch_page(
        deliveries_of(row).defer("body"),
        DELIVERY_ORDER,
        limit=DELIVERIES_PER_PAGE,
        cursor=request.GET.get("cursor"),
        name="deliveries",
    )
    context = frame(request, domain, tab="webhooks") | {
        "webhook": row,
        "has_two_secrets": len(signing_tokens(row)) > 1,
        "form": form,
        "events": event_rows(form["events"].value() or ""),
        "deliveries": page.items,
        "next_cursor": page.next_cursor,
    }
    return render(request, "studio/webhook.html", context, status=422 if form.errors else status)


def _change(
    request: StudioRequest, domain: Domain, row: Webhook, form: WebhookForm
) -> HttpResponse | None:
    """Do what the form asks for; None for a form that is not valid."""
    by, step, webhook_id = request.actor, request.POST.get("do", ""), str(row.pk)
    if step == "save" and form.is_valid():
        actions.change_webhook(domain, webhook_id, form.cleaned_data, by=by)
        messages.success(request, _("Saved."))
    elif step == "test":
        actions.send_test(domain, webhook_id, by=by)
        messages.success(request, _("A test is on its way. Reload the page to see its answer."))
    elif step == "rotate":
        webhook, secret = actions.rotate_secret(domain, webhook_id, by=by)
        return _secret_page(request, domain, webhook, secret)
    elif step == "delete":
        actions.delete_webhook(domain, webhook_id, by=by)
        messages.success(request, _("Deleted."))
        return redirect("studio_webhooks", domain)
    else:
        return None
    return redirect("studio_webhook", domain, row.pk)


@studio_page(OPERATION, methods=READ_AND_WRITE)
def delivery(
    request: StudioRequest, domain: Domain, webhook_id: str, delivery_id: str
) -> HttpResponse:
    """One message with its request and the last answer; a POST sends it again."""
    row = find_webhook(domain.name, webhook_id)
    if request.method == "POST":
        again = actions.redeliver(domain, str(row.pk), str(delivery_id), by=request.actor)
        messages.success(request, _("It is sent again. Reload the page to see the answer."))
        return redirect("studio_delivery", domain, row.pk, again.pk)
    message = find_delivery(row, delivery_id)
    context = frame(request, domain, tab="webhooks") | {
        "webhook": row,
        "delivery": message,
        "body": json.dumps(json.loads(message.body), indent=2, ensure_ascii=False),
    }
    return render(request, "studio/delivery.html", context)
