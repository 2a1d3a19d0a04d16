"""A live shop with its packages in a bucket on a real S3 server."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from tests.support.packages import manifest, tarball
from tests.support.servers.s3 import Bucket
from tests.support.servers.shop import LiveShop
from tests.support.uploads import png

pytestmark = pytest.mark.s3


def test_publish_and_download_through_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    document = manifest(store={"icon": "store/icon.png"})
    data = tarball(None, document)
    with LiveShop(tmp_path, **bucket.environment) as shop:
        key = shop.key("ada", "agents:publish")

        publication = shop.post(
            "/v1/agents/publish",
            headers={"Authorization": f"Bearer {key}"},
            data={"metadata": json.dumps(document)},
            files={
                "tarball": ("package.tgz", data, "application/gzip"),
                "icon": ("store/icon.png", png(), "application/octet-stream"),
            },
        )

        assert publication.status_code == 200, publication.text
        version = "/v1/agents/ada/planner/versions/1.0.0"
        download = shop.get(f"{version}/tarball", follow_redirects=True)
        assert (download.status_code, download.content) == (200, data)
        part = shop.get(f"{version}/tarball", headers={"Range": "bytes=-7"})
        assert (part.status_code, part.content) == (206, data[-7:])
        assert part.headers["Content-Range"] == f"bytes {len(data) - 7}-{len(data) - 1}/{len(data)}"
        [icon] = shop.get(version).json()["assets"]
        asset = shop.get(f"{version}/assets/{icon['id']}", follow_redirects=True)
        assert (asset.content, asset.headers["Content-Type"]) == (png(), "image/png")

    digest = hashlib.sha256(data).hexdigest()
    keys = list(bucket.objects())
    small_copies = [key for key in keys if "small/" in key]
    assert len(small_copies) == 1
    assert sorted(key.split(".")[-2] for key in keys if key not in small_copies) == sorted(
        [digest, hashlib.sha256(png()).hexdigest()]
    )
    assert not (tmp_path / "files").exists()


def test_bucket_sends_packages_by_links_that_end(bucket: Bucket, tmp_path: Path) -> None:
    document = manifest()
    data = tarball(None, document)
    with LiveShop(tmp_path, **bucket.environment, SEND_FILES="bucket") as shop:
        key = shop.key("ada", "agents:publish")
        publication = shop.post(
            "/v1/agents/publish",
            headers={"Authorization": f"Bearer {key}"},
            data={"metadata": json.dumps(document)},
            files={"tarball": ("package.tgz", data, "application/gzip")},
        )
        assert publication.status_code == 200, publication.text

        answer = shop.get("/v1/agents/ada/planner/versions/1.0.0/tarball")

        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
        assert answer.headers["X-Content-SHA256"] == hashlib.sha256(data).hexdigest()
        link = answer.headers["Location"]
        assert "X-Amz-Expires=60&" in link
        file = httpx.get(link)
        assert (file.status_code, file.content) == (200, data)
        assert file.headers["Content-Type"] == "application/gzip"
        assert "planner-1.0.0.tgz" in file.headers["Content-Disposition"]
        assert httpx.get(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600")).status_code == 403


def test_publish_fails_if_the_bucket_refuses(bucket: Bucket, tmp_path: Path) -> None:
    forged_options = bucket.environment | {"S3_SECRET_ACCESS_KEY": "guessed"}
    with LiveShop(tmp_path, **forged_options) as shop:
        key = shop.key("ada", "agents:publish")

        refusal = shop.post(
            "/v1/agents/publish",
            headers={"Authorization": f"Bearer {key}"},
            data={"metadata": json.dumps(manifest())},
            files={"tarball": ("package.tgz", tarball(), "application/gzip")},
        )

        assert refusal.status_code >= 500
        assert shop.get("/v1/agents/ada/planner").status_code == 404

    assert bucket.objects() == {}
