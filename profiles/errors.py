"""Refusals about people."""

from foundation.refusals import Invalid, NotAllowed, NotFound


class UserNotFound(NotFound):
    code = "user_not_found"
    message = "There is nobody by this name."


class InvalidProfile(Invalid):
    code = "invalid_body"


class NotYourProfile(NotAllowed):
    code = "forbidden"
    message = "This profile is somebody else's."
