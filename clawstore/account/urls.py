"""URL patterns under /account; the app of profiles has those of the profile."""

from django.urls import path

from clawstore.account import ci, keys, views
from foundation.access.views import device, end_sessions, sessions
from foundation.limits.middleware import limited

urlpatterns = [
    # Limited also for GET, which could be used to guess user codes.
    path("device", limited("auth", methods=("GET", "POST"))(device), name="device"),
    path("account", views.overview, name="account"),
    path("account/keys", keys.keys, name="account_keys"),
    path("account/keys/new", keys.new_key, name="account_new_key"),
    path("account/keys/<uuid:key_id>/revoke", keys.revoke, name="account_revoke_key"),
    path("account/apps/<uuid:app_id>/end", keys.end_app, name="account_end_app"),
    path("account/ci", ci.ci, name="account_ci"),
    path("account/ci/<uuid:publisher_id>/remove", ci.remove, name="account_ci_remove"),
    path("account/sessions", sessions, name="account_sessions"),
    path("account/sessions/end", limited("write")(end_sessions), name="account_end_sessions"),
    path("account/data", views.data, name="account_data"),
    path("account/data/export", views.export, name="account_export"),
    path("account/delete", views.delete, name="account_delete"),
    path("account/deleted", views.deleted, name="account_deleted"),
]
