"""The base of request bodies."""

from pydantic import BaseModel, ConfigDict


class StrictBody(BaseModel):
    """A request body; a field that is not named is refused (``unknown_field``)."""

    model_config = ConfigDict(extra="forbid")
