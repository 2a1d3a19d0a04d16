"""Schemas and documents, without Django and without a database.

All input comes from strangers. ``shape`` bounds its size and depth first, because the validator
recurses on the native stack and a deep document would end the process.
"""
