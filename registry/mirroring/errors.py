"""Refusals of mirroring, and what can be wrong with a source. Codes never change."""

from foundation.refusals import Conflict, Invalid, Unavailable


class InvalidSource(Invalid):
    code = "invalid_source"
    message = "Write the address of the other shop, such as https://shop.example."


class NoMirroredScopes(Invalid):
    code = "no_scopes"
    message = "Name the scopes to mirror: --scope @name, once for each, or --all."


class MirrorBusy(Conflict):
    """`details["until"]` is when the lease of the other run ends, unless it goes on."""

    code = "mirror_busy"


class LeaseLost(Conflict):
    code = "lease_lost"
    message = "Another run took over this mirror, so this one stopped. Nothing was lost."


class SourceFailed(Unavailable):
    """The source cannot be read at the moment. A later run continues here."""

    code = "source_failed"


class SourceRefuses(SourceFailed):
    code = "source_refuses"


class BadAnswer(SourceFailed):
    """The source answered what no shop answers."""

    code = "bad_answer"


class CursorRefused(Exception):
    """The source does not know the position in its change feed any more."""


class VersionRefused(Exception):
    """A version cannot be taken over; the others can.

    ``is_alarm``: the source contradicts itself.
    """

    def __init__(self, code: str, message: str, *, is_alarm: bool = False) -> None:
        self.code, self.message, self.is_alarm = code, message, is_alarm
        super().__init__(message)
