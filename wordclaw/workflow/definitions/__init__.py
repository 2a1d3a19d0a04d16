"""Workflows and their transitions."""
