from django.urls import path

from moderation.appeals import views as appeal_views
from moderation.reports import views as report_views

AGENT = "agents/@<str:scope>/<str:name>"

urlpatterns = [
    path(f"{AGENT}/report", report_views.report_agent, name="report_agent"),
    path(
        f"{AGENT}/versions/<str:version>/report",
        report_views.report_version,
        name="report_version",
    ),
    path(
        f"{AGENT}/reviews/<str:review_id>/report", report_views.report_review, name="report_review"
    ),
    path("reports/<uuid:report_id>", report_views.receipt, name="report_receipt"),
    path("suspended", appeal_views.suspended, name="suspended"),
    path("appeals", appeal_views.appeals, name="appeals"),
    path("appeals/new", appeal_views.new_appeal, name="new_appeal"),
]
