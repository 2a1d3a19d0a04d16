"""What moves of the notices: what people chose. What was sent was sent from here."""

from foundation.notices.models import NoticePreference
from foundation.portable import OwnPart, Table, rows_without

NOTICE_PREFERENCES = Table(
    name="notice_preferences", model=NoticePreference, order=["id"], private=True
)

OWN = (
    OwnPart(
        "notice_preferences",
        lambda user_id: rows_without(
            NoticePreference.objects.filter(user_id=user_id).order_by("kind"), "id"
        ),
    ),
)
