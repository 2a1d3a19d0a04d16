"""What moves of the notices: what people chose. What was sent was sent from here."""

from foundation.notices.models import NoticePreference
from foundation.portable import Table

NOTICE_PREFERENCES = Table(
    name="notice_preferences", model=NoticePreference, order=["id"], private=True
)
