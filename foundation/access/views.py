"""Letting a device in: who asks, from where, and as whom it would act."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from foundation.access.actions import decide_device_login, find_device_login
from foundation.access.errors import UnknownUserCode
from foundation.access.forms import UserCodeForm


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Without a code it asks for one; with one it shows the device; a POST decides."""
    form = UserCodeForm(request.POST or request.GET or None)
    waiting = None
    if form.is_valid():
        try:
            if request.method == "POST":
                return decide(request, form.cleaned_data["user_code"])
            waiting = find_device_login(form.cleaned_data["user_code"])
        except UnknownUserCode as refusal:
            form.add_error("user_code", str(refusal.message))
    context = {"form": form, "waiting": waiting}
    return render(request, "access/device.html", context, status=404 if form.errors else 200)


def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Anything but a clear yes is a no. A reload of the answer decides nothing again."""
    approve = request.POST.get("decision") == "approve"
    decide_device_login(code, approve=approve, by=request.actor)  # type: ignore[attr-defined]
    return redirect("device_decided", decision="approved" if approve else "denied")


@never_cache
@login_required
@require_safe
def device_decided(request: HttpRequest, decision: str) -> HttpResponse:
    return render(request, "access/device_decided.html", {"approved": decision == "approved"})
