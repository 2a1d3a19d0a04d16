"""Limits of submissions, each counted for one form."""

from foundation.limits.declarations import Limit

FORM = "form"
FLOOD = "form_flood"
CEILING = "form_ceiling"
MAILS, MAILS_TO_ADDRESS = "form_mail", "form_mail_address"
LIMITS = (
    # By user where there is one. Counted in the process, so that a flood writes nothing.
    Limit(FORM, 60, 3600, "address"),
    # Of all callers without an account together: what comes after is set apart, then refused.
    Limit(FLOOD, 200, 3600, "address"),
    Limit(CEILING, 1000, 3600, "address"),
    # Emails to typed addresses, of a publisher and to one address: such an address may be that of a
    # stranger, and publishers answer what they like.
    Limit(MAILS, 100, 86400, "user", exact=True),
    Limit(MAILS_TO_ADDRESS, 3, 86400, "address", exact=True),
)
