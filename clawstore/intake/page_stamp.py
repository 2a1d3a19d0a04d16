"""The stamp of a form's page: when it was shown, and which page it is.

It needs no row and no cookie. A robot that sends a page at once, or the same page again and again,
is told apart from people without a question to them.
"""

import secrets
from dataclasses import dataclass
from enum import Enum

from django.core import signing

from foundation.clock import now
from foundation.text.input import read_uuid
from wordclaw.forms.models import FormDefinition

SALT = "clawstore.intake.page_stamp"
MIN_SECONDS = 3
"""A person reads the form for longer, and who does not can send it again at once."""
MAX_SECONDS = 24 * 3600
TRAP = "leave_this_empty"
"""A field that people do not see; robots fill it in."""


class PageState(Enum):
    READY = "ready"
    TOO_QUICK = "too_quick"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PageStamp:
    """The claims of a sent page; ``page_id`` is "" for a forged stamp."""

    state: PageState
    page_id: str = ""


def new_stamp(form: FormDefinition) -> str:
    """Return the stamp of a page that is shown now."""
    parts = {"f": str(form.pk), "p": secrets.token_hex(8), "t": int(now().timestamp())}
    return signing.dumps(parts, salt=SALT)


def read_stamp(form: FormDefinition, text: str) -> PageStamp:
    """Return what a stamp says; one that is forged or of another form has expired."""
    try:
        parts = signing.loads(text[:500], salt=SALT)
    except signing.BadSignature:
        return PageStamp(PageState.EXPIRED)
    age = now().timestamp() - parts["t"]
    if read_uuid(parts["f"]) != form.pk or age > MAX_SECONDS:
        return PageStamp(PageState.EXPIRED)
    state = PageState.TOO_QUICK if age < MIN_SECONDS else PageState.READY
    return PageStamp(state, parts["p"])
