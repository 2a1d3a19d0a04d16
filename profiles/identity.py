"""The identity of a person at GitHub or at an OpenID Connect provider."""

import hashlib
from dataclasses import dataclass

import orjson

from foundation.text.names import readable_name

SUFFIX_LENGTH = 8
"""Hexadecimal digits of a subject at the end of a derived scope."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An account at sign-in.

    ``github_id`` is GitHub's numeric id, ``subject`` the digest of `subject_of` for an account of
    an OpenID Connect provider. A development user has neither and is known by the login.
    """

    login: str
    github_id: int | None
    name: str = ""
    avatar_url: str = ""
    subject: str = ""

    @property
    def suffix(self) -> str:
        """The end of a derived scope, which depends on the account alone."""
        if self.subject:
            return self.subject[:SUFFIX_LENGTH]
        return "dev" if self.github_id is None else str(self.github_id)

    @property
    def key(self) -> str:
        """The identity as text, which never changes and is no other account's."""
        return identity_key(self.github_id, self.login, self.subject)

    @property
    def shown_name(self) -> str:
        """The name as pages may show it, without invisible characters."""
        return readable_name(self.name)[:255]


def identity_key(github_id: int | None, login: str, subject: str = "") -> str:
    """An identity as text; see `Identity`."""
    if subject:
        return f"oidc:{subject}"
    return f"login:{login.lower()}" if github_id is None else f"github:{github_id}"


def subject_of(issuer: str, subject: str) -> str:
    """Return the digest of an issuer and one of its subjects, 64 hexadecimal digits.

    Subjects are unique for their issuer alone, so both are digested together.
    """
    return hashlib.sha256(orjson.dumps([issuer, subject])).hexdigest()
