"""The base of request bodies."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from foundation.text.input import reject_nul


class StrictBody(BaseModel):
    """A request body; a field that is not named is refused (``unknown_field``)."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _refuse_nul(cls, value: Any) -> Any:
        # Here for all texts: each could reach a query, which PostgreSQL would fail.
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                reject_nul(text)
        return value
