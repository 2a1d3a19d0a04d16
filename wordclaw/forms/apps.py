from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "wordclaw.forms"
    label = "runtime_forms"
    default_auto_field = "django.db.models.BigAutoField"
