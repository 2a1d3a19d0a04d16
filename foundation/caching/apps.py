from django.apps import AppConfig


class CachingConfig(AppConfig):
    name = "foundation.caching"
    label = "caching"
    default_auto_field = "django.db.models.BigAutoField"
