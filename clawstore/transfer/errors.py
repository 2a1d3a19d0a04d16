"""Why a catalogue is not moved."""

from foundation.refusals import Conflict, Invalid


class CatalogueRefused(Invalid):
    """Something in the folder is wrong; the message begins with the file and the line."""

    code = "catalogue_refused"

    @classmethod
    def at(cls, file: str, line: int, complaint: str) -> "CatalogueRefused":
        return cls(f"{file}:{line}: {complaint}")


class CatalogueNotEmpty(Conflict):
    code = "catalogue_not_empty"


class FolderNotEmpty(Conflict):
    code = "folder_not_empty"
