"""Addresses of the studio: ``/studio/store`` and ``/studio/@scope``, and of files."""

from functools import cache

from django.urls import register_converter
from django.urls.converters import StringConverter

from wordclaw.policy.actions import STORE
from wordclaw.policy.models import Domain


def content_address(domain: object, asset_id: object) -> str:
    """Return the path of an asset's bytes."""
    return f"/v1/domains/{domain}/assets/{asset_id}/content"


class DomainConverter:
    """The name of a domain in an address, with an @ unless it is the store's."""

    regex = r"store|@[A-Za-z0-9~][A-Za-z0-9~-]{0,63}"

    def to_python(self, value: str) -> str:
        name = value.removeprefix("@")
        # The store's domain has one address.
        if name == STORE and value != STORE:
            raise ValueError(value)
        return name.lower()

    def to_url(self, value: str | Domain) -> str:
        name = str(value)
        return name if name == STORE else f"@{name}"


class StateConverter(StringConverter):
    """The changes of an item that ask for confirmation."""

    regex = "unpublish|archive|delete"


class JobConverter(StringConverter):
    """The changes of a scheduled change."""

    regex = "cancel|retry"


@cache
def register_converters() -> None:
    """Let URL patterns use the converters; several modules of patterns do."""
    register_converter(DomainConverter, "studio")
    register_converter(StateConverter, "state")
    register_converter(JobConverter, "change")
