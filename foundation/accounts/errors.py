"""Refusals about accounts and roles."""

from foundation.refusals import Conflict, Invalid, NotAllowed


class NotMaintainer(NotAllowed):
    code = "forbidden"
    message = "Only a maintainer may do this."


class OwnAccount(NotAllowed):
    code = "own_account"
    message = "Nobody decides about their own account: another maintainer has to."


class OperatorsAccount(NotAllowed):
    code = "forbidden"
    message = "This account runs the instance: only whoever operates it can change it."


class AccountHasLeft(Conflict):
    code = "account_is_gone"
    message = "This account has been deleted by its person."


class InvalidReason(Invalid):
    code = "invalid_body"
