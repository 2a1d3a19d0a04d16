"""What follows from what: the one list. The functions run after the commit, at least once."""

REACTIONS: dict[str, tuple[str, ...]] = {}
