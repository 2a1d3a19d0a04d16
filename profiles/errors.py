"""Refusals about people."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound


class UserNotFound(NotFound):
    code = "user_not_found"
    message = "There is no user with this login."


class InvalidProfile(Invalid):
    code = "invalid_body"


class NotYourProfile(NotAllowed):
    code = "forbidden"
    message = "This profile belongs to someone else."


class AccountIsGone(Conflict):
    code = "account_is_gone"
    message = "This account was already deleted."


class NotTheLogin(Invalid):
    code = "not_the_login"
    message = "This is not your login. Nothing was deleted."


class SignInAgain(Conflict):
    code = "sign_in_again"
    message = (
        "Someone else signed in with this login for the first time at the same "
        "moment. Nothing was lost. Sign in again."
    )


class OneAccountEach(Conflict):
    code = "one_account_each"
    message = (
        "An account belongs to one GitHub account. To use another GitHub account, sign out first."
    )
