from django.urls import path

from moderation import appeal_views

urlpatterns = [
    path("suspended", appeal_views.suspended, name="suspended"),
    path("appeals", appeal_views.appeals, name="appeals"),
    path("appeals/new", appeal_views.new_appeal, name="new_appeal"),
]
