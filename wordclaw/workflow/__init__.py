"""Workflows of content types, reviews of their items, and comments."""
