"""Refusals of stored files."""

from foundation.refusals import Unavailable


class StorageAway(Unavailable):
    code = "storage_away"
    message = "The storage of packages does not answer at the moment. Try again in a few seconds."
