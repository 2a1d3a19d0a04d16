from django.apps import AppConfig


class OidcConfig(AppConfig):
    name = "profiles.oidc"
    label = "oidc"
