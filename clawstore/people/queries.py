"""A person across the apps: profile and agents."""

from typing import Any

from foundation.actor import Actor
from foundation.clock import iso
from profiles.models import Profile
from profiles.queries import profile_named, scope_of
from registry.agents.queries import count_own_agents
from registry.models import Agent


def own_account(by: Actor) -> dict[str, Any]:
    """The account of an actor, for `/v1/me`.

    Raises InsufficientScope for a key without the scope `read`.
    """
    user = by.require_scope("read")
    # The user of a key is loaded without the profile.
    profile = Profile.objects.select_related("user").get(user_id=user.pk)
    return {
        "id": str(user.pk),
        "name": profile.shown_name,
        # Only here, for the owner: no public answer contains an email address.
        "email": profile.user.email,
        "image": profile.avatar_url,
        "scope": scope_of(user.pk),
        "ownedAgentCount": count_own_agents(user.pk),
        "profile": {
            "bio": profile.bio,
            "website": profile.website,
            "location": profile.location,
            "avatarUrl": profile.avatar_url,
            "displayName": profile.display_name,
        },
    }


def public_person(login: str) -> dict[str, Any]:
    """A public profile with its listed agents, last updated first."""
    profile = profile_named(login)
    # A delisted agent must not appear under its owner either.
    agents = Agent.objects.listed().filter(owner_user_id=profile.user_id)
    return {
        "githubLogin": profile.github_login,
        "displayName": profile.display_name,
        "avatarUrl": profile.avatar_url,
        "bio": profile.bio,
        "website": profile.website,
        "location": profile.location,
        "createdAt": iso(profile.created_at),
        "agents": [
            {
                "scope": agent.scope,
                "name": agent.name,
                "tagline": agent.tagline,
                "avgRating": agent.avg_rating,
                "downloadCount": agent.download_count,
            }
            for agent in agents.order_by("-updated_at", "id")
        ],
    }
