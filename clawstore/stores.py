"""Settings of the storage of packages, and of the caches."""

from pathlib import Path
from typing import Any

from clawstore.address_checks import host_of
from clawstore.environment import Environment

SENDERS = ("shop", "proxy", "bucket")
# A cache in each process, of at most so many bytes, or one Redis for all processes.
CACHE_BYTES = {
    "default": 1024 * 1024,
    "values": 8 * 1024 * 1024,
    # Apart from the values, so that a crawler's rows do not displace the counts of searches.
    "rows": 6 * 1024 * 1024,
    "pages": 16 * 1024 * 1024,
}


def package_storage(env: Environment, bucket: str, data_dir: Path) -> dict[str, Any]:
    """A bucket if ``S3_BUCKET`` names one, otherwise a folder in ``DATA_DIR``."""
    endpoint = env.text("S3_ENDPOINT_URL")
    if endpoint and not (endpoint.startswith("http") and host_of(endpoint)):
        env.refuse("S3_ENDPOINT_URL", "does not begin with https:// or http:// and a host name")
    keys = {name: env.text(name) for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")}
    if not bucket:
        return {
            "BACKEND": "foundation.files.folder.FolderStorage",
            "OPTIONS": {"location": str(data_dir / "files")},
        }
    for name in keys:
        env.required(name)
    return {
        "BACKEND": "foundation.files.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": env.text("S3_REGION") or None,
            "access_key": keys["S3_ACCESS_KEY_ID"],
            "secret_key": keys["S3_SECRET_ACCESS_KEY"],
            "addressing_style": env.choice(
                "S3_ADDRESSING_STYLE", ("auto", "path", "virtual"), "auto"
            ),
            # Newer regions and most compatible servers refuse the older signature.
            "signature_version": "s3v4",
        },
    }


def files_sender(env: Environment, bucket: str) -> str:
    """The sender of packages and pictures: shop, proxy, or bucket by signed links."""
    sender = env.choice("SEND_FILES", SENDERS, "shop")
    if sender == "proxy" and bucket:
        env.refuse("SEND_FILES", "is proxy, but packages are in a bucket: use shop or bucket")
    if sender == "bucket" and not bucket:
        env.refuse("SEND_FILES", "is bucket, but S3_BUCKET is missing")
    return sender


def redis_url(env: Environment) -> str:
    url = env.text("REDIS_URL")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        env.refuse("REDIS_URL", "does not begin with redis://, rediss:// or unix://")
    return url


def cache_settings(url: str) -> dict[str, dict[str, Any]]:
    """The caches by name: in Redis, or without its URL in the memory of each process."""
    return {name: _cache(name, url) for name in CACHE_BYTES}


def _cache(name: str, url: str) -> dict[str, Any]:
    if url:
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            # All caches share one Redis, and equal keys must not meet.
            "KEY_PREFIX": name,
            # A silent Redis must not hold the threads; without a cache pages are slower and still
            # right.
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    return {
        "BACKEND": "foundation.caching.local_memory.BoundedLocalMemoryCache",
        "LOCATION": name,
        # In bytes, because entries may be whole pages, and each worker has a cache of its own.
        "OPTIONS": {"MAX_ENTRIES": 4000, "MAX_BYTES": CACHE_BYTES[name]},
    }
