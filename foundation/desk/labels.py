"""Names of columns at the desk, in the words of the shop's pages."""

from django.utils.safestring import SafeData

# Django makes a column's name from that of the field.
WORDS = {
    "created at": "created",
    "download count": "all-time fetches",
    "downloads in 30 days": "downloads, 30 days",
    "entity type": "kind of object",
    "full id": "agent",
    "id": "ID",
    "is active": "active",
    "is listed": "listed",
    "is staff": "may enter the desk",
    "license": "licence",
    "offers beta": "offers pre-releases",
    "sha256": "SHA-256",
    "tarball sha256": "SHA-256",
    "tarball size bytes": "package size in bytes",
    "updated at": "updated",
    "uploaded at": "published",
    "uploaded by user": "published by",
}


def plain_label(label: str) -> str:
    """The words of the shop for a column: ``yanked by user`` is ``yanked by``."""
    if isinstance(label, SafeData):
        return label  # The box that selects all rows.
    words = label[:1].lower() + label[1:] if label[1:2].islower() else label
    return WORDS.get(words, words.removesuffix(" user").removesuffix(" at"))
