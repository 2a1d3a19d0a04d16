"""Who acts, with which credential, through which door. Every action takes one as ``by``."""

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from foundation.refusals import InsufficientScope, Unauthenticated


class Person(Protocol):
    """What an actor needs to know of a user."""

    @property
    def pk(self) -> UUID: ...
    @property
    def username(self) -> str: ...
    @property
    def is_maintainer(self) -> bool: ...
    @property
    def is_official_publisher(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """``scopes`` is None for a session (all that its user may do), a set for an API key.

    ``bound_to`` is the one ``@scope/name`` that a bound key may touch.
    """

    user: Person | None = None
    key_id: UUID | None = None
    scopes: frozenset[str] | None = None
    bound_to: str = ""
    door: str = "system"
    address_hash: str = ""
    request_id: str = ""

    @property
    def is_known(self) -> bool:
        return self.user is not None

    @property
    def user_id(self) -> UUID | None:
        return self.user.pk if self.user else None

    def is_user(self, user_id: UUID | None) -> bool:
        return self.user is not None and self.user.pk == user_id

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    @property
    def moderates(self) -> bool:
        """A maintainer whose credential carries moderation."""
        return (
            self.user is not None and self.user.is_maintainer and self.has_scope("reports:moderate")
        )

    def require_user(self) -> Person:
        """The signed-in user; refuses nobody."""
        if self.user is None:
            raise Unauthenticated
        return self.user

    def require(self, scope: str, *, about: str = "") -> Person:
        """The signed-in user; refuses nobody, a missing scope, a key bound to another agent."""
        user = self.require_user()
        if not self.has_scope(scope):
            raise InsufficientScope(f"This API key lacks the scope {scope}.", scope=scope)
        if about and self.bound_to and self.bound_to != about:
            raise InsufficientScope(
                f"This API key is bound to {self.bound_to}.", bound_to=self.bound_to
            )
        return user

    def through(self, door: str) -> "Actor":
        return replace(self, door=door)


NOBODY = Actor()
