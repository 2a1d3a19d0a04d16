"""Addresses by which the CLI of one buyer installs one agent.

The CLI sends no key with the request for a package. So the address has a signed token in it that
names an entitlement. It is valid for an hour and opens the reads of an install alone.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from foundation.actor import Actor
from foundation.text.input import read_uuid
from registry.agents.former_addresses import present_ids
from registry.agents.prices import AGENT, AGENT_VERSION
from registry.agents.sales import split_version_id
from wordclaw.payments.errors import EntitlementNotFound
from wordclaw.payments.models import Entitlement

SALT = "clawstore.install"
LINK_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class InstallRight:
    """The entitlement of an address, and its user as the reader."""

    entitlement_id: str
    agent_ids: frozenset[str]
    by: Actor


def install_base(entitlement: Entitlement) -> str:
    """Return the base address of the API for the CLI of a buyer."""
    token = signing.dumps(entitlement.pk.hex, salt=SALT)
    return f"{settings.BASE_URL}/v1/as/{token}"


def is_installable(entitlement: Entitlement) -> bool:
    return entitlement.offer.subject_type in (AGENT, AGENT_VERSION)


def agent_of_offer(subject_type: str, subject_id: str) -> tuple[str, str]:
    """Return ``@scope/name`` of a sold agent and the version, blank for all versions."""
    return split_version_id(subject_id) if subject_type == AGENT_VERSION else (subject_id, "")


def read_install_token(token: str) -> InstallRight:
    """Return the right of an address. Raises EntitlementNotFound."""
    try:
        entitlement_id = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        raise EntitlementNotFound from None
    rows = Entitlement.objects.filter(pk=read_uuid(str(entitlement_id)))
    entitlement = rows.select_related("offer", "user").first()
    if entitlement is None or entitlement.user is None or not entitlement.user.is_active:
        raise EntitlementNotFound
    if not is_installable(entitlement):
        raise EntitlementNotFound
    offer = entitlement.offer
    agent_id, _ = agent_of_offer(offer.subject_type, offer.subject_id)
    by = Actor(door="link", user=entitlement.user)
    # The id under which it was bought, and the present one, to which that redirects.
    agent_ids = frozenset({agent_id, present_ids([agent_id]).get(agent_id, agent_id)})
    return InstallRight(str(entitlement.pk), agent_ids, by)
