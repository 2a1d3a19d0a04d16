"""Refusals of deprecating and archiving. Codes are public and never change."""

from foundation.refusals import Conflict, Invalid


class InvalidSuccessor(Invalid):
    code = "invalid_successor"


class TooManyDeprecations(Conflict):
    code = "too_many_deprecations"
