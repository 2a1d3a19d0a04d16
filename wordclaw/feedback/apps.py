from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "wordclaw.feedback"
    label = "runtime_feedback"
    default_auto_field = "django.db.models.BigAutoField"
