"""Refusals about accounts and roles."""

from foundation.own_matters import OwnMatter
from foundation.refusals import Conflict, Invalid, NotAllowed


class OwnAccount(OwnMatter):
    code = "own_account"
    message = "You can't decide about your own account. Another maintainer must."


class OperatorsAccount(NotAllowed):
    code = "forbidden"
    message = "This account operates the site. Only the operator can change it."


class AccountHasLeft(Conflict):
    code = "account_is_gone"
    message = "This account was deleted by its owner."


class InvalidSuspensionReason(Invalid):
    code = "invalid_body"
