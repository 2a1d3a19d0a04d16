"""Refusals about people."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound, Unavailable


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
        "This sign-in cannot be added to your account: your account has another one of this kind,"
        " or it belongs to another account. To use that account, sign out first."
    )


class NotAdmitted(NotAllowed):
    code = "not_admitted"
    message = (
        "You have an account there, but you are not among the people whom this site admits."
        " Ask its operator for access."
    )


class SignInUnavailable(Unavailable):
    code = "sign_in_unavailable"
    message = (
        "The sign-in service of your organisation does not answer. Nothing was changed."
        " Try again in some minutes."
    )


class ScopeTaken(Conflict):
    code = "scope_taken"


class ScopeReserved(NotAllowed):
    code = "scope_reserved"


class ScopeMirrored(NotAllowed):
    """`details["source"]` is the origin of the shop that the scope is mirrored from."""

    code = "scope_mirrored"

    def __init__(self, scope: str, source: str) -> None:
        super().__init__(
            f"@{scope} is mirrored from {source}: its agents are published there.", source=source
        )
