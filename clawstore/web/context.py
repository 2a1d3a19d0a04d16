"""Template context about this instance."""

from django.conf import settings
from django.http import HttpRequest


def instance(request: HttpRequest) -> dict[str, object]:
    return {
        "instance_name": settings.INSTANCE_NAME,
        "base_url": settings.BASE_URL,
        "in_development": settings.IN_DEVELOPMENT,
    }
