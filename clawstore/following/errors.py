"""Refusals about following."""

from foundation.refusals import Conflict, Invalid, NotFound


class NothingToFollow(NotFound):
    code = "nothing_to_follow"
    message = "There is nothing to follow at this address."
    remediation = (
        "Check the address: agent/@scope/name, person/LOGIN, collection/SLUG or search/QUERY."
    )


class FollowNotFound(NotFound):
    code = "follow_not_found"
    message = "You do not follow this."
    remediation = "List what you follow to see it."


class NothingChosen(Invalid):
    code = "follow_choice_missing"
    message = "Choose at least one event to be told of."
    remediation = "Choose one or more of the changes, or stop following."


class TooManyFollows(Conflict):
    code = "follow_limit_reached"
    message = "You follow as much as an account can. Stop following something first."
    remediation = "List what you follow, and delete what is not needed any more."


class FeedNotFound(NotFound):
    code = "feed_not_found"
    message = "There is no feed at this address."
    remediation = "Copy the address of your feed from the page Following."
