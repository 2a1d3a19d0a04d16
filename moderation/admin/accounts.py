"""Measures on an account, for the project's page of a user at the desk."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.desk.measures import Measure
from foundation.notices.outcomes import outcome
from moderation.actions import lift_suspension, suspend_account


def account_outcome(done: str, user: User, by: Actor) -> str:
    """The message after a measure on an account; ``done`` has a ``%s`` for the login."""
    return outcome(done % f"@{user.username}", user, role=gettext("person"), kind="account", by=by)


ACCOUNT_MEASURES = (
    Measure(
        name="suspend",
        label=_("Suspend the account"),
        consequence=_(
            "Keys and sessions end, and the person can't sign in. What they published stays online."
        ),
        readers=_("The reason is emailed to the person and shown when they sign in."),
        run=lambda user, data, by: suspend_account(user, reason=data["words"], by=by),
        done=lambda user, data, by: account_outcome(gettext("Suspended %s"), user, by),
        applies=lambda user: user.is_active,
    ),
    Measure(
        name="lift",
        label=_("Lift the suspension"),
        consequence=_("The person can sign in again. Old keys and sessions stay revoked."),
        readers=_("The reason is emailed to the person."),
        run=lambda user, data, by: lift_suspension(user, reason=data["words"], by=by),
        done=lambda user, data, by: account_outcome(
            gettext("Lifted the suspension of %s"), user, by
        ),
        applies=lambda user: user.is_suspended,
    ),
)
