"""What moves of access: API keys as digests, so that they go on working. Never a device login."""

from foundation.access.models import ApiKey
from foundation.portable import Table

API_KEYS = Table(name="api_keys", model=ApiKey, order=["id"], private=True)
