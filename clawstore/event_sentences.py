"""The sentence of each event of the audit log.

``{actor}`` and ``{object}`` are links; all other names are details of the event.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Any] = {
    "access.ended": _("{actor} ended {keys} keys and {sessions} sessions of {object}"),
    "account.deleted": _("{actor} deleted the account {object}"),
    "account.exported": _("{actor} downloaded the data of {object}"),
    "account.suspended": _("{actor} suspended {object}"),
    "account.suspension_lifted": _("{actor} lifted the suspension of {object}"),
    "agent.delisted": _("{actor} delisted {object}"),
    "agent.picked": _("{actor} picked {object} for the home page"),
    "agent.recounted": _("{actor} corrected the counts of {object}"),
    "agent.relisted": _("{actor} relisted {object}"),
    "agent.unpicked": _("{actor} removed the pick of {object}"),
    "api_key.created": _("{actor} created the {object} {prefix}…"),
    "api_key.leaked": _("{actor} uploaded the {object} {prefix}… in {place}; it is revoked"),
    "api_key.revoked": _("{actor} revoked their own {object} {prefix}…"),
    "api_key.withdrawn": _("{actor} revoked the {object} {prefix}… of another person"),
    "appeal.filed": _("{actor} sent an {object} about {about}"),
    "appeal.rejected": _("{actor} rejected an {object} about {about}"),
    "appeal.upheld": _("{actor} upheld an {object} about {about}"),
    "catalogue.imported": _("{actor} imported a catalogue"),
    "category.curated": _("{actor} changed the category {object}"),
    "device_login.approved": _("{actor} connected a {object}: {client}"),
    "device_login.denied": _("{actor} refused a {object}: {client}"),
    "draft.discarded": _("{actor} discarded a {object}"),
    "draft.kept": _("{actor} uploaded a {object}"),
    "notices.chosen": _("{actor} chose the emails for {object}"),
    "profile.edited": _("{actor} edited the profile of {object}"),
    "profile.picture_kept": _("{actor} stored the picture of {object}"),
    "rating.repaired": _("{actor} corrected the rating of {object}"),
    "reply.deleted": _("{actor} deleted the reply to the review {object}"),
    "reply.edited": _("{actor} edited the reply to the review {object}"),
    "reply.posted": _("{actor} replied to the review {object}"),
    "report.dismissed": _("{actor} dismissed a {object} about {agent}"),
    "report.filed": _("{actor} sent a {object} about {agent}"),
    "report.reopened": _("{actor} reopened a {object} about {agent}"),
    "report.resolved": _("{actor} resolved a {object} about {agent}"),
    "review.deleted": _("{actor} deleted the review {object}"),
    "review.edited": _("{actor} edited the review {object}"),
    "review.posted": _("{actor} posted the review {object}, {rating} ★"),
    "role.granted": _("{actor} granted {object} the role {role}"),
    "role.revoked": _("{actor} revoked the role {role} of {object}"),
    "session.ended": _("{actor} ended {count} sessions of {object}"),
    "user.arrived": _("{object} signed in for the first time"),
    "user.returned": _("{actor} returned to the account {object}"),
    "version.inspected": _("{actor} read the withheld version {object}"),
    "version.published": _("{actor} published {object}"),
    "version.unyanked": _("{actor} unyanked {object}"),
    "version.withheld": _("{actor} withheld {object}"),
    "version.withholding_lifted": _("{actor} made {object} available again"),
    "version.yanked": _("{actor} yanked {object}"),
}
