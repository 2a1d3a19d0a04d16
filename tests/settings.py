"""Settings of the tests, independent of the developer's environment."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "CLAWSTORE_TESTS_ROOT" not in os.environ:
    # The first process of a run creates this folder and removes it at the end; the others inherit
    # it. In `make test` that is scripts/test.py, so that all parts of the run share the folder.
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

# Otherwise every client of a test searches all static files first.
WHITENOISE_AUTOREFRESH = True

if url:
    # Tests of races want more connections at once than the threads of a server.
    DATABASES["default"]["OPTIONS"]["pool"] |= {"max_size": 64, "timeout": 20}  # noqa: F405

# Tests change rows without the actions, so pages are not cached; tests of the cache turn it on.
KEEP_PAGES = False

# Rows of migrations that are restored after a test that commits would be updated, which these
# tables forbid. Such a test finds the store without content.
TEST_NON_SERIALIZED_APPS = [
    *("wordclaw.content", "clawstore.editorial"),
    # Their rows refer to content types.
    *("wordclaw.workflow", "wordclaw.forms"),
]
