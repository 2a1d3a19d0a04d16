from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "wordclaw.requests"
    label = "runtime_requests"
    default_auto_field = "django.db.models.BigAutoField"
