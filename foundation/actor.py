"""The actor of an action: which user, with which credential, through which door."""

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from foundation.refusals import InsufficientScope, Unauthenticated


class Person(Protocol):
    """The part of a user that an actor needs."""

    @property
    def pk(self) -> UUID: ...
    @property
    def username(self) -> str: ...
    def has_role(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Passed to every action as ``by``.

    ``scopes`` is None for a session, which may do all that its user may do, and a set for an API
    key or a connected app, whose id is ``key_id``. ``bound_to`` is the one subject that a bound key
    may touch, or empty. ``session_key`` identifies the browser session, if there is one.
    """

    user: Person | None = None
    key_id: UUID | None = None
    is_app: bool = False
    session_key: str = ""
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

    def has_role(self, name: str) -> bool:
        """Whether the user has the role, whatever the credential's scopes are."""
        return self.user is not None and self.user.has_role(name)

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def require_user(self) -> Person:
        """Return the signed-in user. Raises Unauthenticated."""
        if self.user is None:
            raise Unauthenticated
        return self.user

    def require_scope(self, scope: str) -> Person:
        """Return the signed-in user. Raises Unauthenticated or InsufficientScope.

        For reads of the own account, and before the subject of an action is known.
        """
        user = self.require_user()
        if not self.has_scope(scope):
            raise InsufficientScope(f"This API key lacks the scope {scope}.", scope=scope)
        return user

    def require(self, scope: str, *, about: str = "") -> Person:
        """Like `require_scope`, for an action about a subject.

        A bound key is refused unless ``about`` is its subject, and so is an action without one.
        """
        user = self.require_scope(scope)
        if self.bound_to and self.bound_to != about:
            raise InsufficientScope(
                f"This API key is bound to {self.bound_to}.", bound_to=self.bound_to
            )
        return user

    def unbound(self) -> "Actor":
        """The actor with a key that is not bound; the caller has checked the subject."""
        return replace(self, bound_to="")

    def through(self, door: str) -> "Actor":
        return replace(self, door=door)


ANONYMOUS = Actor()
