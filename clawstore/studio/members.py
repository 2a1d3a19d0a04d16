"""The members of a domain, invitations, and the log of what they did."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clawstore.studio.activity import activity_rows
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.forms import ROLES, InvitationForm
from clawstore.studio.frame import frame
from foundation.limits.middleware import consume_limit, limited
from foundation.paging import fetch_page
from foundation.refusals import Conflict, Invalid, Refusal, TooMany
from foundation.web.forms import add_refusal
from foundation.web.requests import Request
from wordclaw.policy.actions import find_domain
from wordclaw.policy.errors import MemberNotFound, OwnerStays
from wordclaw.policy.members import (
    MAX_MEMBERS,
    accept_invitation,
    change_role,
    invite_member,
    remove_member,
)
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import NEWEST_FIRST, OLDEST_FIRST, events_of, members_of

READ_AND_WRITE = ("GET", "HEAD", "POST")
EVENTS_PER_PAGE = 50


@studio_page(methods=READ_AND_WRITE)
def members(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The members and invitations; admins invite others."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            consume_limit(request, "invite", request.actor)
            invite_member(domain, by=request.actor, **form.cleaned_data)
            text = _(
                "Invited @%(login)s. The invitation is in their studio. It is also sent by email, "
                "unless they have switched that off."
            )
            messages.success(request, text % {"login": form.cleaned_data["login"].lstrip("@")})
            return redirect("studio_members", domain)
        except (Invalid, Conflict, TooMany) as refusal:
            status = add_refusal(form, refusal).status
    rows = members_of(domain).order_by(*[sort.order_by() for sort in OLDEST_FIRST])
    context = frame(request, domain, tab="members") | {"form": form, "rows": rows[:MAX_MEMBERS]}
    status = status if status != 200 or not form.errors else 422
    return render(request, "studio/members.html", context, status=status)


@studio_page(methods=READ_AND_WRITE)
def member(request: StudioRequest, domain: Domain, login: str) -> HttpResponse:
    """Change the role of a member, or remove them; members may remove themselves."""
    row = members_of(domain).filter(user__username=login.lower()).first()
    if row is None:
        raise MemberNotFound
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return _change_member(request, domain, row.user.username)
        except (Invalid, OwnerStays) as error:
            refusal = error
    context = frame(request, domain, tab="members") | {
        "row": row,
        "roles": ROLES,
        "refusal": refusal,
        "is_self": request.actor.is_user(row.user_id),
    }
    status = refusal.status if refusal else 200
    return render(request, "studio/member.html", context, status=status)


def _change_member(request: StudioRequest, domain: Domain, login: str) -> HttpResponse:
    if request.POST.get("do") == "remove":
        remove_member(domain, login, by=request.actor)
        messages.success(request, _("@%(login)s is no longer a member.") % {"login": login})
        is_self = request.actor.user is not None and request.actor.user.username == login
        # After leaving, the pages of the domain do not exist for the user any more.
        return redirect("studio") if is_self else redirect("studio_members", domain)
    change_role(domain, login, role=request.POST.get("role", ""), by=request.actor)
    messages.success(request, _("Role of @%(login)s changed.") % {"login": login})
    return redirect("studio_members", domain)


@login_required
@limited("write")
@require_POST
def answer_invitation(request: Request, name: str) -> HttpResponse:
    """Accept or decline an invitation to a domain."""
    domain = find_domain(name, request.actor)
    user = request.actor.require_user()
    if request.POST.get("do") == "accept":
        accept_invitation(domain, by=request.actor)
        messages.success(request, _("You are a member now."))
        return redirect("studio_domain", domain)
    # An invitation is a membership that was not accepted, so declining is leaving.
    remove_member(domain, user.username, by=request.actor)
    messages.success(request, _("Invitation declined."))
    return redirect("studio")


@studio_page("audit.read")
def activity(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The audit log of the domain, newest first."""
    page = fetch_page(
        events_of(domain, by=request.actor),
        NEWEST_FIRST,
        limit=EVENTS_PER_PAGE,
        cursor=request.GET.get("cursor"),
        name="activity",
    )
    context = frame(request, domain, tab="activity") | {
        "rows": activity_rows(domain, page.items),
        "next_cursor": page.next_cursor,
    }
    return render(request, "studio/activity.html", context)
