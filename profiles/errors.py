"""Refusals about people."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound


class UserNotFound(NotFound):
    code = "user_not_found"
    message = "There is nobody by this name."


class InvalidProfile(Invalid):
    code = "invalid_body"


class NotYourProfile(NotAllowed):
    code = "forbidden"
    message = "This profile is somebody else's."


class AccountIsGone(Conflict):
    code = "account_is_gone"
    message = "This account has been deleted already."


class NotTheLogin(Invalid):
    code = "not_the_login"
    message = "This is not your login. Nothing was deleted."


class SignInAgain(Conflict):
    code = "sign_in_again"
    message = (
        "Somebody signed in for the first time with this login at the very same moment."
        " Nothing is lost: sign in again."
    )


class OneAccountEach(Conflict):
    code = "one_account_each"
    message = "An account belongs to one GitHub account. To use another one, sign out first."
