"""Versions of items, and their differences."""
