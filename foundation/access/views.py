"""Letting a device in: who asks, from where, and as whom it would act. One's own sessions."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.access.actions import (
    decide_device_login,
    end_other_sessions,
    end_session,
    find_device_login,
)
from foundation.access.errors import UnknownUserCode
from foundation.access.forms import UserCodeForm
from foundation.access.queries import open_sessions
from foundation.web.requests import Request


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: Request) -> HttpResponse:
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


def decide(request: Request, code: str) -> HttpResponse:
    """Anything but a clear yes is a no. A reload of the answer decides nothing again."""
    approve = request.POST.get("decision") == "approve"
    decide_device_login(code, approve=approve, by=request.actor)
    return redirect("device_decided", decision="approved" if approve else "denied")


@never_cache
@login_required
@require_safe
def device_decided(request: HttpRequest, decision: str) -> HttpResponse:
    return render(request, "access/device_decided.html", {"approved": decision == "approved"})


@never_cache
@login_required
@require_safe
def sessions(request: Request) -> HttpResponse:
    """The browsers in which one is signed in."""
    user = request.actor.require_user()
    shown = open_sessions(user.pk, current_key=request.session.session_key)
    ended = request.GET.get("ended", "")
    context = {
        "sessions": shown,
        "others": sum(not session.is_current for session in shown),
        "ended": int(ended) if ended.isdecimal() and len(ended) < 4 else None,
    }
    return render(request, "access/sessions.html", context)


@never_cache
@login_required
@require_POST
def end_sessions(request: Request) -> HttpResponse:
    """One session by its number, or ``others``. Sent again it ends nothing more."""
    which = request.POST.get("session", "")
    count = 0
    if which == "others":
        count = end_other_sessions(request.session.session_key or "", by=request.actor)
    elif which.isdecimal() and len(which) < 19:
        count = end_session(int(which), by=request.actor)
    return redirect(f"{reverse('account_sessions')}?ended={min(count, 999)}")
