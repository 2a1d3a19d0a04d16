from django.urls import path

from registry import views

AGENT = "agents/@<str:scope>/<str:name>"

urlpatterns = [
    path("agents", views.browse, name="browse"),
    path(AGENT, views.agent, name="agent"),
    path(f"{AGENT}/versions", views.versions, name="versions"),
    path(f"{AGENT}/versions/<str:version>", views.agent, name="version"),
]
