"""Globals: the one document of each singleton content type."""
