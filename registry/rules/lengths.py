"""What the registry allows, and how versions are ordered. Answers, never acts."""

REASON_LENGTH = 2000


PICK_LENGTH = 200
