"""Limits of submissions, each counted for one form."""

from foundation.limits.declarations import KIB, MIB, BodyLimit, Budget, Limit

FORM, SENT = "form", "form_sent"
FLOOD = "form_flood"
CEILING = "form_ceiling"
MAILS, MAILS_TO_ADDRESS = "form_mail", "form_mail_address"
FILES, FILES_OF_ALL = "form_files", "form_files_of_all"
MAX_FILE_FIELDS = 3
"""Fields of one form that ask for a file."""
MAX_FILE_MIB = 10
MAX_FILE_BYTES = MAX_FILE_MIB * MIB
# A file, and the other parts of the body.
UPLOAD_BODY_BYTES = MAX_FILE_BYTES + 64 * KIB
BODIES = (
    BodyLimit("v1/domains/<domain>/forms/<slug>/uploads", UPLOAD_BODY_BYTES, refused_by_view=True),
)
# An image of a telephone takes a second; the files of strangers must not take the processor.
BUDGETS = (Budget(FILES, 0.2, 30),)
LIMITS = (
    # KiB of files, by user where there is one; the second of all callers without an account.
    Limit(FILES, 40 * KIB, 3600, "address", exact=True),
    Limit(FILES_OF_ALL, 200 * KIB, 3600, "address", exact=True),
    # Attempts, by user where there is one. Counted in the process, so that a flood writes nothing.
    Limit(FORM, 60, 3600, "address"),
    # What is stored of these attempts, by all processes together.
    Limit(SENT, 60, 3600, "address", exact=True),
    # Of all callers without an account together: what comes after is set apart, then refused.
    # Both are numbers of one counter.
    Limit(FLOOD, 200, 3600, "address", exact=True),
    Limit(CEILING, 1000, 3600, "address", exact=True),
    # Emails to typed addresses, of a publisher and to one address: such an address may be that of a
    # stranger, and publishers answer what they like.
    Limit(MAILS, 100, 86400, "user", exact=True),
    Limit(MAILS_TO_ADDRESS, 3, 86400, "address", exact=True),
)
