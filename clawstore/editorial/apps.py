from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "clawstore.editorial"
    label = "editorial"
