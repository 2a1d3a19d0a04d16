"""What a person sees of credentials. `/device` itself is mounted by the roof, with its limit."""

from django.urls import re_path

from foundation.access import views

urlpatterns = [
    re_path(r"^device/(?P<decision>approved|denied)$", views.device_decided, name="device_decided"),
]
