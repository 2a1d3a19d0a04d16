from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "clawstore.intake"
    label = "intake"
