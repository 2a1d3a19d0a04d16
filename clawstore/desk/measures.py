"""The measures of the desk on roles."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clawstore.roles import grant_role, revoke_role
from foundation.accounts.roles import get_role
from foundation.desk.measures import Measure
from registry.rules.permissions import MAINTAINER, OFFICIAL

FOR_THE_LOG = _("The notes are stored in the audit log.")


def role_measure(role: str, label: Any, consequence: Any, *, grants: bool) -> Measure:
    """Grant or revoke a role; each reverses the other."""
    change = grant_role if grants else revoke_role
    verbs = ("make", "end") if grants else ("end", "make")
    return Measure(
        name=f"{verbs[0]}_{role}",
        label=label,
        consequence=consequence,
        readers=FOR_THE_LOG,
        run=lambda user, form, by: change(user, role, notes=form["reason"], by=by),
        message=lambda user, form, by: f"{label}: @{user.username}",
        # A measure without an effect is not offered: the person has the role, or has not.
        applies=lambda user: (
            user.is_active and (get_role(role).group in user.role_names) is not grants
        ),
        undo=f"{verbs[1]}_{role}",
    )


ROLE_MEASURES = (
    role_measure(
        OFFICIAL,
        _("Grant the role of official publisher"),
        _("The person can publish on the official channel."),
        grants=True,
    ),
    role_measure(
        OFFICIAL,
        _("Revoke the role of official publisher"),
        _("The person can no longer publish on the official channel. Published versions stay."),
        grants=False,
    ),
    role_measure(
        MAINTAINER,
        _("Grant the role of maintainer"),
        _("The person gets the same permissions as you at this desk."),
        grants=True,
    ),
    role_measure(
        MAINTAINER,
        _("Revoke the role of maintainer"),
        _("The person can no longer access this desk."),
        grants=False,
    ),
)
