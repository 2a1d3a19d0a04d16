from django.apps import AppConfig


class DomainWebhooksConfig(AppConfig):
    name = "wordclaw.webhooks"
    label = "domain_webhooks"
    default_auto_field = "django.db.models.BigAutoField"
