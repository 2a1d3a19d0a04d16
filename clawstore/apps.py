from django.apps import AppConfig


class ClawstoreConfig(AppConfig):
    name = "clawstore"
