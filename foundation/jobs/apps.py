from importlib import import_module
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.module_loading import autodiscover_modules, import_string


class JobsConfig(AppConfig):
    name = "foundation.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the jobs of all apps and of their feature folders.

        Raises UnknownJobName for a reaction or schedule.
        """
        from foundation.jobs.registry import require_registered  # noqa: PLC0415 - needs the models

        autodiscover_modules("jobs")
        for config in apps.get_app_configs():
            for path in sorted(Path(config.path).glob("*/jobs.py")):
                import_module(f"{config.name}.{path.parent.name}.jobs")
        reactions: dict[str, tuple[str, ...]] = import_string(settings.REACTIONS)
        require_registered(name for names in reactions.values() for name in names)
        require_registered(schedule.kind for schedule in import_string(settings.SCHEDULES))
