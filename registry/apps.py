from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from foundation.text.dictionary import keep_packed_in


class RegistryConfig(AppConfig):
    name = "registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models cannot be imported before.
        from profiles.revisions import register_pages_with_names  # noqa: PLC0415
        from registry.agents.revisions import bump_agents_with_name  # noqa: PLC0415

        register_pages_with_names(bump_agents_with_name)
        keep_packed_in(Path(settings.DATA_DIR) / "word-lists")
