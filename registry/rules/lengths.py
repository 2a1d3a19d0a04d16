"""Maximum lengths of texts, in characters."""

REASON_LENGTH = 2000
PICK_LENGTH = 200
