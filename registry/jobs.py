"""Assembles the jobs of the features: importing a module registers its jobs."""

from registry.diffs import jobs as diffs
from registry.downloads import jobs as downloads
from registry.files import jobs as files
from registry.mirrors import jobs as mirrors
from registry.publishing import jobs as publishing
from registry.vectors import jobs as vectors

__all__ = ["diffs", "downloads", "files", "mirrors", "publishing", "vectors"]
