"""The sizes that agent.json may have: one table for checks, documents and schema."""

from collections.abc import Mapping

MAX_DEPTH = 64
MAX_DIGITS = 32
MAX_VALUES = 5_000
"""Values in the whole document, those of lists and objects included."""
MAX_TAGS = 20
"""Different tags."""

# Entries of a list, or keys of an object, by path.
MAX_ENTRIES: Mapping[str, int] = {
    "tags": 100,
    "files": 200,
    "dependencies.plugins": 100,
    "dependencies.skills": 200,
    "dependencies.providers.any": 50,
    "setup.secrets": 100,
    "store.screenshots": 20,
    "openclaw.entrypoints": 200,
    "openclaw.templates": 200,
}

MAX_LINE = 128
"""Characters of a text on one line, where nothing else is said."""
MAX_TAGLINE = 140
MAX_PROMPT = 1_000
MAX_DESCRIPTION_BYTES = 100_000
MAX_URL = 2_048
MAX_VERSION = 128
MAX_LICENSE = 255
MAX_GLOB = 1_024
MAX_TAG = 64
