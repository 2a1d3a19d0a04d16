"""Everything under /account but the profile, which is its own app's."""

from django.urls import path

from clawstore.pages import account, account_keys
from foundation.access.views import end_sessions, sessions
from foundation.limits.middleware import limited

urlpatterns = [
    path("account", account.overview, name="account"),
    path("account/keys", account_keys.keys, name="account_keys"),
    path("account/keys/new", account_keys.new_key, name="account_new_key"),
    path("account/keys/<uuid:key_id>/revoke", account_keys.revoke, name="account_revoke_key"),
    path("account/sessions", sessions, name="account_sessions"),
    path("account/sessions/end", limited("write")(end_sessions), name="account_end_sessions"),
    path("account/data", account.data, name="account_data"),
    path("account/data/export", account.export, name="account_export"),
    path("account/delete", account.delete, name="account_delete"),
    path("account/deleted", account.deleted, name="account_deleted"),
]
