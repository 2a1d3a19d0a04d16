"""Refusals about reviews and replies."""

from foundation.refusals import Conflict, Invalid, Malformed, NotAllowed, NotFound


class ReviewNotFound(NotFound):
    code = "review_not_found"
    message = "This agent has no review with this ID."


class InvalidRating(Malformed):
    code = "invalid_rating"
    message = "A rating is a whole number from 1 to 5."


class InvalidReview(Invalid):
    code = "invalid_body"
    message = "The review was not saved."


class SelfReview(NotAllowed):
    code = "self_review"
    message = "You can't review your own agent."


class NotYourReview(NotAllowed):
    code = "forbidden"
    message = "This review belongs to someone else."


class NotYourAgent(NotAllowed):
    code = "forbidden"
    message = "Only the owner of the agent can reply to its reviews."


class InvalidReply(Invalid):
    code = "invalid_body"
    message = "The reply was not saved."


class ReplyNotFound(NotFound):
    code = "reply_not_found"
    message = "This review has no reply."


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    message = "You have already reviewed this agent. Edit your review instead."
