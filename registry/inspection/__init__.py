"""Maintainers read packages at the desk, withheld ones too."""
