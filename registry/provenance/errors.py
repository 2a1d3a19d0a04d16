"""Refusals of trusted publishing. Codes are public and never change."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound, TooMany


class InvalidTrustedPublisher(Invalid):
    """``details["field"]`` is the field that is wrong."""

    code = "invalid_trusted_publisher"


class TrustedPublisherExists(Conflict):
    code = "trusted_publisher_exists"
    message = "This workflow may publish this agent already."


class TooManyTrustedPublishers(Conflict):
    code = "too_many_trusted_publishers"


class TrustedPublisherNotFound(NotFound):
    code = "trusted_publisher_not_found"
    message = "You have no such trusted publisher."


class WorkflowNotTrusted(NotAllowed):
    """``details`` are the claims of the token, so that its sender sees what differs."""

    code = "workflow_not_trusted"
    message = "No agent of this site trusts this run of a workflow."
    remediation = (
        "Compare repository, workflow, environment and ref in the details with the trusted"
        " publishers on the page “Publish from CI” of your account."
    )


class TrustedPublisherAmbiguous(Conflict):
    code = "trusted_publisher_ambiguous"
    message = "Several agents trust this workflow."
    remediation = "Send the id of the agent in the field agent."


class TooManyCiKeys(TooMany):
    code = "too_many_ci_keys"
    message = "This workflow has too many keys that are still valid."
    remediation = "Wait until some of these keys have expired."
