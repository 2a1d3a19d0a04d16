"""Revisions that mark what has changed, and the values that are cached under them."""
