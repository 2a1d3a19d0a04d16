"""Export of API keys, as digests, so that they keep working.

Device logins and connected apps are not exported.
"""

from allauth.usersessions.models import UserSession

from foundation.access.models import ApiKey, ConnectedApp, DeviceLogin
from foundation.export import PersonalDataPart, Table, rows_without

API_KEYS = Table(
    name="api_keys",
    model=ApiKey,
    order=["id"],
    private=True,
    defaults={"from_device": lambda row: str(row.get("name", "")).startswith("Device login: ")},
)

# Without digests and session keys: the file must not give access to a person who finds it.
PERSONAL_DATA = (
    PersonalDataPart(
        "api_keys",
        lambda user_id: rows_without(
            ApiKey.objects.filter(created_by_id=user_id).order_by("created_at", "id"), "key_hash"
        ),
    ),
    PersonalDataPart(
        "sessions",
        lambda user_id: rows_without(
            UserSession.objects.filter(user_id=user_id).order_by("id"), "session_key", "data"
        ),
    ),
    PersonalDataPart(
        "device_logins",
        lambda user_id: rows_without(
            DeviceLogin.objects.filter(user_id=user_id).order_by("created_at", "id"),
            "device_code_hash",
            "user_code_hash",
        ),
    ),
    PersonalDataPart(
        "connected_apps",
        lambda user_id: rows_without(
            ConnectedApp.objects.filter(user_id=user_id).order_by("granted_at", "id")
        ),
    ),
)
