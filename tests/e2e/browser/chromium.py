"""The Chromium of this machine; no browser is downloaded for the tests."""

import shutil

# The first is the same browser without windows, which is faster by a sixth.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The path of the browser, or ""."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def missing_for_browser() -> str:
    """The reason why this machine cannot run a browser, or ""."""
    return "" if chromium() else "no Chromium"
