"""Refusals of identity tokens. Codes are public and never change."""

from foundation.refusals import Unauthenticated, Unavailable


class InvalidIdentityToken(Unauthenticated):
    code = "oidc_token_invalid"
    message = "The identity token is not valid."
    remediation = "Request a new token in the workflow, with the audience of this site."


class IssuerUnavailable(Unavailable):
    code = "oidc_issuer_unavailable"
    message = "The issuer of the token does not answer, so its keys cannot be read."
    remediation = "Run the workflow again in some minutes."
