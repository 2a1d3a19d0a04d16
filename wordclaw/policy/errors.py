"""Refusals about domains, members and rights."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound


class DomainNotFound(NotFound):
    code = "domain_not_found"
    message = "There is no domain with this name."
    remediation = "Check the name. A domain has the name of its publisher's scope, without the @."


class MissingRole(NotAllowed):
    code = "forbidden"
    message = "Your role in this domain does not allow this."
    remediation = "Ask the owner or an admin of the domain for a role that allows it."


class MissingKeyScope(NotAllowed):
    code = "insufficient_scope"
    remediation = "Use an API key that has the scope, or create one on your account page."


class PolicyFailed(NotAllowed):
    """The engine itself failed, which denies."""

    code = "policy_failed"
    message = "It could not be decided whether you may do this, so it was refused."
    remediation = "Try again. If it stays so, tell the operator the request ID."


class UnknownOperation(Invalid):
    code = "unknown_operation"
    message = "There is no operation with this name."
    remediation = "Use an operation such as content.read, content.write or audit.read."


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = "There is no member or invitation with this login."
    remediation = "List the members of the domain to see who belongs to it."


class UnknownLogin(Invalid):
    code = "unknown_login"
    message = "There is no user with this login."
    remediation = "The person has to sign in once before they can be invited."


class AlreadyMember(Conflict):
    code = "already_member"
    message = "This person is a member or is invited already."
    remediation = "Change the role of the member instead."


class InvalidRole(Invalid):
    code = "invalid_role"
    message = "A role is admin, editor, reviewer or reader."
    remediation = "Use one of the roles admin, editor, reviewer and reader."


class OwnerStays(Conflict):
    code = "owner_stays"
    message = "The owner of a domain cannot be changed or removed."
    remediation = "Choose another member: the owner of a scope stays its owner."


class TooManyMembers(Conflict):
    code = "too_many_members"
    remediation = "Remove members or invitations that are not needed any more."
