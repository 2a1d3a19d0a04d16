"""Questions to GitHub's API at a sign-in."""

from collections.abc import Sequence

import requests
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter

from profiles.errors import SignInUnavailable

SECONDS = 5.0
ABSENT = (403, 404)
"""GitHub's answers about no member, and of an organisation that has not approved the app."""


def memberships_of(token: SocialToken | None, names: Sequence[str]) -> list[str]:
    """Return those of the organisations of which the person is an active member.

    Needs the right ``read:org``. Raises SignInUnavailable.
    """
    if token is None:
        return []
    return [name for name in names if _is_member(token.token, name)]


def _is_member(token: str, name: str) -> bool:
    try:
        answer = requests.get(
            f"{GitHubOAuth2Adapter.api_url}/user/memberships/orgs/{name}",
            headers={"Authorization": f"token {token}"},
            timeout=SECONDS,
            allow_redirects=False,
        )
        if answer.status_code in ABSENT:
            return False
        # An invited person is a member whose state is "pending".
        return answer.status_code == 200 and answer.json().get("state") == "active"
    except (requests.RequestException, AttributeError) as error:
        raise SignInUnavailable from error
