"""The kinds of things that this marketplace sells."""

from registry.agents.sales import AGENT_SUBJECT, VERSION_SUBJECT
from wordclaw.content.sales import CONTENT_ITEM, CONTENT_TYPE
from wordclaw.forms.sales import FORM_SUBJECT
from wordclaw.payments.subjects import SaleSubjectType

SUBJECTS: tuple[SaleSubjectType, ...] = (
    AGENT_SUBJECT,
    VERSION_SUBJECT,
    CONTENT_ITEM,
    CONTENT_TYPE,
    FORM_SUBJECT,
)
