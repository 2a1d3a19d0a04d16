"""The sandbox of the registry, for everything that handles bytes of strangers.

See ADR 22.
"""
