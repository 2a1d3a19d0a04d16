from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "clawstore.following"
    label = "following"
