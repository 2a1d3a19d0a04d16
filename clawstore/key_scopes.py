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
