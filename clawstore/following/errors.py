"""Refusals about following."""

from foundation.refusals import Conflict, Invalid, NotFound


class NothingToFollow(NotFound):
    code = "nothing_to_follow"
    message = "There is nothing to follow at this address."


class FollowNotFound(NotFound):
    code = "follow_not_found"
    message = "You do not follow this."


class NothingChosen(Invalid):
    code = "follow_choice_missing"
    message = "Choose at least one event to be told of."


class TooManyFollows(Conflict):
    code = "follow_limit_reached"
    message = "You follow as much as an account can. Stop following something first."


class FeedNotFound(NotFound):
    code = "feed_not_found"
    message = "There is no feed at this address."
