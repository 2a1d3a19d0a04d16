"""Sign-in with OpenID Connect: a provider of the sign-in library (ADR 53)."""
