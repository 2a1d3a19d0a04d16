"""Refusals about feedback and its tokens."""

from foundation.refusals import Conflict, Invalid, Malformed, NotAllowed, NotFound, Unauthenticated


class RequiresPublishedSnapshot(Conflict):
    code = "feedback_requires_published_snapshot"
    message = "Feedback is given on what readers get, and nothing of this is published."
    remediation = "Publish it first; use comments for a draft."


class SubjectNotFound(NotFound):
    code = "feedback_subject_not_found"
    message = "The domain has nothing of this kind and ID that feedback can be given on."
    remediation = "Check type and ID. An agent needs a listed version."


class EmptyFeedback(Malformed):
    code = "external_feedback_empty"
    message = "The feedback says nothing."
    remediation = "Send a decision, a comment or a prompt."


class PromptRequired(Malformed):
    code = "external_feedback_prompt_required"
    message = "An agent can only revise with a prompt."
    remediation = "Send a prompt, or leave refinementMode out."


class AgentDirectForbidden(NotAllowed):
    code = "agent_direct_forbidden"
    message = "This link does not let you instruct the publisher's agent."
    remediation = "Leave refinementMode out: a person reads your feedback."


class InvalidFeedback(Invalid):
    code = "invalid_body"
    message = "The feedback was not stored."
    remediation = "Correct the named values and send them again."


class FeedbackTokenInvalid(Unauthenticated):
    code = "feedback_token_invalid"
    message = "This link for feedback is missing, wrong, used up, expired or revoked."
    remediation = "Ask who sent you the link for a new one."


class FeedbackTokenNotFound(NotFound):
    code = "feedback_token_not_found"
    message = "There is no token for feedback with this ID."
    remediation = "List the tokens of the domain to see their IDs."


class FeedbackNotFound(NotFound):
    code = "external_feedback_not_found"
    message = "There is no feedback with this ID."
    remediation = "List the feedback of the item or of the domain to see its IDs."


class TooManyTokens(Conflict):
    code = "too_many_feedback_tokens"
    message = "The domain has as many valid links for feedback as it may have."
    remediation = "Revoke links that are not needed, or wait until some expire."
