from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules, import_string


class JobsConfig(AppConfig):
    name = "foundation.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the jobs of all apps. Raises UnknownJobName for a reaction or schedule."""
        from foundation.jobs.registry import require_registered  # noqa: PLC0415 - needs the models

        autodiscover_modules("jobs")
        reactions: dict[str, tuple[str, ...]] = import_string(settings.REACTIONS)
        require_registered(name for names in reactions.values() for name in names)
        require_registered(schedule.kind for schedule in import_string(settings.SCHEDULES))
