"""Settings of the tests, independent of the developer's environment."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "CLAWSTORE_TESTS_ROOT" not in os.environ:
    # The first process makes the root and, going last, removes it; the others inherit it. (In a
    # run of several parts that is scripts/test.py, so that they share what lies there.)
    os.environ["CLAWSTORE_TESTS_ROOT"] = tempfile.mkdtemp("-clawstore")
    atexit.register(shutil.rmtree, os.environ["CLAWSTORE_TESTS_ROOT"], ignore_errors=True)
TESTS_ROOT = Path(os.environ["CLAWSTORE_TESTS_ROOT"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

OURS = {
    "CLAWSTORE_MODE": "development",
    "DATA_DIR": tempfile.mkdtemp(prefix=f"{WORKER}-", dir=TESTS_ROOT),
    "LIMITS": "off",
    "SECRET_KEY": "a secret that guards nothing but the tests",
    "ADDRESS_SALT": "salt",
    "LOG_LEVEL": "ERROR",
    # The browser's driver keeps an event loop running in the thread of the tests after it.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
THEIRS = [
    "DATABASE_URL", "S3_BUCKET", "REDIS_URL", "BASE_URL", "PORT", "ALLOWED_HOSTS", "EMAIL_URL",
    "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES", "GITHUB_URL", "GITHUB_CLIENT_ID", "INSTANCE_NAME",
    "PROMETHEUS_MULTIPROC_DIR",
]  # fmt: skip
for name in THEIRS:
    os.environ.pop(name, None)
os.environ.update(OURS)
if url := os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = url

from clawstore.settings import *  # noqa: E402, F403  (reads the environment above)

# Else every client of a test looks at every static file first.
WHITENOISE_AUTOREFRESH = True

# Tests change rows behind the shop's back; those about kept pages switch this on.
KEEP_PAGES = False
