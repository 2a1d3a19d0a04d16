"""Refusals about headers and parameters that all writes share."""

from foundation.refusals import Conflict, Invalid, Malformed, Refusal


class PreconditionFailed(Refusal):
    """The item has changed since the caller read it."""

    status = 412
    code = "version_conflict"
    message = "Someone changed this in the meantime."
    remediation = "Read the current version, merge your change into it, and send it again."


class InvalidIfMatch(Malformed):
    code = "invalid_if_match"
    message = 'If-Match must be an ETag of this item, such as "v7".'
    remediation = "Send the ETag of the version that you read with draft=true."


class UnsupportedIfMatch(Malformed):
    code = "if_match_unsupported"
    message = "This has no version that If-Match could name."
    remediation = "Leave If-Match out. Items, reviews, forms, globals and webhooks have versions."


class InvalidMode(Malformed):
    code = "invalid_parameter"
    message = "mode can only be dry_run."
    remediation = "Leave the parameter mode out to write, or send dry_run."


class InvalidIdempotencyKey(Malformed):
    code = "invalid_idempotency_key"
    message = "An idempotency key has 1 to 255 visible ASCII characters."
    remediation = "Use a random UUID for each operation."


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    message = "This idempotency key was used for a different request."
    remediation = "Use a new key for a new operation, and the same one only to repeat a request."


class IdempotencyConflict(Conflict):
    code = "idempotency_conflict"
    message = "A request with this idempotency key is still running."
    remediation = "Wait a few seconds and send the same request again."
