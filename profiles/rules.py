"""Rules for scopes and profile fields."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope
from foundation.accounts.models import User
from foundation.clock import now

SCOPE_LENGTH = 64
SCOPE = re.compile(rf"[a-z0-9-]{{1,{SCOPE_LENGTH}}}")
NOT_IN_A_SCOPE = re.compile(r"[^a-z0-9-]+")
# No GitHub login has two hyphens in a row, so a derived scope is no other account's login (ADR 26).
JOINT = "--"
# Stands for a login that is a reserved name, which a derived scope must not repeat.
NEUTRAL_NAME = "user"
KEY_SCOPES = (
    KeyScope(name="profile:write", description=_("Edit your public profile."), for_devices=True),
)

# Names under which an author could pass for the operator of the instance, and first parts of
# addresses. ``settings.RESERVED_SCOPES`` adds to them.
# fmt: off
RESERVED_SCOPES = frozenset({
    "about", "abuse", "account", "accounts", "admin", "administrator", "administrators",
    "agent", "agents", "announcements", "api", "app", "appeals", "auth", "badges", "billing",
    "clawstore", "collections", "contact", "desk", "device", "docs", "download", "embed",
    "everyone", "feedback", "feeds", "forms", "gallery", "guide", "guides", "health", "healthz",
    "help", "home", "hostmaster", "images", "legal", "login", "logout", "mail", "maintainer",
    "maintainers", "marketplace", "mcp", "me", "mock", "moderation", "moderator", "moderators",
    "news", "oauth",
    "noreply", "null", "official", "openclaw", "operator", "operators", "owner", "payment",
    "payments", "pictures", "policies", "policy", "postmaster", "preview", "privacy", "publish",
    "readyz", "receipts", "registry", "report", "reports", "reviews", "robots", "security",
    "settings", "shop", "signin", "signout", "signup", "sitemap", "staff", "static", "status",
    "store", "studio", "support", "suspended", "sysadmin", "system", "team", "terms", "texts",
    "trust", "undefined", "user", "users", "v1", "verified", "webhook", "webhooks", "webmaster",
    "www",
})
# fmt: on


def has_recent_sign_in(user: User) -> bool:
    """Whether the last sign-in is recent enough for access without a new one (ADR 53).

    Users who never signed in are those of the operator.
    """
    days = settings.SIGN_IN_EVERY_DAYS
    if not days or user.last_login is None:
        return True
    return user.last_login >= now() - timedelta(days=days)


def may_be_a_scope(login: str) -> bool:
    """Whether a GitHub login, lowercased, can stand in ``@scope/name``."""
    return SCOPE.fullmatch(login) is not None


def derived_scopes(login: str, suffix: str) -> Iterator[str]:
    """The names to try, in order, when a lowercase login cannot be a scope.

    ``suffix`` is GitHub's numeric id: ``mona_octo`` becomes ``mona--octo``, then
    ``mona--octo--583231``. The names are valid; they may be reserved or taken.
    """
    spelling = NOT_IN_A_SCOPE.sub(JOINT, login).strip("-")
    if JOINT in spelling and len(spelling) <= SCOPE_LENGTH:
        yield spelling
    stem = NEUTRAL_NAME if not spelling or is_reserved_scope(spelling) else spelling
    for number in count(1):
        ending = JOINT + (suffix if number == 1 else f"{suffix}-{number}")
        yield stem[: SCOPE_LENGTH - len(ending)].rstrip("-") + ending


def is_reserved_scope(login: str) -> bool:
    """Whether no new account gets this scope, however its hyphens are placed."""
    reserved_names = RESERVED_SCOPES.union(name.lower() for name in settings.RESERVED_SCOPES)
    return login in reserved_names or login.replace("-", "") in reserved_names


def is_web_address(text: str) -> bool:
    """Whether a text is an http or https URL with a host and without credentials."""
    # As long as the column.
    if len(text) > 2048 or any(c.isspace() or ord(c) < 32 for c in text):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False
