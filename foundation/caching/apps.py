from django.apps import AppConfig
from django.core.cache import BaseCache, caches, close_caches
from django.core.signals import request_finished


class CachingConfig(AppConfig):
    name = "foundation.caching"
    label = "caching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Django closes every cache after each request, which takes a tenth of a short one. Memory
        # has nothing to close, and Django's Redis cache keeps its connections in a pool.
        if all(type(cache).close is BaseCache.close for cache in caches.all()):
            request_finished.disconnect(close_caches)
