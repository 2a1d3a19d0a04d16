"""The registry's JSON door."""

from ninja import Router

from registry.agents.api import router as agent_router
from registry.diffs.api import router as change_router
from registry.downloads.api import router as download_router
from registry.downloads.api import version_router
from registry.files.api import router as file_router
from registry.lifecycle.api import router as lifecycle_router
from registry.mirrors.api import router as mirror_router
from registry.mirrors.api import update_router
from registry.provenance.api import router as provenance_router
from registry.publishing.api import router as publish_router
from registry.search.api import router as search_router
from registry.transfers.api import router as transfer_router

router = Router()
ROUTERS = (
    publish_router,
    provenance_router,
    lifecycle_router,
    transfer_router,
    agent_router,
    search_router,
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
