"""JSON endpoints of members, of the policy and of a domain's audit log."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.limits.middleware import Limited
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.policy.actions import authorize, decide, find_domain
from wordclaw.policy.members import accept_invitation, change_role, invite_member, remove_member
from wordclaw.policy.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    decisions_of,
    events_of,
    members_of,
)
from wordclaw.policy.schemas import (
    DecisionPage,
    EvaluationIn,
    EvaluationOut,
    EventPage,
    InvitationIn,
    MemberOut,
    MemberPage,
    RoleIn,
    decision_out,
    evaluation_out,
    event_out,
    member_out,
)
from wordclaw.requests.api import READ, WRITE, Answer, actor_of, cursor_errors, page_response, write

router = Router(tags=["domains"])
DOMAIN = "/domains/{domain}"
MEMBERS = DOMAIN + "/members"


@router.get(
    MEMBERS,
    auth=signed_in,
    throttle=READ,
    response=MemberPage,
    summary="Members and invitations of a domain",
)
@cursor_errors
def list_members(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="member")
    page = fetch_page(
        members_of(tenant), OLDEST_FIRST, limit=read_limit(limit), cursor=cursor, name="members"
    )
    return page_response([member_out(member) for member in page.items], page.next_cursor)


@router.post(
    MEMBERS,
    auth=signed_in,
    throttle=[Limited("invite"), *WRITE],
    response={201: MemberOut},
    summary="Invite a member",
)
@write
def invite(request: HttpRequest, domain: str, body: InvitationIn) -> Answer:
    by = actor_of(request)
    member = invite_member(find_domain(domain, by), login=body.login, role=body.role, by=by)
    return Answer(member_out(member), status=201)


@router.post(
    MEMBERS + "/accept",
    auth=signed_in,
    throttle=WRITE,
    response=MemberOut,
    summary="Accept your own invitation",
)
@write
def accept(request: HttpRequest, domain: str) -> Answer:
    by = actor_of(request)
    return Answer(member_out(accept_invitation(find_domain(domain, by), by=by)))


@router.patch(
    MEMBERS + "/{login}",
    auth=signed_in,
    throttle=WRITE,
    response=MemberOut,
    summary="Change the role of a member",
)
@write
def change(request: HttpRequest, domain: str, login: str, body: RoleIn) -> Answer:
    by = actor_of(request)
    member = change_role(find_domain(domain, by), login, role=body.role, by=by)
    return Answer(member_out(member))


@router.delete(
    MEMBERS + "/{login}", auth=signed_in, throttle=WRITE, response=Done, summary="Remove a member"
)
@write
def remove(request: HttpRequest, domain: str, login: str) -> Answer:
    by = actor_of(request)
    remove_member(find_domain(domain, by), login, by=by)
    return Answer({"ok": True})


@router.post(
    DOMAIN + "/policy/evaluate",
    auth=signed_in,
    throttle=READ,
    response=EvaluationOut,
    summary="What the policy would decide",
)
def evaluate(request: HttpRequest, domain: str, body: EvaluationIn) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="policy")
    decision = decide(
        by,
        body.operation,
        tenant,
        resource_type=body.resourceType,
        resource_id=body.resourceId,
    )
    return json_response(evaluation_out(decision))


@router.get(
    DOMAIN + "/policy/decisions",
    auth=signed_in,
    throttle=READ,
    response=DecisionPage,
    summary="Decisions of the policy, newest first",
)
@cursor_errors
def list_decisions(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "audit.read", tenant, resource_type="policy")
    page = fetch_page(
        decisions_of(tenant), NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="decisions"
    )
    return page_response([decision_out(row) for row in page.items], page.next_cursor)


@router.get(
    DOMAIN + "/audit-logs",
    auth=signed_in,
    throttle=READ,
    response=EventPage,
    summary="Audit log of a domain, newest first",
)
@cursor_errors
def list_events(
    request: HttpRequest,
    domain: str,
    action: str | None = None,
    entityType: str | None = None,
    entityId: str | None = None,
    actor: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "audit.read", tenant, resource_type="audit_log")
    events = events_of(
        tenant, action=action, entity_type=entityType, entity_id=entityId, actor=actor, by=by
    )
    page = fetch_page(events, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="audit")
    return page_response([event_out(event) for event in page.items], page.next_cursor)
