"""The context that all pages of a domain share."""

from typing import Any

from clawstore.studio.doors import StudioRequest
from wordclaw.policy.models import Domain
from wordclaw.policy.rules import may_role


def frame(request: StudioRequest, domain: Domain, *, tab: str) -> dict[str, Any]:
    """Return the context of the frame; ``may_…`` say what the role may do."""
    return {
        "domain": domain,
        "role": request.role,
        "tab": tab,
        "may_write": may_role(request.role, "content.write"),
        "may_admin": may_role(request.role, "content.admin"),
        "may_audit": may_role(request.role, "audit.read"),
    }
