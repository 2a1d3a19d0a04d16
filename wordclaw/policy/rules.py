"""The table of rights: roles and operations. Nothing else grants a right."""

from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope
from wordclaw.policy.models import MemberRole

POLICY_VERSION = "1.0.0"
"""Version of the rules in this module, stored with every decision."""
READS = frozenset({"content.read", "audit.read"})
# The last one has no endpoint yet; the data model names it.
OPERATIONS = frozenset(
    {
        *("content.read", "content.write", "content.review", "content.admin"),
        *("audit.read", "webhooks.write", "payments.write", "domain.transfer"),
    }
)
RIGHTS: dict[str, frozenset[str]] = {
    MemberRole.OWNER: OPERATIONS,
    # What a domain gives away it does not get back, so only its owner does.
    MemberRole.ADMIN: OPERATIONS - {"domain.transfer"},
    MemberRole.EDITOR: frozenset({"content.read", "content.write"}),
    MemberRole.REVIEWER: frozenset({"content.read", "content.review"}),
    MemberRole.READER: frozenset({"content.read"}),
}
# The owner is the holder of the scope and is never invited.
INVITED_ROLES = frozenset(MemberRole.values) - {MemberRole.OWNER}

KEY_SCOPES = (
    KeyScope(name="content:read", description=_("Read drafts and versions in your domains.")),
    KeyScope(name="content:write", description=_("Write content in your domains.")),
    KeyScope(name="content:review", description=_("Review content in your domains.")),
    KeyScope(
        name="content:admin",
        description=_("Change content types and members of your domains."),
    ),
    KeyScope(name="audit:read", description=_("Read the audit log of your domains.")),
    KeyScope(name="webhooks:write", description=_("Manage the webhooks of your domains.")),
    KeyScope(name="payments:write", description=_("Manage what your domains sell.")),
    KeyScope(
        name="domain:transfer",
        description=_("Give agents of your domains to others, and accept those of others."),
    ),
)


def scope_of(operation: str) -> str:
    """Return the key scope that an operation needs."""
    return operation.replace(".", ":")


def may_role(role: str, operation: str) -> bool:
    """Whether a role allows an operation; "" is no role."""
    # An unknown role, such as one that an import brought, has no rights instead of an error.
    return operation in RIGHTS.get(role, frozenset())
