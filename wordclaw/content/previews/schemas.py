"""JSON of preview links."""

from ninja import Schema
from pydantic import Field, StrictStr

from wordclaw.requests.schemas import StrictBody


class PreviewIn(StrictBody):
    ttlSeconds: int = Field(900, strict=True, ge=60, le=3600)
    locale: StrictStr | None = None


class PreviewOut(Schema):
    token: str
    url: str
    path: str
    expiresAt: str
