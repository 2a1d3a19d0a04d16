from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    label = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models cannot be imported before.
        from profiles.revisions import register_pages_with_names  # noqa: PLC0415
        from reviews.actions import bump_reviewed_agents  # noqa: PLC0415

        register_pages_with_names(bump_reviewed_agents)
