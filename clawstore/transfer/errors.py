"""Refusals of export and import."""

from foundation.refusals import Conflict, Invalid


class CatalogueRefused(Invalid):
    """The folder is invalid; the message begins with the file and the line."""

    code = "catalogue_refused"

    @classmethod
    def at(cls, file: str, line: int, problem: str) -> "CatalogueRefused":
        return cls(f"{file}:{line}: {problem}")


class CatalogueNotEmpty(Conflict):
    code = "catalogue_not_empty"


class FolderNotEmpty(Conflict):
    code = "folder_not_empty"
