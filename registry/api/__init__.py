"""The registry's JSON door."""

from ninja import Router

from registry.api.downloads import router as download_router
from registry.api.files import router as file_router
from registry.api.mirrors import router as mirror_router
from registry.api.publish import router as publish_router
from registry.api.reads import router as read_router
from registry.api.updates import router as update_router
from registry.api.version_diffs import router as change_router
from registry.api.versions import router as version_router

router = Router()
ROUTERS = (
    publish_router,
    read_router,
    version_router,
    download_router,
    file_router,
    change_router,
    update_router,
    mirror_router,
)
for part in ROUTERS:
    router.add_router("", part)

__all__ = ["router"]
