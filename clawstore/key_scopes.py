"""The scopes of API keys, in the order in which they are stored and shown."""

from clawstore.following.rules import KEY_SCOPES as FOLLOWING
from foundation.access.scopes import READ, KeyScope
from moderation.rules import KEY_SCOPES as MODERATION
from profiles.rules import KEY_SCOPES as PROFILES
from registry.rules.permissions import KEY_SCOPES as REGISTRY
from reviews.rules import KEY_SCOPES as REVIEWS
from wordclaw.policy.rules import KEY_SCOPES as CONTENT

KEY_SCOPES: tuple[KeyScope, ...] = (
    READ,
    *REGISTRY,
    *REVIEWS,
    *PROFILES,
    *MODERATION,
    *CONTENT,
    *FOLLOWING,
)
# Rights over a domain, its money and its members, which few apps need: an app gets them only if it
# asks for them by name.
NAMED_BY_CLIENTS_ALONE = frozenset(
    {"content:admin", "audit:read", "webhooks:write", "payments:write", "domain:transfer"}
)
