"""JSON schemas of trusted publishing, in camelCase."""

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

from foundation.oidc.tokens import MAX_TOKEN_LENGTH
from registry.rules.identifiers import AGENT_ID


class IdentityTokenIn(BaseModel):
    """``agent`` is needed only if several agents trust the workflow."""

    model_config = ConfigDict(strict=True, extra="forbid")

    token: str = Field(max_length=MAX_TOKEN_LENGTH)
    agent: str = Field(default="", max_length=140, pattern=rf"^(|{AGENT_ID.pattern})$")


class CiKeyOut(Schema):
    """A key that may publish versions of ``agent`` until ``expiresAt``."""

    key: str
    agent: str
    scopes: list[str]
    expiresAt: str


class AudienceOut(Schema):
    """The audience that a token must have, and the issuers that this shop trusts."""

    audience: str
    issuers: list[str]
