"""Assembles the jobs of the features: importing a module registers its jobs."""

from registry.agents import jobs as agents
from registry.diffs import jobs as diffs
from registry.downloads import jobs as downloads
from registry.mirrors import jobs as mirrors
from registry.publishing import jobs as publishing
from registry.vectors import jobs as vectors

__all__ = ["agents", "diffs", "downloads", "mirrors", "publishing", "vectors"]
