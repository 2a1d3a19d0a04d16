"""Refusals about workflows, reviews and comments."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound


class WorkflowNotFound(NotFound):
    code = "workflow_not_found"
    message = "There is no workflow with this ID."
    remediation = "List the workflows of the domain to see their IDs."


class TransitionNotFound(NotFound):
    code = "workflow_transition_not_found"
    message = "No transition of an active workflow leads to this state."
    remediation = "Read the workflow of the content type to see its transitions."


class TransitionForbidden(NotAllowed):
    """``details["states"]`` lists the states that the actor may ask for now."""

    code = "workflow_transition_forbidden"
    message = "The item cannot be submitted to this state from its present one, or not by you."
    remediation = "Submit it to one of the listed states, or ask a member with the needed role."


class InvalidWorkflow(Invalid):
    code = "invalid_body"
    message = "The workflow was not saved."
    remediation = "Correct the named values and send them again."


class TooManyWorkflows(Conflict):
    code = "too_many_workflows"
    message = "There are as many of these as there may be."
    remediation = "Delete those that are not used any more."


class TransitionExists(Conflict):
    code = "workflow_transition_conflict"
    message = "The workflow has a transition between these states."
    remediation = "Delete that one first, or use other states."


class ReviewTaskNotFound(NotFound):
    code = "review_task_not_found"
    message = "There is no review task with this ID."
    remediation = "List the review tasks of the domain to see their IDs."


class ReviewTaskNotPending(Conflict):
    code = "review_task_not_pending"
    message = "The review is over: it was decided, or the item was submitted again."
    remediation = "Read the task to see its decision, or list the pending tasks."


class ReviewTaskStale(Conflict):
    code = "review_task_stale"
    message = "The item has changed since it was submitted."
    remediation = "Reject the task, or have the item submitted again as it is now."


class ReviewTaskClaimed(Conflict):
    code = "review_task_claimed"
    message = "Another member has claimed this task."
    remediation = "Ask them to release it, or decide another one."


class FourEyesRequired(NotAllowed):
    code = "four_eyes_required"
    message = "You wrote or submitted this version, so somebody else has to decide."
    remediation = "Ask another reviewer of the domain, or invite one."


class UnknownAssignee(Invalid):
    code = "unknown_assignee"
    message = "The assignee is not a member of the domain."
    remediation = "List the members of the domain, or leave the assignee out."


class InvalidDecision(Invalid):
    code = "invalid_body"
    remediation = "Send decision: approved, or decision: rejected with a reason."


class CommentNotFound(NotFound):
    code = "comment_not_found"
    message = "The item has no comment with this ID."
    remediation = "List the comments of the item."


class InvalidComment(Invalid):
    code = "invalid_body"
    remediation = "Correct the comment and send it again."


class TooManyComments(Conflict):
    code = "too_many_comments"
    message = "The item has as many comments as it may have."
    remediation = "Decide the review or publish, and go on in a new item."
