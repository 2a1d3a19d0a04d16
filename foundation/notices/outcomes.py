"""Messages of the desk after a measure: the result, and who gets an email."""

from django.utils.translation import gettext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.notices.queries import wants_notice
from foundation.notices.rules import may_be_emailed


def outcome(sentence: str, person: User, *, role: str, kind: str, by: Actor) -> str:
    """``Withheld @ada/coach 1.2.0; author emailed``.

    ``role`` is what the person is in this sentence, ``kind`` the notice that the measure causes.
    A user gets no email about their own measure.
    """
    # The measure may have changed the person through another object of the same row.
    person.refresh_from_db(fields=["email", "is_active"])
    if by.user_id != person.pk and may_be_emailed(person) and wants_notice(person.pk, kind):
        return gettext("%(sentence)s; %(role)s emailed") % {"sentence": sentence, "role": role}
    return gettext("%(sentence)s; no email to the %(role)s") % {"sentence": sentence, "role": role}
