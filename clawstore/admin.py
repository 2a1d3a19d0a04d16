"""The desk: start page, sign-in and measures on accounts."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from clawstore.roles import grant_role, revoke_role
from foundation.accounts.admin import UserAdmin
from foundation.accounts.models import User
from foundation.accounts.roles import get_role
from foundation.desk.measures import Measure
from moderation.measures import ACCOUNT_MEASURES
from registry.errors import NotMaintainer
from registry.rules.permissions import MAINTAINER, OFFICIAL

admin.site.index_title = _("Queue")
admin.site.index_template = "admin/desk/index.html"


@never_cache
def desk_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the normal sign-in, because accounts have no passwords.

    Raises NotMaintainer for a signed-in user who may not enter the desk.
    """
    if request.user.is_authenticated and not request.user.is_staff:
        raise NotMaintainer
    back = request.GET.get("next") or reverse("admin:index")
    return redirect_to_login(back, login_url=reverse("account_login"))


FOR_THE_LOG = _("The notes are stored in the audit log.")


def role_measure(name: str, role: str, label: Any, consequence: Any, *, grants: bool) -> Measure:
    change = grant_role if grants else revoke_role
    return Measure(
        name=name,
        label=label,
        consequence=consequence,
        readers=FOR_THE_LOG,
        run=lambda user, data, by: change(user, role, notes=data["words"], by=by),
        done=lambda user, data, by: f"{label}: @{user.username}",
        applies=lambda user: (
            user.is_active and (get_role(role).group in user.role_names) is not grants
        ),
    )


@admin.register(User)
class PersonAdmin(UserAdmin):
    measures = (
        *ACCOUNT_MEASURES,
        role_measure(
            "make_official",
            OFFICIAL,
            _("Grant the role of official publisher"),
            _("The person can publish on the official channel."),
            grants=True,
        ),
        role_measure(
            "end_official",
            OFFICIAL,
            _("Revoke the role of official publisher"),
            _("The person can no longer publish on the official channel. Published versions stay."),
            grants=False,
        ),
        role_measure(
            "make_maintainer",
            MAINTAINER,
            _("Grant the role of maintainer"),
            _("The person gets the same permissions as you at this desk."),
            grants=True,
        ),
        role_measure(
            "end_maintainer",
            MAINTAINER,
            _("Revoke the role of maintainer"),
            _("The person can no longer access this desk."),
            grants=False,
        ),
    )

    def evidence(self, request: HttpRequest, row: User) -> dict[str, Any]:
        facts = super().evidence(request, row)["facts"]
        roles = ", ".join(sorted(row.role_names)) or "—"
        suspensions = [
            (_("suspended"), f"{s.suspended_at:%Y-%m-%d %H:%M}: {s.reason}")
            for s in row.suspensions.order_by("-suspended_at")
        ]
        return {
            "facts": [*facts, (_("roles"), roles), *suspensions],
            "links": [
                (_("Agents"), _list_of("registry_agent", row)),
                (_("Reviews"), _list_of("reviews_review", row)),
                (_("Reports"), _list_of("moderation_report", row, status="all")),
                (_("Appeals"), _list_of("moderation_appeal", row, status="all")),
                (_("Audit log"), _list_of("audit_auditlog", row)),
            ],
        }

    def heading(self, row: User) -> str:
        return f"@{row.username}"


def _list_of(name: str, user: User, **query: str) -> str:
    return reverse(f"admin:{name}_changelist", query={"q": user.username, **query})
