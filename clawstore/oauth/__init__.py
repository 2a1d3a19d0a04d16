"""Sign-in of apps for MCP: the consent page, the endpoints and their metadata (ADR 52)."""
