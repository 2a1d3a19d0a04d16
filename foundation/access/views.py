"""Pages to approve a device login, and to list and end browser sessions."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
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
from foundation.access.scopes import device_permissions
from foundation.web.htmx import announce, is_htmx
from foundation.web.requests import Request


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: Request) -> HttpResponse:
    """Ask for a code, or show the device of a code; a POST approves or denies it."""
    form = UserCodeForm(request.POST or request.GET or None)
    login = None
    if form.is_valid():
        try:
            if request.method == "POST":
                return _decide(request, form.cleaned_data["user_code"])
            login = find_device_login(form.cleaned_data["user_code"])
        except UnknownUserCode as refusal:
            form.add_error("user_code", str(refusal.message))
    context = {"form": form, "waiting": login, "permissions": device_permissions()}
    return render(request, "access/device.html", context, status=404 if form.errors else 200)


def _decide(request: Request, code: str) -> HttpResponse:
    """Approve on an explicit yes, otherwise deny.

    The redirect makes a reload harmless.
    """
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
    """List the browsers in which the user is signed in."""
    ended_text = request.GET.get("ended", "")
    ended_count = int(ended_text) if ended_text.isdecimal() and len(ended_text) < 4 else None
    return render(request, "access/sessions.html", sessions_context(request, ended_count))


def sessions_context(request: Request, ended_count: int | None) -> dict[str, object]:
    """The open sessions; ``ended_count`` of a request to end some, otherwise None."""
    user = request.actor.require_user()
    browser_sessions = open_sessions(user.pk, current_key=request.session.session_key)
    other_count = sum(not session.is_current for session in browser_sessions)
    return {"sessions": browser_sessions, "others": other_count, "ended": ended_count}


@never_cache
@login_required
@require_POST
def end_sessions(request: Request) -> HttpResponse:
    """End the session with a number, or all ``others``.

    Sent twice, it ends nothing more.
    """
    target = request.POST.get("session", "")
    count = 0
    if target == "others":
        count = end_other_sessions(request.session.session_key or "", by=request.actor)
    # Longer numbers do not fit into the column.
    elif target.isdecimal() and len(target) < 19:
        count = end_session(int(target), by=request.actor)
    if not is_htmx(request):
        return redirect(f"{reverse('account_sessions')}?ended={min(count, 999)}")
    fragment = render(request, "access/sessions.html#sessions", sessions_context(request, count))
    message = ngettext("%(n)d session ended", "%(n)d sessions ended", count) % {"n": count}
    return announce(fragment, message)
