"""The identity of a person who signs in, from GitHub."""

from dataclasses import dataclass

from foundation.text.names import readable_name


@dataclass(frozen=True, slots=True)
class GitHubIdentity:
    """A GitHub account at sign-in; ``github_id`` is None for a development user."""

    login: str
    github_id: int | None
    name: str = ""
    avatar_url: str = ""

    @property
    def suffix(self) -> str:
        """The end of a derived scope that makes it unique: GitHub's numeric id."""
        return "dev" if self.github_id is None else str(self.github_id)

    @property
    def shown_name(self) -> str:
        """The name as pages may show it, without invisible characters."""
        return readable_name(self.name)[:255]
