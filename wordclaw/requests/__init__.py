"""Idempotency keys, dry runs and version tags of the runtime's requests."""
