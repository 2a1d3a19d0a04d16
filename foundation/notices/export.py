"""Export of preferences. Sent notices are not exported."""

from foundation.export import PersonalDataPart, Table, rows_without
from foundation.notices.models import NoticePreference

NOTICE_PREFERENCES = Table(
    name="notice_preferences", model=NoticePreference, order=["id"], private=True
)

PERSONAL_DATA = (
    PersonalDataPart(
        "notice_preferences",
        lambda user_id: rows_without(
            NoticePreference.objects.filter(user_id=user_id).order_by("kind"), "id"
        ),
    ),
)
