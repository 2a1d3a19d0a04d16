from django.urls import path

from clawstore.intake import feedback, views

urlpatterns = [
    path("forms/<slug:slug>", views.form_page, name="store_form"),
    path("forms/@<str:scope>/<slug:slug>", views.form_page, name="form"),
    path("feedback/<str:token>", feedback.feedback, name="feedback"),
    path("receipts/<str:token>", views.receipt, name="form_receipt"),
    path(
        "receipts/<str:token>/files/<uuid:asset_id>", views.receipt_file, name="form_receipt_file"
    ),
]
