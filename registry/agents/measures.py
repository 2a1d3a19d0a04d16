"""The measures of the desk on agents and versions."""

from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.measures import Measure
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    pick_agent,
    relist_agent,
    unpick_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.agents.outcomes import decision_outcome
from registry.rules.lengths import PICK_LENGTH

FOR_THE_PUBLIC = _("The reason is shown on the page and emailed to the author.")
FOR_THE_AUTHOR = _("The reason is emailed to the author.")

DELIST = Measure(
    name="delist",
    label=_("Delist the agent"),
    consequence=_("Removed from lists and search; pinned versions can still be downloaded."),
    readers=FOR_THE_PUBLIC,
    run=lambda agent, form, by: delist_agent(agent, reason=form["reason"], by=by),
    message=lambda agent, form, by: decision_outcome(gettext("Delisted %s"), agent, by),
    applies=lambda agent: not agent.is_delisted,
    undo="relist",
)
RELIST = Measure(
    name="relist",
    label=_("Relist the agent"),
    consequence=_("Listed again."),
    readers=FOR_THE_AUTHOR,
    run=lambda agent, form, by: relist_agent(agent, reason=form["reason"], by=by),
    message=lambda agent, form, by: decision_outcome(gettext("Relisted %s"), agent, by),
    applies=lambda agent: agent.is_delisted,
    undo="delist",
)
PICK = Measure(
    name="pick",
    label=_("Pick the agent"),
    consequence=_("The home page shows the agent with your name and your reason."),
    readers=format_lazy(
        _("The reason is shown on the home page. Up to {count} characters."), count=PICK_LENGTH
    ),
    run=lambda agent, form, by: pick_agent(agent, reason=form["reason"], by=by),
    message=lambda agent, form, by: gettext("Picked %s") % agent.full_id,
    # An agent without a pick raises an AttributeError, as Django does for a missing one-to-one row.
    applies=lambda agent: agent.is_listed and not hasattr(agent, "pick"),
    undo="unpick",
)
UNPICK = Measure(
    name="unpick",
    label=_("Remove pick"),
    consequence=_("The home page no longer shows the agent as a pick."),
    readers=_("The reason is stored in the audit log only."),
    needs_reason=False,
    run=lambda agent, form, by: unpick_agent(agent, reason=form.get("reason"), by=by),
    message=lambda agent, form, by: gettext("Removed the pick of %s") % agent.full_id,
    applies=lambda agent: hasattr(agent, "pick"),
    undo="pick",
)
AGENT_MEASURES = (DELIST, RELIST, PICK, UNPICK)

YANK = Measure(
    name="yank",
    label=_("Yank the version"),
    consequence=_("Removed from search and updates; pinned installs can still download it."),
    readers=FOR_THE_PUBLIC,
    run=lambda v, form, by: yank_version(v.agent, v.version, reason=form["reason"], by=by),
    message=lambda v, form, by: decision_outcome(gettext("Yanked %s"), v.agent, by, v.version),
    applies=lambda version: not version.is_yanked,
    undo="unyank",
)
UNYANK = Measure(
    name="unyank",
    label=_("Unyank the version"),
    consequence=_("It appears in search and updates again."),
    readers=FOR_THE_AUTHOR,
    run=lambda v, form, by: unyank_version(v.agent, v.version, reason=form["reason"], by=by),
    message=lambda v, form, by: decision_outcome(gettext("Unyanked %s"), v.agent, by, v.version),
    applies=lambda version: version.is_yanked,
    undo="yank",
)
WITHHOLD = Measure(
    name="withhold",
    label=_("Withhold the version"),
    consequence=_(
        "It cannot be downloaded any more, by any route. For malware, leaked secrets or a court "
        "order."
    ),
    readers=FOR_THE_PUBLIC,
    asks=("cause",),
    run=lambda v, form, by: withhold_version(
        v.agent, v.version, reason=form["cause"], text=form["reason"], by=by
    ),
    message=lambda v, form, by: decision_outcome(gettext("Withheld %s"), v.agent, by, v.version),
    applies=lambda version: not version.is_withheld,
    undo="lift",
)
LIFT = Measure(
    name="lift",
    label=_("Make the version available again"),
    consequence=_("Its files can be downloaded again."),
    readers=FOR_THE_AUTHOR,
    run=lambda v, form, by: lift_withholding(v.agent, v.version, reason=form["reason"], by=by),
    message=lambda v, form, by: decision_outcome(
        gettext("Made %s available again"), v.agent, by, v.version
    ),
    applies=lambda version: version.is_withheld,
    undo="withhold",
)
VERSION_MEASURES = (YANK, UNYANK, WITHHOLD, LIFT)
