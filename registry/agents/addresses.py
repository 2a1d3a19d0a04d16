"""Canonical addresses of the pages of an agent, and of its icon in lists."""

from collections.abc import Mapping
from typing import Any

from foundation.web.addresses import lowercase_redirect

redirect_to_lowercase = lowercase_redirect("scope", "name")


def icon_address(scope: str, name: str, row_facts: Mapping[str, Any]) -> str:
    """The address of an agent's icon in lists; blank without one.

    ``row_facts`` is the column of the agent. A short SVG is served as it is, other icons as a copy.
    """
    if not row_facts.get("icon"):
        return ""
    if row_facts.get("small_icon") and not row_facts.get("is_short_svg"):
        return f"/images/{row_facts['small_icon']}.webp"
    return f"/v1/agents/{scope}/{name}/versions/{row_facts['version']}/assets/{row_facts['icon']}"
