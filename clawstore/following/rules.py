"""The scope of keys that follow."""

from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope

FOLLOW_SCOPE = "following:write"
KEY_SCOPES = (
    KeyScope(
        name=FOLLOW_SCOPE,
        description=_("Read and change what you follow."),
    ),
)
