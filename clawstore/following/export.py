"""Export of follows. News and addresses of feeds are not exported."""

from clawstore.following.models import Follow
from foundation.export import PersonalDataPart, Table, rows_without

FOLLOWS = Table(name="follows", model=Follow, order=["id"], private=True)

PERSONAL_DATA = (
    PersonalDataPart(
        "follows",
        lambda user_id: rows_without(
            Follow.objects.filter(user_id=user_id).order_by("created_at", "id")
        ),
    ),
)
