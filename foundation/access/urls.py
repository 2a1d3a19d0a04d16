"""Pages about device logins.

The project mounts `/device` itself, with a rate limit.
"""

from django.urls import re_path

from foundation.access import views

urlpatterns = [
    re_path(r"^device/(?P<decision>approved|denied)$", views.device_decided, name="device_decided"),
]
