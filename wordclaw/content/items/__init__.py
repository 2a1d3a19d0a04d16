"""Content items: working copies, versions and published snapshots."""
