"""Identity tokens of CI systems (OpenID Connect): issuers, keys, verification."""
