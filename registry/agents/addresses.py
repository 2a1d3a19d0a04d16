"""Canonical addresses of the pages of an agent, and of its icon in lists."""

from collections.abc import Mapping
from typing import Any

from foundation.web.addresses import lowercase_redirect

redirect_to_lowercase = lowercase_redirect("scope", "name")


def icon_address(scope: str, name: str, brief: Mapping[str, Any]) -> str:
    """The address of an agent's icon in lists; blank without one.

    ``brief`` is the column of the agent. A short SVG is served as it is, other icons as a copy.
    """
    if not brief.get("icon"):
        return ""
    if brief.get("small_icon") and not brief.get("is_short_svg"):
        return f"/images/{brief['small_icon']}.webp"
    return f"/v1/agents/{scope}/{name}/versions/{brief['version']}/assets/{brief['icon']}"
