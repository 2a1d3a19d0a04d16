"""Canonical addresses of the pages of an agent."""

from foundation.web.addresses import lowercase_redirect

redirect_to_lowercase = lowercase_redirect("scope", "name")
