"""The machine's own Chromium; no browser is downloaded for the tests."""

import shutil

# The first is the same browser without windows: it takes a sixth less time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Its path; empty where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def missing_for_browser() -> str:
    """Why this machine cannot run a browser; nothing where it can."""
    return "" if chromium() else "no Chromium"
