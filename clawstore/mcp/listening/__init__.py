"""Streams of MCP that tell a client which resources have changed (ADR 56)."""
