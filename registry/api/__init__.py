"""The registry's JSON door."""

from ninja import Router

from registry.api.mirrors import router as mirror_router
from registry.api.publish import router as publish_router
from registry.api.reads import router as read_router
from registry.api.updates import router as update_router
from registry.api.versions import router as version_router

router = Router()
for part in (publish_router, read_router, version_router, update_router, mirror_router):
    router.add_router("", part)

__all__ = ["router"]
