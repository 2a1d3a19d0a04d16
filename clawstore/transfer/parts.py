"""The parts of an export, ordered so that a row comes after those it refers to."""

from collections.abc import Callable, Collection

from clawstore.editorial import export as editorial
from clawstore.following.export import FOLLOWS
from clawstore.intake import export as intake
from foundation.access.export import API_KEYS
from foundation.accounts.export import ROLES, SUSPENSIONS, USERS
from foundation.audit.export import AUDIT_LOGS
from foundation.export import Part, Table
from foundation.notices.export import NOTICE_PREFERENCES
from foundation.webhooks.export import WEBHOOKS
from moderation.export import APPEALS, REPORTS
from profiles import export as people
from registry import export as registry
from reviews.export import REVIEWS
from wordclaw.content import export as content
from wordclaw.content import sorting as content_sorting
from wordclaw.content import space as content_space
from wordclaw.content import summaries as content_summaries
from wordclaw.feedback import export as feedback
from wordclaw.forms import export as forms
from wordclaw.payments import export as payments
from wordclaw.policy import export as policy
from wordclaw.workflow import export as workflow

PARTS: tuple[Part, ...] = (
    USERS,
    ROLES,
    SUSPENSIONS,
    NOTICE_PREFERENCES,
    people.PROFILES,
    people.SCOPES,
    people.ACCOUNTS,
    people.FORMER_ACCOUNTS,
    people.EMAIL_ADDRESSES,
    API_KEYS,
    registry.CATEGORIES,
    registry.AGENTS,
    registry.FORMER_ADDRESSES,
    registry.AGENT_TRANSFERS,
    registry.VERSIONS,
    registry.WITHHOLDINGS,
    registry.DOWNLOAD_DAYS,
    registry.NETWORK_SKETCHES,
    registry.AGENT_PICKS,
    registry.AGENT_TAGS,
    registry.VERSION_ASSETS,
    registry.VERSION_FILES,
    registry.VERSION_FINDINGS,
    registry.VERSION_ANALYSES,
    registry.VERSION_RENDERINGS,
    registry.VERSION_PROVENANCE,
    registry.TRUSTED_PUBLISHERS,
    policy.DOMAINS,
    policy.DOMAIN_MEMBERS,
    WEBHOOKS,
    content.CONTENT_TYPES,
    content.CONTENT_TYPE_SCHEMAS,
    content.CONTENT_ASSETS,
    content.CONTENT_ITEMS,
    content.CONTENT_ITEM_VERSIONS,
    content.CONTENT_REFERENCES,
    workflow.WORKFLOWS,
    workflow.WORKFLOW_TRANSITIONS,
    workflow.REVIEW_TASKS,
    workflow.REVIEW_COMMENTS,
    feedback.FEEDBACK_TOKENS,
    feedback.EXTERNAL_FEEDBACK,
    forms.FORM_DEFINITIONS,
    forms.FORM_SUBMISSIONS,
    forms.FORM_ANSWERS,
    payments.LICENCE_POLICIES,
    payments.LICENCE_POLICY_VERSIONS,
    payments.OFFERS,
    payments.PAYMENTS,
    payments.ENTITLEMENTS,
    payments.ACCESS_EVENTS,
    payments.AGENT_PROFILES,
    payments.REVENUE_EVENTS,
    payments.REVENUE_ALLOCATIONS,
    payments.ALLOCATION_STATUS_EVENTS,
    payments.PAYOUT_BATCHES,
    payments.PAYOUT_TRANSFERS,
    REVIEWS,
    REPORTS,
    intake.OPENED_REPORTS,
    FOLLOWS,
    AUDIT_LOGS,
    registry.CHANGES,
    registry.MIRRORS,
    registry.MIRRORED_AGENTS,
    registry.MIRROR_PROBLEMS,
    APPEALS,
)
TABLES = tuple(part for part in PARTS if isinstance(part, Table))
WITH_FILES = tuple(table for table in TABLES if table.stored_file)

# Functions that complete an import; they get the absent tables and columns.
AFTER_IMPORT: tuple[Callable[[Collection[str]], None], ...] = (
    people.after_import,
    registry.after_import,
    editorial.after_import,
    intake.after_import,
    workflow.after_import,
    content_sorting.after_import,
    content_space.after_import,
    content_summaries.after_import,
)


def parts_of(*, private: bool) -> list[Part]:
    """The parts of an export: all for a backup, otherwise the public ones."""
    return [part for part in PARTS if private or not part.private]
