"""Uploads of packages: for publish_version, and as a form."""

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from foundation.actor import Actor
from registry.models import Version
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload, UploadedAsset
from tests.support.packages import manifest, tarball

PUBLISH = "/v1/agents/publish"
ICON = "store/icon.png"


def png(colour: str = "red") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(stream, "PNG")
    return stream.getvalue()


def icon(path: str = ICON, data: bytes | None = None) -> UploadedAsset:
    return UploadedAsset("icon", path, io.BytesIO(png() if data is None else data))


def upload(
    document: Any = None,
    *,
    files: Mapping[str, bytes | str] | None = None,
    assets: tuple[UploadedAsset, ...] = (),
    channel: str | None = None,
) -> Upload:
    """Returns an upload of a good package, with this agent.json and more files."""
    document = manifest() if document is None else document
    data = tarball(dict(files or {}), document, format=tarfile.PAX_FORMAT)
    return Upload(json.dumps(document), io.BytesIO(data), assets=assets, channel=channel)


def publish(by: Actor, full_id: str = "", version: str = "1.0.0", **changes: Any) -> Version:
    """Publishes a good package with changes to its manifest."""
    channel, assets = changes.pop("channel", None), changes.pop("assets", ())
    document = manifest(version=version, id=full_id or "@ada/planner", **changes)
    return publish_version(upload(document, assets=assets, channel=channel), by=by)


def publish_planner(
    version: str, by: Actor, files: Mapping[str, bytes | str] | None = None, **changes: Any
) -> Version:
    """Publishes a version of ``@ada/planner`` with more files."""
    document = manifest(id="@ada/planner", version=version, **changes)
    return publish_version(upload(document, files=files), by=by)


def parts(document: Any = None, **fields: Any) -> dict[str, Any]:
    """Returns the fields of a publish form; a part that is None is left out."""
    document = manifest() if document is None else document
    form = {"metadata": json.dumps(document), "tarball": tgz(tarball(None, document))} | fields
    return {name: part for name, part in form.items() if part is not None}


def tgz(data: bytes, name: str = "package.tgz") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/gzip")
