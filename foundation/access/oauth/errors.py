"""Refusals of OAuth, with the codes of RFC 6749 and RFC 7591."""

from foundation.refusals import Conflict, Malformed, NotFound, Unavailable


class InvalidOAuthRequest(Malformed):
    code = "invalid_request"


class InvalidTarget(Malformed):
    code = "invalid_target"
    message = "The parameter resource must be the address of MCP at this site, once."


class InvalidRedirectUri(Malformed):
    code = "invalid_redirect_uri"
    message = "A redirect URI begins with https://, or with http:// and a loopback address."


class InvalidClientMetadata(Malformed):
    code = "invalid_client_metadata"


class TooManyClients(Unavailable):
    code = "temporarily_unavailable"
    message = "Too many apps have registered. Try again in an hour."


class AuthorizationRefused(Malformed):
    """Refuses the request of an app before the user is asked.

    ``return_to`` is the address of the app with the error, or empty if the app is not known. A
    page offers it as a link: a redirect would let strangers send visitors to their own sites.
    """

    code = "authorization_refused"

    def __init__(
        self, message: str, *, error: str, return_to: str = "", return_host: str = ""
    ) -> None:
        super().__init__(message, error=error)
        self.return_to = return_to
        self.return_host = return_host


class TooManyConnectedApps(Conflict):
    code = "too_many_connected_apps"


class ConnectedAppNotFound(NotFound):
    code = "connected_app_not_found"
    message = "You have no connected app with this ID."
