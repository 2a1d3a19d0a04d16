"""The kinds of things that this marketplace sells."""

from wordclaw.content.sales import CONTENT_ITEM, CONTENT_TYPE
from wordclaw.payments.subjects import SaleSubjectType

SUBJECTS: tuple[SaleSubjectType, ...] = (CONTENT_ITEM, CONTENT_TYPE)
