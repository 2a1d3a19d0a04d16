"""Sign-in of apps for MCP: consent page, endpoints and metadata (ADR 52)."""
