from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "wordclaw.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"
