"""Maximum lengths of texts, in characters, and of lists."""

REASON_LENGTH = 2000
PICK_LENGTH = 200
MAX_DEPRECATED_VERSIONS = 200
"""Of one agent."""
