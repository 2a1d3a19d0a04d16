"""Refusals about API keys and device logins."""

from foundation.refusals import Conflict, Invalid, Malformed, NotFound


class DeviceGrantRefused(Malformed):
    """Base of the refusals that a polling device gets, with the codes of RFC 8628."""


class AuthorizationPending(DeviceGrantRefused):
    code = "authorization_pending"
    message = "This device is not approved yet."


class SlowDown(DeviceGrantRefused):
    code = "slow_down"
    message = "Poll less often."


class ExpiredToken(DeviceGrantRefused):
    code = "expired_token"
    message = "The code has expired. Start again."


class AccessDenied(DeviceGrantRefused):
    code = "access_denied"
    message = "The login request was denied."


class InvalidGrant(DeviceGrantRefused):
    code = "invalid_grant"
    message = "This device code is unknown or already used."


class UnknownUserCode(NotFound):
    code = "user_code_not_found"
    message = "This code is unknown, already used or expired. Start the login again on the device."


class InvalidKeyRequest(Invalid):
    code = "invalid_key"


class KeyNotFound(NotFound):
    code = "key_not_found"
    message = "You have no key with this ID."


class KeyAlreadyCreated(Conflict):
    code = "key_made_already"
    message = "This form already created a key, and a key is shown only once."


class TooManyKeys(Conflict):
    code = "too_many_keys"
