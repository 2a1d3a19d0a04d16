"""Sign-in of apps by OAuth 2.1 (ADR 52).

Clients, tokens and the checks of requests are those of allauth's provider. Its views are not
mounted: it accepts what this package refuses.
"""
