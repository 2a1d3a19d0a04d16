"""The issuers of identity tokens that this shop trusts, as the settings name them."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

GITHUB_TOKENS_HOST = "token.actions.githubusercontent.com"
PUBLIC_ISSUERS = f"github=https://{GITHUB_TOKENS_HOST},gitlab=https://gitlab.com"
"""The default of the setting; ``none`` switches the exchange of tokens off."""


class IssuerKind(StrEnum):
    """Which claims an issuer writes into its tokens."""

    GITHUB = "github"
    GITLAB = "gitlab"

    @property
    def label(self) -> str:
        return {"github": "GitHub Actions", "gitlab": "GitLab CI"}[self.value]


@dataclass(frozen=True, slots=True)
class Issuer:
    """A CI system: what its claims mean, and the value of ``iss`` in its tokens."""

    kind: IssuerKind
    url: str

    @property
    def website(self) -> str:
        """The base address of the repositories, for links."""
        parts = urlsplit(self.url)
        if parts.hostname == GITHUB_TOKENS_HOST:
            return "https://github.com"
        # GitHub Enterprise Server issues below its own host, GitLab is its own issuer.
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def label(self) -> str:
        """The name for people: the system, and its host if it is a company's own."""
        host = urlsplit(self.website).netloc
        is_public = host in {"github.com", "gitlab.com"}
        return self.kind.label if is_public else f"{self.kind.label} ({host})"


def read_issuers(text: str, *, allow_http: bool) -> tuple[Issuer, ...]:
    """Parse the setting ``TRUSTED_ISSUERS``: ``kind=url``, separated by commas.

    Raises ValueError with the entry that is wrong.
    """
    if text.strip() == "none":
        return ()
    issuers = tuple(
        _read_issuer(entry.strip(), allow_http=allow_http)
        for entry in text.split(",")
        if entry.strip()
    )
    if len({issuer.url for issuer in issuers}) != len(issuers):
        raise ValueError("an issuer is named twice")
    return issuers


def _read_issuer(entry: str, *, allow_http: bool) -> Issuer:
    kind, _, url = entry.partition("=")
    parts = urlsplit(url)
    is_allowed = parts.scheme == "https" or (allow_http and parts.scheme == "http")
    if kind not in set(IssuerKind) or not is_allowed or not parts.hostname or parts.query:
        raise ValueError(f"{entry!r} is neither github=https://… nor gitlab=https://…")
    return Issuer(IssuerKind(kind), url)


def find_issuer(url: str) -> Issuer | None:
    """Return the trusted issuer with this ``iss``, which is compared exactly, or None."""
    issuers: tuple[Issuer, ...] = settings.TRUSTED_ISSUERS
    return next((issuer for issuer in issuers if issuer.url == url), None)
