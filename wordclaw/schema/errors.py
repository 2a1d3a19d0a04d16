"""Errors in a schema or a document."""

from dataclasses import dataclass


class SchemaError(Exception):
    """A schema that cannot be used.

    ``pointer`` is the JSON pointer to the part that is wrong; "" is the whole schema.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        self.message = message
        self.pointer = pointer
        super().__init__(f"{pointer}: {message}")


@dataclass(frozen=True, slots=True)
class DocumentError:
    """One violation of a schema: where, why, and by which keyword."""

    pointer: str
    message: str
    keyword: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.pointer, "message": self.message, "keyword": self.keyword}
